"""The written files of a plan: all five or none."""

from __future__ import annotations

import time
from pathlib import Path

from matcher.files.results import all_or_none, write_csv, write_json
from matcher.plan.plan import Outcome, Plan

OUTCOME = "outcome.json"
#: What `agreements` writes beside the five; it would not be of this plan.
OF_AGREEMENTS = ("agreements.csv", "unserved_sites.csv")
#: Tables that a partitioned folder has in parts, beside which no whole one may stand.
IN_PARTS = ("assignments", "unserved")
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
    with all_or_none(
        folder, (*(f"{name}.csv" for name in tables), OUTCOME), (*OF_AGREEMENTS, *IN_PARTS)
    ) as draft:
        for name, table in tables.items():
            write_csv(table, draft / f"{name}.csv")
        write_outcome(plan, draft / OUTCOME, time.perf_counter() - begun)


def write_outcome(plan: Plan, path: Path, write_seconds: float) -> None:
    """Write the outcome as JSON, seconds of all stages and their total included."""
    write_json(outcome_content(plan.timed({"write": write_seconds}).outcome), path)


def outcome_content(outcome: Outcome) -> dict[str, object]:
    """What ``outcome.json`` says."""
    seconds = {stage: round(outcome.seconds.get(stage, 0.0), 3) for stage in STAGES}
    return {**outcome.as_dict(), "seconds": {**seconds, "total": round(sum(outcome.seconds.values()), 3)}}
