"""``check``, ``match`` and ``verify`` of a folder whose residents stand county by county."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matcher.commands.common import MOST_WARNINGS, complain, mapping_of, tell_written
from matcher.errors import BadInput
from matcher.words.catalogues import t

if TYPE_CHECKING:
    from matcher.intake.parts import Whole
    from matcher.policy.documents import Policy
    from matcher.province.machines import Machines


def read_shared(arguments: argparse.Namespace) -> Whole:
    """What all parts share.

    Raises
    ------
    BadInput
        When corrections are given, which only a folder in one piece may have.
    DataError
    """
    from matcher.intake.parts import read_whole

    if arguments.corrections is not None:
        raise BadInput("parts_corrections", folder=arguments.data)
    return read_whole(
        arguments.data, as_of=arguments.as_of, datum=arguments.datum, meanings=mapping_of(arguments)
    )


def match_parted(arguments: argparse.Namespace, policy: Policy) -> int:
    """As ``match``, exactly and across the borders of the counties."""
    from matcher.intake.telling import cause_lines
    from matcher.province.match import match_province
    from matcher.province.told import province_lines
    from matcher.workers.processes import ended_like_ctrl_c

    begun = time.perf_counter()
    whole = read_shared(arguments)
    with ended_like_ctrl_c(), _machines(arguments) as machines:
        matched = match_province(
            whole,
            policy,
            arguments.out,
            machines=machines,
            read_seconds=time.perf_counter() - begun,
        )
    shared = cause_lines(whole.problems, arguments.lang)
    _warn(arguments, [*shared, *(line for facts in matched.facts for line in facts.warnings[arguments.lang])])
    tell_written(arguments, province_lines(matched.plan, policy, arguments.lang))
    return 0


def verify_parted(arguments: argparse.Namespace, policy: Policy) -> int:
    """As ``verify``."""
    from matcher.province.verify import verify_province
    from matcher.results.verdict import recheck_lines

    whole = read_shared(arguments)
    with _machines(arguments) as machines:
        told = verify_province(whole, policy, arguments.plan, machines=machines)
    for line in recheck_lines(told, arguments.lang):
        print(line)
    return 0 if told.passed else 1


@contextmanager
def _machines(arguments: argparse.Namespace) -> Iterator[Callable[[Path, Sequence[str]], Machines]]:
    """Who builds and asks the blocks: this machine, or the workers of a cluster."""
    from matcher.province.cluster import ManyMachines
    from matcher.province.machines import OneMachine
    from matcher.workers.cluster import connected

    if arguments.scheduler is None:
        yield partial(OneMachine, progress=True)
        return
    with connected(arguments.scheduler) as client:
        yield lambda _room, codes: ManyMachines(client, codes, progress=True)


def _warn(arguments: argparse.Namespace, lines: Iterable[str]) -> None:
    """Causes, as far as they fit on a screen, and where all are told."""
    every = list(lines)
    for line in every[:MOST_WARNINGS]:
        complain(line)
    if len(every) > MOST_WARNINGS:
        complain(t("cli.more_causes", arguments.lang, count=len(every) - MOST_WARNINGS))
    if every:
        complain(t("cli.see_check", arguments.lang, data=arguments.data))
