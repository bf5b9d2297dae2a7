"""``compare``: scenarios against the plan as it is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from matcher.commands.common import (
    Case,
    Commands,
    Parser,
    add_plan_command,
    add_roads,
    add_workforce,
    both,
    tell_written,
)
from matcher.words.catalogues import t

if TYPE_CHECKING:
    from matcher.scenario.comparison import Comparison


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_plan_command(commands, "compare", _run, common, dated)
    parser.add_argument(
        "scenarios", type=Path, nargs="+", metavar="SCENARIO", help=both("cli.compare_scenarios")
    )
    add_roads(parser)
    add_workforce(parser)


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.scenario.comparison import compare_scenarios
    from matcher.scenario.files import load_scenario

    scenarios = [load_scenario(path) for path in arguments.scenarios]
    told = compare_scenarios(
        case.inputs, case.policy, scenarios, case.options, arguments.workers, arguments.scheduler
    )
    told.write(arguments.out)
    tell_written(arguments, _lines(told, arguments.lang))
    return 0


def _lines(told: Comparison, lang: str) -> Iterator[str]:
    """Each scenario in a line: how many are served, and for how many care differs."""
    from matcher.scenario.changes import CHANGES, ONE_SIDED

    counts = told.tables["changes"].groupby(["scenario", "change"]).size().to_dict()
    for name, outcome in told.outcomes.items():
        changes = {change: counts.get((name, change), 0) for change in (*CHANGES, *ONE_SIDED)}
        yield t(
            "summary.scenario",
            lang,
            scenario=name,
            status=t(f"status.{outcome['status']}", lang),
            residents=outcome["residents"],
            served=outcome["served"],
            **changes,
        )
    for edit in told.tables["edits"].query("note != ''").to_dict("records"):
        yield t(f"scenario_note.{edit['note']}", lang, scenario=edit["source"], edit=edit["edit"])
