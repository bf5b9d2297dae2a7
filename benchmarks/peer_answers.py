"""What a solver's flow amounts to, checked against the instance in exact integers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.solve.problem import Problem

Ints = npt.NDArray[np.int64]


class Answer(NamedTuple):
    """Served by tier, and the cost of their journeys in metres; what exact solvers must agree on."""

    served: tuple[int, ...]
    cost_m: int


def answer_of(problem: Problem, flow: Ints) -> Answer:
    """The answer of a flow.

    Parameters
    ----------
    problem : Problem
    flow : (n_arcs,)
        Persons on each arc.

    Raises
    ------
    ValueError
        When somebody has two places, or a place two people.
    """
    sent = np.bincount(problem.group, flow, len(problem.size))
    used = np.bincount(problem.slot, flow, len(problem.capacity))
    total = np.bincount(problem.slot_provider, used, len(problem.total))
    if (flow < 0).any() or (sent > problem.size).any():
        raise ValueError("the flow seats somebody twice")
    if (used > problem.capacity).any() or ((problem.total >= 0) & (total > problem.total)).any():
        raise ValueError("the flow is above a capacity")
    by_tier = np.bincount(problem.tier, sent, problem.tiers + 1)[1:]
    return Answer(tuple(int(count) for count in by_tier), int(flow @ problem.cost))
