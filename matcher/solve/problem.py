"""The optimisation as frozen integer arrays: groups, slots, arcs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.errors import SolverError
from matcher.tables import MODES

Ints = npt.NDArray[np.int64]

#: Sums above this are refused: OR-Tools answers OPTIMAL with a clamped cost when int64 overflows.
HEADROOM = 2**62

#: In place of a slot: waits, unserved.
WAITING = -1
#: In place of a slot: to be seated anew.
NOWHERE = -2


@dataclass(frozen=True)
class Problem:
    """Who may go where at what cost; every array is read-only.

    Parameters
    ----------
    size, tier : (n_groups,)
        Persons; tier 1 … `tiers`.
    start : (n_groups + 1,)
        First arc of each group.
    slot, cost : (n_arcs,)
        Slot and integer cost (switching included), cheapest first within a group.
    capacity : (n_slots,)
        Places of each slot.
    slot_provider, slot_mode : (n_slots,)
        The (provider, mode) that a slot stands for.
    total : (n_providers,)
        Places of a provider over all modes, −1 where unlimited.
    tiers : int
    unit : int
        U of the tier weights, see `weight_unit`; a part of a problem keeps the unit of the whole.
    """

    size: Ints
    tier: Ints
    start: Ints
    slot: Ints
    cost: Ints
    capacity: Ints
    slot_provider: Ints
    slot_mode: Ints
    total: Ints
    tiers: int
    unit: int

    def __post_init__(self) -> None:
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    @property
    def group(self) -> Ints:
        """Group of each arc."""
        return np.repeat(np.arange(len(self.size)), np.diff(self.start))

    def slot_at(self, provider: Ints, mode: Ints) -> Ints:
        """Slot of each (provider, mode), −1 where the provider does not offer the mode."""
        table = np.full((max(len(self.total), 1), len(MODES)), -1, np.int64)
        table[self.slot_provider, self.slot_mode] = np.arange(len(self.slot_provider))
        return np.asarray(table[provider, mode])

    @property
    def unserved_cost(self) -> Ints:
        """Cost of leaving one person of each group unserved: ``(T − tier + 1) · U``.

        Raises
        ------
        SolverError
            When the sum over all persons could leave the head-room of int64.
        """
        weight = (self.tiers - self.tier + 1) * self.unit
        if self.unit * (self.tiers + 1) * (int(self.size.sum()) + 2) >= HEADROOM:
            raise SolverError("tier weights exceed the integer head-room")
        return np.asarray(weight, np.int64)


def weight_unit(cost: Ints, slots: int, providers: int) -> int:
    """More than twice any change of cost along an alternating path.

    Such a path visits each slot, each total and the unserved at most once and pays at most one cost on the way in and
    one on the way out.
    """
    return 2 * (slots + providers + 2) * int(cost.max(initial=0)) + 1


@dataclass(frozen=True)
class Seats:
    """A plan in numbers: how many persons of a group sit where.

    Parameters
    ----------
    group, slot, count : (n,) arrays
        Slot −1 means unserved; counts are positive; each group's counts add up to its size.
    """

    group: Ints
    slot: Ints
    count: Ints


def expand(start: Ints, group: Ints) -> tuple[Ints, Ints]:
    """All arcs of each listed group.

    Parameters
    ----------
    start : (n_groups + 1,)
        First arc of each group.
    group : (n,)
        Groups, repeats allowed.

    Returns
    -------
    owner, arc : (m,) arrays
        Position in `group` and arc, in order.
    """
    degree = np.diff(start)[group]
    owner = np.repeat(np.arange(len(group)), degree)
    before = np.cumsum(degree) - degree
    return owner, np.arange(len(owner)) + np.repeat(start[group] - before, degree)


def part_of(problem: Problem, arc: Ints, degree: Ints, **changes: Any) -> Problem:
    """A problem over some of the arcs.

    Parameters
    ----------
    problem : Problem
    arc : (m,)
        Arcs kept, by group.
    degree : (n_groups,)
        Arcs of each group of the part.
    **changes
        Other fields that differ (``size``, ``tier``, ``capacity``, ``total``).
    """
    start = np.concatenate(([0], np.cumsum(degree)))
    return replace(problem, start=start, slot=problem.slot[arc], cost=problem.cost[arc], **changes)


def favoured(problem: Problem, price: Ints, count: int) -> Problem:
    """The `count` arcs of each group with the least cost + price; groups and slots keep their numbers."""
    order = np.lexsort((problem.cost + price[problem.slot], problem.group))
    position = np.arange(len(order)) - np.repeat(problem.start[:-1], np.diff(problem.start))
    arc = np.sort(order[position < count])
    return part_of(problem, arc, np.minimum(np.diff(problem.start), count))


def arc_of(problem: Problem, seats: Seats) -> Ints:
    """Arc that each seat uses, −1 for the unserved and for a pair that is not eligible."""
    owner, arc = expand(problem.start, seats.group)
    hit = problem.slot[arc] == seats.slot[owner]
    found = np.full(len(seats.group), -1, np.int64)
    found[owner[hit]] = arc[hit]
    return found


def packed(group: Ints, slot: Ints, slots: int) -> Ints:
    """One number for each (group, slot), ascending in that order; slots run from `NOWHERE` to `slots` − 1."""
    return np.asarray(group * (slots - NOWHERE) + slot - NOWHERE, np.int64)


def unpacked(key: Ints, slots: int) -> tuple[Ints, Ints]:
    """Group and slot of each number that `packed` made."""
    group, slot = np.divmod(key, slots - NOWHERE)
    return group, slot + NOWHERE


def seats_of(member: Ints, slot: Ints, slots: int) -> Seats:
    """Count persons by (group, slot).

    Parameters
    ----------
    member, slot : (n_residents,)
        Group and slot (−1 unserved) of each person.
    slots : int
        Number of slots.
    """
    key, count = np.unique(packed(member, slot, slots), return_counts=True)
    return Seats(*unpacked(key, slots), count.astype(np.int64))


def people_by_slot(problem: Problem, seats: Seats) -> Ints:
    """Persons in each slot.

    Returns
    -------
    (n_slots,) array
    """
    served = seats.slot >= 0
    return np.bincount(seats.slot[served], seats.count[served], len(problem.capacity)).astype(np.int64)


def people_by_provider(problem: Problem, by_slot: Ints) -> Ints:
    """Persons at each provider over all its modes.

    Parameters
    ----------
    problem : Problem
    by_slot : (n_slots,)
        From `people_by_slot`.

    Returns
    -------
    (n_providers,) array
    """
    return np.bincount(problem.slot_provider, by_slot, len(problem.total)).astype(np.int64)


def summed_seats(group: Ints, slot: Ints, count: Ints, slots: int) -> Seats:
    """Seats by group and slot, the same ones added up.

    Parameters
    ----------
    group, slot, count : (n,) arrays
    slots : int
        Number of slots.
    """
    distinct, back = np.unique(packed(group, slot, slots), return_inverse=True)
    return Seats(*unpacked(distinct, slots), np.bincount(back, count, len(distinct)).astype(np.int64))


def seats_of_flow(problem: Problem, flow: Ints) -> Seats:
    """Seats of a flow: the served by group and arc, then who is left over.

    Parameters
    ----------
    problem : Problem
    flow : (n_arcs,)
        Persons on each arc.
    """
    used = np.flatnonzero(flow)
    group = problem.group[used]
    waiting = problem.size - np.bincount(group, flow[used], len(problem.size)).astype(np.int64)
    left = np.flatnonzero(waiting)
    groups = np.concatenate((group, left))
    order = np.argsort(groups, kind="stable")
    return Seats(
        group=groups[order],
        slot=np.concatenate((problem.slot[used], np.full(len(left), -1)))[order],
        count=np.concatenate((flow[used], waiting[left]))[order],
    )
