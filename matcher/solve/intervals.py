"""What can be worked out of a table whose cells add up, when some are withheld: least and most of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from matcher.errors import SolverError
from matcher.solve.cpsat import solved

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: What nothing bounds is told as so much more than all counts together.
_BEYOND = 1000

#: A cell, and those that add up to it.
Sum = tuple[int, tuple[int, ...]]


def intervals(values: Ints, sums: Sequence[Sum], withheld: Bools) -> tuple[Ints, Ints]:
    """Bounds of every cell that somebody knows who sees the others, and that counts are whole and never negative.

    Parameters
    ----------
    values : (n,)
    sums : sequence of (int, tuple of int)
        They hold for `values`.
    withheld : (n,)

    Returns
    -------
    least, most : (n,) arrays
        The value itself where it is shown.

    Raises
    ------
    SolverError
        When a bound is not proven.
    """
    least, most = values.copy(), values.copy()
    hidden = np.flatnonzero(withheld)
    if not len(hidden):
        return least, most
    model, solver = cp_model.CpModel(), cp_model.CpSolver()
    solver.parameters.num_workers = 1
    most_of_all = int(values.sum()) + _BEYOND
    cells = {int(at): model.new_int_var(0, most_of_all, "") for at in hidden}
    for total, parts in sums:
        if withheld[total] or withheld[list(parts)].any():
            model.add(
                sum(cells.get(at, int(values[at])) for at in parts) == cells.get(total, int(values[total]))
            )
    for at, cell in cells.items():
        for found, ask in ((least, model.minimize), (most, model.maximize)):
            ask(cell)
            if solved(solver, model) != cp_model.OPTIMAL:
                raise SolverError(f"interval status {solver.status_name()}")
            found[at] = round(solver.objective_value)
    return least, most
