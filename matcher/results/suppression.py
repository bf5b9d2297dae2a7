"""Which counts of a table are withheld: small ones, and whatever would give them away.

A count from 1 to 4 is withheld; so is, in each sum with a single withheld cell, the smallest other one (complementary
suppression). Then it is audited what can be worked out of all that is shown: as long as a withheld count is known to
within fewer than five, more is withheld.
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
    while True:
        _hide_beside(values, sums, hidden)
        least, most = intervals(values, sums, hidden)
        exposed = hidden & (most - least < LEAST)
        if not _hide_more(values, sums, hidden, exposed):
            return hidden


def _hide_beside(values: Ints, sums: Sequence[Sum], hidden: Bools) -> None:
    """Withhold a second cell in each sum that has one."""
    changed = True
    while changed:
        changed = False
        for total, parts in sums:
            cells = np.array((total, *parts))
            if hidden[cells].sum() == 1:
                changed |= _hide_smallest(values, cells, hidden)


def _hide_more(values: Ints, sums: Sequence[Sum], hidden: Bools, exposed: Bools) -> bool:
    """Withhold one more cell beside each that is exposed; False where there is none left."""
    changed = False
    for total, parts in sums:
        cells = np.array((total, *parts))
        if exposed[cells].any():
            changed |= _hide_smallest(values, cells, hidden)
            if changed:
                break
    return changed


def _hide_smallest(values: Ints, cells: Ints, hidden: Bools) -> bool:
    shown = cells[~hidden[cells] & (values[cells] > 0)]
    if not len(shown):
        return False
    hidden[shown[values[shown].argmin()]] = True
    return True
