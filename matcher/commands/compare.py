"""``compare``: scenarios against the plan as it is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from matcher.commands.common import (
    Commands,
    Parser,
    add_command,
    add_data,
    add_policy,
    add_time_limit,
    both,
    load,
    refuse_data_folder,
    whole,
)
from matcher.i18n import t

if TYPE_CHECKING:
    from matcher.scenario.comparison import Comparison


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "compare", _run, common, dated)
    add_data(parser)
    parser.add_argument(
        "scenarios", type=Path, nargs="+", metavar="SCENARIO", help=both("cli.compare_scenarios")
    )
    add_policy(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=both("cli.out"))
    parser.add_argument("--workers", type=whole(1), metavar="N", help=both("cli.workers"))
    add_time_limit(parser)


def _run(arguments: argparse.Namespace) -> int:
    from matcher.plan import Options
    from matcher.policy import load_policy
    from matcher.scenario import load_scenario
    from matcher.scenario.comparison import compare_scenarios

    refuse_data_folder(arguments.out, arguments.data)
    policy = load_policy(arguments.policy)
    scenarios = [load_scenario(path) for path in arguments.scenarios]
    options = Options(progress=True, time_limit_s=arguments.time_limit)
    told = compare_scenarios(load(arguments), policy, scenarios, options, arguments.workers)
    told.write(arguments.out)
    for line in _lines(told, arguments.lang):
        print(line)
    print(t("cli.written", arguments.lang, folder=arguments.out))
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
