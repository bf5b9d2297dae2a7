"""The same assignment as an integer program for CP-SAT: slower than the flow, open to side constraints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from matcher.errors import SolverError
from matcher.solve.prices import seat_costs
from matcher.solve.problem import Problem, Seats, seats_of_flow

#: CP-SAT has no time limit of its own.
TIME_LIMIT_S = 60.0
ROUNDING = 1e-4


@dataclass(frozen=True)
class Bounded:
    """A plan with what is known about it.

    Parameters
    ----------
    seats : Seats or None
        None when the time ran out before any plan was found.
    objective, bound : int or None
        Cost with tier weights, and a proven lower bound on it.
    optimal : bool
        The bound equals the objective.
    """

    seats: Seats | None
    objective: int | None
    bound: int | None
    optimal: bool


def solve_cpsat(problem: Problem, time_limit_s: float = TIME_LIMIT_S, workers: int = 2) -> Bounded:
    """Solve by CP-SAT over all arcs.

    Parameters
    ----------
    problem : Problem
    time_limit_s : float
        Wall seconds; always finite.
    workers : int

    Returns
    -------
    Bounded

    Raises
    ------
    SolverError
        When the model is refused or proven infeasible: leaving everybody unserved is always a plan.
    """
    model = cp_model.CpModel()
    size = problem.size.tolist()
    people = [
        model.new_int_var(0, min(size[group], int(problem.capacity[slot])), "")
        for group, slot in zip(problem.group.tolist(), problem.slot.tolist(), strict=True)
    ]
    waiting = [model.new_int_var(0, count, "") for count in size]
    for group, count in enumerate(size):
        arcs = range(int(problem.start[group]), int(problem.start[group + 1]))
        model.add(sum(people[arc] for arc in arcs) + waiting[group] == count)
    by_slot = [np.flatnonzero(problem.slot == slot) for slot in range(len(problem.capacity))]
    for slot, mine in enumerate(by_slot):
        model.add(sum(people[arc] for arc in mine) <= int(problem.capacity[slot]))
    for provider in np.flatnonzero(problem.total >= 0):
        slots = np.flatnonzero(problem.slot_provider == provider)
        model.add(sum(people[arc] for slot in slots for arc in by_slot[slot]) <= int(problem.total[provider]))
    travel = sum(int(cost) * var for cost, var in zip(problem.cost, people, strict=True))
    penalty = sum(int(cost) * var for cost, var in zip(problem.unserved_cost, waiting, strict=True))
    model.minimize(travel + penalty)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = time_limit_s
    solver.parameters.num_workers = workers
    status = solver.solve(model)
    if status == cp_model.UNKNOWN:
        return Bounded(None, None, None, False)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise SolverError(f"CP-SAT status {solver.status_name(status)}")
    seats = seats_of_flow(problem, np.array([solver.value(var) for var in people], np.int64))
    objective = objective_of(problem, seats)
    # The bound is a float: a hair above a whole number means that number.
    bound = min(objective, int(np.ceil(solver.best_objective_bound - ROUNDING)))
    return Bounded(seats, objective, bound, status == cp_model.OPTIMAL)


def objective_of(problem: Problem, seats: Seats) -> int:
    """Cost of a plan with tier weights, in Python integers."""
    costs = seat_costs(problem, seats).tolist()
    return sum(cost * count for cost, count in zip(costs, seats.count.tolist(), strict=True))
