"""``verify``: every cell of a written plan and its proof, from the tables alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from matcher.commands.common import Case, Commands, Parser, add_case_command, add_scheduler, both
from matcher.commands.parted import verify_parted


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "verify", _run, common, dated, parted=verify_parted)
    add_scheduler(parser)
    parser.add_argument("--plan", type=Path, required=True, metavar="DIR", help=both("cli.plan"))


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.plan.recheck import recheck
    from matcher.plan.written import OF_AGREEMENTS
    from matcher.results.verdict import recheck_lines

    if (arguments.plan / OF_AGREEMENTS[0]).is_file():
        # Sites have no prices: the search for them runs again, which nothing else here needs.
        from matcher.care.agreed_written import recheck_agreed

        told = recheck_agreed(case.inputs, case.policy, arguments.plan, case.options.time_limit_s)
    else:
        told = recheck(case.inputs, case.policy, arguments.plan)
    for line in recheck_lines(told, arguments.lang):
        print(line)
    return 0 if told.passed else 1
