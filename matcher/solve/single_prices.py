"""What prices prove of a part: how much a level can reach at most, and which pairs no better choice needs.

The linear program gives a price to every place, and to every person whom a level before must keep. Whatever the prices
are, no choice is worth more than all places at their price and, at each site, the best of its pairs over what that pair
pays. So the prices are rounded to whole parts and the sum is taken in integers: a bound that holds to the last person,
however exact the solver was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from matcher.solve.single_model import Part, Reached

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Prices are told in this many parts of a unit where the sums leave room for it, and sums stay below the other number.
PARTS, MOST_SUM = 2**20, 2.0**60


@dataclass(frozen=True)
class Priced:
    """What is known of one level.

    Parameters
    ----------
    most : int
        No choice that keeps what the levels before have reached exceeds it.
    loss : (n_pairs,)
        By so much a choice with this pair stays below `most`, at least.
    share : (n_pairs,)
        Of each pair in the linear program.
    price : (n_prices,)
        Of what `limits` tells, as a float.
    found : bool
        The linear program was solved; else `most` is what the sites want together.
    """

    most: int
    loss: Ints
    share: Floats
    price: Floats
    found: bool


def priced(part: Part, level: Ints, reached: Sequence[Reached], seconds: float) -> Priced:
    """Bound a level.

    Parameters
    ----------
    part : Part
    level : (n_pairs,)
        Coefficients to be made large.
    reached : sequence of (coefficients, value)
        Levels before, which stay at their value or above.
    seconds : float
        Time limit of the linear program.
    """
    needs, most = limits(part, reached)
    share, price, found = _relaxed(level, needs, most, seconds)
    asked, places, paid = needs[part.sites :], most[part.sites :], price[part.sites :]
    parts, whole = in_parts(level, asked, places, paid)
    worth = level * parts - asked.T @ whole
    best = np.zeros(part.sites, np.int64)
    np.maximum.at(best, part.site, worth)
    bound = int(whole @ places) + int(best.sum())
    return Priced(bound // parts, (best[part.site] - worth) // parts, share, price, found)


def limits(part: Part, reached: Sequence[Reached]) -> tuple[csr_array, Ints]:
    """What is limited: one pair of each site, the places of each row, and with its sign turned each level before.

    Returns
    -------
    needs : (n_prices, n_pairs)
    most : (n_prices,)
    """
    keeps = csr_array(
        np.array([-told for told, _ in reached], np.int64).reshape(len(reached), len(part.site))
    )
    needs = vstack([part.of_sites(), part.uses(), keeps]).tocsr()
    least = np.array([-value for _, value in reached], np.int64)
    return needs, np.concatenate([np.ones(part.sites, np.int64), part.places, least])


def _relaxed(level: Ints, needs: csr_array, most: Ints, seconds: float) -> tuple[Floats, Floats, bool]:
    """Shares and prices of the linear program, and whether there are any; 0 without."""
    found = linprog(  # type: ignore[call-overload]  # the stubs know no sparse matrix
        -level,
        A_ub=needs,
        b_ub=most,
        bounds=(0, None),
        method="highs-ds",
        options={"time_limit": max(seconds, 0.1)},
    )
    if found.status != 0:
        return np.zeros(len(level)), np.zeros(len(most)), False
    return found.x, np.maximum(-found.ineqlin.marginals, 0.0), True


def in_parts(level: Ints, needs: csr_array, most: Ints, price: Floats) -> tuple[int, Ints]:
    """Prices in whole parts of a unit, as many as keep every sum a safe whole number; no prices where none does."""
    size = np.abs(level) + abs(needs).T @ price
    largest = float(size.sum() + np.abs(most) @ price)
    if not largest <= MOST_SUM:
        return 1, np.zeros(len(price), np.int64)
    parts = PARTS
    while parts > 1 and largest * parts > MOST_SUM:
        parts //= 2
    return parts, np.floor(price * parts + 0.5).astype(np.int64)
