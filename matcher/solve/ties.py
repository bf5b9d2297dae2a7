"""Equal plans made one: among plans of the same cost, free places go by provider id, and people by resident id."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt

from matcher.problem import Problem, Seats
from matcher.solve.prices import Prices, price_paid, reduced_costs, seat_costs

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
    free = prices.slot == 0
    wanted: dict[int, list[int]] = defaultdict(list)
    for group, slots in options.items():
        open_slots = [slot for slot in slots if slot >= 0 and free[slot]]
        for slot in open_slots[:-1]:
            wanted[slot].append(group)
    if not wanted:
        return seats
    held: dict[int, dict[int, int]] = defaultdict(dict)
    for group, slot, count in zip(
        seats.group.tolist(), seats.slot.tolist(), seats.count.tolist(), strict=True
    ):
        if group in options:
            held[group][slot] = count
    served = seats.slot >= 0
    used = np.bincount(seats.slot[served], seats.count[served], len(problem.capacity)).astype(np.int64)
    total_used = np.bincount(problem.slot_provider, used, len(problem.total)).astype(np.int64)
    for slot in sorted(wanted):
        provider = problem.slot_provider[slot]
        for group in wanted[slot]:
            for later in [other for other in sorted(held[group]) if other > slot and free[other]]:
                elsewhere = problem.slot_provider[later] != provider
                spare = problem.capacity[slot] - used[slot]
                if elsewhere and problem.total[provider] >= 0:
                    spare = min(spare, problem.total[provider] - total_used[provider])
                moved = int(min(spare, held[group][later]))
                if moved <= 0:
                    continue
                held[group][later] -= moved
                held[group][slot] = held[group].get(slot, 0) + moved
                used[slot] += moved
                used[later] -= moved
                total_used[provider] += moved
                total_used[problem.slot_provider[later]] -= moved
    return _rewrite(seats, held)


def _rewrite(seats: Seats, held: dict[int, dict[int, int]]) -> Seats:
    """Seats with those of the groups in `held` replaced."""
    keep = ~np.isin(seats.group, np.fromiter(held, np.int64, len(held)))
    rows = [
        (group, slot, count) for group, by_slot in held.items() for slot, count in by_slot.items() if count
    ]
    group, slot, count = np.array(rows, np.int64).T
    groups = np.concatenate((seats.group[keep], group))
    slots = np.concatenate((seats.slot[keep], slot))
    order = np.lexsort((slots, groups))
    return Seats(groups[order], slots[order], np.concatenate((seats.count[keep], count))[order])
