"""Public problems as the engine's own: an assignment, and any min-cost flow as a transport problem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.optima_files import Network
from matcher.solve.problem import Problem, weight_unit

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Transport:
    """A problem in which everybody must be served, and what to add to its cost."""

    problem: Problem
    constant: int = 0


def exact_dot(left: Ints, right: Ints) -> int:
    """Sum of products in Python integers."""
    return sum(int(a) * int(b) for a, b in zip(left.tolist(), right.tolist(), strict=True))


def assignment_problem(cost: Ints) -> Transport:
    """Persons are groups of one, jobs are slots with one place.

    Parameters
    ----------
    cost : (n, n) array
        By person and job.
    """
    n = len(cost)
    slot = np.tile(np.arange(n), n)
    return Transport(_problem(np.ones(n, np.int64), np.ones(n, np.int64), n, slot, cost.ravel()))


def transport_problem(network: Network) -> Transport | None:
    """A min-cost flow as transport: an arc is a group of as many people as it has room, a node is a slot.

    Who goes to the head of an arc is flow; who goes to its tail, at no cost, is room left over. A node then holds what
    its outgoing arcs have room for, less its supply, and is full exactly when its flow is balanced (Ahuja, Magnanti,
    Orlin: Network Flows, 1993, section 2.4, removing arc capacities).

    Returns
    -------
    Transport or None
        None where a node has more to send than its arcs hold: no flow exists.
    """
    room, supply = network.room - network.low, network.supply.copy()
    np.subtract.at(supply, network.tail, network.low)
    np.add.at(supply, network.head, network.low)
    constant = exact_dot(network.low, network.cost)
    if (network.cost >= 0).all():
        room = np.minimum(room, np.maximum(supply, 0).sum())  # cycles do not pay, so no arc carries more
    loop = network.tail == network.head
    constant += exact_dot(room[loop], np.minimum(network.cost[loop], 0))
    kept = np.flatnonzero((room > 0) & ~loop)
    room, cost = room[kept], network.cost[kept]
    ends = np.column_stack((network.tail[kept], network.head[kept]))
    places = -supply
    np.add.at(places, ends[:, 0], room)
    if (places < 0).any():
        return None
    least = np.minimum(cost, 0)
    costs = np.column_stack((-least, cost - least))
    problem = _problem(room, places, 2, ends.ravel(), costs.ravel())
    return Transport(problem, constant + exact_dot(room, least))


def _problem(size: Ints, capacity: Ints, degree: int, slot: Ints, cost: Ints) -> Problem:
    """One tier, one mode, a provider a slot, `degree` arcs for each group."""
    groups, slots = len(size), len(capacity)
    order = np.lexsort((slot, cost, np.repeat(np.arange(groups), degree)))
    return Problem(
        size=size,
        tier=np.ones(groups, np.int64),
        start=np.arange(groups + 1) * degree,
        slot=slot[order],
        cost=cost[order],
        capacity=capacity,
        slot_provider=np.arange(slots),
        slot_mode=np.zeros(slots, np.int64),
        total=np.full(slots, -1, np.int64),
        tiers=1,
        unit=weight_unit(cost, slots, slots),
    )
