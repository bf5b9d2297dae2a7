"""Equal plans made one: among plans of the same cost, free places go by provider id, and people by resident id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container

import numpy as np
import numpy.typing as npt

from matcher.solve.prices import Prices, price_paid, reduced_costs, seat_costs
from matcher.solve.problem import Problem, Seats, people_by_provider, people_by_slot

Ints = npt.NDArray[np.int64]


def break_ties(problem: Problem, seats: Seats, prices: Prices) -> tuple[Seats, Ints]:
    """Choose among optimal plans, without a further solve: free places first, then classes to deal by resident id."""
    seats = fill_earlier_slots(problem, seats, prices)
    return seats, tie_classes(problem, seats, Prices(prices.slot, seat_costs(problem, seats)))


def fill_earlier_slots(problem: Problem, seats: Seats, prices: Prices) -> Seats:
    """Give free places in order of the slots: whoever sits as cheaply in a later uncontested slot moves up.

    Any optimal plan uses only arcs of reduced cost zero ("tight"), whatever optimal prices are taken, so moving along
    one from an uncontested slot (price zero) to a place that nobody takes changes neither cost nor number served.

    Parameters
    ----------
    problem : Problem
    seats : Seats
    prices : Prices
        They prove `seats` optimal.

    Returns
    -------
    Seats
    """
    return _moved_up(problem, seats, prices, _tight_slots(problem, seats, prices))


def tie_classes(problem: Problem, seats: Seats, prices: Prices) -> Ints:
    """Groups with the same tight slots are interchangeable: one class, whose seats may be dealt in any way.

    Returns
    -------
    (n_groups,) array
        The class of each group, named by its first group.
    """
    classes = np.arange(len(problem.size))
    known: dict[tuple[int, ...], int] = {}
    for group, slots in _tight_slots(problem, seats, prices).items():
        classes[group] = known.setdefault((int(problem.tier[group]), *slots), group)
    return classes


def _tight_slots(problem: Problem, seats: Seats, prices: Prices) -> dict[int, list[int]]:
    """Slots of reduced cost zero by group, ascending, −1 for unserved; only groups that have a choice."""
    tight = np.flatnonzero(reduced_costs(problem, seats, prices) == 0)
    may_wait = np.unique(seats.group[price_paid(seats, prices) == problem.unserved_cost[seats.group]])
    groups = np.concatenate((problem.group[tight], may_wait))
    slots = np.concatenate((problem.slot[tight], np.full(len(may_wait), -1)))
    choice = np.bincount(groups, minlength=len(problem.size)) > 1
    found: dict[int, list[int]] = defaultdict(list)
    order = np.lexsort((slots, groups))
    order = order[choice[groups[order]]]
    for group, slot in zip(groups[order].tolist(), slots[order].tolist(), strict=True):
        found[group].append(slot)
    return dict(found)


def _moved_up(problem: Problem, seats: Seats, prices: Prices, options: dict[int, list[int]]) -> Seats:
    """Seats after each group in `options` has moved to the earliest uncontested slots that have room."""
    free = prices.slot == 0
    wanted: dict[int, list[int]] = defaultdict(list)
    for group, slots in options.items():
        uncontested = [slot for slot in slots if slot >= 0 and free[slot]]
        for slot in uncontested[:-1]:
            wanted[slot].append(group)
    if not wanted:
        return seats
    sitting = _Sitting(problem, seats, options)
    for slot in sorted(wanted):
        for group in wanted[slot]:
            for later in sitting.slots_after(group, slot):
                if free[later]:
                    sitting.move(group, later, slot)
    return sitting.seats()


class _Sitting:
    """Where the groups that have a choice sit, and what room is left; `move` changes it in place."""

    def __init__(self, problem: Problem, seats: Seats, groups: Container[int]) -> None:
        self.problem = problem
        self.before = seats
        self.held: dict[int, dict[int, int]] = defaultdict(dict)
        rows = zip(seats.group.tolist(), seats.slot.tolist(), seats.count.tolist(), strict=True)
        for group, slot, count in rows:
            if group in groups:
                self.held[group][slot] = count
        self.used = people_by_slot(problem, seats)
        self.total_used = people_by_provider(problem, self.used)

    def slots_after(self, group: int, slot: int) -> list[int]:
        """Slots behind `slot` where people of a group sit, ascending."""
        return [other for other in sorted(self.held[group]) if other > slot]

    def move(self, group: int, origin: int, target: int) -> None:
        """Move as many people of a group as the target has room for."""
        count = min(self._room(origin, target), self.held[group][origin])
        if count <= 0:
            return
        held = self.held[group]
        held[origin] -= count
        held[target] = held.get(target, 0) + count
        for slot, more in ((origin, -count), (target, count)):
            self.used[slot] += more
            self.total_used[self.problem.slot_provider[slot]] += more

    def _room(self, origin: int, target: int) -> int:
        """Places for people who come from `origin`; a provider's total does not change when they are its own."""
        here, there = self.problem.slot_provider[[origin, target]]
        room = int(self.problem.capacity[target] - self.used[target])
        if here == there or self.problem.total[there] < 0:
            return room
        return min(room, int(self.problem.total[there] - self.total_used[there]))

    def seats(self) -> Seats:
        """Where everybody sits now."""
        keep = ~np.isin(self.before.group, np.fromiter(self.held, np.int64, len(self.held)))
        rows = [
            (group, slot, count)
            for group, by_slot in self.held.items()
            for slot, count in by_slot.items()
            if count
        ]
        group, slot, count = np.array(rows, np.int64).T
        groups = np.concatenate((self.before.group[keep], group))
        slots = np.concatenate((self.before.slot[keep], slot))
        order = np.lexsort((slots, groups))
        return Seats(groups[order], slots[order], np.concatenate((self.before.count[keep], count))[order])
