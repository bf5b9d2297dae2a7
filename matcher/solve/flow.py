"""The exact solver: first prices from a thinned problem, a flow over the arcs they favour, then what is missing.

Where grouping does not make a large problem smaller, `graph` does the same without a node for each person.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import numpy.typing as npt

from matcher.solve.alike import merge_alike, split_seats
from matcher.solve.network import solve_network
from matcher.solve.prices import Prices, proven_prices, seat_costs
from matcher.solve.problem import Problem, part_of
from matcher.solve.thin import thin
from matcher.solve.warm import SMALL, Solution, solve_warm, would_leave

Ints = npt.NDArray[np.int64]

#: Arcs of each group that the first flow sees: those of least cost and first price.
FIRST_CANDIDATES = 12
#: Persons of a component in the thinned problem, at least, and for each slot of the whole: of fewer places an n-th is
#: too often none.
THINNED, EACH = 16_000, 4
#: Where the extra ``fast`` is installed, so many people and more are seated on the graph of slots: from there on it
#: saves more than it takes to load Numba (65,000 people: 1.1 s and 1.7 to load, against 2.2 by OR-Tools), …
GRAPH_PEOPLE = 100_000
#: … if there are so few to a group: OR-Tools knows groups, the graph takes people one by one.
GRAPH_GROUP = 2
#: With more slots than this first prices come from OR-Tools: from none at all the graph has too far to go.
GRAPH_SLOTS = 10_000


def solve_flow(
    problem: Problem,
    first: int = FIRST_CANDIDATES,
    *,
    near: Ints | None = None,
    progress: bool = False,
) -> Solution:
    """Serve most people by tier, then at least cost, over all arcs.

    One in f persons against one in f places gives first prices in a moment; under them nearly everybody's place is
    among a few arcs. The flow over these is exact for them, and its prices tell which other arcs matter. A pruned
    count is never the answer. Many people of whom hardly any are alike are seated on the graph of slots instead.

    Parameters
    ----------
    problem : Problem
    first : int
        Arcs of each group in the first flow.
    near : (n_slots,) array, optional
        Prices to start from, where some are known; any will do, and the answer does not depend on them but in ties.
    progress : bool
        Show a bar on a terminal, where the loops of the graph are still to be compiled.

    Returns
    -------
    Solution

    Raises
    ------
    SolverError
        When the solver does not answer OPTIMAL, or its answer contradicts the prices.
    """
    merged, merged_group = merge_alike(problem)
    on_graph = graph_pays(merged)
    found = _solve_on_graph(merged, near, progress) if on_graph else _solve_merged(merged, first, near)
    if merged is problem:
        return found
    seats = split_seats(problem, merged_group, found.seats)
    prices = Prices(found.prices.slot, seat_costs(problem, seats))
    return Solution(seats, prices, found.rounds, found.core)


def graph_pays(problem: Problem) -> bool:
    """Whether the graph of slots is there, and faster than OR-Tools."""
    people = int(problem.size.sum())
    many = people >= GRAPH_PEOPLE and people <= GRAPH_GROUP * len(problem.size)
    return many and find_spec("numba") is not None


def _solve_on_graph(problem: Problem, near: Ints | None, progress: bool) -> Solution:
    # Numba takes half a second to load: only who needs it waits.
    from matcher.solve.graph.prepare import prepare
    from matcher.solve.graph.solve import solve_graph

    prepare(progress=progress)
    if near is None and len(problem.capacity) > GRAPH_SLOTS:
        near = coarse_prices(problem)
    seats = solve_graph(problem, near)
    return Solution(seats, proven_prices(problem, seats), 1, len(problem.size))


def _solve_merged(problem: Problem, first: int, near: Ints | None) -> Solution:
    part = problem
    if len(problem.size) > SMALL and problem.size.sum() > 2 * THINNED:
        part = cheapest(problem, coarse_prices(problem) if near is None else near, first)
    seats = solve_network(part)
    price = proven_prices(part, seats).slot
    prices = Prices(price, seat_costs(problem, seats))
    if would_leave(problem, seats, prices).any():
        return solve_warm(problem, seats, price)
    return Solution(seats, prices, 1, len(problem.size))


def coarse_prices(problem: Problem) -> Ints:
    """Prices of the thinned problem, by OR-Tools."""
    coarse = thin(problem, max(THINNED, EACH * len(problem.capacity)))
    return proven_prices(coarse, solve_network(coarse)).slot


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
