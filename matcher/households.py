"""Households that stay together: who belongs to which, why one waits, and how many do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.candidates import Groups
from matcher.problem import expand

if TYPE_CHECKING:
    from matcher.eligibility import Eligibility

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def household_numbers(people: pd.DataFrame) -> Ints:
    """Number of each person's household in order of ``household_id``, −1 for who shares none with anybody.

    Parameters
    ----------
    people : DataFrame[household_id]

    Returns
    -------
    (n_residents,) array
    """
    shared = people["household_id"].duplicated(keep=False) & people["household_id"].notna()
    return pd.factorize(people["household_id"].where(shared), sort=True)[0].astype(np.int64)


def waiting_together(known: Eligibility, person: Ints) -> tuple[Ints, Ints, Floats]:
    """Why households wait, asked of each as if it were one person with the needs of all.

    Parameters
    ----------
    known : Eligibility
    person : (n,)
        All members of households that wait, by household.

    Returns
    -------
    reason, provider, km : (n,) arrays
        Index into ``tables.UNSERVED_REASONS``; the provider nearest to the household by the sum of its members' costs
        among those that admit all of them, −1 where there is none; each member's own kilometres to it, or NaN.
    """
    groups, home = known.groups, known.household[person]
    group = groups.member[person]
    first = np.flatnonzero(np.diff(home, prepend=-1))
    back = np.repeat(np.arange(len(first)), np.diff(first, append=len(home)))
    placed = ~np.isnan(groups.travel.origins[groups.location[group], 0])
    located = np.logical_and.reduceat(placed | (np.diff(known.pairs.start)[group] > 0), first)
    admitted = np.logical_and.reduceat(groups.admitted[groups.profile[group]], first)
    within = _shared_arcs(known, group, back)
    reason = np.select([~located, ~admitted.any(axis=1), ~within], [0, 1, 2], 3)
    provider, km = np.full(len(first), -1, np.int64), np.full(len(home), np.nan)
    for number in np.flatnonzero(located & admitted.any(axis=1)).tolist():
        mine = np.flatnonzero(back == number)
        provider[number], km[mine] = _nearest(groups, group[mine], np.flatnonzero(admitted[number]))
    return reason[back], provider[back], km


def _shared_arcs(known: Eligibility, group: Ints, back: Ints) -> Bools:
    """Whether some provider is eligible for all members of each household."""
    owner, arc = expand(known.problem.start, group)
    width = len(known.problem.total)
    provider = known.problem.slot_provider[known.problem.slot[arc]]
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


def household_counts(known: Eligibility, served: Bools) -> tuple[int, int, int]:
    """How many households there are, how many wait, and how many of these because no provider may take them all.

    Parameters
    ----------
    known : Eligibility
    served : (n_residents,)
    """
    inside = np.flatnonzero(known.household >= 0)
    inside = inside[np.argsort(known.household[inside], kind="stable")]
    waiting = inside[~served[inside]]
    _, back = np.unique(known.household[waiting], return_inverse=True)
    within = _shared_arcs(known, known.groups.member[waiting], back)
    return len(np.unique(known.household[inside])), len(within), int((~within).sum())
