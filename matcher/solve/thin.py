"""A smaller problem whose prices are near those of the whole."""

from __future__ import annotations

import numpy as np

from matcher.solve.network import components
from matcher.solve.problem import Problem, expand, part_of


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
    size[group] = passed // factor[component] - (passed - problem.size[group]) // factor[component]
    kept = np.flatnonzero(size)
    _, arc = expand(problem.start, kept)
    slot_factor = factor[label]
    provider_factor = np.ones(len(problem.total), np.int64)
    provider_factor[problem.slot_provider] = slot_factor
    return part_of(
        problem,
        arc,
        np.diff(problem.start)[kept],
        size=size[kept],
        tier=problem.tier[kept],
        capacity=(problem.capacity + slot_factor // 2) // slot_factor,
        total=np.where(problem.total >= 0, (problem.total + provider_factor // 2) // provider_factor, -1),
    )
