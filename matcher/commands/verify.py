"""``verify``: the proof of a written plan, from the tables alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from matcher.commands.common import Case, Commands, Parser, add_case_command, both


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "verify", _run, common, dated)
    parser.add_argument("--plan", type=Path, required=True, metavar="DIR", help=both("cli.plan"))


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.outputs import read_assignments
    from matcher.solve.verify import verify
    from matcher.summary import certificate_lines

    certificate = verify(case.inputs, case.policy, read_assignments(arguments.plan))
    for line in certificate_lines(certificate, arguments.lang):
        print(line)
    return 0 if certificate.valid or certificate.undecided else 1
