"""Write a plan: five files, all of them or none."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from pathlib import Path

import pandas as pd

from matcher.errors import BadInput
from matcher.plan import Plan
from matcher.tables import OUTPUTS

OUTCOME = "outcome.json"


def write_plan(plan: Plan, folder: Path) -> None:
    """Write ``assignments.csv``, ``unserved.csv``, ``providers.csv``, ``coverage.csv`` and ``outcome.json``.

    Files are made complete in a folder beside `folder` and then moved in. ``outcome.json`` goes first and comes
    last: where it stands, the other four belong to it.

    Parameters
    ----------
    plan : Plan
    folder : Path
        Created with its parents; files of the same names are replaced.

    Raises
    ------
    OSError
        When the disk refuses; the folder then holds no ``outcome.json`` that does not match the tables.
    """
    folder = Path(folder)
    begun = time.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".matcher-", dir=folder))
    try:
        tables = {
            "assignments": plan.assignments,
            "unserved": plan.unserved,
            "providers": plan.loads,
            "coverage": plan.coverage,
        }
        for name, table in tables.items():
            write_csv(table, draft / f"{name}.csv")
        write_outcome(plan, draft / OUTCOME, time.perf_counter() - begun)
        (folder / OUTCOME).unlink(missing_ok=True)
        for name in (*(f"{table}.csv" for table in tables), OUTCOME):
            os.replace(draft / name, folder / name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write UTF-8 without BOM, LF, empty cells for missing values, six decimals for fractions."""
    table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n", float_format="%.6f")


def write_outcome(plan: Plan, path: Path, write_seconds: float) -> None:
    """Write the outcome as JSON, seconds of all stages and their total included."""
    content = plan.outcome.as_dict()
    seconds = {**plan.outcome.seconds, "write": write_seconds}
    seconds["total"] = sum(seconds.values())
    content["seconds"] = {stage: round(value, 3) for stage, value in seconds.items()}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")


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
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    columns = list(OUTPUTS["assignments"])
    if list(table.columns) != columns or not table["cost_m"].str.fullmatch("[0-9]+").all():
        raise BadInput("not_a_plan", file=path.name, allowed=", ".join(columns))
    return table.astype({"cost_m": "int64"})
