"""``match``: the plan, proven, in five files."""

from __future__ import annotations

import argparse

from matcher.commands.common import (
    Case,
    Commands,
    Parser,
    add_plan_command,
    add_scheduler,
    tell_written,
)
from matcher.commands.parted import match_parted


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    add_scheduler(add_plan_command(commands, "match", _run, common, dated, parted=match_parted))


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.plan.match import match
    from matcher.plan.written import write_plan
    from matcher.results.summary import summary_lines

    plan = match(case.inputs, case.policy, case.options).timed({"read": case.read_seconds})
    write_plan(plan, arguments.out)
    tell_written(arguments, summary_lines(plan, arguments.lang))
    return 0
