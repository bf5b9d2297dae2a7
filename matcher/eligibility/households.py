"""Households that stay together: why one waits, and how many do."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from matcher.eligibility.derive import Eligibility
from matcher.eligibility.pairs import Groups
from matcher.solve.problem import expand
from matcher.tables import UNSERVED_REASONS

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def waiting_together(eligibility: Eligibility, person: Ints) -> tuple[Ints, Ints, Floats]:
    """Why households wait, asked of each as if it were one person with the needs of all.

    Parameters
    ----------
    eligibility : Eligibility
    person : (n,)
        All members of households that wait, by household.

    Returns
    -------
    reason, provider, km : (n,) arrays
        Index into ``tables.UNSERVED_REASONS``; the provider nearest to the household by the sum of its members' costs
        among those that admit all of them, −1 where there is none; each member's own kilometres to it, or NaN.
    """
    groups, home = eligibility.groups, eligibility.household[person]
    group = groups.member[person]
    first = np.flatnonzero(np.diff(home, prepend=-1))
    back = np.repeat(np.arange(len(first)), np.diff(first, append=len(home)))
    placed = ~np.isnan(groups.travel.origins[groups.location[group], 0])
    located: Bools = np.logical_and.reduceat(placed | (np.diff(eligibility.pairs.start)[group] > 0), first)
    admitted: Bools = np.logical_and.reduceat(groups.admitted[groups.profile[group]], first)
    within = _shared_arcs(eligibility, group, back)
    shut = np.zeros(len(first), bool)
    provider, km = np.full(len(first), -1, np.int64), np.full(len(home), np.nan)
    for number in np.flatnonzero(located & admitted.any(axis=1)).tolist():
        mine, columns = np.flatnonzero(back == number), np.flatnonzero(admitted[number])
        provider[number], km[mine] = _nearest(groups, group[mine], columns)
        shut[number] = groups.travel.shut_between(groups.location[group[mine]], columns).any(axis=0).all()
    reasons = {
        "no_location": ~located,
        "no_qualified_provider": np.asarray(~admitted.any(axis=1)),
        "no_way": shut,
        "beyond_limit": ~within,
    }
    return reason_numbers(reasons)[back], provider[back], km


def reason_numbers(reasons: Mapping[str, Bools]) -> Ints:
    """The first reason that holds of each row, as an index into ``tables.UNSERVED_REASONS``; else the last of those."""
    numbers = [UNSERVED_REASONS.index(reason) for reason in reasons]
    return np.select([*reasons.values()], numbers, len(UNSERVED_REASONS) - 1).astype(np.int64)


def _shared_arcs(eligibility: Eligibility, group: Ints, back: Ints) -> Bools:
    """Whether some provider is eligible for all members of each household."""
    owner, arc = expand(eligibility.problem.start, group)
    width = len(eligibility.problem.total)
    provider = eligibility.problem.slot_provider[eligibility.problem.slot[arc]]
    key, takers = np.unique(back[owner] * width + provider, return_counts=True)
    within = np.zeros(int(back.max(initial=-1)) + 1, bool)
    within[key[takers == np.bincount(back)[key // width]] // width] = True
    return within


def _nearest(groups: Groups, group: Ints, columns: Ints) -> tuple[int, Floats]:
    """Provider of least cost to all members together, and each member's kilometres to it."""
    shape = (len(group), len(columns))
    km, cost = groups.travel.measure(np.repeat(groups.location[group], shape[1]), np.tile(columns, shape[0]))
    cost = cost.reshape(shape)
    reachable = np.flatnonzero((cost >= 0).all(axis=0))
    if not len(reachable):
        return -1, np.full(len(group), np.nan)
    best = int(reachable[cost[:, reachable].sum(axis=0).argmin()])
    return int(columns[best]), km.reshape(shape)[:, best]


def household_counts(eligibility: Eligibility, served: Bools) -> tuple[int, int, int]:
    """How many households there are, how many wait, and how many of these because no provider may take them all.

    Parameters
    ----------
    eligibility : Eligibility
    served : (n_residents,)
    """
    inside = np.flatnonzero(eligibility.household >= 0)
    inside = inside[np.argsort(eligibility.household[inside], kind="stable")]
    waiting = inside[~served[inside]]
    _, back = np.unique(eligibility.household[waiting], return_inverse=True)
    within = _shared_arcs(eligibility, eligibility.groups.member[waiting], back)
    return len(np.unique(eligibility.household[inside])), len(within), int((~within).sum())
