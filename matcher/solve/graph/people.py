"""People one by one: their choices, who may come to a slot, and where everybody sits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.solve.graph.compiled import compiled
from matcher.solve.problem import Problem

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]


class Choices(NamedTuple):
    """Where people may sit. Slots come first among the nodes, then "outside": unserved.

    Parameters
    ----------
    start, slot, cost
        As in `Problem`.
    unserved : (n_groups,)
        Cost of one person outside.
    first : (n_groups + 1,)
        First person of each group.
    group : (n_persons,)
    into_start : (n_slots + 1,)
        First entry of each slot in the next two.
    into_group, into_cost : (n_arcs,)
        Groups that may come to a slot, and at what cost.
    """

    start: Ints
    slot: Ints
    cost: Ints
    unserved: Ints
    first: Ints
    group: Shorts
    into_start: Ints
    into_group: Shorts
    into_cost: Ints


class Sitting(NamedTuple):
    """Where everybody is; changed in place.

    Parameters
    ----------
    seat : (n_persons,)
        Slot, or the number of slots for outside.
    cost : (n_persons,)
        Of that seat, before prices.
    load : (n_slots + 1,)
        Persons at each.
    """

    seat: Shorts
    cost: Ints
    load: Ints


def choices_of(problem: Problem) -> Choices:
    """The choices of the people of a problem."""
    slots = len(problem.capacity)
    into_start = np.concatenate(([0], np.cumsum(np.bincount(problem.slot, minlength=slots))))
    into = _into_slots(problem.start, problem.slot, problem.cost, into_start[:-1].copy())
    first = np.concatenate(([0], np.cumsum(problem.size)))
    group = np.repeat(np.arange(len(problem.size), dtype=np.int32), problem.size)
    return Choices(
        problem.start, problem.slot, problem.cost, problem.unserved_cost, first, group, into_start, *into
    )


@compiled
def _into_slots(start: Ints, slot: Ints, cost: Ints, free: Ints) -> tuple[Shorts, Ints]:
    """`Choices.into_group` and `into_cost`; `free`, the first entry of each slot, is used up."""
    groups, costs = np.empty(len(slot), np.int32), np.empty(len(slot), np.int64)
    for group in range(len(start) - 1):
        for arc in range(start[group], start[group + 1]):
            entry = free[slot[arc]]
            groups[entry], costs[entry] = group, cost[arc]
            free[slot[arc]] = entry + 1
    return groups, costs


@compiled
def sit_cheapest(choices: Choices, price: Ints) -> Sitting:
    """Everybody at their least cost + price, the last of the prices being that of outside: 0."""
    outside = len(price) - 1
    seat = np.empty(len(choices.group), np.int32)
    cost = np.empty(len(choices.group), np.int64)
    load = np.zeros(len(price), np.int64)
    for group in range(len(choices.unserved)):
        node, paid, value = outside, choices.unserved[group], choices.unserved[group]
        for arc in range(choices.start[group], choices.start[group + 1]):
            here = choices.cost[arc] + price[choices.slot[arc]]
            if here < value:
                node, paid, value = choices.slot[arc], choices.cost[arc], here
        for person in range(choices.first[group], choices.first[group + 1]):
            seat[person], cost[person] = node, paid
        load[node] += choices.first[group + 1] - choices.first[group]
    return Sitting(seat, cost, load)
