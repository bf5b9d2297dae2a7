"""The command line: parser and exit codes. 0 done, 1 bad input, 2 wrong flags, 3 failure, 130 interrupted."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from matcher.commands import (
    access,
    accounts,
    agreements,
    app,
    assessments,
    audit,
    backup,
    check,
    close,
    compare,
    decided,
    fhir,
    forget,
    look,
    match,
    money,
    packages,
    place,
    policy,
    prepare,
    referral,
    report,
    retention,
    rounds,
    sample,
    scenarios,
    seasons,
    signing,
    slots,
    standards,
    stress,
    totals,
    travel,
    verify,
    waiting,
)
from matcher.commands.common import both, complain, day
from matcher.errors import BadInput, CodedFailure, DataError, MatcherError
from matcher.tables import DATUMS
from matcher.words.catalogues import LANGUAGES, default_language, t
from matcher.workers.processes import ended_like_ctrl_c

if TYPE_CHECKING:
    from types import ModuleType

#: So many causes are told when data cannot be used; `check` tells all.
MOST_CAUSES = 50
#: In the order of the help.
COMMANDS: tuple[ModuleType, ...] = (
    check,
    sample,
    match,
    look,
    report,
    compare,
    place,
    close,
    stress,
    scenarios,
    slots,
    access,
    totals,
    standards,
    agreements,
    packages,
    rounds,
    waiting,
    referral,
    money,
    fhir,
    seasons,
    signing,
    assessments,
    verify,
    travel,
    policy,
    prepare,
    app,
    accounts,
    audit,
    backup,
    decided,
    forget,
    retention,
)


def main(argv: list[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : list of str, optional
        Arguments without the program's name.

    Returns
    -------
    int
        Exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    arguments = build_parser().parse_args(argv)
    try:
        with ended_like_ctrl_c():
            return int(arguments.run(arguments) or 0)
    except DataError as error:
        _print_problems(error, arguments.lang)
        return 1
    except BadInput as error:
        complain(t(f"error.{error.code}", arguments.lang, **error.values))
        return 1
    except CodedFailure as error:
        complain(t(f"error.{error.code}", arguments.lang, **error.values))
        return 3
    except KeyboardInterrupt:
        complain(t("cli.interrupted", arguments.lang))
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 3
    except (MatcherError, OSError, MemoryError) as error:
        complain(t("cli.failed", arguments.lang, what=f"{type(error).__name__}: {error}"))
        return 3
    except Exception as error:
        if os.environ.get("MATCHER_DEBUG"):
            raise
        complain(t("cli.unexpected", arguments.lang, what=type(error).__name__))
        return 3


def build_parser() -> argparse.ArgumentParser:
    """The parser; every help text stands in Chinese and in English."""
    parser = argparse.ArgumentParser(prog="python -m matcher", description=both("cli.about"))
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--lang", choices=LANGUAGES, default=default_language(), help=both("cli.lang"))
    dated = argparse.ArgumentParser(add_help=False)
    dated.add_argument("--as-of", type=day, metavar="YYYY-MM-DD", help=both("cli.as_of"))
    dated.add_argument("--datum", choices=DATUMS, help=both("cli.datum"))
    for command in COMMANDS:
        command.register(commands, common, dated)
    return parser


def _print_problems(error: DataError, lang: str) -> None:
    from matcher.intake.telling import cause_lines

    lines = list(cause_lines(error.problems[error.problems["severity"] == "error"], lang))
    for line in lines[:MOST_CAUSES]:
        complain(line)
    if len(lines) > MOST_CAUSES:
        complain(t("cli.more_causes", lang, count=len(lines) - MOST_CAUSES))
    complain(t("error.data_problems", lang, **error.values))
