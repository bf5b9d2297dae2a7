"""One part of the problem of sites: an integer program over its pairs, solved level by level.

CP-SAT proves, in integers. In a large part HiGHS looks for a good choice first, which CP-SAT starts from: it finds one
much sooner, but its bounds are floating-point numbers, so they are not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from matcher.errors import SolverError
from matcher.progress import Deadline
from matcher.solve.cpsat import solved

Ints = npt.NDArray[np.int64]
#: Persons by tier, then the cost; None where nothing is proven.
Figures: TypeAlias = tuple[int | None, ...]

#: Pairs up to which CP-SAT needs nobody to find it a start.
SMALL = 400
#: Of the seconds left, what a level of persons may take, and what looking for a start may take of that.
LEVEL_SHARE, START_SHARE = 0.7, 0.6
#: Numbers up to which the order of providers of several sites is told by one sum.
MOST_WEIGHT = 2**40


@dataclass(frozen=True)
class Part:
    """Sites that share scarce providers.

    Parameters
    ----------
    number : (n_pairs,)
        Of each pair in the whole.
    site : (n_pairs,)
        Numbered from 0 within the part, ascending.
    taken : (n_pairs, tiers)
    cost : (n_pairs,)
    rows : tuple of (pairs, persons of each, most persons)
        Places that may not suffice.
    """

    number: Ints
    site: Ints
    taken: Ints
    cost: Ints
    rows: tuple[tuple[Ints, Ints, int], ...]

    def levels(self) -> list[Ints]:
        """Coefficients to be made large, level by level: persons by tier, then the cost with its sign turned."""
        return [*self.taken.T, -self.cost]


@dataclass(frozen=True)
class PartChoice:
    """`SingleChoice` of a part; ``pair`` numbers the pairs of the part."""

    pair: Ints
    bounds: Figures
    least: bool


def solve_part(part: Part, seconds: float) -> PartChoice:
    """The best pair of each site.

    Raises
    ------
    SolverError
        When the solver fails.
    """
    if not part.rows:
        return _alone(part)
    deadline = Deadline(seconds)
    taken = greedy(part)
    model, choose = _model(part)
    bounds: list[int | None] = []
    reached: list[tuple[Ints, int]] = []
    for number, level in enumerate(part.levels()):
        by_cost = number == part.taken.shape[1]
        most = 0 if by_cost else sum(int(level[run].max()) for run in _runs(part))
        if int(level[taken].sum()) < most:
            seconds = deadline.left() * (1 if by_cost else LEVEL_SHARE)
            if len(part.site) > SMALL:
                taken = _start(part, level, reached, taken, seconds * START_SHARE)
            model.maximize(_sum(choose, level))
            solver, status = _solve(model, choose, taken, seconds * (1 - START_SHARE))
            if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                taken = _chosen(solver, choose)
                # CP-SAT's bound is a whole number told as a float; below 2⁵³ nothing is lost.
                most = round(solver.best_objective_bound)
        proven = all(bound == value for bound, (_, value) in zip(bounds, reached, strict=True))
        bounds.append(most if proven else None)
        reached.append((level, int(level[taken].sum())))
        model.add(_sum(choose, level) >= reached[-1][1])
    least = bounds == [value for _, value in reached]
    bounds[-1] = None if bounds[-1] is None else -bounds[-1]
    if least:
        taken, least = _least(model, choose, part, taken, deadline)
    return PartChoice(_by_site(part, taken), tuple(bounds), least)


def _start(part: Part, level: Ints, reached: Sequence[tuple[Ints, int]], taken: Ints, seconds: float) -> Ints:
    """A choice that HiGHS finds, where it is better on a level than `taken` and no worse on those reached."""
    pairs, sites = len(part.site), int(part.site.max()) + 1
    every = np.arange(pairs, dtype=np.int64)
    weights: list[tuple[Ints, Ints, Ints]] = [(every, part.site, np.ones(pairs, np.int64))]
    weights += [
        (some, np.full(len(some), sites + row, np.int64), used)
        for row, (some, used, _) in enumerate(part.rows)
    ]
    first = sites + len(part.rows)
    weights += [
        (every, np.full(pairs, first + row, np.int64), -told) for row, (told, _) in enumerate(reached)
    ]
    most = [*np.ones(sites), *(most for _, _, most in part.rows), *(-value for _, value in reached)]
    columns, rows, values = (np.concatenate(one) for one in zip(*weights, strict=True))
    matrix = coo_array((values, (rows, columns)), shape=(len(most), pairs)).tocsr()
    found = milp(
        -level,
        integrality=np.ones(pairs, np.int64),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, ub=most),
        options={"time_limit": max(seconds, 0.1)},
    )
    if found.x is None:
        return taken
    choice = np.flatnonzero(found.x > 0.5)
    possible = (matrix @ np.isin(every, choice) <= most).all()
    better = level[choice].sum() > level[taken].sum()
    return choice.astype(np.int64) if possible and better else taken


def greedy(part: Part) -> Ints:
    """A choice that is possible: sites with most people of the first tiers first, each to the cheapest with room."""
    sites = int(part.site.max()) + 1
    most = np.zeros((sites, part.taken.shape[1]), np.int64)
    np.maximum.at(most, part.site, part.taken)
    turn = np.argsort(np.lexsort((np.arange(sites), *(-most.T[::-1]))))
    each = part.cost / np.maximum(part.taken.sum(axis=1), 1)
    left = [most for _, _, most in part.rows]
    needs: list[list[tuple[int, int]]] = [[] for _ in part.site]
    for row, (pairs, persons, _) in enumerate(part.rows):
        for pair, count in zip(pairs.tolist(), persons.tolist(), strict=True):
            needs[pair].append((row, count))
    done: set[int] = set()
    chosen = []
    for pair in np.lexsort((each, turn[part.site])).tolist():
        if part.site[pair] in done or any(left[row] < count for row, count in needs[pair]):
            continue
        done.add(int(part.site[pair]))
        chosen.append(pair)
        for row, count in needs[pair]:
            left[row] -= count
    return np.array(sorted(chosen), np.int64)


def _alone(part: Part) -> PartChoice:
    """The best pair of one site, for which nobody competes."""
    keys = (np.arange(len(part.site)), part.cost, *(-part.taken.T[::-1]))
    best = np.lexsort(keys)[:1]
    return PartChoice(best, (*part.taken[best[0]].tolist(), int(part.cost[best[0]])), True)


def _model(part: Part) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    model = cp_model.CpModel()
    choose = [model.new_bool_var("") for _ in part.site]
    for run in _runs(part):
        model.add_at_most_one([choose[pair] for pair in run])
    for pairs, persons, most in part.rows:
        used = zip(pairs.tolist(), persons.tolist(), strict=True)
        model.add(sum(count * choose[pair] for pair, count in used) <= most)
    return model, choose


def _runs(part: Part) -> list[list[int]]:
    """Pairs of each site."""
    order = np.argsort(part.site, kind="stable")
    return [run.tolist() for run in np.split(order, np.flatnonzero(np.diff(part.site[order])) + 1)]


def _least(
    model: cp_model.CpModel,
    choose: Sequence[cp_model.IntVar],
    part: Part,
    taken: Ints,
    deadline: Deadline,
) -> tuple[Ints, bool]:
    """Among equally good choices the one with the least pairs, site by site; whether that is proven."""
    for chunk in _chunks(_runs(part)):
        weight = np.zeros(len(choose), np.int64)
        unit = 1
        for run in reversed(chunk):
            weight[run] = unit * np.arange(len(run), 0, -1)
            unit *= len(run) + 1
        best = sum(int(weight[run].max()) for run in chunk)
        if int(weight[taken].sum()) < best:
            model.maximize(_sum(choose, weight))
            solver, status = _solve(model, choose, taken, deadline.left())
            if status != cp_model.OPTIMAL:
                return taken, False
            taken = _chosen(solver, choose)
        kept = set(taken.tolist())
        for run in chunk:
            for pair in run:
                model.add(choose[pair] == int(pair in kept))
    return taken, True


def _chunks(runs: Sequence[list[int]]) -> list[list[list[int]]]:
    """Sites in their order, as many together as one sum can tell apart."""
    chunks: list[list[list[int]]] = []
    size = MOST_WEIGHT
    for run in runs:
        if size * (len(run) + 1) > MOST_WEIGHT:
            chunks.append([])
            size = 1
        chunks[-1].append(run)
        size *= len(run) + 1
    return chunks


def _solve(
    model: cp_model.CpModel,
    choose: Sequence[cp_model.IntVar],
    taken: Ints,
    seconds: float,
) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(seconds, 0.0)
    # On few cores one thread that leans on the linear program proves more than many that do not.
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.random_seed = 1
    model.clear_hints()  # type: ignore[no-untyped-call]
    hinted = set(taken.tolist())
    for pair, variable in enumerate(choose):
        model.add_hint(variable, int(pair in hinted))
    status = solved(solver, model)
    if status in (cp_model.MODEL_INVALID, cp_model.INFEASIBLE):
        raise SolverError(f"CP-SAT: {solver.status_name(status)}")
    return solver, status


def _sum(choose: Sequence[cp_model.IntVar], weight: Ints) -> cp_model.LinearExpr:
    return cp_model.LinearExpr.weighted_sum(list(choose), weight.tolist())


def _chosen(solver: cp_model.CpSolver, choose: Sequence[cp_model.IntVar]) -> Ints:
    return np.array([pair for pair, one in enumerate(choose) if solver.value(one)], np.int64)


def _by_site(part: Part, taken: Ints) -> Ints:
    """Pair of each site, −1 for none."""
    pair = np.full(int(part.site.max()) + 1, -1, np.int64)
    pair[part.site[taken]] = taken
    return pair
