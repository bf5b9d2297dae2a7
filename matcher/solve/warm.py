"""Solve again from a plan at hand: people near a change of seat are solved anew, prices vouch for the rest.

Most people sit far from any change: their second-best place, prices included, is much dearer than the one they have.
They are held where they are; the others, the core, are solved against the capacity that is left. The core's prices
are then tried on everybody. Who would rather sit elsewhere joins the core, until nobody does: that is a proof for the
whole problem.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matcher.solve.edges import FAR
from matcher.solve.network import solve_network
from matcher.solve.prices import Prices, price_paid, proven_prices, reduced_costs, seat_costs
from matcher.solve.problem import (
    Problem,
    Seats,
    expand,
    favoured,
    part_of,
    people_by_provider,
    people_by_slot,
    summed_seats,
)

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Share of the groups, those with the least margins, that make up the first core.
FIRST_SHARE = 0.04
#: Arcs of each group of the core in its first solve; twice as many after one that missed an arc.
CORE_ARCS = 8
#: A problem with fewer groups is all core.
SMALL = 1000


@dataclass(frozen=True)
class Solution:
    """What the solver found.

    Parameters
    ----------
    seats : Seats
    prices : Prices
        They prove the seats optimal.
    rounds : int
        Cores solved.
    core : int
        Groups in the last core.
    """

    seats: Seats
    prices: Prices
    rounds: int
    core: int


def solve_warm(
    problem: Problem, seats: Seats, slot_price: Ints, first_share: float = FIRST_SHARE, *, stay: bool = False
) -> Solution:
    """Optimal plan, reached from a near one.

    Parameters
    ----------
    problem : Problem
    seats : Seats
        Any plan within the capacities over eligible pairs; the nearer to optimal, the faster.
    slot_price : (n_slots,)
        Prices to choose the first core by; any will do.
    first_share : float
        Share of the groups in the first core.
    stay : bool
        Among equally good plans prefer one that leaves the people of the core in their `seats`.

    Returns
    -------
    Solution

    Raises
    ------
    SolverError
        As `solve_network`.
    """
    before = seats
    core = _first_core(problem, seats, slot_price, first_share)
    rounds, arcs, price = 0, CORE_ARCS, slot_price
    while True:
        rounds += 1
        held = _hold(seats, ~core)
        unit = _hold(before, core) if stay else _whole(problem, core)
        part = favoured(_core_problem(problem, unit, held), price, arcs)
        inner = solve_network(_with_preference(part, unit) if stay else part)
        seats = _merge(problem, held, unit.group, inner)
        prices = Prices(proven_prices(part, inner).slot, seat_costs(problem, seats))
        unhappy = would_leave(problem, seats, prices)
        if not unhappy.any():
            return Solution(seats, prices, rounds, int(core.sum()))
        if (unhappy & core).any():
            arcs *= 2
        core |= unhappy
        price = prices.slot


def _first_core(problem: Problem, seats: Seats, slot_price: Ints, share: float) -> Bools:
    if len(problem.size) <= SMALL:
        return np.ones(len(problem.size), bool)
    margin = _margins(problem, seats, Prices(slot_price, seat_costs(problem, seats)))
    return np.asarray((margin < 0) | (margin <= np.quantile(margin, share, method="lower")))


def _margins(problem: Problem, seats: Seats, prices: Prices) -> Ints:
    """By group: the cheapest other place, price included, minus what its dearest seat pays."""
    paid = np.full(len(problem.size), -FAR)
    np.maximum.at(paid, seats.group, price_paid(seats, prices))
    owner, arc = expand(problem.start, seats.group)
    taken = np.zeros(len(problem.slot), bool)
    taken[arc[problem.slot[arc] == seats.slot[owner]]] = True
    elsewhere = problem.unserved_cost
    elsewhere[seats.group[seats.slot < 0]] = FAR
    np.minimum.at(elsewhere, problem.group[~taken], (problem.cost + prices.slot[problem.slot])[~taken])
    split = np.bincount(seats.group, minlength=len(problem.size)) > 1
    return np.where(split, -FAR, elsewhere - paid)


def _hold(seats: Seats, kept: Bools) -> Seats:
    """Seats of some of the groups."""
    some = kept[seats.group]
    return Seats(seats.group[some], seats.slot[some], seats.count[some])


def _whole(problem: Problem, core: Bools) -> Seats:
    """The groups of the core undivided, wherever they sat."""
    groups = np.flatnonzero(core)
    return Seats(groups, np.full(len(groups), -1, np.int64), problem.size[groups])


def _core_problem(problem: Problem, unit: Seats, held: Seats) -> Problem:
    """The people of the core, in units of those who sat together, against the capacity that the others leave."""
    used = people_by_slot(problem, held)
    total_used = people_by_provider(problem, used)
    _, arc = expand(problem.start, unit.group)
    return part_of(
        problem,
        arc,
        np.diff(problem.start)[unit.group],
        size=unit.count,
        tier=problem.tier[unit.group],
        capacity=problem.capacity - used,
        total=np.where(problem.total >= 0, problem.total - total_used, -1),
    )


def _with_preference(part: Problem, unit: Seats) -> Problem:
    """Costs so much enlarged that one for each move of a person decides only between equals."""
    moves = part.slot != unit.slot[part.group]
    return replace(part, cost=part.cost * (int(part.size.sum()) + 1) + moves)


def _merge(problem: Problem, held: Seats, group_of_unit: Ints, inner: Seats) -> Seats:
    """Seats of everybody: those held, and those that the core was given."""
    return summed_seats(
        np.concatenate((held.group, group_of_unit[inner.group])),
        np.concatenate((held.slot, inner.slot)),
        np.concatenate((held.count, inner.count)),
        len(problem.capacity),
    )


def would_leave(problem: Problem, seats: Seats, prices: Prices) -> Bools:
    """Groups of which somebody would rather sit elsewhere, or wait, at these prices.

    Returns
    -------
    (n_groups,) bool
        None at all proves the plan, if the prices are zero wherever there is room.
    """
    unhappy = np.zeros(len(problem.size), bool)
    unhappy[problem.group[reduced_costs(problem, seats, prices) < 0]] = True
    unhappy[seats.group[price_paid(seats, prices) > problem.unserved_cost[seats.group]]] = True
    return unhappy
