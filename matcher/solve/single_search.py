"""A good choice for a large part: the linear program rounded, then made better neighbourhood by neighbourhood."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from matcher.progress import Deadline
from matcher.solve.single_model import Part, chosen, filled, greedy, model_of, solve, total
from matcher.solve.single_prices import priced

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: A person of a tier weighs as much as so many of the next tier; a person of the last tier, twice the longest way.
WEIGHS, WAYS = 30, 2
#: Sites of a neighbourhood: at first, at least, at most; how it grows when it was solved and shrinks when it was not.
FIRST, LEAST, MOST, GROWS, SHRINKS = 40, 15, 200, 1.05, 0.85
#: Seconds for one neighbourhood, and of all seconds the share for the linear program and for the first tier alone.
EACH_S, PROGRAM_SHARE, TIER_SHARE = 1.0, 0.3, 0.3


def searched(part: Part, seconds: float) -> Ints:
    """Pairs of a choice that is possible.

    Parameters
    ----------
    part : Part
        With rows.
    seconds : float
    """
    deadline = Deadline(seconds)
    nobody = np.zeros(0, np.int64)
    found = [greedy(part), rounded(part, nobody, seconds * PROGRAM_SHARE)]
    first = most_of_the_first(part, deadline.left() * TIER_SHARE)
    if len(first):
        found.append(rounded(part, first, seconds * PROGRAM_SHARE))
    return improved(part, max(found, key=part.figures), deadline)


def weight(part: Part) -> Ints:
    """One number for each pair, in which a person of a tier outweighs many of the next, and they the way."""
    persons = np.maximum(part.taken.sum(axis=1), 1)
    unit = WAYS * int(np.max(part.cost // persons, initial=0)) + 1
    tiers = part.taken.shape[1]
    return np.asarray(part.taken @ (unit * WEIGHS ** np.arange(tiers)[::-1]) - part.cost, np.int64)


def rounded(part: Part, kept: Ints, seconds: float) -> Ints:
    """Some pairs, what the linear program gives the other sites wholly, and then whatever still has room."""
    free = ~np.isin(part.site, part.site[kept])
    rest = part.only(free, kept)
    if not len(rest.site):
        return kept
    worth = weight(rest)
    share = priced(rest, worth, (), seconds).share
    whole = np.flatnonzero(share > 1 - 1e-6)
    # The program is exact to some digits only: what does not fit is left to the order below.
    order = np.lexsort((-worth / np.maximum(rest.taken.sum(axis=1), 1), -share))
    order = np.concatenate([whole, order])
    return np.sort(np.concatenate([kept, rest.number[filled(rest, np.zeros(0, np.int64), order)]]))


def most_of_the_first(part: Part, seconds: float) -> Ints:
    """Pairs with people of the first tier that HiGHS chooses when nobody else counts; none when it finds none."""
    asked = part.only(part.taken[:, 0] > 0, np.zeros(0, np.int64))
    if not len(asked.site):
        return np.zeros(0, np.int64)
    matrix = vstack([asked.of_sites(), asked.uses()]).tocsr()
    most = np.concatenate([np.ones(asked.sites), asked.places])
    found = milp(
        -asked.taken[:, 0],
        integrality=np.ones(len(asked.site), np.int64),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, ub=most),
        options={"time_limit": max(seconds, 0.1)},
    )
    if found.x is None:
        return np.zeros(0, np.int64)
    choice = np.flatnonzero(found.x > 0.5)
    possible = (matrix[:, choice].sum(axis=1) <= most).all()
    return asked.number[choice] if possible else np.zeros(0, np.int64)


def improved(part: Part, taken: Ints, deadline: Deadline) -> Ints:
    """The choice after one neighbourhood after the other was chosen anew, as long as there is time."""
    rng = np.random.default_rng(1)
    worth = weight(part)
    # Which sites ask for which row.
    asks = (part.of_sites() @ part.uses().T).tocsr()
    size = float(FIRST)
    while deadline.left() > 0:
        near = _neighbours(asks, rng, round(size))
        free = near[part.site]
        rest = part.only(free, taken[~free[taken]])
        here = np.searchsorted(rest.number, taken[free[taken]])
        model, choose = model_of(rest)
        model.maximize(total(choose, worth[rest.number]))
        solver, status = solve(model, choose, here, min(EACH_S, deadline.left()))
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            again = rest.number[chosen(solver, choose)]
            fresh = np.sort(np.concatenate([taken[~free[taken]], again]))
            taken = max(taken, fresh, key=part.figures)
        done = status == cp_model.OPTIMAL
        if done and near.all():
            break
        size = min(MOST, size * GROWS) if done else max(LEAST, size * SHRINKS)
    return taken


def _neighbours(asks: csr_array, rng: np.random.Generator, size: int) -> Bools:
    """Sites around one row, drawn at random: those that ask for it, then those that ask for what these ask for."""
    sites, rows = asks.shape
    near = np.zeros(sites, bool)
    row = np.zeros(rows, np.int64)
    row[rng.integers(rows)] = 1
    while near.sum() < min(size, sites):
        ring = np.flatnonzero((asks @ row > 0) & ~near)
        if not len(ring):
            break
        near[rng.permutation(ring)[: size - near.sum()]] = True
        row = np.asarray(asks[near].sum(axis=0), np.int64)
    return near
