"""Programs over bundles of places: bounds that integer prices prove, and plans by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt
from scipy.optimize import LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csc_array, vstack

from matcher.errors import SolverError
from matcher.progress import Deadline
from matcher.solve.problem import HEADROOM

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Prices are whole numbers of this part of a unit of value: bounds are exact, and rounding costs next to nothing.
SCALE = 1024
#: Columns of each unit in the first linear program.
FIRST_COLUMNS = 8
#: Columns of the first core for each unit, at least `SMALL` in all, and how many times as many the next one has.
FIRST_CORE = 1.25
SMALL = 2000
WIDER = 1.5


@dataclass(frozen=True)
class BundleProgram:
    """Units that each take at most `count` of their columns, a column taking its places together.

    Parameters
    ----------
    unit : (n_columns,)
        Unit of each column, ascending.
    cost : (n_columns,)
        Metres (or seconds) of all persons of the column.
    use : (n_rows, n_columns) sparse
        Places taken of each row.
    room : (n_rows,)
        Places there are.
    count : (n_units,)
        Columns that a unit takes at most.
    people : (n_units, tiers)
        Persons by tier that a column of the unit serves.
    whole : (n_units,) bool
        The unit's columns take several places at once. With theirs fixed the others form a flow, which comes out in
        whole numbers by itself.
    """

    unit: Ints
    cost: Ints
    use: csc_array
    room: Ints
    count: Ints
    people: Ints
    whole: Bools

    def figures(self, taken: Ints) -> tuple[int, ...]:
        """Persons served by tier, then the cost, of a plan (n_columns,)."""
        served = taken @ self.people[self.unit]
        return (*served.tolist(), int(taken @ self.cost))

    def part(self, columns: Ints, units: Ints, rows: Ints) -> BundleProgram:
        """The program over some columns, with all their units and rows."""
        return BundleProgram(
            unit=np.searchsorted(units, self.unit[columns]),
            cost=self.cost[columns],
            use=self.use[:, columns].tocsr()[rows].tocsc(),
            room=self.room[rows],
            count=self.count[units],
            people=self.people[units],
            whole=self.whole[units],
        )


@dataclass(frozen=True)
class Priced:
    """What prices tell of a program whose plans have a value, the less the better.

    Parameters
    ----------
    floor : int
        No plan is worth less; in 1/`SCALE`.
    price : (n_rows,)
        In 1/`SCALE`.
    worth : (n_columns,)
        Value and prices of each column, in 1/`SCALE`.
    best : (n_units,)
        Least worth of the unit's columns and of taking none.
    unit : (n_columns,)
    """

    floor: int
    price: Ints
    worth: Ints
    best: Ints
    unit: Ints

    @property
    def bound(self) -> int:
        """Least value that a plan may have."""
        return -(-self.floor // SCALE)

    @property
    def regret(self) -> Ints:
        """By how much a plan that takes the column stays above `floor` at least."""
        return self.worth - self.best[self.unit]


def charge(program: BundleProgram, value: Ints, price: Ints) -> Priced:
    """Weak duality, in whole numbers: true for any prices ≥ 0, whoever found them.

    Parameters
    ----------
    program : BundleProgram
    value : (n_columns,)
    price : (n_rows,)
        In 1/`SCALE`.

    Raises
    ------
    SolverError
        When the sums could leave the head-room of int64.
    """
    reach = np.zeros(len(program.count))
    np.maximum.at(reach, program.unit, np.abs(value))
    if SCALE * (program.count @ reach) + price.astype(np.float64) @ program.room >= HEADROOM:
        raise SolverError("values and prices exceed the integer head-room")
    worth = value * SCALE + program.use.T @ price
    best = np.zeros(len(program.count), np.int64)
    np.minimum.at(best, program.unit, worth)
    floor = int(program.count @ best) - int(price @ program.room)
    return Priced(floor, price, worth, best, program.unit)


@dataclass(frozen=True)
class SearchResult:
    """What a search brought.

    Parameters
    ----------
    columns : (n,) or None
        Columns that whole units take in a better plan than the one known before; None where none was found.
    value : int
        Of that plan, or of the one known before.
    bound : int
        No plan is worth less.
    price : (n_rows,)
        The best prices, in 1/`SCALE`.
    """

    columns: Ints | None
    value: int
    bound: int
    price: Ints


def search(program: BundleProgram, value: Ints, known: int, price: Ints, deadline: Deadline) -> SearchResult:
    """Look for a better plan among the columns that may belong to one.

    A plan with a column of regret r is worth at least ``floor + r``: columns of more regret than what is still to be
    gained cannot be in a better plan, so leaving them out loses nothing. Narrower cores come first: they find plans
    fast, and the better the plan at hand, the fewer columns are left.

    Parameters
    ----------
    program : BundleProgram
    value : (n_columns,)
    known : int
        Value of the plan at hand.
    price : (n_rows,)
        First prices, in 1/`SCALE`; any will do, good ones save time.
    deadline : Deadline

    Returns
    -------
    SearchResult
    """
    priced = _tightened(program, value, known, charge(program, value, price), deadline)
    columns, bound, regret = None, priced.bound, np.sort(priced.regret)
    wanted = max(SMALL, int(FIRST_CORE * len(program.count)))
    while known > bound and deadline.left() > 0:
        gain = known * SCALE - priced.floor
        last = int(np.searchsorted(regret, gain)) <= wanted
        core = np.flatnonzero(priced.regret < (gain if last else regret[wanted] + 1))
        taken, core_value, core_bound = _solve_core(program, value, core, deadline.left())
        if taken is not None and core_value < known:
            columns, known = taken, core_value
        if last:
            bound = max(bound, min(known, core_bound))
            break
        wanted = int(wanted * WIDER) + 1
    return SearchResult(columns, known, min(known, bound), priced.price)


def _tightened(program: BundleProgram, value: Ints, known: int, priced: Priced, deadline: Deadline) -> Priced:
    """The highest floor of linear programs over growing sets of columns, until none is missing or nothing is open."""
    order = np.lexsort((priced.worth, program.unit))
    position = np.arange(len(order)) - np.searchsorted(program.unit, program.unit)
    chosen = np.zeros(len(order), bool)
    chosen[order[position < FIRST_COLUMNS]] = True
    while known > priced.bound and deadline.left() > 0:
        price = _linear_prices(program, value, np.flatnonzero(chosen), deadline.left())
        if price is None:
            break
        fresh = charge(program, value, price)
        if fresh.floor > priced.floor:
            priced = fresh
        least = np.zeros(len(program.count), np.int64)
        np.minimum.at(least, program.unit[chosen], fresh.worth[chosen])
        missing = ~chosen & (fresh.worth < least[program.unit] - 1)
        if not missing.any():
            break
        chosen |= missing
    return priced


def _constraints(program: BundleProgram, columns: Ints) -> tuple[csc_array, Ints]:
    """Rows of places, then one for each unit; and their right-hand sides."""
    mine = np.arange(len(columns))
    units = coo_array(
        (np.ones(len(columns)), (program.unit[columns], mine)), shape=(len(program.count), len(columns))
    )
    matrix = csc_array(vstack([program.use[:, columns], units]))
    return matrix, np.concatenate((program.room, program.count))


def _linear_prices(program: BundleProgram, value: Ints, columns: Ints, limit_s: float) -> Ints | None:
    """Prices of the rows over some columns; None when the time ran out."""
    matrix, most = _constraints(program, columns)
    answer = linprog(  # type: ignore[call-overload]  # sparse matrices are missing in the stubs
        value[columns], A_ub=matrix, b_ub=most, method="highs-ipm", options={"time_limit": limit_s}
    )
    if answer.status in (2, 3):
        raise SolverError(f"HiGHS calls a program with a plan {answer.message}")
    if answer.status != 0:
        return None
    dual = -answer.ineqlin.marginals[: len(program.room)]
    return np.asarray(np.rint(np.maximum(dual, 0) * SCALE), np.int64)


def _solve_core(
    program: BundleProgram, value: Ints, core: Ints, limit_s: float
) -> tuple[Ints | None, int, int]:
    """Columns of the whole units, value and bound of the best plan over the columns of the core."""
    if not len(core):
        return core, 0, 0
    matrix, most = _constraints(program, core)
    whole = program.whole[program.unit[core]]
    answer = milp(
        value[core],
        integrality=whole.astype(np.int64),
        constraints=LinearConstraint(matrix, -np.inf, most),
        options={"time_limit": limit_s, "mip_rel_gap": 0.0},
    )
    if answer.status in (2, 3):
        raise SolverError(f"HiGHS calls a program with a plan {answer.message}")
    bound = -HEADROOM
    if answer.mip_dual_bound is not None and np.isfinite(answer.mip_dual_bound):
        bound = ceil(answer.mip_dual_bound - 0.5)  # half a unit of value is left for its rounding
    if answer.x is None:
        return None, HEADROOM, bound
    return core[whole & (answer.x > 0.5)], round(answer.fun), bound
