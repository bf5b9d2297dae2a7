"""Merge groups that have the same choices: other needs, but the same places at the same cost."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.solve.problem import Problem, Seats, expand, part_of

Ints = npt.NDArray[np.int64]

#: Merging pays when it leaves at most this share of the groups: it copies all arcs.
FEWER = 0.95


def merge_alike(problem: Problem) -> tuple[Problem, Ints]:
    """One group for all that have the same tier and the same arcs at the same cost.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Problem, (n_groups,) array
        The smaller problem, and the merged group of each group; `problem` itself where hardly any are alike. Nothing
        is lost: `split_seats` brings a plan of the one back to the other at the same cost.
    """
    first = _representative(problem)
    alone = first == np.arange(len(first))
    if alone.sum() > FEWER * len(first):
        return problem, np.arange(len(first))
    kept, merged = np.unique(first, return_inverse=True)
    _, arc = expand(problem.start, kept)
    smaller = part_of(
        problem,
        arc,
        np.diff(problem.start)[kept],
        size=np.bincount(merged, problem.size, len(kept)).astype(np.int64),
        tier=problem.tier[kept],
    )
    return smaller, merged.astype(np.int64)


def _representative(problem: Problem) -> Ints:
    """First group with the same choices as each group; a hash proposes it, the arcs themselves decide."""
    degree = np.diff(problem.start)
    secret = np.random.default_rng(0).integers(1, 2**62, len(problem.capacity) + 1)
    # Products wrap around on purpose.
    mixed = (secret[problem.slot] ^ (problem.cost * secret[-1])) * (2 * secret[problem.slot] + 1)
    sums = np.concatenate(([0], np.cumsum(mixed)))
    digest = sums[problem.start[1:]] - sums[problem.start[:-1]]
    order = np.lexsort((np.arange(len(degree)), digest, degree, problem.tier))
    same = np.zeros(len(order), bool)
    same[1:] = True
    for key in (digest, degree, problem.tier):
        same[1:] &= key[order][1:] == key[order][:-1]
    first = np.empty(len(order), np.int64)
    first[order] = order[np.maximum.accumulate(np.where(same, 0, np.arange(len(order))))]
    twins = np.flatnonzero(first != np.arange(len(first)))
    owner, arc = expand(problem.start, twins)
    _, twin = expand(problem.start, first[twins])
    differs = (problem.slot[arc] != problem.slot[twin]) | (problem.cost[arc] != problem.cost[twin])
    first[twins[owner[differs]]] = twins[owner[differs]]
    return first


def split_seats(problem: Problem, merged: Ints, seats: Seats) -> Seats:
    """Seats of a merged problem dealt to the groups of `problem`, in order of slot and group.

    Parameters
    ----------
    problem : Problem
    merged : (n_groups,)
        From `merge_alike`.
    seats : Seats
        Of the merged problem.
    """
    groups = np.argsort(merged, kind="stable")
    order = np.lexsort((seats.slot, seats.group))
    # Both lists stand in the order of the merged groups: cut the row of people wherever either of them goes on.
    group_end, seat_end = np.cumsum(problem.size[groups]), np.cumsum(seats.count[order])
    end = np.union1d(group_end, seat_end)
    end = end[end > 0]
    group, slot = groups[np.searchsorted(group_end, end)], seats.slot[order][np.searchsorted(seat_end, end)]
    by_group = np.lexsort((slot, group))
    return Seats(group[by_group], slot[by_group], np.diff(end, prepend=0)[by_group])
