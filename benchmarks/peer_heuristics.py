"""What planners do without optimisation: the nearest free place, or the biggest facility first."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from matcher.solve.problem import Problem

Ints = npt.NDArray[np.int64]


def nearest_free(people: Problem) -> tuple[Ints, float]:
    """Each resident in turn, by id, takes the nearest place that is still free."""
    slot, start = people.slot.tolist(), people.start.tolist()
    provider = people.slot_provider.tolist()
    room = people.capacity.tolist()
    room_of_all = [total if total >= 0 else len(people.size) for total in people.total.tolist()]
    taken = []
    begun = time.perf_counter()
    for first, last in pairwise(start):
        for arc in range(first, last):
            here = slot[arc]
            if room[here] and room_of_all[provider[here]]:
                room[here] -= 1
                room_of_all[provider[here]] -= 1
                taken.append(arc)
                break
    seconds = time.perf_counter() - begun
    return np.bincount(taken, minlength=len(slot)).astype(np.int64), seconds


def biggest_first(people: Problem) -> tuple[Ints, float]:
    """AccessMod's order: the facility with most places fills up with its nearest people, then the next."""
    begun = time.perf_counter()
    by_slot = np.lexsort((people.group, people.cost, people.slot))
    bounds = np.searchsorted(people.slot[by_slot], np.arange(len(people.capacity) + 1))
    group = people.group
    waiting = np.ones(len(people.size), bool)
    room_of_all = np.where(people.total >= 0, people.total, len(people.size))
    flow = np.zeros(len(people.slot), np.int64)
    for slot in np.argsort(-people.capacity, kind="stable").tolist():
        near = by_slot[bounds[slot] : bounds[slot + 1]]
        provider = people.slot_provider[slot]
        room = min(people.capacity[slot], room_of_all[provider])
        chosen = near[waiting[group[near]]][:room]
        flow[chosen] = 1
        waiting[group[chosen]] = False
        room_of_all[provider] -= len(chosen)
    return flow, time.perf_counter() - begun
