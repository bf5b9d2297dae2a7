"""The assignment as flows over groups and slots, by OR-Tools: how many of each tier, then at what least cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ortools.graph.python import max_flow, min_cost_flow
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matcher.errors import SolverError
from matcher.solve.problem import HEADROOM, Problem, Seats, seats_of_flow

Ints = npt.NDArray[np.int64]

_SINK = 0
#: Arcs looked at together when slots are tied.
JOINED_AT_ONCE = 100_000


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
    # Sixteen bits are sorted by radix, many times faster; that many components would be rare.
    small = np.int16 if label_of_slot.max(initial=0) < 2**15 else np.int64
    label = label_of_slot.astype(small)[problem.slot]
    order = np.argsort(label, kind="stable")
    flow = np.zeros(len(problem.slot), np.int64)
    for arcs in np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if len(order) else []:
        flow[arcs] = _cheapest_flow(_network(problem, arcs), len(arcs))
    return seats_of_flow(problem, flow)


def components(problem: Problem) -> Ints:
    """Component of each slot: slots are tied by a group that may use both, or by a provider's total."""
    slots = len(problem.capacity)
    degree = np.diff(problem.start)
    some = degree > 0
    first = np.repeat(problem.slot[problem.start[:-1][some]], degree[some])
    tied = np.flatnonzero(problem.total[problem.slot_provider] >= 0)
    label = _joined(np.arange(slots + len(problem.total)), tied, slots + problem.slot_provider[tied])
    # Arcs are many and slots few: some of them join nearly all, and then few are left that still join anything.
    while len(apart := np.flatnonzero(label[first] != label[problem.slot])):
        joins = apart[:: max(1, len(apart) // JOINED_AT_ONCE)]
        label = _joined(label, label[first[joins]], label[problem.slot[joins]])
    return np.unique(label[:slots], return_inverse=True)[1].astype(np.int64)


def _joined(label: Ints, one: Ints, other: Ints) -> Ints:
    """Labels where these pairs of labels are made one."""
    shape = (len(label), len(label))
    graph = coo_array((np.ones(len(one), np.int8), (one, other)), shape=shape)
    return np.asarray(connected_components(graph, directed=False)[1][label], np.int64)


@dataclass(frozen=True)
class _Network:
    """Sink 0, a source for each tier, then groups, slots and providers; the group–slot arcs come first."""

    tail: Ints
    head: Ints
    room: Ints
    cost: Ints
    people: Ints
    nodes: int


def _network(problem: Problem, arcs: Ints) -> _Network:
    """The network of whole components, given by their arcs."""
    groups, group = _numbered(problem.group[arcs], len(problem.size))
    slots, slot = _numbered(problem.slot[arcs], len(problem.capacity))
    providers, provider = np.unique(problem.slot_provider[slots], return_inverse=True)
    group_node = 1 + problem.tiers + np.arange(len(groups))
    slot_node = 1 + problem.tiers + len(groups) + np.arange(len(slots))
    provider_node = 1 + problem.tiers + len(groups) + len(slots) + np.arange(len(providers))
    total = problem.total[providers]
    capped = np.flatnonzero(total >= 0)
    after_slot = np.where(total[provider] >= 0, provider_node[provider], _SINK)
    tier, size = problem.tier[groups], problem.size[groups]
    tail = np.concatenate((group_node[group], tier, slot_node, provider_node[capped]))
    head = np.concatenate((slot_node[slot], group_node, after_slot, np.full(len(capped), _SINK)))
    room = np.concatenate((size[group], size, problem.capacity[slots], total[capped]))
    cost = np.zeros(len(tail), np.int64)
    cost[: len(arcs)] = problem.cost[arcs]
    people = np.bincount(tier, size, problem.tiers + 1)[1:].astype(np.int64)
    nodes = 1 + problem.tiers + len(groups) + len(slots) + len(providers)
    if int(cost.max(initial=0)) * (max(nodes, int(size.sum())) + 1) >= HEADROOM:
        raise SolverError("costs exceed the integer head-room of the flow solver")
    return _Network(tail, head, room, cost, people, nodes)


def _numbered(values: Ints, count: int) -> tuple[Ints, Ints]:
    """The distinct values, all below `count`, and the position of each value among them."""
    met = np.zeros(count, bool)
    met[values] = True
    return np.flatnonzero(met), (np.cumsum(met) - 1)[values]


def _servable(network: _Network) -> Ints:
    """How many of each tier are served when the tiers are served in order.

    The sets of people that can be served together are the independent sets of a matroid, so a largest set of the
    first tiers extends to a largest set of all: each count is the growth of a maximum flow.
    """
    tiers = len(network.people)
    source = network.nodes
    starts = (network.tail > _SINK) & (network.tail <= tiers)
    tier_of_node = np.zeros(network.nodes, np.int64)
    tier_of_node[network.head[starts]] = tier_of_node[network.tail[starts]] = network.tail[starts]
    reached = []
    for last in range(1, tiers + 1):
        # Nothing flows through later tiers yet.
        some = np.flatnonzero(tier_of_node[network.tail] <= last)
        solver = max_flow.SimpleMaxFlow()
        solver.add_arcs_with_capacity(network.tail[some], network.head[some], network.room[some])
        for tier in range(1, last + 1):
            solver.add_arc_with_capacity(source, tier, int(network.people[tier - 1]))
        status = solver.solve(source, _SINK)
        if status != solver.OPTIMAL:
            raise SolverError(f"maximum flow status {status}")
        reached.append(solver.optimal_flow())
    totals = np.array([0, *reached], np.int64)
    return np.asarray(totals[1:] - totals[:-1])


def _cheapest_flow(network: _Network, arcs: int) -> Ints:
    """Persons on the first `arcs` arcs of the cheapest flow that serves as many of each tier as can be.

    With the numbers served fixed beforehand no tier weights are needed: costs stay small, which halves the time.
    """
    served = _servable(network)
    solver = min_cost_flow.SimpleMinCostFlow()
    numbers = solver.add_arcs_with_capacity_and_unit_cost(
        network.tail, network.head, network.room, network.cost
    )
    for tier, count in enumerate(served.tolist(), start=1):
        solver.set_node_supply(tier, count)
    solver.set_node_supply(_SINK, -int(served.sum()))
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise SolverError(f"minimum-cost flow status {status}")
    return np.asarray(solver.flows(numbers[:arcs]), np.int64)
