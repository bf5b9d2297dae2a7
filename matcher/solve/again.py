"""Solve again after a small change: repair the plan by paths, else solve its neighbourhood anew; proven either way."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.solve.alike import merge_alike, split_seats
from matcher.solve.edges import FAR
from matcher.solve.moves import repair
from matcher.solve.prices import Improvement, Prices, least_prices, price_paid, seat_costs
from matcher.solve.problem import NOWHERE, WAITING, Problem, Seats, arc_of, seats_of, summed_seats
from matcher.solve.warm import Solution, solve_warm

Ints = npt.NDArray[np.int64]


def solve_again(problem: Problem, seats: Seats, unseated: Ints, slot_price: Ints) -> Solution:
    """Optimal plan, reached from a near one; few people move without need.

    Parameters
    ----------
    problem : Problem
        The changed problem.
    seats : Seats
        What of the earlier plan still holds, from `carry_over`.
    unseated : (n_groups,)
        Persons of each group who are not in `seats`.
    slot_price : (n_slots,)
        Prices of the earlier plan, those of `opening_prices` for new slots. The answer does not depend on them, the
        time does.

    Raises
    ------
    SolverError
        As `solve_warm`.
    """
    found = repair(problem, seats, slot_price, unseated)
    prices = least_prices(problem, found)
    if isinstance(prices, Improvement):
        return solve_warm(problem, found, slot_price, stay=True)
    return Solution(found, prices, 0, 0)


def solve_near(problem: Problem, seats: Seats, unseated: Ints, slot_price: Ints) -> Solution:
    """As `solve_again`, for so many changes that chains of moves would be slower than to solve their neighbourhood.

    Parameters and errors are those of `solve_again`.
    """
    merged, group = merge_alike(problem)
    waits = np.flatnonzero(unseated)
    before = summed_seats(
        group[np.concatenate((seats.group, waits))],
        np.concatenate((seats.slot, np.full(len(waits), WAITING))),
        np.concatenate((seats.count, unseated[waits])),
        len(problem.capacity),
    )
    found = solve_warm(merged, before, slot_price, stay=True)
    if merged is problem:
        return found
    split = split_seats(problem, group, found.seats)
    return Solution(split, Prices(found.prices.slot, seat_costs(problem, split)), found.rounds, found.core)


def carry_over(problem: Problem, member: Ints, slot: Ints) -> tuple[Seats, Ints]:
    """Seats of an earlier plan that are still good: eligible pairs, within the capacities.

    Parameters
    ----------
    problem : Problem
        The changed problem.
    member, slot : (n_residents,)
        Group of each person in it, and the slot that the earlier plan gave them: −1 waits, `NOWHERE` is to be seated.

    Returns
    -------
    Seats
        Of those whose seat is still good, and of those who waited.
    (n_groups,) array
        All others, by group.
    """
    told = slot != NOWHERE
    seats = seats_of(member[told], slot[told], len(problem.capacity))
    served = np.flatnonzero(seats.slot >= 0)
    count = seats.count.copy()
    count[served[arc_of(problem, seats)[served] < 0]] = 0
    slots = seats.slot[served]
    count[served] = _within(problem.capacity, slots, count[served])
    count[served] = _within(problem.total, problem.slot_provider[slots], count[served])
    kept = count > 0
    unseated = problem.size - np.bincount(seats.group, count, len(problem.size)).astype(np.int64)
    return Seats(seats.group[kept], seats.slot[kept], count[kept]), unseated


def opening_prices(problem: Problem, seats: Seats, slot_price: Ints, opened: Ints) -> Ints:
    """First prices of new slots: just so dear that nobody would come.

    Parameters
    ----------
    problem : Problem
    seats : Seats
    slot_price : (n_slots,)
        Earlier prices, 0 for the new slots.
    opened : (n,)
        The new slots.

    Returns
    -------
    (n_slots,) array
    """
    price = slot_price.copy()
    paid = np.full(len(problem.size), -FAR)
    np.maximum.at(paid, seats.group, price_paid(seats, Prices(slot_price, seat_costs(problem, seats))))
    group = problem.group
    for slot in opened.tolist():
        arcs = np.flatnonzero(problem.slot == slot)
        price[slot] = (paid[group[arcs]] - problem.cost[arcs]).max(initial=0)
    return price


def rescaled(price: Ints, before: int, now: int) -> Ints:
    """Prices of a problem with another unit: their multiples of the unit stay, and their metres."""
    return price + np.rint(price / before).astype(np.int64) * (now - before)


def _within(room: Ints, key: Ints, count: Ints) -> Ints:
    """How many of each row fit into the room of its key (−1: endless), row by row."""
    order = np.argsort(key, kind="stable")
    key, count = key[order], count[order]
    before = np.cumsum(count) - count
    ahead = before - before[np.searchsorted(key, key)] if len(key) else before
    left = np.where(room[key] < 0, FAR, room[key]) - ahead
    fits = np.empty(len(key), np.int64)
    fits[order] = np.clip(left, 0, count)
    return fits
