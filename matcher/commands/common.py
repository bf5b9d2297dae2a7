"""What the sub-commands share: flags, messages, and loading a data folder."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from matcher.errors import BadInput
from matcher.i18n import t
from matcher.sample.shipped import data_folder

if TYPE_CHECKING:
    from matcher.inputs import Inputs

DEFAULT_POLICY = "panzhihua-2016"

Run: TypeAlias = Callable[[argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Parser: TypeAlias = argparse.ArgumentParser


def add_command(commands: Commands, name: str, run: Run, *parents: Parser) -> Parser:
    """A sub-parser whose help is ``cli.<name>`` of the catalogues."""
    text = both(f"cli.{name}")
    parser = commands.add_parser(name, parents=parents, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def add_data(parser: Parser) -> None:
    """The data folder; ``sample_data`` also names the sample that is shipped."""
    parser.add_argument("data", type=data_folder, metavar="DATA", help=both("cli.data"))


def add_policy(parser: Parser) -> None:
    """``--policy``, a shipped name or a file."""
    parser.add_argument("--policy", default=DEFAULT_POLICY, metavar="NAME_OR_FILE", help=both("cli.policy"))


def add_time_limit(parser: Parser, seconds: int = 60) -> None:
    """``--time-limit`` of a search."""
    parser.add_argument(
        "--time-limit", type=whole(1), default=seconds, metavar="SECONDS", help=both("cli.time_limit")
    )


def both(key: str, **values: object) -> str:
    """A text in Chinese and in English: help is printed before the language is known."""
    return f"{t(key, 'zh', **values)} / {t(key, 'en', **values)}"


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Type of a flag: a whole number in this range; for anything else the parser ends with exit code 2."""
    allowed = f"≥ {least}" if most is None else f"{least}–{most}"

    def number(text: str) -> int:
        if not re.fullmatch("-?[0-9]{1,18}", text) or not least <= int(text) <= (most or int(text)):
            raise argparse.ArgumentTypeError(both("cli.whole", found=text, allowed=allowed))
        return int(text)

    return number


def listed(allowed: Sequence[str], error: str) -> Callable[[str], tuple[str, ...]]:
    """Type of a flag: some of these codes, separated by commas; the answer keeps their own order."""

    def codes(text: str) -> tuple[str, ...]:
        wanted = {word.strip() for word in text.split(",")}
        unknown = sorted(wanted - set(allowed))
        if unknown:
            raise argparse.ArgumentTypeError(
                both(error, found=", ".join(unknown), allowed=", ".join(allowed))
            )
        return tuple(code for code in allowed if code in wanted)

    return codes


def load(arguments: argparse.Namespace, candidates: Path | None = None) -> Inputs:
    """Read, check and locate the data; warnings are counted by kind, never passed over.

    Raises
    ------
    DataError
        When the folder has errors.
    BadInput
        When the file of candidates is not there.
    """
    from matcher.check import checked_inputs

    if candidates is not None and not candidates.is_file():
        raise BadInput("no_file", file=candidates)
    inputs, problems = checked_inputs(
        arguments.data, as_of=arguments.as_of, datum=arguments.datum, candidates=candidates
    )
    kinds = problems.groupby(["file", "column", "code"], dropna=False, sort=False).size()
    for kind in kinds.reset_index(name="count").fillna("").to_dict("records"):
        complain(t("cli.warning", arguments.lang, **{str(key): value for key, value in kind.items()}))
    if len(kinds):
        complain(t("cli.see_check", arguments.lang, data=arguments.data))
    return inputs


def refuse_data_folder(out: Path, data: Path) -> None:
    """Results never go into the folder that the data come from.

    Raises
    ------
    BadInput
    """
    if out.resolve() == data.resolve():
        raise BadInput("out_is_data", folder=out)
    if out.is_file():
        raise BadInput("out_is_file", file=out)


def refuse_out_file(out: Path, data: Path) -> None:
    """A file of results does not go into the data folder either, and takes no folder's name.

    Raises
    ------
    BadInput
    """
    refuse_data_folder(out.parent, data)
    if out.is_dir():
        raise BadInput("out_is_folder", folder=out)


def complain(text: str) -> None:
    """A line on the error stream."""
    print(text, file=sys.stderr)
