"""Exact assignment by minimum-cost flow over groups, candidates grown until prices say that none is missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matcher.errors import SolverError
from matcher.problem import HEADROOM, Problem, Seats, seats_of_flow
from matcher.solve.prices import Improvement, Prices, least_prices, reduced_costs

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Cheapest candidates of each group in the first round; later rounds add what the prices ask for.
FIRST_CANDIDATES = 12


@dataclass(frozen=True)
class Solution:
    """What the solver found: seats, their least prices, rounds taken, arcs that the last round saw."""

    seats: Seats
    prices: Prices
    rounds: int
    arcs: int


def solve_flow(problem: Problem, first: int = FIRST_CANDIDATES) -> Solution:
    """Serve most people by tier, then at least cost.

    Parameters
    ----------
    problem : Problem
    first : int
        Candidates of each group in the first round.

    Returns
    -------
    Solution

    Raises
    ------
    SolverError
        When the solver does not answer OPTIMAL, or its answer contradicts the prices.
    """
    rank = np.arange(len(problem.slot)) - np.repeat(problem.start[:-1], np.diff(problem.start))
    active = rank < first
    rounds = 0
    while True:
        rounds += 1
        part = restrict(problem, active)
        seats = _solve_parts(part)
        prices = least_prices(part, seats)
        if isinstance(prices, Improvement):
            raise SolverError("the flow solver's answer is not optimal by its prices")
        missing = _missing(problem, seats, prices) & ~active
        if not missing.any():
            return Solution(seats, prices, rounds, int(active.sum()))
        active |= missing


def _missing(problem: Problem, seats: Seats, prices: Prices) -> Bools:
    return np.asarray(reduced_costs(problem, seats, prices) < 0)


def restrict(problem: Problem, active: Bools) -> Problem:
    """The problem with the active arcs alone; slots and groups keep their numbers."""
    degree = np.add.reduceat(np.append(active, False).astype(np.int64), problem.start[:-1]) * (
        np.diff(problem.start) > 0
    )
    return Problem(
        size=problem.size,
        tier=problem.tier,
        start=np.concatenate(([0], np.cumsum(degree))),
        slot=problem.slot[active],
        cost=problem.cost[active],
        capacity=problem.capacity,
        slot_provider=problem.slot_provider,
        slot_mode=problem.slot_mode,
        total=problem.total,
        tiers=problem.tiers,
    )


def _solve_parts(problem: Problem) -> Seats:
    """Solve each connected component by itself: fewer nodes, smaller weights, faster."""
    label_of_slot = _components(problem)
    label = label_of_slot[problem.slot]
    order = np.argsort(label, kind="stable")
    flow = np.zeros(len(problem.slot), np.int64)
    for arcs in np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if len(order) else []:
        flow[arcs] = _min_cost_flow(problem, arcs)
    return seats_of_flow(problem, flow)


def _components(problem: Problem) -> Ints:
    """Component of each slot: slots are tied by a group that may use both, or by a provider's total."""
    slots, groups = len(problem.capacity), len(problem.size)
    tied = np.flatnonzero(problem.total[problem.slot_provider] >= 0)
    rows = np.concatenate((problem.slot, tied))
    columns = np.concatenate((slots + problem.group, slots + groups + problem.slot_provider[tied]))
    nodes = slots + groups + len(problem.total)
    graph = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(nodes, nodes))
    return np.asarray(connected_components(graph, directed=False)[1][:slots], np.int64)


def _min_cost_flow(problem: Problem, arcs: Ints) -> Ints:
    """Persons on each of the `arcs`, which make up whole components."""
    groups, group = np.unique(problem.group[arcs], return_inverse=True)
    slots, slot = np.unique(problem.slot[arcs], return_inverse=True)
    providers, provider = np.unique(problem.slot_provider[slots], return_inverse=True)
    source, sink = 0, 1
    group_node, slot_node = 2 + np.arange(len(groups)), 2 + len(groups) + np.arange(len(slots))
    provider_node = 2 + len(groups) + len(slots) + np.arange(len(providers))
    dearest = int(problem.cost[arcs].max())
    unit = 2 * (len(slots) + len(providers) + 2) * dearest + 1
    nodes = 2 + len(groups) + len(slots) + len(providers)
    if unit * problem.tiers * (nodes + 1) >= HEADROOM:
        raise SolverError("tier weights exceed the integer head-room of the flow solver")
    total = problem.total[providers]
    capped = total[provider] >= 0
    room = problem.capacity[slots]
    people = problem.size[groups]
    solver = min_cost_flow.SimpleMinCostFlow()
    first = solver.add_arcs_with_capacity_and_unit_cost(
        group_node[group], slot_node[slot], problem.size[problem.group[arcs]], problem.cost[arcs]
    )
    solver.add_arcs_with_capacity_and_unit_cost(
        np.full(len(groups), source), group_node, people, (problem.tier[groups] - 1) * unit
    )
    solver.add_arcs_with_capacity_and_unit_cost(
        slot_node, np.where(capped, provider_node[provider], sink), room, np.zeros(len(slots), np.int64)
    )
    limited = np.flatnonzero(total >= 0)
    solver.add_arcs_with_capacity_and_unit_cost(
        provider_node[limited], np.full(len(limited), sink), total[limited], np.zeros(len(limited), np.int64)
    )
    supply = int(people.sum())
    solver.set_node_supply(source, supply)
    solver.set_node_supply(sink, -supply)
    status = solver.solve_max_flow_with_min_cost()
    if status != solver.OPTIMAL:
        raise SolverError(f"flow solver status {status}")
    return np.asarray(solver.flows(first), np.int64)
