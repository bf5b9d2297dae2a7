"""The optimum of a province from what its counties answer under prices: rounds until no county misses a place.

Only people whose place the prices leave open come to the coordinator, with the places that are open; it seats them by
the solver of cities against the places that the others leave, and the prices of that are tried on everybody. Whose best
place was not among the options gets it; when there is nobody left, the prices prove the plan for all. Each price so far
adds options and none are taken away, so that the rounds end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.errors import SolverError
from matcher.province.answers import Core, Part, Priced, core, margins, sample
from matcher.province.machines import Machines
from matcher.solve.edges import FAR
from matcher.solve.flow import solve_flow
from matcher.solve.problem import Problem, Seats, people_by_provider
from matcher.solve.thin import fewer_places
from matcher.solve.view import margin_of, view

Ints = npt.NDArray[np.int64]

#: First prices come from so many people; from everybody where there are no more than `FEW`.
SAMPLE, FEW = 2_500_000, 20_000
#: Of the people in the sample so many have a choice at first; the window of later prices is so many times smaller.
FIRST_SHARE, NARROWER = 0.5, 10
#: Where more people than places have no choice, so many times more of them get one, and some more.
FREED, MORE = 2, 10


@dataclass(frozen=True)
class Settled:
    """Where the rounds ended.

    Parameters
    ----------
    history : tuple of Priced
        The prices under which the core was told.
    inner : list of Seats
        Of the core of each county, in the numbers of its groups.
    rounds : int
    open : (n_slots,) array or None
        Where the rounds were not gone on with: the last prices, which do not prove the plan.
    """

    history: tuple[Priced, ...]
    inner: list[Seats]
    rounds: int
    open: Ints | None = None


def settle(
    machines: Machines,
    slots: Problem,
    people: Sequence[int],
    before: Sequence[Priced] = (),
    note: Callable[[Sequence[Priced]], None] = lambda history: None,
    most: int | None = None,
) -> Settled:
    """Run rounds until the plan is proven.

    Parameters
    ----------
    machines : Machines
    slots : Problem
        Places of the province, with the unit of the weights.
    people : sequence of int
        Persons of each county.
    before : sequence of Priced
        Prices of a run that died.
    note : callable
        Is given all prices before each round.
    most : int, optional
        Rounds after which it ends, proven or not.

    Raises
    ------
    SolverError
    """
    history = tuple(before) or (first_prices(machines, slots, people),)
    solved: tuple[tuple[Priced, ...], list[Seats]] | None = None
    rounds = 0
    while True:
        cores = machines.ask(core, slots, history)
        if solved is not None and not any(one.missed for one in cores):
            return Settled(*solved, rounds)
        if solved is not None and rounds == most:
            note(history)
            return Settled(*solved, rounds, history[-1].price)
        cores, history = _within_places(machines, slots, cores, history)
        note(history)
        part, owner = _core_problem(slots, cores)
        found = solve_flow(part, near=history[-1].price)
        solved = history, _dealt(cores, owner, found.seats)
        rounds += 1
        history = (*history, Priced(found.prices.slot, history[0].window // NARROWER))


def first_prices(machines: Machines, slots: Problem, people: Sequence[int]) -> Priced:
    """Prices of a smaller province, and the window that leaves half of its people a choice."""
    everybody = sum(people)
    every = 1
    if everybody > FEW:
        every = 8
        while everybody > every * SAMPLE:
            every *= 2
    counted = np.cumsum([0, *people[:-1]]).tolist()
    parts = machines.ask(sample, slots, every, counted)
    problem = joined(fewer_places(slots, np.full(len(slots.capacity), every)), parts)
    price = solve_flow(problem).prices.slot
    margin = margin_of(problem, view(problem, price))
    margin = margin[margin < FAR]
    window = int(np.quantile(margin, FIRST_SHARE, method="lower")) if len(margin) else 0
    return Priced(price, np.full(len(slots.capacity) + 1, window))


def joined(slots: Problem, parts: Sequence[Part]) -> Problem:
    """One problem of the groups of all counties, in their order."""
    degree = np.concatenate([part.degree for part in parts])
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]).astype(np.int64)
        for name in ("size", "tier", "slot", "cost")
    }
    return replace(slots, start=np.concatenate(([0], np.cumsum(degree))).astype(np.int64), **columns)


def _within_places(
    machines: Machines, slots: Problem, cores: list[Core], history: tuple[Priced, ...]
) -> tuple[list[Core], tuple[Priced, ...]]:
    """Give people a choice where more sit than there are places, until none sit above them."""
    while len(over := np.flatnonzero(excess := _excess(slots, cores))):
        told = machines.ask(margins, slots, (history, over))
        slot, margin, persons = (np.concatenate(column) for column in zip(*told, strict=True))
        window = history[-1].window.copy()
        for one in over.tolist():
            here = slot == one
            window[one] = max(window[one], _enough(margin[here], persons[here], FREED * excess[one] + MORE))
        history = (*history[:-1], replace(history[-1], window=window))
        cores = machines.ask(core, slots, history)
    return cores, history


def _enough(margin: Ints, persons: Ints, wanted: int) -> int:
    """The margin up to which so many persons are found, or the last there is."""
    order = np.argsort(margin, kind="stable")
    passed = np.cumsum(persons[order])
    if not len(order):
        raise SolverError("people without a choice sit where nobody of them is told of")
    return int(margin[order[min(int(np.searchsorted(passed, wanted)), len(order) - 1)]])


def _load(slots: Problem, cores: Sequence[Core]) -> Ints:
    load = np.zeros(len(slots.capacity), np.int64)
    for one in cores:
        load[one.load_slot] += one.load
    return load


def _excess(slots: Problem, cores: Sequence[Core]) -> Ints:
    """How many persons without a choice are above the places of each slot, or of its provider."""
    load = _load(slots, cores)
    total = np.where(slots.total >= 0, people_by_provider(slots, load) - slots.total, 0)
    above = np.maximum(load - slots.capacity, np.where(load > 0, total[slots.slot_provider], 0))
    return np.asarray(np.maximum(above, 0))


def _core_problem(slots: Problem, cores: Sequence[Core]) -> tuple[Problem, Ints]:
    """Everybody who has a choice, against the places that the others leave; and the county of each group."""
    load = _load(slots, cores)
    left = replace(
        slots,
        capacity=slots.capacity - load,
        total=np.where(slots.total >= 0, slots.total - people_by_provider(slots, load), -1),
    )
    owner = np.repeat(np.arange(len(cores)), [len(one.group) for one in cores])
    return joined(left, [one.part for one in cores]), owner


def _dealt(cores: Sequence[Core], owner: Ints, seats: Seats) -> list[Seats]:
    """The seats of each county, in the numbers of its own groups."""
    order = np.argsort(seats.group, kind="stable")
    seats = Seats(seats.group[order], seats.slot[order], seats.count[order])
    begins = np.concatenate(([0], np.cumsum([len(one.group) for one in cores])))
    county = owner[seats.group]
    cut = np.searchsorted(county, np.arange(len(cores) + 1))
    dealt = []
    for number, one in enumerate(cores):
        mine = slice(cut[number], cut[number + 1])
        group = one.group[seats.group[mine] - begins[number]].astype(np.int64)
        dealt.append(Seats(group, seats.slot[mine], seats.count[mine]))
    return dealt
