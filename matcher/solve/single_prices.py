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
    found : bool
        The linear program was solved; else `most` is what the sites want together.
    """

    most: int
    loss: Ints
    share: Floats
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
    keeps = csr_array(np.array([-told for told, _ in reached], np.int64).reshape(len(reached), len(level)))
    asked = vstack([part.uses(), keeps]).tocsr()
    most = np.concatenate([part.places, np.array([-value for _, value in reached], np.int64)])
    share, price, found = _relaxed(part, level, asked, most, seconds)
    parts = _parts_of_a_unit(part, level, asked, most, price)
    whole = np.floor(price * parts + 0.5).astype(np.int64)
    worth = level * parts - asked.T @ whole
    best = np.zeros(part.sites, np.int64)
    np.maximum.at(best, part.site, worth)
    bound = int(whole @ most) + int(best.sum())
    return Priced(bound // parts, (best[part.site] - worth) // parts, share, found)


def _relaxed(
    part: Part, level: Ints, asked: csr_array, most: Ints, seconds: float
) -> tuple[Floats, Floats, bool]:
    """Shares and prices of the linear program, and whether there are any; 0 without."""
    found = linprog(  # type: ignore[call-overload]  # the stubs know no sparse matrix
        -level,
        A_ub=vstack([part.of_sites(), asked]).tocsr(),
        b_ub=np.concatenate([np.ones(part.sites), most]),
        bounds=(0, None),
        method="highs-ds",
        options={"time_limit": max(seconds, 0.1)},
    )
    if found.status != 0:
        return np.zeros(len(level)), np.zeros(len(most)), False
    return found.x, np.maximum(-found.ineqlin.marginals[part.sites :], 0.0), True


def _parts_of_a_unit(part: Part, level: Ints, asked: csr_array, most: Ints, price: Floats) -> int:
    """As many parts as keep every sum small enough for whole numbers."""
    size = np.abs(level) + abs(asked).T @ price
    largest = float(size.sum() + np.abs(most) @ price)
    parts = PARTS
    while parts > 1 and largest * parts > MOST_SUM:
        parts //= 2
    return parts
