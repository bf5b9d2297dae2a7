"""The report and its files, written all or none."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from matcher.files.results import all_or_none
from matcher.report.content import Page
from matcher.report.drawn import coverage_map
from matcher.report.geojson import coverage_features
from matcher.report.pdf import picture, set_page
from matcher.results.export import plan_facts
from matcher.tables import OUTPUTS

if TYPE_CHECKING:
    from matcher.geography.outlines import Outline
    from matcher.plan.plan import Plan

#: Tables that become Parquet; ``providers`` stands in the plan as its loads.
_TABLES = {name: "loads" if name == "providers" else name for name in OUTPUTS}
#: Those with a row for each person.
OF_PEOPLE = ("assignments", "unserved")


def report_files(
    plan: Plan, page: Page, outlines: Mapping[str, Outline], lang: str
) -> dict[str, Callable[[], bytes]]:
    """Every file of the report by name, each made when it is asked for.

    Parameters
    ----------
    plan : Plan
    page : Page
        Of the same plan.
    outlines : mapping of place_code to MultiPolygon
    lang : {"zh", "en"}
    """
    drawing = coverage_map(plan, outlines)
    files: dict[str, Callable[[], bytes]] = {
        "report.pdf": lambda: set_page(page, drawing, lang),
        "map.svg": drawing.encode,
        "map.png": lambda: picture(drawing),
        "coverage.geojson": lambda: json.dumps(
            coverage_features(plan, outlines), ensure_ascii=False, allow_nan=False
        ).encode(),
    }
    for name in _TABLES:
        files[f"{name}.parquet"] = partial(table_file, plan, name)
    return files


def write_report(folder: Path, files: Mapping[str, Callable[[], bytes]]) -> None:
    """Write them, all or none.

    Raises
    ------
    BadInput, OSError
        See ``files.results.all_or_none``.
    """
    with all_or_none(folder, tuple(files)) as draft:
        for name, made in files.items():
            (draft / name).write_bytes(made())


def table_file(plan: Plan, name: str, export_id: str | None = None) -> bytes:
    """A table of `OUTPUTS` as Parquet, with what it was made from in the file's metadata, as ``matcher.<key>``.

    An `export_id` stands there too, as ``matcher.export``.
    """
    arrow = pa.Table.from_pandas(getattr(plan, _TABLES[name]), preserve_index=False)
    told = plan_facts(plan) | ({} if export_id is None else {"export": export_id})
    facts = {f"matcher.{key}": text for key, text in told.items()}
    arrow = arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), **facts})
    sink = pa.BufferOutputStream()
    pq.write_table(arrow, sink, compression="zstd")
    return bytes(sink.getvalue())
