"""Which counts of a table are withheld: small ones, and whatever would give them away.

A count from 1 to 4 is withheld; so is, in each sum with a single withheld cell, the smallest other one (complementary
suppression). Then it is audited what can be worked out of all that is shown: as long as a withheld count is known to
within fewer than five, and there is anything but zeros beside it, more is withheld.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from matcher.solve.intervals import Sum, intervals

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Fewer people than this are not told; nor is a count known to within fewer values than this.
LEAST = 5


def withheld(values: Ints, sums: Sequence[Sum]) -> Bools:
    """Which cells are not shown.

    Parameters
    ----------
    values : (n,)
        Counts, none negative.
    sums : sequence of (int, tuple of int)
        Which cells add up to which.

    Returns
    -------
    (n,) array of bool
    """
    hidden = (values > 0) & (values < LEAST)
    lines = [np.array((total, *parts)) for total, parts in sums]
    while True:
        _hide_beside(values, lines, hidden)
        least, most = intervals(values, sums, hidden)
        exposed = hidden & (most - least < LEAST)
        beside = [line for line in lines if exposed[line].any()]
        if not any(
            _hide_smallest(values, line, hidden) for line in beside
        ):  # one at a time, then looked at again
            return hidden


def _hide_beside(values: Ints, lines: Sequence[Ints], hidden: Bools) -> None:
    """Withhold a second cell in each line that has one."""
    while any(hidden[line].sum() == 1 and _hide_smallest(values, line, hidden) for line in lines):
        pass  # each that is withheld may leave another alone


def _hide_smallest(values: Ints, line: Ints, hidden: Bools) -> bool:
    """Withhold the smallest count of a line that is shown; False where there is none but zeros."""
    shown = line[~hidden[line] & (values[line] > 0)]
    if not len(shown):
        return False
    hidden[shown[values[shown].argmin()]] = True
    return True
