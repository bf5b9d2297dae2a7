"""What the sub-commands share: flags, messages, and the data and policy that most of them work on."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from matcher.errors import BadInput
from matcher.sample.shipped import data_folder
from matcher.words.catalogues import t

if TYPE_CHECKING:
    import pandas as pd

    from matcher.inputs import Inputs
    from matcher.intake.mapping import Meanings
    from matcher.plan.plan import Options
    from matcher.policy.documents import Policy

DEFAULT_POLICY = "panzhihua-2016"
#: So many warnings are told before the work begins; `check` tells all.
MOST_WARNINGS = 20

Run: TypeAlias = Callable[[argparse.Namespace], int]
OnParts: TypeAlias = "Callable[[argparse.Namespace, Policy], int]"
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Parser: TypeAlias = argparse.ArgumentParser


def add_command(commands: Commands, name: str, run: Run, *parents: Parser) -> Parser:
    """A sub-parser whose help is ``cli.<name>`` of the catalogues."""
    text = both(f"cli.{name}")
    parser = commands.add_parser(name, parents=parents, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


@dataclass(frozen=True)
class Case:
    """What a command works on.

    Parameters
    ----------
    inputs, policy, options
    begun : float
        Of ``time.perf_counter``, before anything was read.
    read_seconds : float
        What reading and checking took.
    """

    inputs: Inputs
    policy: Policy
    options: Options
    begun: float
    read_seconds: float


def add_case_command(
    commands: Commands,
    name: str,
    work: Callable[[argparse.Namespace, Case], int],
    *parents: Parser,
    parted: OnParts | None = None,
) -> Parser:
    """A command on a data folder and a policy; `work` gets both, read and checked, and the exit code is its answer.

    `parted` does it where the residents stand county by county; without it such a folder is refused.
    """
    parser = add_command(commands, name, partial(_on_case, work, parted), *parents)
    add_data(parser)
    add_policy(parser)
    return parser


def add_plan_command(
    commands: Commands,
    name: str,
    work: Callable[[argparse.Namespace, Case], int],
    *parents: Parser,
    parted: OnParts | None = None,
) -> Parser:
    """Such a command that searches for a plan and writes a folder: with ``--out`` and ``--time-limit``."""
    parser = add_case_command(commands, name, work, *parents, parted=parted)
    add_out_folder(parser, "cli.out")
    add_time_limit(parser)
    return parser


def _on_case(
    work: Callable[[argparse.Namespace, Case], int], parted: OnParts | None, arguments: argparse.Namespace
) -> int:
    from matcher.intake.parts import is_partitioned
    from matcher.plan.plan import Options
    from matcher.policy.documents import load_policy

    begun = time.perf_counter()
    if (
        getattr(arguments, "out", None) is not None
    ):  # what will be refused is told before the work, not after it
        arguments.refuse_out(arguments.out, arguments.data)
    policy = load_policy(arguments.policy)
    if parted is not None and is_partitioned(arguments.data):
        return parted(arguments, policy)
    if parted is not None and arguments.scheduler is not None:
        raise BadInput("scheduler_one_piece", folder=arguments.data)
    inputs = load(arguments, candidates=getattr(arguments, "candidates", None))
    given = {"time_limit_s": arguments.time_limit} if "time_limit" in arguments else {}
    options = Options(progress=True, **given)
    return work(arguments, Case(inputs, policy, options, begun, time.perf_counter() - begun))


def add_out_folder(parser: Parser, text: str) -> None:
    """``--out DIR``, which is never the folder of the data."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=both(text))
    parser.set_defaults(refuse_out=refuse_data_folder)


def add_out_file(parser: Parser, text: str, *, required: bool = False) -> None:
    """``--out FILE.csv``, which never stands among the data."""
    parser.add_argument("--out", type=Path, required=required, metavar="FILE.csv", help=both(text))
    parser.set_defaults(refuse_out=refuse_out_file)


def add_data(parser: Parser) -> None:
    """The data folder; ``sample_data`` also names the sample that is shipped. And what names in it mean."""
    parser.add_argument("data", type=data_folder, metavar="DATA", help=both("cli.data"))
    parser.add_argument("--corrections", type=Path, metavar="FILE", help=both("cli.corrections"))
    parser.add_argument("--mapping", type=Path, metavar="FILE.json", help=both("cli.mapping"))


def add_policy(parser: Parser) -> None:
    """``--policy``, a shipped name or a file."""
    parser.add_argument(
        "--policy", default=DEFAULT_POLICY, metavar="NAME_OR_FILE", help=both("cli.policy_name")
    )


def add_roads(parser: Parser) -> None:
    """``--osm``, the roads of which a scenario closes some."""
    parser.add_argument(
        "--osm", dest="roads", type=Path, metavar="FILE.osm.pbf", help=both("cli.scenario_osm")
    )


def add_time_limit(parser: Parser, seconds: int = 60) -> None:
    """``--time-limit`` of a search."""
    parser.add_argument(
        "--time-limit", type=whole(1), default=seconds, metavar="SECONDS", help=both("cli.time_limit")
    )


def add_scheduler(parser: argparse._ActionsContainer) -> None:
    """``--scheduler ADDRESS`` of a cluster."""
    parser.add_argument("--scheduler", metavar="ADDRESS", help=both("cli.scheduler"))


def add_workforce(parser: Parser) -> None:
    """``--workers N`` of this machine, or ``--scheduler ADDRESS``."""
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--workers", type=whole(1), metavar="N", help=both("cli.workers"))
    add_scheduler(either)


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


def day(text: str) -> str:
    """Type of a flag: a date; anything else is a wrong flag."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} ≠ YYYY-MM-DD") from None


def load(arguments: argparse.Namespace, candidates: Path | None = None) -> Inputs:
    """Read, check and locate the data; warnings are told by cause, never passed over.

    Raises
    ------
    DataError
        When the folder has errors.
    BadInput
        When the file of candidates or corrections is not there.
    """
    from matcher.inputs import RoadFile
    from matcher.intake.check import checked_inputs
    from matcher.intake.parts import is_partitioned
    from matcher.intake.telling import cause_lines

    if is_partitioned(arguments.data):
        raise BadInput("parts_not_here", folder=arguments.data)
    for file in (candidates, arguments.corrections):
        if file is not None and not file.is_file():
            raise BadInput("no_file", file=file)
    inputs, problems = checked_inputs(
        arguments.data,
        as_of=arguments.as_of,
        datum=arguments.datum,
        candidates=candidates,
        corrections=arguments.corrections,
        meanings=mapping_of(arguments),
    )
    warn(arguments, list(cause_lines(problems, arguments.lang)))
    roads: Path | None = getattr(arguments, "roads", None)
    if roads is None:
        return inputs
    return inputs.replace(dataset=replace(inputs.dataset, roads=RoadFile(roads.resolve())))


def warn(arguments: argparse.Namespace, lines: Sequence[str]) -> None:
    """Causes, as many as fit on a screen, and where all are told."""
    for line in lines[:MOST_WARNINGS]:
        complain(line)
    if len(lines) > MOST_WARNINGS:
        complain(t("cli.more_causes", arguments.lang, count=len(lines) - MOST_WARNINGS))
    if lines:
        complain(t("cli.see_check", arguments.lang, data=arguments.data))


def mapping_of(arguments: argparse.Namespace) -> Meanings | None:
    """What the file of ``--mapping`` says.

    Raises
    ------
    BadInput
    """
    from matcher.intake.mapping import read_meanings

    return None if arguments.mapping is None else read_meanings(arguments.mapping)


def refuse_data_folder(out: Path, data: Path) -> None:
    """Results never go into the folder that the data come from, at any depth: a later run would read them as data.

    Raises
    ------
    BadInput
    """
    there = out.resolve()
    if data.resolve() in (there, *there.parents):
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


def tell_written(arguments: argparse.Namespace, lines: Iterable[str] = ()) -> None:
    """Print these lines, and where the results are."""
    for line in lines:
        print(line)
    print(t("cli.written", arguments.lang, folder=arguments.out))


def show_or_write(arguments: argparse.Namespace, table: pd.DataFrame, shown: pd.DataFrame) -> None:
    """Write a table to ``--out``, or print what is shown of it where none is given."""
    from matcher.files.results import write_table

    if arguments.out is None:
        print(shown.to_string(index=False, na_rep="-"))
    else:
        write_table(table, arguments.out)
        tell_written(arguments)
