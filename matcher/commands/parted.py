"""``check``, ``match`` and ``verify`` of a folder whose residents stand county by county."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matcher.commands.common import mapping_of, tell_written, warn
from matcher.errors import BadInput
from matcher.words.catalogues import t

if TYPE_CHECKING:
    from matcher.intake.parts import Whole
    from matcher.policy.documents import Policy
    from matcher.province.machines import Machines
    from matcher.province.plan import ProvincePlan


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

    begun = time.perf_counter()
    whole = read_shared(arguments)
    read_seconds = time.perf_counter() - begun
    with _machines(arguments) as machines:
        matched = match_province(
            whole,
            policy,
            arguments.out,
            machines=machines,
            read_seconds=read_seconds,
            rounds=arguments.rounds,
        )
    lang = arguments.lang
    of_counties = (line for facts in matched.facts for line in facts.warnings[lang])
    warn(arguments, [*cause_lines(whole.problems, lang), *of_counties])
    if matched.plan.outcome.status != "optimal":
        warn(arguments, [t("summary.rounds_ended", lang, rounds=matched.rounds)])
    tell_written(arguments, _lines(matched.plan, policy, len(whole.inputs.travel) > 0, lang))
    return 0


def _lines(plan: ProvincePlan, policy: Policy, travel: bool, lang: str) -> Iterator[str]:
    from matcher.results.summary import coverage_lines, journeys_line, reason_lines, share_lines

    yield t("summary.counties", lang, count=len(plan.counties))
    yield from coverage_lines(plan.outcome, plan.people, policy, lang)
    if travel:
        yield journeys_line(plan.listed, plan.outcome.served, lang)
    yield from reason_lines(plan.reasons, lang)
    yield from share_lines(plan.people, policy, lang)


def verify_parted(arguments: argparse.Namespace, policy: Policy) -> int:
    """As ``verify``."""
    from matcher.province.verify import verify_province
    from matcher.results.verdict import recheck_lines

    whole = read_shared(arguments)
    with _machines(arguments) as machines:
        told = verify_province(whole, policy, arguments.plan, machines=machines)
    for line in recheck_lines(told, arguments.lang, undecided="summary.stopped"):
        print(line)
    return 0 if told.passed else 1


@contextmanager
def _machines(arguments: argparse.Namespace) -> Iterator[Callable[[Path, Whole], Machines]]:
    """Who builds and asks the blocks: this machine, or the workers of a cluster."""
    from matcher.province.cluster import ManyMachines
    from matcher.province.machines import OneMachine
    from matcher.workers.cluster import connected

    if arguments.scheduler is None:
        yield partial(OneMachine, progress=True)
        return
    with connected(arguments.scheduler) as client:
        yield lambda _room, whole: ManyMachines(client, whole, progress=True)
