"""How people see their places under prices of the slots: the best, and what the next best costs more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.solve.edges import FAR
from matcher.solve.problem import Problem

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class View:
    """How people see their places under a price.

    Parameters
    ----------
    value : (n_arcs,)
        Cost and price.
    best : (n_groups,)
        The least of them, being unserved included.
    seat : (n_groups,)
        Its slot, −1 for unserved.
    """

    value: Ints
    best: Ints
    seat: Ints


def view(problem: Problem, price: Ints) -> View:
    """What people see; of equally good places the first."""
    value = problem.cost + price[problem.slot]
    best = problem.unserved_cost
    some = np.flatnonzero(np.diff(problem.start))
    if len(some):
        best[some] = np.minimum(best[some], np.minimum.reduceat(value, problem.start[some]))
    group = problem.group
    hit = np.flatnonzero(value == best[group])[::-1]
    seat = np.full(len(best), -1, np.int64)
    seat[group[hit]] = problem.slot[hit]
    return View(value, best, seat)


def margin_of(problem: Problem, seen: View) -> Ints:
    """What the second-best place of each group costs more than the best, unserved included; `FAR` without one."""
    second = np.where(seen.seat < 0, FAR, problem.unserved_cost)
    other = np.flatnonzero(problem.slot != seen.seat[problem.group])
    np.minimum.at(second, problem.group[other], seen.value[other])
    return np.where(second < FAR, second - seen.best, FAR)
