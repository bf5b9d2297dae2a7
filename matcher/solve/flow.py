"""The exact solver: first prices from a thinned problem, a flow over the arcs they favour, then what is missing."""

from __future__ import annotations

import numpy as np

from matcher.problem import Problem, expand, favoured, part_of
from matcher.solve.alike import merge_alike, split_seats
from matcher.solve.network import components, solve_network
from matcher.solve.prices import Prices, proven_prices, seat_costs
from matcher.solve.warm import SMALL, Solution, solve_warm, would_leave

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
    seats = split_seats(problem, merged_group, found.seats)
    prices = Prices(found.prices.slot, seat_costs(problem, seats))
    return Solution(seats, prices, found.rounds, found.core)


def _solve_merged(problem: Problem, first: int) -> Solution:
    part = problem
    if len(problem.size) > SMALL and problem.size.sum() > 2 * THINNED:
        coarse = thin(problem)
        part = favoured(problem, proven_prices(coarse, solve_network(coarse)).slot, first)
    seats = solve_network(part)
    price = proven_prices(part, seats).slot
    prices = Prices(price, seat_costs(problem, seats))
    if would_leave(problem, seats, prices).any():
        return solve_warm(problem, seats, price)
    return Solution(seats, prices, 1, len(problem.size))


def thin(problem: Problem) -> Problem:
    """Every f-th person against an f-th of the places, f a power of two for each component."""
    label = components(problem)
    group_label = np.full(len(problem.size), -1, np.int64)
    group_label[problem.group] = label[problem.slot]
    people = np.bincount(
        group_label[group_label >= 0], problem.size[group_label >= 0], int(label.max(initial=0)) + 1
    )
    factor = 2 ** np.ceil(np.log2(np.maximum(people / THINNED, 1))).astype(np.int64)
    share = np.append(factor.max() // factor, 0)[group_label]
    passed = np.cumsum(problem.size * share)
    size = np.diff(passed // factor.max(), prepend=0)
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
