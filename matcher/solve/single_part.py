"""One part of the problem of sites: an integer program over its pairs, solved level by level by CP-SAT."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from matcher.errors import SolverError
from matcher.progress import Deadline
from matcher.solve.cpsat import solved

Ints = npt.NDArray[np.int64]
#: Persons by tier, then the cost; None where nothing is proven.
Figures: TypeAlias = tuple[int | None, ...]

#: Pairs up to which one thread is as fast as many.
SMALL = 400
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
    proven = True
    for number, level in enumerate(part.levels()):
        by_cost = number == part.taken.shape[1]
        taken, bound = _best(model, choose, level, part, taken, deadline, by_cost=by_cost)
        reached = int(level[taken].sum())
        bounds.append(bound if proven else None)
        proven = proven and bound == reached
        model.add(_sum(choose, level) >= reached)
    bounds[-1] = None if bounds[-1] is None else -bounds[-1]
    least = proven
    if proven:
        taken, least = _least(model, choose, part, taken, deadline)
    return PartChoice(_by_site(part, taken), tuple(bounds), least)


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


def _best(
    model: cp_model.CpModel,
    choose: Sequence[cp_model.IntVar],
    level: Ints,
    part: Part,
    taken: Ints,
    deadline: Deadline,
    *,
    by_cost: bool,
) -> tuple[Ints, int]:
    """The best choice on one level and the bound of all; `taken` where nothing better was found in time."""
    most = 0 if by_cost else sum(int(level[run].max()) for run in _runs(part))
    if int(level[taken].sum()) == most:
        return taken, most
    model.maximize(_sum(choose, level))
    solver, status = _solve(model, choose, taken, len(part.site), deadline.left())
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return taken, most
    found = _chosen(solver, choose)
    # CP-SAT's bound is a whole number told as a float; below 2⁵³ nothing is lost.
    return found, round(solver.best_objective_bound)


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
            solver, status = _solve(model, choose, taken, len(choose), deadline.left())
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
    pairs: int,
    seconds: float,
) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(seconds, 0.0)
    solver.parameters.num_workers = 1 if pairs <= SMALL else max(2, min(8, os.cpu_count() or 2))
    solver.parameters.random_seed = 1
    model.clear_hints()
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
