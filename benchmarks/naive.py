"""The naive formulation: a node for every resident, and a big penalty for leaving one out."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow

from benchmarks.instances import per_resident
from benchmarks.measure import Timed
from matcher.solve.problem import Problem

Ints = npt.NDArray[np.int64]


def naive_model(people: Problem) -> tuple[min_cost_flow.SimpleMinCostFlow, Ints]:
    """One `SimpleMinCostFlow` over all residents, its arcs added as arrays.

    Parameters
    ----------
    people : Problem
        From `per_resident`.

    Returns
    -------
    SimpleMinCostFlow, (n_arcs,) array
        Not solved yet, and its number of each arc of `people`.
    """
    persons, slots, providers = len(people.size), len(people.capacity), len(people.total)
    source, sink = 0, 1
    person = 2 + np.arange(persons)
    slot = 2 + persons + np.arange(slots)
    provider = 2 + persons + slots + np.arange(providers)
    capped = people.total[people.slot_provider] >= 0
    limited = np.flatnonzero(people.total >= 0)
    solver = min_cost_flow.SimpleMinCostFlow()
    add = solver.add_arcs_with_capacity_and_unit_cost
    first = add(person[people.group], slot[people.slot], np.ones(len(people.slot), np.int64), people.cost)
    add(np.full(persons, source), person, np.ones(persons, np.int64), np.zeros(persons, np.int64))
    add(person, np.full(persons, sink), np.ones(persons, np.int64), people.unserved_cost)
    onward = np.where(capped, provider[people.slot_provider], sink)
    add(slot, onward, people.capacity, np.zeros(slots, np.int64))
    free = np.zeros(len(limited), np.int64)
    add(provider[limited], np.full(len(limited), sink), people.total[limited], free)
    solver.set_node_supply(source, persons)
    solver.set_node_supply(sink, -persons)
    return solver, first


def optimal_flow(solver: min_cost_flow.SimpleMinCostFlow, arcs: Ints) -> Ints:
    """Solve, each time anew, and tell the persons on `arcs`."""
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"status {status}")
    return np.asarray(solver.flows(arcs), np.int64)


def naive_flow(people: Problem) -> tuple[Ints, float]:
    """Build and solve; only the solving is timed.

    Parameters
    ----------
    people : Problem
        From `per_resident`.

    Returns
    -------
    (n_arcs,) array, float
        Persons on each arc, and seconds.
    """
    solver, arcs = naive_model(people)
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
