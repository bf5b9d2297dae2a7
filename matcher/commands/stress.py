"""``stress``: each provider closed in turn."""

from __future__ import annotations

import argparse

from matcher.commands.common import (
    Case,
    Commands,
    Parser,
    add_case_command,
    add_out_file,
    add_workforce,
    both,
    show_or_write,
    whole,
)


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "stress", _run, common, dated)
    add_out_file(parser, "cli.stress_out")
    parser.add_argument("--top", type=whole(1), default=20, metavar="N", help=both("cli.stress_top"))
    add_workforce(parser)


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.plan.match import match
    from matcher.scenario.siting.stress import stress

    plan = match(case.inputs, case.policy, case.options)
    table = stress(plan, arguments.workers, arguments.scheduler, progress=True)
    show_or_write(arguments, table, table.head(arguments.top))
    return 0
