"""A closer bound of a large part: places are filled by whole sites, which the linear program may cut in halves.

Here only sites, the levels before, and what a pair needs beside its own row have a price. For any prices each row is
filled as well as it can be: a knapsack in integers, solved exactly. No choice is worth more than all these fillings,
with the prices of what is limited. The prices start at those of the linear program and go down step by step, towards
what is asked too often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array

from matcher.progress import Deadline
from matcher.solve.single_model import Part, Reached
from matcher.solve.single_prices import Priced, in_parts, limits

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Worth: TypeAlias = Ints | Floats

#: Cells of all tables for one look at the prices; where there are more, the linear program has to do.
MOST_CELLS = 100_000_000
#: The first and the last step, as a share of what the bound is above the aim; how it shrinks, and after how many looks.
FIRST_STEP, LAST_STEP, SHRINKS, PATIENCE = 0.3, 0.002, 0.7, 20
#: What a look adds to the direction, and how far below the bound the aim may be.
FRESH, AIM = 0.1, 0.02
#: How much faster the price of a level before moves than its pairs tell, most of which nobody would choose.
QUICK = 1000.0


@dataclass(frozen=True)
class Fillings:
    """What is left when each pair fills at most one row and pays for everything else.

    Parameters
    ----------
    rows : tuple of (pairs, persons of each, most persons)
    free : (n_free,)
        Pairs that fill no row.
    paid : (n_prices, n_pairs)
        What each pair needs of what has a price: see `limits`.
    most : (n_prices,)
        How much there is of it.
    """

    rows: tuple[tuple[Ints, Ints, int], ...]
    free: Ints
    paid: csr_array
    most: Ints

    @property
    def cells(self) -> int:
        """Size of all tables together."""
        return sum(len(pairs) * (most + 1) for pairs, _, most in self.rows)

    def chosen(self, worth: Worth) -> Ints:
        """The pairs that are worth most when nothing but the rows is limited; `worth` in integers makes it exact."""
        best = [self.free[worth[self.free] > 0]]
        best += [pairs[knapsack(persons, worth[pairs], most)] for pairs, persons, most in self.rows]
        return np.concatenate(best)


def fillings(part: Part, reached: Sequence[Reached]) -> Fillings:
    """Let each pair fill the first of its rows."""
    fills = np.full(len(part.site), -1, np.int64)
    rows = []
    for number, (pairs, persons, most) in enumerate(part.rows):
        first = fills[pairs] < 0
        fills[pairs[first]] = number
        rows.append((pairs[first], persons[first], most))
    needs, most_of = limits(part, reached)
    told = needs.tocoo()
    pays = told.row - part.sites != fills[told.col]
    entries = (told.data[pays], (told.row[pays], told.col[pays]))
    paid = coo_array(entries, told.shape, dtype=np.int64).tocsr()
    most_of[np.diff(paid.indptr) == 0] = 0
    return Fillings(tuple(rows), np.flatnonzero(fills < 0), paid, most_of)


def knapsack(persons: Ints, worth: Worth, most: int) -> Ints:
    """Which of some pairs fill `most` places best."""
    asked = np.flatnonzero((worth > 0) & (persons <= most))
    persons, worth = persons[asked], worth[asked]
    if persons.sum() <= most:
        return asked
    best = np.zeros((len(asked) + 1, most + 1), worth.dtype)
    for number, count in enumerate(persons.tolist()):
        best[number + 1] = best[number]
        with_it = best[number, : most + 1 - count] + worth[number]
        np.maximum(with_it, best[number, count:], out=best[number + 1, count:])
    left, taken = most, []
    for number in range(len(asked) - 1, -1, -1):
        if best[number + 1, left] > best[number, left]:
            taken.append(number)
            left -= persons[number]
    return asked[taken]


def sharpened(
    part: Part,
    level: Ints,
    reached: Sequence[Reached],
    known: Priced,
    before: Sequence[Floats],
    here: int,
    seconds: float,
) -> Priced:
    """A bound of a level that is not above the one that is known.

    Parameters
    ----------
    part : Part
    level : (n_pairs,)
        Coefficients to be made large.
    reached : sequence of (coefficients, value)
        Levels before, which stay at their value or above.
    known : Priced
        By the linear program.
    before : sequence of prices
        Of the levels before, as this function or the linear program found them.
    here : int
        What is reached; a bound this low needs not be lower.
    seconds : float
    """
    every = fillings(part, reached)
    if not known.found or known.most <= here or every.cells > MOST_CELLS:
        return known
    price = _lowered(every, level, known.price, _ways(every, before), here, seconds)
    parts, whole = in_parts(level, every.paid, every.most, price)
    worth = level * parts - every.paid.T @ whole
    most = (int(whole @ every.most) + int(worth[every.chosen(worth)].sum())) // parts
    lower = max(0, known.most - most)
    return replace(known, most=known.most - lower, loss=known.loss - lower, price=price)


def _ways(every: Fillings, before: Sequence[Floats]) -> Floats:
    """(levels before, n_prices): who pays more for a level before pays more wherever that one has a price."""
    ways = np.zeros((len(before), len(every.most)))
    first = len(every.most) - len(before)
    for number, price in enumerate(before):
        ways[number, : len(price)] = price
        ways[number, first + number] = 1.0
    return ways


def _lowered(every: Fillings, level: Ints, price: Floats, ways: Floats, here: int, seconds: float) -> Floats:
    """Prices with a lower sum, by steps along the mean of what was left over and what was asked too often."""
    deadline = Deadline(seconds)
    needs = every.paid.astype(np.float64)
    pays = needs.T.tocsr()
    slow = 1.0 / np.maximum(needs.power(2).sum(axis=1), 1.0)
    quick = QUICK / np.maximum(((ways @ needs) ** 2).sum(axis=1), 1.0)
    price = np.where(np.diff(needs.indptr) > 0, price, 0.0)
    lowest, best, left = np.inf, price, np.zeros(len(price))
    step, stalled = FIRST_STEP, 0
    while True:
        worth = level - pays @ price
        taken = every.chosen(worth)
        bound = float(price @ every.most + worth[taken].sum())
        fresh = every.most - needs @ np.bincount(taken, minlength=len(level))
        left = fresh if lowest == np.inf else left + FRESH * (fresh - left)
        stalled = 0 if bound < lowest else stalled + 1
        if bound < lowest:
            lowest, best = bound, price
        elif stalled == PATIENCE:
            step, stalled = step * SHRINKS, 0
        if lowest < here + 1 or step < LAST_STEP or deadline.left() <= 0:
            return best
        toward = np.where((price <= 0) & (left > 0), 0.0, left)
        move = slow * toward + ways.T @ (quick * (ways @ toward))
        size = float(toward @ move)
        if size <= 0:
            return best
        aim = max(float(here), lowest - AIM * abs(lowest))
        price = np.maximum(price - step * (lowest - aim) / size * move, 0.0)
