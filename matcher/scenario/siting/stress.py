"""Which provider could the city least do without: each closed in turn, solved again exactly from the plan at hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.fixed import without_decisions
from matcher.plan.match import match
from matcher.plan.plan import Plan
from matcher.solve.again import solve_again
from matcher.solve.network import components
from matcher.solve.prices import served_and_cost
from matcher.solve.problem import Problem, Seats, expand, part_of, people_by_provider, people_by_slot
from matcher.workers.cluster import workforce

Ints = npt.NDArray[np.int64]

COLUMNS = ("provider_id", "assigned", "stranded", "stranded_first_tier", "added_m")


def stress(
    plan: Plan, workers: int | None = None, scheduler: str | None = None, *, progress: bool = False
) -> pd.DataFrame:
    """Close each provider in turn (N − 1).

    Parameters
    ----------
    plan : Plan
        Proven by prices. Where the providers of some of its people are decided on, it is matched without that.
    workers : int, optional
        Processes at work at once; as many as there are cores, where not given.
    scheduler : str, optional
        Address of a cluster's scheduler, whose workers do it instead.
    progress : bool
        Show a bar on a terminal.

    Returns
    -------
    DataFrame
        `COLUMNS`, a row for each provider that offers a mode: people it serves; people served less without it, after
        all others are seated as well as can be, of them in the first tier; and the change of all travel in metres
        (seconds with ``cost = "time"``), which falls when stranded people travel no more. Ranked by people stranded,
        then by metres added, then by id.

    Raises
    ------
    BadInput
        When the plan is not proven by prices.
    """
    free = without_decisions(plan.inputs)
    if free is not plan.inputs:
        plan = match(free, plan.policy, start=plan)
    before = plan.proof()
    problem = before.problem
    base = _Base(problem, before.seats, before.prices.slot, components(problem))
    used = people_by_provider(problem, people_by_slot(problem, before.seats))
    # Nobody misses a provider that serves nobody.
    busy = np.flatnonzero(used).tolist()
    with workforce(workers, scheduler) as each:
        losses = each(_loss, base, busy, text_key="progress.stress", progress=progress)
    table = pd.DataFrame({"provider_id": plan.eligibility.groups.provider_ids, "assigned": used})
    for column in COLUMNS[2:]:
        table[column] = 0
    table.loc[busy, list(COLUMNS[2:])] = np.array(losses, np.int64).reshape(-1, 3)
    offers = np.bincount(problem.slot_provider, minlength=len(table)) > 0
    ranked = table[offers].sort_values(
        ["stranded", "added_m", "provider_id"], ascending=[False, False, True], ignore_index=True
    )
    return ranked.astype({"provider_id": "str"})


@dataclass(frozen=True)
class _Base:
    """The plan at hand in numbers."""

    problem: Problem
    seats: Seats
    slot_price: Ints
    component: Ints


def _loss(base: _Base, provider: int) -> tuple[int, int, int]:
    """People stranded without a provider, of them in the first tier, and travel added."""
    problem, seats = _concerned(base, provider)
    shut = problem.slot_provider == provider
    smaller = replace(problem, capacity=np.where(shut, 0, problem.capacity))
    gone = (seats.slot >= 0) & shut[seats.slot]
    unseated = np.bincount(seats.group[gone], seats.count[gone], len(problem.size)).astype(np.int64)
    kept = Seats(seats.group[~gone], seats.slot[~gone], seats.count[~gone])
    after = solve_again(smaller, kept, unseated, base.slot_price)
    served_before, cost_before = served_and_cost(problem, seats)
    served, cost = served_and_cost(smaller, after.seats)
    lost = served_before - served
    return int(lost.sum()), int(lost[0]), cost - cost_before


def _concerned(base: _Base, provider: int) -> tuple[Problem, Seats]:
    """The connected part of the problem in which a provider stands; nothing else can change."""
    problem, seats = base.problem, base.seats
    label = base.component
    mine = np.isin(label, label[problem.slot_provider == provider])
    some = np.zeros(len(problem.size), bool)
    some[problem.group[mine[problem.slot]]] = True
    kept = np.flatnonzero(some)
    _, arc = expand(problem.start, kept)
    part = part_of(
        problem, arc, np.diff(problem.start)[kept], size=problem.size[kept], tier=problem.tier[kept]
    )
    number = np.cumsum(some) - 1
    held = some[seats.group]
    return part, Seats(number[seats.group[held]], seats.slot[held], seats.count[held])
