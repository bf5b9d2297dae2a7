"""``check``: every problem of a data folder at once."""

from __future__ import annotations

import argparse

from matcher.commands.common import Commands, Parser, add_command, add_data, both
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "check", _run, common, dated)
    add_data(parser)
    parser.add_argument("--json", action="store_true", help=both("cli.json"))


def _run(arguments: argparse.Namespace) -> int:
    from matcher.intake.check import check, problems_as_json, render_problems
    from matcher.intake.read import read_folder

    checked = check(read_folder(arguments.data, as_of=arguments.as_of, datum=arguments.datum))
    problems = render_problems(checked.problems, arguments.lang)
    errors = int((problems["severity"] == "error").sum())
    if arguments.json:
        print(problems_as_json(problems))
        return 1 if errors else 0
    if len(problems):
        print(problems.to_string(index=False))
    print(t("cli.check_result", arguments.lang, errors=errors, warnings=len(problems) - errors))
    return 1 if errors else 0
