"""``slots``: where one more place helps most."""

from __future__ import annotations

import argparse

from matcher.commands.common import (
    Case,
    Commands,
    Parser,
    add_case_command,
    add_out_file,
    add_time_limit,
    both,
    show_or_write,
    whole,
)


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "slots", _run, common, dated)
    parser.add_argument("--places", type=whole(1), default=10, metavar="N", help=both("cli.places"))
    parser.add_argument("--top", type=whole(1), default=20, metavar="N", help=both("cli.top"))
    add_out_file(parser, "cli.slots_out")
    add_time_limit(parser)


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.plan.match import match
    from matcher.scenario.siting.slots import where_to_add

    plan = match(case.inputs, case.policy, case.options)
    table = where_to_add(plan, places=arguments.places, top=arguments.top, progress=True)
    show_or_write(arguments, table, table)
    return 0
