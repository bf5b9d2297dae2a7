"""The naive formulation: a node for every resident, and a big penalty for leaving one out."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow

from benchmarks.instances import per_resident
from benchmarks.measure import Timed
from matcher.solve.problem import Problem

Ints = npt.NDArray[np.int64]


class Network(NamedTuple):
    """Arcs and supplies; the first arcs are those of the problem."""

    tail: Ints
    head: Ints
    room: Ints
    cost: Ints
    supply: Ints
    arcs: int


def naive_network(problem: Problem) -> Network:
    """A source, a node for each group, slot and limited provider, a sink; unserved people cost their tier's weight.

    Parameters
    ----------
    problem : Problem
        From `per_resident`; in groups where the other is wanted.
    """
    groups, slots, providers = len(problem.size), len(problem.capacity), len(problem.total)
    source, sink = 0, 1
    group = 2 + np.arange(groups)
    slot = 2 + groups + np.arange(slots)
    provider = 2 + groups + slots + np.arange(providers)
    limited = np.flatnonzero(problem.total >= 0)
    onward = np.where(problem.total[problem.slot_provider] >= 0, provider[problem.slot_provider], sink)
    free = np.zeros(groups + slots + len(limited), np.int64)
    supply = np.zeros(2 + groups + slots + providers, np.int64)
    supply[source], supply[sink] = problem.size.sum(), -problem.size.sum()
    return Network(
        tail=np.concatenate((group[problem.group], group, np.full(groups, source), slot, provider[limited])),
        head=np.concatenate(
            (slot[problem.slot], np.full(groups, sink), group, onward, np.full(len(limited), sink))
        ),
        room=np.concatenate(
            (
                problem.size[problem.group],
                problem.size,
                problem.size,
                problem.capacity,
                problem.total[limited],
            )
        ),
        cost=np.concatenate((problem.cost, problem.unserved_cost, free)),
        supply=supply,
        arcs=len(problem.slot),
    )


def naive_model(problem: Problem) -> tuple[min_cost_flow.SimpleMinCostFlow, Ints]:
    """One `SimpleMinCostFlow`, its arcs added as arrays.

    Parameters
    ----------
    problem : Problem
        As of `naive_network`.

    Returns
    -------
    SimpleMinCostFlow, (n_arcs,) array
        Not solved yet, and its number of each arc of `problem`.
    """
    network = naive_network(problem)
    solver = min_cost_flow.SimpleMinCostFlow()
    numbers = solver.add_arcs_with_capacity_and_unit_cost(
        network.tail, network.head, network.room, network.cost
    )
    solver.set_nodes_supplies(np.arange(len(network.supply)), network.supply)
    return solver, numbers[: network.arcs]


def optimal_flow(solver: min_cost_flow.SimpleMinCostFlow, arcs: Ints) -> Ints:
    """Solve, each time anew, and tell the persons on `arcs`."""
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"status {status}")
    return np.asarray(solver.flows(arcs), np.int64)


def naive_flow(problem: Problem) -> tuple[Ints, float]:
    """Build and solve; only the solving is timed.

    Parameters
    ----------
    problem : Problem
        As of `naive_network`.

    Returns
    -------
    (n_arcs,) array, float
        Persons on each arc, and seconds.
    """
    solver, arcs = naive_model(problem)
    begun = time.perf_counter()
    flow = optimal_flow(solver, arcs)
    return flow, time.perf_counter() - begun


def solve_naive(problem: Problem) -> Timed:
    """Solve naively.

    Returns
    -------
    Timed
        ``((served by tier, cost in metres), seconds of solve())``.
    """
    people = per_resident(problem)
    flow, seconds = naive_flow(people)
    return Timed((served_and_cost(people, flow), seconds))


def served_and_cost(people: Problem, flow: Ints) -> tuple[list[int], int]:
    """Served by tier and cost in metres of a flow, persons by arc."""
    served = np.bincount(people.tier[people.group], flow, people.tiers + 1)[1:].astype(int).tolist()
    return served, int(flow @ people.cost)
