"""Write results: all files of a run, or none."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from matcher.compose import Plan
from matcher.errors import BadInput
from matcher.tables import OUTPUTS

OUTCOME = "outcome.json"
DRAFT = ".matcher-draft-"
#: Stages that `outcome.json` times; composing the tables counts as writing.
STAGES = ("read", "candidates", "solve", "verify", "write")


def write_plan(plan: Plan, folder: Path) -> None:
    """Write ``assignments.csv``, ``unserved.csv``, ``providers.csv``, ``coverage.csv`` and ``outcome.json``.

    Parameters
    ----------
    plan : Plan
    folder : Path
        Created with its parents; files of the same names are replaced.

    Raises
    ------
    BadInput, OSError
        See `all_or_none`.
    """
    begun = time.perf_counter()
    tables = {
        "assignments": plan.assignments,
        "unserved": plan.unserved,
        "providers": plan.loads,
        "coverage": plan.coverage,
    }
    with all_or_none(folder, (*(f"{name}.csv" for name in tables), OUTCOME)) as draft:
        for name, table in tables.items():
            write_csv(table, draft / f"{name}.csv")
        write_outcome(plan, draft / OUTCOME, time.perf_counter() - begun)


def write_results(folder: Path, tables: Mapping[str, pd.DataFrame], name: str, content: object) -> None:
    """Write a CSV for each table, and one JSON file, all of them or none.

    Parameters
    ----------
    folder : Path
    tables : mapping of str to DataFrame
        By name without suffix.
    name : str
        Of the JSON file.
    content : object
        Plain values.

    Raises
    ------
    BadInput, OSError
        See `all_or_none`.
    """
    with all_or_none(folder, (*(f"{table}.csv" for table in tables), name)) as draft:
        for table, frame in tables.items():
            write_csv(frame, draft / f"{table}.csv")
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        (draft / name).write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def all_or_none(folder: Path, names: tuple[str, ...]) -> Iterator[Path]:
    """A folder inside `folder` where files are made complete; they are moved in together at the end.

    When a move fails, those of the run before are moved back.

    Parameters
    ----------
    folder : Path
        Created with its parents; files of the same names are replaced.
    names : tuple of str
        The files, all of which must be there at the end.

    Raises
    ------
    BadInput
        When another run is writing to the folder.
    OSError
        When the disk refuses; what stood there before stands there still.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with _claimed(folder), _draft(folder) as draft:
        yield draft
        _exchange(draft, folder, names)


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """Keep other runs out of the folder; a claim older than an hour was left by a run that was killed."""
    claim = folder / ".matcher-writing"
    if claim.exists() and time.time() - claim.stat().st_mtime > 3600:
        claim.unlink(missing_ok=True)
    try:
        claim.open("x").close()
    except FileExistsError:
        raise BadInput("folder_busy", folder=folder, claim=claim.name) from None
    try:
        yield
    finally:
        claim.unlink(missing_ok=True)


@contextmanager
def _draft(folder: Path) -> Iterator[Path]:
    """A folder that is gone afterwards, with what killed runs left behind."""
    for stale in folder.glob(f"{DRAFT}*"):
        shutil.rmtree(stale, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=folder))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _exchange(draft: Path, folder: Path, names: tuple[str, ...]) -> None:
    """Move new files in; when one cannot be moved, put all the old ones back."""
    kept = draft / "before"
    kept.mkdir()
    out: list[str] = []
    arrived: list[str] = []
    try:
        for name in names:
            if (folder / name).exists():
                os.replace(folder / name, kept / name)
                out.append(name)
        for name in names:
            os.replace(draft / name, folder / name)
            arrived.append(name)
    except OSError:
        for name in arrived:
            (folder / name).unlink(missing_ok=True)
        for name in out:
            os.replace(kept / name, folder / name)
        raise


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write UTF-8 without BOM, LF, empty cells for missing values, six decimals for fractions.

    Arrow writes four times faster than pandas, but quotes either every text or none: texts are quoted only where one
    of them needs it.
    """
    columns = {}
    for name in table.columns:
        values = table[name]
        if values.dtype == np.float64:
            text = np.char.mod("%.6f", values.to_numpy())
            columns[name] = pa.array(text, pa.string(), mask=values.isna().to_numpy())
        else:
            columns[name] = pa.array(values, from_pandas=True)
    # Of a chunk without rows Arrow would write what happens to stand in memory.
    content = pa.table(columns).combine_chunks()
    texts = [c for c in content.columns if pa.types.is_string(c.type) or pa.types.is_large_string(c.type)]
    odd = any(pc.any(pc.match_substring_regex(column, '[",\r\n]')).as_py() for column in texts)
    with path.open("wb") as sink:
        sink.write((",".join(table.columns) + "\n").encode("utf-8"))
        style = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed" if odd else "none")
        if len(table):
            pyarrow.csv.write_csv(content, sink, style)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write one CSV, all of it or none: it is made beside `path` and moved over it when complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    try:
        write_csv(table, draft)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def write_outcome(plan: Plan, path: Path, write_seconds: float) -> None:
    """Write the outcome as JSON, seconds of all stages and their total included."""
    content = outcome_content(plan, write_seconds)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")


def outcome_content(plan: Plan, write_seconds: float) -> dict[str, object]:
    """What ``outcome.json`` says of a plan."""
    outcome = plan.timed({"write": write_seconds}).outcome
    seconds = {stage: round(outcome.seconds.get(stage, 0.0), 3) for stage in STAGES}
    return {**outcome.as_dict(), "seconds": {**seconds, "total": round(sum(outcome.seconds.values()), 3)}}


def read_assignments(folder: Path) -> pd.DataFrame:
    """``assignments.csv`` of a plan that `write_plan` wrote.

    Raises
    ------
    BadInput
        When there is no such file, or it is not one of ours.
    """
    path = Path(folder) / "assignments.csv"
    if not path.is_file():
        raise BadInput("no_plan", folder=folder)
    columns = list(OUTPUTS["assignments"])
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
        if list(table.columns) != columns:
            raise ValueError
        return table.astype({"cost_m": "int64"})
    except (ValueError, OverflowError):
        raise BadInput("not_a_plan", file=path.name, allowed=", ".join(columns)) from None
