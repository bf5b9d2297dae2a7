"""Households served by one provider or waiting together: a flow that lets members part, then an integer program.

A household takes a bundle, all its places at one provider, or none. With the bundles chosen everybody else is a flow,
so only bundles need deciding. Bundles cost the matroid of the plain problem: linear tier weights no longer give the
order of the tiers. The program weighs the tiers as far apart as numbers allow; that each tier's count is the most
possible is then proven by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matcher.progress import Deadline, track
from matcher.solve.flow import solve_flow
from matcher.solve.problem import Problem
from matcher.solve.together.bundles import SCALE, BundleProgram, SearchResult, search
from matcher.solve.together.homes import Homes, as_program, complete, find_homes, members_apart
from matcher.solve.together.repair import left_together, repaired
from matcher.solve.warm import Solution

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
#: Most persons of each tier, then least cost; None where nothing is proven.
Bounds = tuple[int | None, ...]

#: Weight of the first tier over the last, and of a person over the dearest journey, where exact weights would be more.
TIER_SPAN = 64
PERSON_SPAN = 8
#: Seconds for the search, where nobody says otherwise.
TIME_LIMIT_S = 60.0


@dataclass(frozen=True)
class Together:
    """What was found.

    Parameters
    ----------
    provider : (n_households,)
        Provider of each household, −1 where it waits.
    rest, solution
        The problem that the households leave to everybody else, and its optimum.
    bounds : tuple of int or None
        For each tier the most that can be served, and last the least cost; each for plans that equal this one in the
        figures before it, and None where one of those is not proven.
    """

    provider: Ints
    rest: Problem
    solution: Solution
    bounds: Bounds


def solve_together(
    problem: Problem,
    member: Ints,
    household: Ints,
    time_limit_s: float = TIME_LIMIT_S,
    *,
    progress: bool = False,
) -> Together:
    """Serve most people by tier, then at least cost, no household being split.

    Parameters
    ----------
    problem : Problem
        Of all persons.
    member, household : (n_persons,)
        Group of each person; household 0, 1, …, or −1 for who has none.
    time_limit_s : float
        Wall seconds for linear and integer programs; the flows run to their end in any case.
    progress : bool
        Show a bar on a terminal.

    Returns
    -------
    Together

    Raises
    ------
    SolverError
        When a solver fails or the numbers leave the head-room.
    """
    deadline = Deadline(time_limit_s)
    homes = find_homes(problem, member, household)
    program = as_program(problem, homes)
    apart = solve_flow(members_apart(problem, homes))
    choice, split = left_together(problem, homes, apart)
    choice = repaired(problem, homes, program, choice, split, apart.prices.slot)
    taken = complete(problem, homes, program, choice).taken
    parts = list(_parts(problem, homes, program, apart, split))
    tried = []
    for part in track(parts, progress, "progress.households"):
        tried.append(_improve(part, taken[part.columns], deadline))
        choice = _chosen(homes, part, tried[-1], choice)
    done = complete(problem, homes, program, choice)
    settled = done.taken.copy()
    for part in parts:
        settled[part.columns] = 0
    bounds = [
        _bounds(part, part.program.figures(done.taken[part.columns]), found, deadline)
        for part, found in zip(parts, tried, strict=True)
    ]
    return Together(
        provider=np.append(homes.bundle_provider, -1)[choice],
        rest=done.rest,
        solution=done.solution,
        bounds=_added([program.figures(settled), *bounds]),
    )


@dataclass(frozen=True)
class _Part:
    """A connected component in which the flow splits a household.

    Parameters
    ----------
    program : BundleProgram
    columns : (n_columns,)
        Number of each column in the whole program.
    homes : (n,)
        Households of the component.
    price : (n_rows,)
        Of the flow, in the weights of `weights`.
    weights : (tiers,)
        What serving a person counts, in metres.
    apart : tuple of int
        Figures of the flow that lets members part.
    """

    program: BundleProgram
    columns: Ints
    homes: Ints
    price: Ints
    weights: Ints
    apart: tuple[int, ...]


def _parts(
    problem: Problem, homes: Homes, program: BundleProgram, apart: Solution, split: Bools
) -> Iterator[_Part]:
    """Components with a split household. The others are settled: their flow is the best there is."""
    groups = len(problem.size)
    row_label, label = _labels(program)
    figures = _apart_figures(problem, homes, apart, label)
    price = np.concatenate((apart.prices.slot, np.zeros(len(row_label) - len(apart.prices.slot), np.int64)))
    for name in np.unique(label[groups:][split]).tolist():
        columns = np.flatnonzero(label[program.unit] == name)
        units, rows = np.flatnonzero(label == name), np.flatnonzero(row_label == name)
        part = program.part(columns, units, rows)
        weights = _tier_weights(part, part.cost)
        yield _Part(
            program=part,
            columns=columns,
            homes=units[units >= groups] - groups,
            price=_reweighed(price[rows], problem, weights),
            weights=weights,
            apart=tuple(figures[name].tolist()),
        )


def _labels(program: BundleProgram) -> tuple[Ints, Ints]:
    """Component of each row and of each unit."""
    rows, units = len(program.room), len(program.count)
    entries = program.use.tocoo()
    graph = coo_array(
        (np.ones(len(entries.data), np.int8), (entries.row, rows + program.unit[entries.col])),
        shape=(rows + units, rows + units),
    )
    label = connected_components(graph, directed=False)[1].astype(np.int64)
    return label[:rows], label[rows:]


def _apart_figures(problem: Problem, homes: Homes, apart: Solution, label: Ints) -> Ints:
    """Served by tier, then cost, of the flow that lets members part, for each component (n_labels, tiers + 1)."""
    groups, seats = len(problem.size), apart.seats
    unit = np.concatenate((np.arange(groups), groups + homes.home))
    tier = np.concatenate((problem.tier, problem.tier[homes.group]))
    served = seats.slot >= 0
    group, count = seats.group[served], seats.count[served]
    figures = np.zeros((int(label.max(initial=-1)) + 1, problem.tiers + 1), np.int64)
    np.add.at(figures, (label[unit[group]], tier[group] - 1), count)
    np.add.at(figures[:, -1], label[unit[group]], count * apart.prices.seat[served])
    return figures


def _tier_weights(program: BundleProgram, cost: Ints) -> Ints:
    """What serving a person of each tier counts: more than all that comes after, or else by far more.

    Parameters
    ----------
    program : BundleProgram
    cost : (n_columns,)
        All 0 where only people count.
    """
    persons = program.count @ program.people
    most = ceil((cost / program.people.sum(axis=1)[program.unit]).max(initial=0))
    ratio = max(2, round(TIER_SPAN ** (1 / max(1, len(persons) - 1))))
    after = most * int(persons.sum())
    enough = PERSON_SPAN * max(1, most)
    weights = []
    for count in persons[::-1].tolist():
        weights.append(min(after + 1, enough))
        after += weights[-1] * count
        enough = ratio * weights[-1]
    return np.array(weights[::-1], np.int64)


def _reweighed(price: Ints, problem: Problem, weights: Ints) -> Ints:
    """Prices of the flow with its tier weights replaced by others."""
    level = (2 * price + problem.unit) // (2 * problem.unit)
    rest = price - level * problem.unit
    return np.asarray(np.maximum(0, np.append(0, weights[::-1])[level] + rest), np.int64)


def _improve(part: _Part, taken: Ints, deadline: Deadline) -> SearchResult:
    """A better plan of a component than `taken`, and the least value that any has."""
    program = part.program
    value = program.cost - program.people[program.unit] @ part.weights
    return search(program, value, int(value @ taken), part.price * SCALE, deadline)


def _chosen(homes: Homes, part: _Part, found: SearchResult, choice: Ints) -> Ints:
    """Choices of all households with those of a component replaced, where something better was found."""
    if found.columns is None:
        return choice
    bundles = part.columns[found.columns] - len(homes.arc)
    choice = choice.copy()
    choice[part.homes] = -1
    choice[homes.bundle_home[bundles]] = bundles
    return choice


def _bounds(part: _Part, figures: Sequence[int], found: SearchResult, deadline: Deadline) -> Bounds:
    """Bound of each figure of a component, as far as those before it are proven.

    Parameters
    ----------
    part : _Part
    figures : tuple of int
        Of the plan.
    found : SearchResult
        What the search in the weights of the part brought.
    deadline : Deadline
    """
    bounds: list[int | None] = []
    tiers = len(part.weights)
    same = True
    for tier in range(tiers):
        most = part.apart[tier] if same else int(part.program.count @ part.program.people[:, tier])
        if most > figures[tier]:
            # Prices of the search in whole and half persons of this tier: often a proof already.
            price = np.rint(2 * found.price / (SCALE * part.weights[tier])).astype(np.int64) * (SCALE // 2)
            most = min(most, _most_served(part.program, figures, tier, price, deadline))
        bounds.append(most)
        if most > figures[tier]:
            return (*bounds, *[None] * (tiers - tier))
        same = same and part.apart[tier] == figures[tier]
    cost = found.bound + int(part.weights @ figures[:tiers])
    return (*bounds, max(cost, part.apart[-1]) if same else cost)


def _most_served(
    program: BundleProgram, figures: Sequence[int], tier: int, price: Ints, deadline: Deadline
) -> int:
    """Most persons of a tier that any plan serves with the same numbers in the tiers before."""
    units = np.flatnonzero(program.people[:, : tier + 1].any(axis=1))
    columns = np.flatnonzero(np.isin(program.unit, units))
    part = program.part(columns, units, np.arange(len(program.room)))
    people = part.people[:, : tier + 1]
    part = BundleProgram(part.unit, part.cost, part.use, part.room, part.count, people, part.whole)
    weights = _tier_weights(part, np.zeros_like(part.cost))
    value = -(people @ weights)[part.unit]
    served = np.array(figures[: tier + 1], np.int64)
    found = search(part, value, -int(weights @ served), price, deadline)
    return -(found.bound + int(weights[:-1] @ served[:-1])) // int(weights[-1])


def _added(bounds: Sequence[Bounds]) -> Bounds:
    """Sums over components, None from the first figure that one of them does not prove."""
    return tuple(
        None if None in figures else sum(figure for figure in figures if figure is not None)
        for figures in zip(*bounds, strict=True)
    )
