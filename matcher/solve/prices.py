"""Least prices of a plan: the proof that it is optimal, and what one more place would bring. Knows no solver.

Think of the graph whose nodes are the slots. An edge k → j weighs the least change of cost when one person at k moves
to j; one from "unserved" weighs what it costs to take in somebody who waits. The distance of j from "nobody moves" is
then never positive, and its negative is the least optimal price of j: exactly what the optimum gains by one more
place there. A plan is optimal if and only if no node with room to spare has a negative distance and no cycle is
negative (Ahuja, Magnanti, Orlin: Network Flows, 1993, theorem 9.1 and section 9.3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.errors import SolverError
from matcher.solve.edges import FAR, Edges, least_edges
from matcher.solve.problem import Problem, Seats, arc_of, expand, people_by_provider, people_by_slot

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Node of a path that stands for "unserved".
OUTSIDE = -1
#: Parent of a slot that nobody has moved into: a path may begin at any slot, with its first person leaving.
_START = -2


@dataclass(frozen=True)
class Prices:
    """Least optimal prices.

    Parameters
    ----------
    slot : (n_slots,)
        π + ρ of each slot: what a place there costs beside the journey, and what the optimum gains, tier weights
        included, by one more place there and one more in the provider's total. (With both raised, either the new
        place is used, which gains the slot's distance, or it is not, and the total alone gains its own: the greater.)
    seat : (n_seats,)
        Cost of each seat before prices.
    """

    slot: Ints
    seat: Ints


@dataclass(frozen=True)
class Proof:
    """Prices that prove a plan, with the plan and the problem that they belong to.

    Parameters
    ----------
    problem : Problem
    seats : Seats
        Optimal.
    prices : Prices
        The least ones.
    """

    problem: Problem
    seats: Seats
    prices: Prices


@dataclass(frozen=True)
class Improvement:
    """A way to a better plan: one person moves along each step of `path`, from slot to slot.

    `OUTSIDE` stands for "unserved". A path that comes back to where it began is a cycle of moves; another one ends in
    a free place or outside.
    """

    path: tuple[int, ...]


def seat_costs(problem: Problem, seats: Seats) -> Ints:
    """Cost of each seat: the arc's, or the weight of being unserved.

    Raises
    ------
    ValueError
        When somebody sits where they are not eligible.
    """
    arc = arc_of(problem, seats)
    if ((arc < 0) & (seats.slot >= 0)).any():
        raise ValueError("a seat uses a pair that is not eligible")
    costs = problem.unserved_cost[seats.group]
    costs[arc >= 0] = problem.cost[arc[arc >= 0]]
    return costs


def served_and_cost(problem: Problem, seats: Seats) -> tuple[Ints, int]:
    """People served of each tier, and the sum of their cost.

    Returns
    -------
    (n_tiers,) array, int

    Raises
    ------
    ValueError
        When somebody sits where they are not eligible.
    """
    there = seats.slot >= 0
    tier = problem.tier[seats.group[there]]
    served = np.bincount(tier, seats.count[there], problem.tiers + 1)[1:].astype(np.int64)
    return served, int(seat_costs(problem, seats)[there] @ seats.count[there])


class _Graph:
    """Distances over the slots; totals tie the modes of a provider."""

    def __init__(self, problem: Problem, used: Ints, edges: Edges) -> None:
        slots = len(problem.capacity)
        total_used = people_by_provider(problem, used)
        self.capped = problem.total[problem.slot_provider] >= 0
        self.provider = problem.slot_provider
        self.occupied = used > 0
        self.slack = used < problem.capacity
        self.total_slack = total_used < problem.total
        self.edges = edges
        self.distance = np.zeros(slots, np.int64)
        self.total_distance = np.zeros(len(problem.total), np.int64)
        self.parent = np.full(slots, _START, np.int64)
        self.total_parent = np.full(len(problem.total), _START, np.int64)

    def relax(self, fresh: Bools) -> tuple[Bools, int | None]:
        """One round of Bellman–Ford from the slots in `fresh`; also a slot whose person had better be unserved."""
        outside = len(self.distance)
        changed = np.zeros(outside, bool)
        owner, edge = expand(self.edges.start, np.flatnonzero(np.append(fresh & self.occupied, True)))
        origin = np.flatnonzero(np.append(fresh & self.occupied, True))[owner]
        target = self.edges.target[edge]
        here = np.append(self.distance, 0)
        reached = here[origin] + self.edges.change[edge]
        best = here.copy()
        np.minimum.at(best, target, reached)
        if best[outside] < 0:
            leaving = np.flatnonzero((target == outside) & (reached == best[outside]))
            return changed, int(origin[leaving[0]])
        better = np.flatnonzero((reached == best[target]) & (reached < here[target]))[::-1]
        # Written from behind, so that the first of equals stays.
        self.parent[target[better]] = np.where(origin[better] == outside, OUTSIDE, origin[better])
        self.distance = best[:-1]
        changed[target[better]] = True
        self._through_totals(changed)
        return changed, None

    def _through_totals(self, changed: Bools) -> None:
        for slot in np.flatnonzero(self.capped & self.slack & changed):
            if self.distance[slot] < self.total_distance[self.provider[slot]]:
                self.total_distance[self.provider[slot]] = self.distance[slot]
                self.total_parent[self.provider[slot]] = slot
        lower = self.capped & self.occupied & (self.total_distance[self.provider] < self.distance)
        self.distance[lower] = self.total_distance[self.provider[lower]]
        self.parent[lower] = self.total_parent[self.provider[lower]]
        changed |= lower

    def room(self) -> Bools:
        """Slots into which one more person fits."""
        return self.slack & (~self.capped | self.total_slack[self.provider])


def least_prices(problem: Problem, seats: Seats) -> Prices | Improvement:
    """Least prices that prove `seats` optimal, or a way to improve it.

    Parameters
    ----------
    problem : Problem
    seats : Seats
        A plan within the capacities, over eligible pairs.

    Returns
    -------
    Prices or Improvement

    Raises
    ------
    ValueError
        When somebody sits where they are not eligible.
    """
    cost = seat_costs(problem, seats)
    price = least_slot_prices(problem, people_by_slot(problem, seats), least_edges(problem, seats, cost))
    return price if isinstance(price, Improvement) else Prices(slot=price, seat=cost)


def least_slot_prices(problem: Problem, used: Ints, edges: Edges) -> Ints | Improvement:
    """As `least_prices`, from the people in each slot and the least changes alone.

    Parameters
    ----------
    problem : Problem
        Its slots and totals are read, and no person.
    used : (n_slots,)
        Persons in each.
    edges : Edges
        Of all who are somewhere or unserved.

    Returns
    -------
    (n_slots,) array, or Improvement
    """
    graph = _Graph(problem, used, edges)
    fresh = np.ones(len(problem.capacity), bool)
    for _ in range(len(problem.capacity) + len(problem.total) + 2):
        fresh, leaving = graph.relax(fresh)
        if leaving is not None:
            path = _walk_back(graph, leaving)
            closed = len(path) > 1 and path[0] == path[-1]
            return Improvement(path if closed else (*path, OUTSIDE))
        spare = np.flatnonzero(graph.room() & (graph.distance < 0))
        if len(spare):
            return Improvement(_walk_back(graph, int(spare[0])))
        if not fresh.any():
            return np.where(
                graph.capped,
                np.maximum(-graph.distance, -graph.total_distance[graph.provider]),
                -graph.distance,
            )
    return Improvement(_cycle(graph, int(np.flatnonzero(fresh)[0])))


def proven_prices(problem: Problem, seats: Seats) -> Prices:
    """Least prices of a plan that a solver calls optimal.

    Raises
    ------
    SolverError
        When the plan can be improved after all.
    """
    prices = least_prices(problem, seats)
    if isinstance(prices, Improvement):
        raise SolverError("the solver's answer is not optimal by its prices")
    return prices


def _walk_back(graph: _Graph, slot: int) -> tuple[int, ...]:
    """The path that led to a slot; where it runs in circles, the circle."""
    path: list[int] = [slot]
    while path[0] >= 0 and path.count(path[0]) == 1:
        path.insert(0, int(graph.parent[path[0]]))
    if path[0] == _START:
        return tuple(path[1:])
    return tuple(path) if path[0] == OUTSIDE else tuple(path[: path.index(path[0], 1) + 1])


def _cycle(graph: _Graph, slot: int) -> tuple[int, ...]:
    for _ in range(len(graph.distance)):
        slot = int(graph.parent[slot])
    return _walk_back(graph, slot)


def price_paid(seats: Seats, prices: Prices) -> Ints:
    """What one person of each seat pays: cost and price of the slot; nothing is charged for being unserved."""
    return np.asarray(prices.seat + np.append(prices.slot, 0)[seats.slot])


def reduced_costs(problem: Problem, seats: Seats, prices: Prices) -> Ints:
    """How much dearer each arc is than the cheapest seat of its group, prices included; all ≥ 0 proves the plan.

    Returns
    -------
    (n_arcs,) array
    """
    paid = price_paid(seats, prices)
    dearest = np.full(len(problem.size), -FAR)
    np.maximum.at(dearest, seats.group, paid)
    return np.asarray(problem.cost + prices.slot[problem.slot] - np.repeat(dearest, np.diff(problem.start)))
