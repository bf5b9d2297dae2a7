"""``check``: every problem of a data folder at once."""

from __future__ import annotations

import argparse

from matcher.commands.common import Commands, Parser, add_command, add_data, both, mapping_of
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "check", _run, common, dated)
    add_data(parser)
    parser.add_argument("--json", action="store_true", help=both("cli.json"))


def _run(arguments: argparse.Namespace) -> int:
    from matcher.intake.check import check
    from matcher.intake.read import read_folder
    from matcher.intake.telling import cause_lines, problems_as_json, render_problems

    raw = read_folder(
        arguments.data,
        as_of=arguments.as_of,
        datum=arguments.datum,
        corrections=arguments.corrections,
        meanings=mapping_of(arguments),
    )
    checked = check(raw)
    problems = checked.problems
    errors = int((problems["severity"] == "error").sum())
    if arguments.json:
        print(problems_as_json(render_problems(problems, arguments.lang)))
        return 1 if errors else 0
    for line in cause_lines(problems, arguments.lang):
        print(line)
    print(t("cli.check_result", arguments.lang, errors=errors, warnings=len(problems) - errors))
    return 1 if errors else 0
