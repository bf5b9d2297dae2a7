"""The exact solver: first prices from a thinned problem, a flow over the arcs they favour, then what is missing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.solve.alike import merge_alike, split_seats
from matcher.solve.network import components, solve_network
from matcher.solve.prices import Prices, proven_prices, seat_costs
from matcher.solve.problem import Problem, expand, part_of
from matcher.solve.warm import SMALL, Solution, solve_warm, would_leave

Ints = npt.NDArray[np.int64]

#: Arcs of each group that the first flow sees: those of least cost and first price.
FIRST_CANDIDATES = 12
#: Persons of a component in the thinned problem.
THINNED = 16_000


def solve_flow(problem: Problem, first: int = FIRST_CANDIDATES) -> Solution:
    """Serve most people by tier, then at least cost, over all arcs.

    One in f persons against one in f places gives first prices in a moment; under them nearly everybody's place is
    among a few arcs. The flow over these is exact for them, and its prices tell which other arcs matter. A pruned
    count is never the answer.

    Parameters
    ----------
    problem : Problem
    first : int
        Arcs of each group in the first flow.

    Returns
    -------
    Solution

    Raises
    ------
    SolverError
        When the solver does not answer OPTIMAL, or its answer contradicts the prices.
    """
    merged, merged_group = merge_alike(problem)
    found = _solve_merged(merged, first)
    if merged is problem:
        return found
    seats = split_seats(problem, merged_group, found.seats)
    prices = Prices(found.prices.slot, seat_costs(problem, seats))
    return Solution(seats, prices, found.rounds, found.core)


def _solve_merged(problem: Problem, first: int) -> Solution:
    part = problem
    if len(problem.size) > SMALL and problem.size.sum() > 2 * THINNED:
        coarse = thin(problem)
        part = cheapest(problem, proven_prices(coarse, solve_network(coarse)).slot, first)
    seats = solve_network(part)
    price = proven_prices(part, seats).slot
    prices = Prices(price, seat_costs(problem, seats))
    if would_leave(problem, seats, prices).any():
        return solve_warm(problem, seats, price)
    return Solution(seats, prices, 1, len(problem.size))


def thin(problem: Problem) -> Problem:
    """Every f-th person against an f-th of the places, f a power of two for each component."""
    label = components(problem)
    somewhere = np.flatnonzero(np.diff(problem.start))
    group_label = label[problem.slot[problem.start[somewhere]]]
    people = np.zeros(int(label.max(initial=-1)) + 1, np.int64)
    np.add.at(people, group_label, problem.size[somewhere])
    factor = 2 ** np.ceil(np.log2(np.maximum(people / THINNED, 1))).astype(np.int64)
    # Counted off within each component: whoever completes another f persons stays.
    order = np.argsort(group_label, kind="stable")
    group, component = somewhere[order], group_label[order]
    passed = np.cumsum(problem.size[group]) - (np.cumsum(people) - people)[component]
    size = np.zeros(len(problem.size), np.int64)
    size[group] = passed // factor[component] - (passed - problem.size[group]) // factor[component]
    kept = np.flatnonzero(size)
    _, arc = expand(problem.start, kept)
    slot_factor = factor[label]
    provider_factor = np.ones(len(problem.total), np.int64)
    provider_factor[problem.slot_provider] = slot_factor
    return part_of(
        problem,
        arc,
        np.diff(problem.start)[kept],
        size=size[kept],
        tier=problem.tier[kept],
        capacity=(problem.capacity + slot_factor // 2) // slot_factor,
        total=np.where(problem.total >= 0, (problem.total + provider_factor // 2) // provider_factor, -1),
    )


def cheapest(problem: Problem, price: Ints, count: int) -> Problem:
    """The arcs of each group with the `count` least values of cost + price, equals included.

    As `favoured`, but groups with as many arcs stand as the rows of a matrix: selecting is several times faster than
    sorting.
    """
    value = problem.cost + price[problem.slot]
    degree = np.diff(problem.start)
    keep = np.ones(len(value), bool)
    for wide in np.unique(degree[degree > count]).tolist():
        arc = problem.start[:-1][degree == wide][:, None] + np.arange(wide)
        row = value[arc]
        keep[arc] = row <= np.partition(row, count - 1, axis=1)[:, count - 1 : count]
    before = np.concatenate(([0], np.cumsum(keep)))
    return part_of(problem, np.flatnonzero(keep), np.diff(before[problem.start]))
