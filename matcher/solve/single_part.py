"""One part of the problem of sites: an integer program over its pairs, solved level by level.

CP-SAT proves, in integers; prices tell beforehand which pairs it need not look at. In a large part `single_search`
finds a good choice first, and where too many pairs remain the bound is that of the prices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from matcher.progress import Deadline
from matcher.solve.single_fillings import sharpened
from matcher.solve.single_model import Part, Reached, chosen, greedy, model_of, runs, solve, total
from matcher.solve.single_prices import priced
from matcher.solve.single_search import improved, searched

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
#: Persons by tier, then the cost; None where nothing is proven.
Figures: TypeAlias = tuple[int | None, ...]

#: Pairs up to which CP-SAT needs nobody to find it a start, and up to which it is asked at all.
SMALL, ASKED = 400, 1_000
#: What looking for a good choice may take of all seconds; closer prices and CP-SAT on a level, of those that are left.
SEARCH_SHARE, SHARPEN_SHARE, LEVEL_SHARE = 0.5, 0.3, 0.5
#: Numbers up to which the order of providers of several sites is told by one sum.
MOST_WEIGHT = 2**40


@dataclass(frozen=True)
class PartChoice:
    """`SingleChoice` of a part; ``pair`` numbers its pairs, and the bounds end at the first figure not proven."""

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
    taken = greedy(part) if len(part.site) <= SMALL else searched(part, seconds * SEARCH_SHARE)
    bounds: list[int | None] = []
    reached: list[Reached] = []
    before: list[Floats] = []
    for level in part.levels():
        taken, most, price = _best(part, level, reached, before, taken, deadline)
        bounds.append(most)
        before.append(price)
        reached.append((level, int(level[taken].sum())))
        if most > reached[-1][1]:
            break
    least = bounds == list(part.figures(taken))
    if least:
        taken, least = _least(part, reached, taken, deadline)
    elif len(part.site) > SMALL:
        taken = improved(part, taken, deadline)
    bounds += [None] * (len(part.levels()) - len(bounds))
    bounds[-1] = None if bounds[-1] is None else -bounds[-1]
    return PartChoice(_by_site(part, taken), tuple(bounds), least)


def _best(
    part: Part,
    level: Ints,
    reached: Sequence[Reached],
    before: Sequence[Floats],
    taken: Ints,
    deadline: Deadline,
) -> tuple[Ints, int, Floats]:
    """A choice that is the best on a level as far as there is time, the most that any can reach, and its prices."""
    here = int(level[taken].sum())
    prices = priced(part, level, reached, deadline.left())
    if len(part.site) > SMALL:
        prices = sharpened(part, level, reached, prices, before, here, deadline.left() * SHARPEN_SHARE)
    most = prices.most
    # No other pair is in a choice that is better than this one.
    kept = prices.loss < most - here
    kept[taken] = True
    if here >= most or kept.sum() > ASKED:
        return taken, most, prices.price
    small = part.only(kept, np.zeros(0, np.int64))
    model, choose = _keeping(small, [(told[kept], value) for told, value in reached])
    model.maximize(total(choose, level[kept]))
    start = np.searchsorted(small.number, taken)
    solver, status = solve(model, choose, start, deadline.left() * LEVEL_SHARE)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        taken = small.number[chosen(solver, choose)]
        # CP-SAT's bound is a whole number told as a float; below 2⁵³ nothing is lost.
        most = min(most, max(here, round(solver.best_objective_bound)))
    return taken, most, prices.price


def _keeping(part: Part, reached: Sequence[Reached]) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    """The model in which the levels before keep what they have reached."""
    model, choose = model_of(part)
    for told, value in reached:
        model.add(total(choose, told) >= value)
    return model, choose


def _alone(part: Part) -> PartChoice:
    """The best pair of one site, for which nobody competes."""
    keys = (np.arange(len(part.site)), part.cost, *(-part.taken.T[::-1]))
    best = np.lexsort(keys)[:1]
    return PartChoice(best, (*part.taken[best[0]].tolist(), int(part.cost[best[0]])), True)


def _least(part: Part, reached: Sequence[Reached], taken: Ints, deadline: Deadline) -> tuple[Ints, bool]:
    """Among equally good choices the one with the least pairs, site by site; whether that is proven."""
    model, choose = _keeping(part, reached)
    for chunk in _chunks(runs(part)):
        weight = np.zeros(len(choose), np.int64)
        unit = 1
        for run in reversed(chunk):
            weight[run] = unit * np.arange(len(run), 0, -1)
            unit *= len(run) + 1
        best = sum(int(weight[run].max()) for run in chunk)
        if int(weight[taken].sum()) < best:
            model.maximize(total(choose, weight))
            solver, status = solve(model, choose, taken, deadline.left())
            if status != cp_model.OPTIMAL:
                return taken, False
            taken = chosen(solver, choose)
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


def _by_site(part: Part, taken: Ints) -> Ints:
    """Pair of each site, −1 for none."""
    pair = np.full(int(part.site.max()) + 1, -1, np.int64)
    pair[part.site[taken]] = taken
    return pair
