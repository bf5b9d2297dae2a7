"""What one more place would bring, read off the least prices."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.solve.problem import Problem

Ints = npt.NDArray[np.int64]


def slot_values(
    problem: Problem, price: Ints | None
) -> tuple[pd.Series[int], pd.Series[int], pd.Series[int]]:
    """Split what one more place gains into people, their tier, and metres.

    A gain is ``(T − tier + 1) · U`` minus the metres added; U is more than twice any such metres, so rounding to the
    nearest multiple takes the two apart exactly.
    """
    if price is None:
        empty = pd.Series(pd.array([pd.NA] * len(problem.capacity), dtype="Int64"))
        return empty, empty.copy(), empty.copy()
    unit = 2 * problem.unit
    weight = (2 * price + problem.unit) // unit
    served = pd.Series((weight > 0).astype(np.int64), dtype="Int64")
    tier = pd.Series(problem.tiers + 1 - weight, dtype="Int64").where(weight > 0)
    metres = pd.Series(price - weight * problem.unit, dtype="Int64")
    return served, tier, metres
