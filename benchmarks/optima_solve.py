"""Solve public instances by the engine: its flow, and the prices that prove it; its location models."""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from benchmarks.measure import Timed
from benchmarks.optima_files import Network
from benchmarks.transport import Transport, assignment_problem, exact_dot, transport_problem
from matcher.location_models.location import Location
from matcher.location_models.solve import solve
from matcher.solve.flow import solve_flow
from matcher.solve.prices import Improvement, Prices, least_prices, seat_costs
from matcher.solve.problem import Problem

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """The cost of a plan and a proven bound, None where there is none, and `note` says why."""

    cost: int | Fraction | None
    bound: int | Fraction | None
    note: str = ""

    NO_PLAN: ClassVar[str] = "proven infeasible"


def solve_assignment(cost: Ints) -> Timed:
    """An assignment instance.

    Parameters
    ----------
    cost : (n, n) array

    Returns
    -------
    Timed
        ``(Found, seconds of solve and proof)``.
    """
    return _timed(assignment_problem(cost))


def solve_network_flow(network: Network) -> Timed:
    """A min-cost-flow instance, as transport; answer as of `solve_assignment`."""
    transport = transport_problem(network)
    return Timed((Found(None, None, Found.NO_PLAN), 0.0)) if transport is None else _timed(transport)


def solve_location(instance: Location, limit_s: float) -> Timed:
    """A location instance, within a time limit; answer as of `solve_assignment`."""
    answer = solve(instance, limit_s)
    notes = {"no_solution": Found.NO_PLAN, "stopped": f"no plan found in {limit_s:g} s"}
    return Timed((Found(answer.objective, answer.bound, notes.get(answer.status, "")), answer.seconds))


def _timed(transport: Transport) -> Timed:
    begun = time.perf_counter()
    found = _solve(transport)
    return Timed((found, time.perf_counter() - begun))


def _solve(transport: Transport) -> Found:
    problem = transport.problem
    seats = solve_flow(problem).seats
    prices = least_prices(problem, seats)
    if (seats.slot < 0).any():  # tier weights come first: who can be served is
        return Found(None, None, Found.NO_PLAN if isinstance(prices, Prices) else "infeasible, not proven")
    cost = exact_dot(seat_costs(problem, seats), seats.count)
    if isinstance(prices, Improvement):
        return Found(cost + transport.constant, None)
    return Found(cost + transport.constant, _bound(problem, prices.slot) + transport.constant)


def _bound(problem: Problem, price: Ints) -> int:
    """No plan that serves everybody costs less (weak duality), whoever found the prices; in Python integers.

    Each person pays at least the cheapest of cost + price, and the places take in at most capacity · price.
    """
    cheapest = np.minimum.reduceat(problem.cost + price[problem.slot], problem.start[:-1])
    return exact_dot(cheapest, problem.size) - exact_dot(price, problem.capacity)
