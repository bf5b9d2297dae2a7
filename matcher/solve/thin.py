"""A smaller problem whose prices are near those of the whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from matcher.solve.network import components
from matcher.solve.problem import Problem, expand, part_of

Ints = npt.NDArray[np.int64]


def thin(problem: Problem, most: int) -> Problem:
    """Every f-th person against an f-th of the places, f a power of two for each component above `most` people."""
    label = components(problem)
    somewhere = np.flatnonzero(np.diff(problem.start))
    group_label = label[problem.slot[problem.start[somewhere]]]
    people = np.zeros(int(label.max(initial=-1)) + 1, np.int64)
    np.add.at(people, group_label, problem.size[somewhere])
    factor = 2 ** np.ceil(np.log2(np.maximum(people / most, 1))).astype(np.int64)
    # Counted off within each component: whoever completes another f persons stays.
    order = np.argsort(group_label, kind="stable")
    group, component = somewhere[order], group_label[order]
    passed = np.cumsum(problem.size[group]) - (np.cumsum(people) - people)[component]
    size = np.zeros(len(problem.size), np.int64)
    size[group] = every_nth(problem.size[group], passed, factor[component])
    kept = np.flatnonzero(size)
    _, arc = expand(problem.start, kept)
    fewer = fewer_places(problem, factor[label])
    return part_of(fewer, arc, np.diff(problem.start)[kept], size=size[kept], tier=problem.tier[kept])


def fewer_places(problem: Problem, factor: Ints) -> Problem:
    """An f-th of the places, rounded.

    Parameters
    ----------
    problem : Problem
    factor : (n_slots,)
        The same for all slots of a provider.
    """
    of_provider = np.ones(len(problem.total), np.int64)
    of_provider[problem.slot_provider] = factor
    return replace(
        problem,
        capacity=(problem.capacity + factor // 2) // factor,
        total=np.where(problem.total >= 0, (problem.total + of_provider // 2) // of_provider, -1),
    )


def every_nth(size: Ints, passed: Ints, factor: Ints | int) -> Ints:
    """How many persons of each group stay when everybody who completes another f persons does.

    Parameters
    ----------
    size, passed : (n,)
        Persons of each group, and of all groups up to it.
    factor : (n,) array or int
    """
    return np.asarray(passed // factor - (passed - size) // factor)
