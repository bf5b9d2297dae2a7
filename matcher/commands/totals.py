"""``totals``: counts by place and mode that tell nobody's case."""

from __future__ import annotations

import argparse

from matcher.commands.common import Case, Commands, Parser, add_case_command, add_out_file, show_or_write


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "totals", _run, common, dated)
    add_out_file(parser, "cli.totals_out")


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.plan.match import match
    from matcher.results.totals import totals

    table = totals(match(case.inputs, case.policy, case.options))
    show_or_write(arguments, table, table)
    return 0
