"""The assignment as a minimum-cost flow over groups and slots, by OR-Tools, one connected component at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matcher.errors import SolverError
from matcher.problem import HEADROOM, Problem, Seats, seats_of_flow

Ints = npt.NDArray[np.int64]


def solve_network(problem: Problem) -> Seats:
    """Serve most people by tier, then at least cost, over the arcs of `problem`.

    Each connected component is solved by itself: fewer nodes and smaller weights make it faster.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Seats

    Raises
    ------
    SolverError
        When the weights leave the integer head-room, or the solver does not answer OPTIMAL.
    """
    label_of_slot = components(problem)
    label = label_of_slot[problem.slot]
    order = np.argsort(label, kind="stable")
    flow = np.zeros(len(problem.slot), np.int64)
    for arcs in np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if len(order) else []:
        flow[arcs] = _min_cost_flow(problem, arcs)
    return seats_of_flow(problem, flow)


def components(problem: Problem) -> Ints:
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
