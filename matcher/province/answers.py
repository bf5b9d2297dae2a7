"""What one county answers when it is asked under prices: pure functions of its block, so that any machine may answer.

Whoever asks gives all prices so far, each with a window. Under each of them a person has a best place; every place
that is dearer by no more than the window is an option, and so is being unserved. A person who has one option over all
these prices sits there. The others, the core, are for the coordinator to seat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matcher.intake.parts import Hashes
from matcher.province.block import Block
from matcher.solve.edges import Edges, least_edges
from matcher.solve.prices import Prices, reduced_costs, seat_costs
from matcher.solve.problem import Problem, Seats, seats_of_flow
from matcher.solve.thin import every_nth
from matcher.solve.view import View, margin_of, view

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Priced:
    """Prices that were tried.

    Parameters
    ----------
    price : (n_slots,)
    window : (n_slots + 1,)
        By best place, the last for who is best unserved.
    """

    price: Ints
    window: Ints


@dataclass(frozen=True)
class Part:
    """Some groups of a county, and where they may sit.

    Parameters
    ----------
    size, tier, degree : (n,)
        Persons, tier, and number of options of each.
    slot, cost : (n_options,) int32
        By group.
    """

    size: npt.NDArray[np.int32]
    tier: npt.NDArray[np.int8]
    degree: Ints
    slot: npt.NDArray[np.int32]
    cost: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Core:
    """People of a county who have a choice, and where the others sit.

    Parameters
    ----------
    group : (n,) int32
        Of the block.
    part : Part
        These groups with their options.
    load_slot, load : (m,)
        Slots where people sit who have no choice, and how many.
    missed : int
        Groups whose best place, under the last prices, was no option under those before.
    """

    group: npt.NDArray[np.int32]
    part: Part
    load_slot: Ints
    load: Ints
    missed: int


@dataclass(frozen=True)
class _Options:
    arcs: Bools
    unserved: Bools
    count: Ints


def ids_of(_slots: Problem, block: Block, _common: None, _own: None) -> Hashes:
    """What `id_hashes` makes of the county's residents."""
    return block.ids


def sample(slots: Problem, block: Block, every: int, before: int) -> Part:
    """Every n-th person, counted on from the persons before; for first prices."""
    problem = block.problem(slots)
    size = every_nth(problem.size, before + np.cumsum(problem.size), every)
    kept = size > 0
    arcs = np.flatnonzero(kept[problem.group])
    return Part(
        size[kept].astype(np.int32),
        block.tier[kept],
        np.diff(problem.start)[kept],
        block.slot[arcs],
        block.cost[arcs],
    )


def core(slots: Problem, block: Block, history: Sequence[Priced], _own: None = None) -> Core:
    """Who has a choice, and where the others sit.

    Parameters
    ----------
    slots : Problem
    block : Block
    history : sequence of Priced
        Not empty; the last is new.
    """
    problem = block.problem(slots)
    before, last = _options(problem, history[:-1]), view(problem, history[-1].price)
    missed = int((_least(problem, last.value, before) > last.best).sum()) if len(history) > 1 else 0
    options = _widened(problem, before, last, history[-1].window)
    chooses = options.count > 1
    arcs = np.flatnonzero(options.arcs & chooses[problem.group])
    load = _settled_load(problem, options)
    return Core(
        group=np.flatnonzero(chooses).astype(np.int32),
        part=Part(
            block.size[chooses],
            block.tier[chooses],
            np.bincount(problem.group[arcs], minlength=len(problem.size))[chooses].astype(np.int64),
            block.slot[arcs],
            block.cost[arcs],
        ),
        load_slot=np.flatnonzero(load),
        load=load[load > 0],
        missed=missed,
    )


def margins(
    slots: Problem, block: Block, asked: tuple[Sequence[Priced], Ints], _own: None = None
) -> tuple[Ints, Ints, Ints]:
    """Of people without a choice at some slots, what their second-best place costs them more under the last prices.

    Parameters
    ----------
    slots : Problem
    block : Block
    asked : (sequence of Priced, (n,) array)
        Prices, and the slots.

    Returns
    -------
    slot, margin, persons : (m,) arrays
    """
    history, wanted = asked
    problem = block.problem(slots)
    options, last = _options(problem, history), view(problem, history[-1].price)
    here = np.flatnonzero((options.count == 1) & np.isin(last.seat, wanted))
    return last.seat[here], margin_of(problem, last)[here], problem.size[here]


def seated(slots: Problem, block: Block, history: Sequence[Priced], inner: Seats) -> Seats:
    """Where the groups sit: the core as the coordinator says, the others where they have their one option."""
    problem = block.problem(slots)
    options = _options(problem, history)
    alone = options.count == 1
    flow = np.where(options.arcs & alone[problem.group], problem.size[problem.group], 0)
    others = seats_of_flow(problem, flow)
    kept = alone[others.group]
    group = np.concatenate((others.group[kept], inner.group))
    order = np.argsort(group, kind="stable")
    return Seats(
        group[order],
        np.concatenate((others.slot[kept], inner.slot))[order],
        np.concatenate((others.count[kept], inner.count))[order],
    )


def moves_of(slots: Problem, block: Block, _common: None, seats: Seats) -> tuple[Edges, Ints, Ints, int]:
    """Who would move where at what least change of cost.

    Returns
    -------
    Edges
        Between the slots that anybody of the county may use, the last node being "unserved".
    (n,) array
        These slots.
    (n,) array
        Persons of the county in each.
    int
        Eligible pairs that were looked at.
    """
    problem = block.problem(slots)
    used = np.unique(problem.slot)
    number = np.full(len(problem.capacity) + 1, -1, np.int64)
    number[used] = np.arange(len(used))
    local = replace(
        problem,
        slot=number[problem.slot],
        capacity=problem.capacity[used],
        slot_provider=problem.slot_provider[used],
        slot_mode=problem.slot_mode[used],
    )
    there = Seats(seats.group, number[seats.slot], seats.count)
    edges = least_edges(local, there, seat_costs(local, there))
    served = there.slot >= 0
    load = np.bincount(there.slot[served], there.count[served], len(used)).astype(np.int64)
    return edges, used, load, int(np.diff(problem.start) @ problem.size)


def proven(slots: Problem, block: Block, price: Ints, seats: Seats) -> int | None:
    """The least of cost + price − what is paid, over all eligible pairs; None where there is none."""
    problem = block.problem(slots)
    reduced = reduced_costs(problem, seats, Prices(price, seat_costs(problem, seats)))
    return int(reduced.min()) if len(reduced) else None


def _options(problem: Problem, history: Sequence[Priced]) -> _Options:
    nothing = np.zeros(len(problem.size), bool)
    options = _Options(np.zeros(len(problem.slot), bool), nothing, nothing.astype(np.int64))
    for one in history:
        options = _widened(problem, options, view(problem, one.price), one.window)
    return options


def _widened(problem: Problem, options: _Options, seen: View, window: Ints) -> _Options:
    """Options, and those that some more prices give."""
    most = seen.best + window[seen.seat]
    arcs = options.arcs | (seen.value <= most[problem.group])
    unserved = options.unserved | (problem.unserved_cost <= most)
    return _Options(arcs, unserved, np.bincount(problem.group[arcs], minlength=len(unserved)) + unserved)


def _least(problem: Problem, value: Ints, options: _Options) -> Ints:
    """What each group pays at least among its options."""
    least = np.where(options.unserved, problem.unserved_cost, np.iinfo(np.int64).max)
    arcs = np.flatnonzero(options.arcs)
    np.minimum.at(least, problem.group[arcs], value[arcs])
    return least


def _settled_load(problem: Problem, options: _Options) -> Ints:
    """Persons by slot who have no choice."""
    arcs = np.flatnonzero(options.arcs & (options.count == 1)[problem.group])
    size = problem.size[problem.group[arcs]]
    return np.bincount(problem.slot[arcs], size, len(problem.capacity)).astype(np.int64)
