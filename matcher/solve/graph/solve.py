"""From a problem to its optimal seats by way of the graph of slots: prices of a quarter of it first, then paths."""

from __future__ import annotations

import numpy as np

from matcher.errors import SolverError
from matcher.solve.graph.clearing import clear
from matcher.solve.graph.paths import run
from matcher.solve.graph.people import Ints, Sitting, choices_of, sit_cheapest
from matcher.solve.graph.search import FAR, Nodes, Tree
from matcher.solve.graph.ways import Ways, ways_of
from matcher.solve.problem import WAITING, Problem, Seats, seats_of
from matcher.solve.thin import thin

#: Each problem starts from the prices of one so many times smaller …
SMALLER = 4
#: … down to one of so many people, and so many for each slot, which starts from none: of fewer places than that,
#: an n-th is too often none.
SMALLEST, EACH = 1_000, 4
#: With no more slots than this outside is asked who has too few; beyond, they look around for themselves.
CITY_SLOTS = 10_000
#: Rounds over all slots before paths are sought: in a city a second one costs what it saves, in a province more save
#: what they cost.
CITY_SWEEPS, SWEEPS = 1, 16


def solve_graph(problem: Problem, near: Ints | None = None) -> Seats:
    """Serve most people by tier, then at least cost.

    Parameters
    ----------
    problem : Problem
        Of any kind; it pays where most groups are of one person.
    near : (n_slots,) array, optional
        Prices to start from; those of a smaller problem where none are given.

    Returns
    -------
    Seats

    Raises
    ------
    SolverError
        When weights leave the integer head-room, or people are left over: a fault of the program.
    """
    if near is not None:
        return _solve(problem, np.append(near, 0))[0]
    price = np.zeros(len(problem.capacity) + 1, np.int64)
    for smaller in _smaller(problem)[::-1]:
        _, price = _solve(smaller, price)
    seats, _ = _solve(problem, price)
    return seats


def _smaller(problem: Problem) -> list[Problem]:
    """The problem thinned more and more, until no component of it has more people than the smallest."""
    people, least = int(problem.size.sum()), max(SMALLEST, EACH * len(problem.capacity))
    most = least
    while most * SMALLER < people:
        most *= SMALLER
    levels = [problem]
    while most >= least:
        levels.append(thin(levels[-1], most))
        most //= SMALLER
    return levels[1:]


def _solve(problem: Problem, price: Ints) -> tuple[Seats, Ints]:
    """Seats, and prices that prove them, from those of a problem near this one; the last is that of outside: 0."""
    slots = len(problem.capacity)
    city = slots <= CITY_SLOTS
    choices = choices_of(problem)
    sitting = sit_cheapest(choices, price)
    clear(choices, sitting, price, problem.capacity, CITY_SWEEPS if city else SWEEPS)
    nodes = nodes_of(problem, sitting, price)
    ways = ways_of(choices, sitting)
    if not run(choices, sitting, ways, nodes, empty_tree(nodes, ways), not city):
        raise SolverError("the graph of slots has people left over")
    seat = np.where(sitting.seat == slots, WAITING, sitting.seat).astype(np.int64)
    # Where nobody sits a price may have stayed below that of outside; nobody minds when it is none.
    prices = np.maximum(nodes.price[: slots + 1] - nodes.price[slots], 0)
    return seats_of(choices.group.astype(np.int64), seat, slots), prices


def nodes_of(problem: Problem, sitting: Sitting, price: Ints) -> Nodes:
    """Exits that are full where the price says so, and else carry whom they can."""
    slots = len(problem.capacity)
    capped = np.flatnonzero(problem.total >= 0)
    node_of_total = np.full(len(problem.total), slots, np.int64)
    node_of_total[capped] = slots + 1 + np.arange(len(capped))
    after = np.concatenate((node_of_total[problem.slot_provider], [-1], np.full(len(capped), slots)))
    room = np.concatenate((problem.capacity, [0], problem.total[capped]))
    prices = np.concatenate((price, np.full(len(capped), FAR)))
    np.minimum.at(prices, after[:slots], prices[:slots])
    prices[prices == FAR] = 0
    prices[slots] = 0
    through = np.zeros(len(after), np.int64)
    over = np.concatenate((sitting.load, np.zeros(len(capped), np.int64)))
    over[slots] -= len(sitting.seat)
    for level in (slice(0, slots), slice(slots + 1, None)):
        dearer = prices[level] > prices[after[level]]
        through[level] = np.where(dearer, room[level], np.minimum(over[level], room[level]))
        over[level] -= through[level]
        np.add.at(over, after[level], through[level])
    order = np.argsort(after, kind="stable")[1:]
    feeder_first = np.searchsorted(after[order], np.arange(len(after) + 1))
    return Nodes(after.astype(np.int32), room, through, over, prices, feeder_first, order.astype(np.int32))


def empty_tree(nodes: Nodes, ways: Ways) -> Tree:
    """Space for a search; each way and each exit is looked at once."""
    count = len(nodes.over)
    most = len(ways.target) + 2 * count + 1
    return Tree(
        np.full(count, FAR, np.int64),
        np.empty(count, np.int32),
        np.zeros(count, np.bool_),
        np.empty(count, np.int32),
        np.empty(count, np.int32),
        np.empty(count, np.int32),
        np.empty(most, np.int64),
        np.empty(most, np.int32),
        np.zeros(3, np.int64),
    )
