"""First prices made better: of one slot after the other, the price at which as many want a place as there are.

Everybody always sits at their least cost + price. Such sweeps end near the optimum and seldom in it, where whole
regions are short of places: what is left over and under is the work of `paths`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from matcher.solve.graph.compiled import compiled
from matcher.solve.graph.people import Choices, Ints, Shorts, Sitting


class _Bidders(NamedTuple):
    """Who competes for the places of a slot: where else they would sit, at what cost, and what a place is worth."""

    person: Shorts
    other: Shorts
    other_cost: Ints
    own_cost: Ints
    worth: Ints
    ranked: Ints


def clear(choices: Choices, sitting: Sitting, price: Ints, capacity: Ints, sweeps: int) -> None:
    """Clear every slot that has too many people, or a price and too few, some times over.

    Parameters
    ----------
    choices : Choices
    sitting : Sitting
        Everybody at their least cost + price; changed in place.
    price : (n_slots + 1,)
        Changed in place; outside costs nothing.
    capacity : (n_slots,)
    sweeps : int
    """
    size = np.diff(choices.first)
    comers = np.concatenate(([0], np.cumsum(size[choices.into_group])))[choices.into_start]
    most = int(np.diff(comers).max(initial=0))
    bidders = _Bidders(
        np.empty(most, np.int32),
        np.empty(most, np.int32),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
    )
    for _ in range(sweeps):
        _sweep(choices, sitting, price, capacity, bidders)


@compiled
def _sweep(choices: Choices, sitting: Sitting, price: Ints, capacity: Ints, bidders: _Bidders) -> None:
    for slot in range(len(capacity)):
        if sitting.load[slot] > capacity[slot]:
            _make_dearer(choices, sitting, price, capacity[slot], bidders, slot)
        elif sitting.load[slot] < capacity[slot] and price[slot] > 0:
            _make_cheaper(choices, sitting, price, capacity[slot], bidders, slot)


@compiled
def _make_dearer(
    choices: Choices, sitting: Sitting, price: Ints, capacity: int, bidders: _Bidders, slot: int
) -> None:
    """Who sits at a slot competes for its places; who values one less than the price leaves."""
    count = 0
    for entry in range(choices.into_start[slot], choices.into_start[slot + 1]):
        group = choices.into_group[entry]
        for person in range(choices.first[group], choices.first[group + 1]):
            if sitting.seat[person] != slot:
                continue
            node, cost = len(price) - 1, choices.unserved[group]
            value = cost
            for arc in range(choices.start[group], choices.start[group + 1]):
                here = choices.cost[arc] + price[choices.slot[arc]]
                if here < value and choices.slot[arc] != slot:
                    node, cost, value = choices.slot[arc], choices.cost[arc], here
            bidders.person[count], bidders.other[count], bidders.other_cost[count] = person, node, cost
            bidders.worth[count] = value - choices.into_cost[entry]
            count += 1
    price[slot] = _clearing_price(bidders, count, capacity)
    for at in range(count):
        worth = bidders.worth[at]
        if worth < price[slot] or (worth == price[slot] and sitting.load[slot] > capacity):
            sitting.seat[bidders.person[at]] = bidders.other[at]
            sitting.cost[bidders.person[at]] = bidders.other_cost[at]
            sitting.load[slot] -= 1
            sitting.load[bidders.other[at]] += 1


@compiled
def _make_cheaper(
    choices: Choices, sitting: Sitting, price: Ints, capacity: int, bidders: _Bidders, slot: int
) -> None:
    """Who sits elsewhere competes for the places that are free; who values one more than the price comes."""
    count = 0
    for entry in range(choices.into_start[slot], choices.into_start[slot + 1]):
        group = choices.into_group[entry]
        for person in range(choices.first[group], choices.first[group + 1]):
            node = sitting.seat[person]
            worth = sitting.cost[person] + price[node] - choices.into_cost[entry]
            if node != slot and worth > 0:
                bidders.person[count], bidders.own_cost[count] = person, choices.into_cost[entry]
                bidders.worth[count] = worth
                count += 1
    price[slot] = _clearing_price(bidders, count, capacity - sitting.load[slot])
    for at in range(count):
        if bidders.worth[at] > price[slot]:
            person = bidders.person[at]
            sitting.load[sitting.seat[person]] -= 1
            sitting.load[slot] += 1
            sitting.seat[person], sitting.cost[person] = slot, bidders.own_cost[at]


@compiled
def _clearing_price(bidders: _Bidders, count: int, places: int) -> int:
    """Midway between the last who gets a place and the first who does not; nothing where all do."""
    if count <= places:
        return 0
    bidders.ranked[:count] = bidders.worth[:count]
    _put_first(bidders.ranked, count, places + 1)
    first_out = last_in = bidders.ranked[places]
    if places > 0:
        last_in = bidders.ranked[0]
        for at in range(places):
            last_in = min(last_in, bidders.ranked[at])
    return int((first_out + last_in) // 2)


@compiled
def _put_first(ranked: Ints, count: int, wanted: int) -> None:
    """Order in place so far that the `wanted` greatest come first, the least of them last (quickselect)."""
    low, high = 0, count - 1
    while low < high:
        pivot = ranked[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while ranked[left] > pivot:
                left += 1
            while ranked[right] < pivot:
                right -= 1
            if left <= right:
                ranked[left], ranked[right] = ranked[right], ranked[left]
                left += 1
                right -= 1
        if wanted - 1 <= right:
            high = right
        elif wanted - 1 >= left:
            low = left
        else:
            return
