"""``match``: the plan, proven, in five files."""

from __future__ import annotations

import argparse

from matcher.commands.common import (
    Case,
    Commands,
    Parser,
    add_plan_command,
    add_scheduler,
    both,
    tell_written,
    whole,
)
from matcher.commands.parted import match_parted
from matcher.errors import BadInput


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_plan_command(commands, "match", _run, common, dated, parted=match_parted)
    add_scheduler(parser)
    parser.add_argument("--rounds", type=whole(1), metavar="N", help=both("cli.most_rounds"))


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.plan.match import match
    from matcher.plan.written import write_plan
    from matcher.results.summary import summary_lines

    if arguments.rounds is not None:
        raise BadInput("rounds_one_piece", folder=arguments.data)
    plan = match(case.inputs, case.policy, case.options).timed({"read": case.read_seconds})
    write_plan(plan, arguments.out)
    tell_written(arguments, summary_lines(plan, arguments.lang))
    return 0
