"""Compile the loops of the graph before they are needed, with a bar: the first time takes some twenty seconds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.progress import track
from matcher.solve.graph.clearing import clear
from matcher.solve.graph.paths import run
from matcher.solve.graph.people import choices_of, sit_cheapest
from matcher.solve.graph.solve import empty_tree, nodes_of
from matcher.solve.graph.ways import ways_of
from matcher.solve.problem import Problem, weight_unit

#: Steps of `_steps`.
STEPS = 4


def prepare(*, progress: bool = False) -> None:
    """Compile every loop, or read it from disk where an earlier run left it.

    Parameters
    ----------
    progress : bool
        Show a bar on a terminal.
    """
    steps = _steps(_one_person())
    for _ in track(range(STEPS), progress, "progress.prepare"):
        next(steps)


def _one_person() -> Problem:
    """One person, one place, one metre."""
    one, zero = np.ones(1, np.int64), np.zeros(1, np.int64)
    return Problem(
        size=one,
        tier=one,
        start=np.arange(2),
        slot=zero,
        cost=one,
        capacity=one,
        slot_provider=zero,
        slot_mode=zero,
        total=-one,
        tiers=1,
        unit=weight_unit(one, 1, 1),
    )


def _steps(problem: Problem) -> Iterator[None]:
    """Solve step by step; each one compiles what it calls."""
    price = np.zeros(2, np.int64)
    choices = choices_of(problem)
    sitting = sit_cheapest(choices, price)
    yield
    clear(choices, sitting, price, problem.capacity, sweeps=1)
    yield
    ways = ways_of(choices, sitting)
    yield
    nodes = nodes_of(problem, sitting, price)
    run(choices, sitting, ways, nodes, empty_tree(nodes, ways), False)
    yield
