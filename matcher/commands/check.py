"""``check``: every problem of a data folder at once."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from matcher.commands.common import Commands, Parser, add_command, add_data, both, mapping_of
from matcher.commands.parted import read_shared
from matcher.words.catalogues import t

if TYPE_CHECKING:
    import pandas as pd


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "check", _run, common, dated)
    add_data(parser)
    parser.add_argument("--json", action="store_true", help=both("cli.json"))


def _run(arguments: argparse.Namespace) -> int:
    from matcher.intake.check import check
    from matcher.intake.parts import is_partitioned
    from matcher.intake.read import read_folder

    if is_partitioned(arguments.data):
        return _of_parts(arguments)
    raw = read_folder(
        arguments.data,
        as_of=arguments.as_of,
        datum=arguments.datum,
        corrections=arguments.corrections,
        meanings=mapping_of(arguments),
    )
    return _tell(arguments, check(raw).problems)


def _of_parts(arguments: argparse.Namespace) -> int:
    """What is wrong between counties is told last, as what stops a match."""
    import pandas as pd

    from matcher.errors import BadInput
    from matcher.intake.parts import part_problems

    found: list[pd.DataFrame] = []
    between: BadInput | None = None
    try:
        for problems in part_problems(read_shared(arguments)):
            found.append(problems)
    except BadInput as error:
        between = error
    code = _tell(arguments, pd.concat(found, ignore_index=True)) if found else 0
    if between is not None:
        raise between
    return code


def _tell(arguments: argparse.Namespace, problems: pd.DataFrame) -> int:
    from matcher.intake.telling import cause_lines, problems_as_json, render_problems

    errors = int((problems["severity"] == "error").sum())
    if arguments.json:
        print(problems_as_json(render_problems(problems, arguments.lang)))
        return 1 if errors else 0
    for line in cause_lines(problems, arguments.lang):
        print(line)
    print(t("cli.check_result", arguments.lang, errors=errors, warnings=len(problems) - errors))
    return 1 if errors else 0
