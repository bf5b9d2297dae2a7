"""Our solver, as a row of the table."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from matcher.solve.flow import solve_flow
from matcher.solve.problem import Problem, arc_of

Ints = npt.NDArray[np.int64]


def our_flow(problem: Problem) -> tuple[Ints, float]:
    """`solve_flow`, all of it: networks, prices and proof included."""
    begun = time.perf_counter()
    seats = solve_flow(problem).seats
    seconds = time.perf_counter() - begun
    seated = seats.slot >= 0
    arc = arc_of(problem, seats)[seated]
    return np.bincount(arc, seats.count[seated], len(problem.slot)).astype(np.int64), seconds
