"""A plan repaired after a small change is as good as one solved from scratch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.solve import again
from matcher.solve.again import carry_over, opening_prices, rescaled, solve_again, solve_near
from matcher.solve.flow import solve_flow
from matcher.solve.moves import repair
from matcher.solve.prices import Improvement, least_prices, seat_costs
from matcher.solve.problem import NOWHERE, Problem, Seats, weight_unit
from tests.helpers.examples import examples
from tests.helpers.problems import TIERS, Value, brute_force, make_problem, problems


def value(problem: Problem, seats: Seats) -> Value:
    there = seats.slot >= 0
    tier = problem.tier[seats.group[there]]
    served = np.bincount(tier, seats.count[there], TIERS + 1)[1:].astype(int)
    return (*(-served).tolist(), int(seat_costs(problem, seats)[there] @ seats.count[there]))


def people_of(problem: Problem, seats: Seats) -> tuple[np.ndarray, np.ndarray]:
    """Group and slot of each person."""
    return np.repeat(seats.group, seats.count), np.repeat(seats.slot, seats.count)


def changed(problem: Problem, capacity: list[int]) -> Problem:
    return replace(problem, capacity=np.array(capacity[: len(problem.capacity)], np.int64))


@examples(150)
@given(problems(max_people=4, max_size=2), st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_any_change_of_capacities_ends_in_the_optimum(problem: Problem, capacity: list[int]) -> None:
    """Totals included: where the paths fail the proof says so, and the core is solved."""
    first = solve_flow(problem)
    after = changed(problem, capacity)
    seats, unseated = carry_over(after, *people_of(problem, first.seats))
    solution = solve_again(after, seats, unseated, first.prices.slot)
    assert value(after, solution.seats) == brute_force(after)
    assert not isinstance(least_prices(after, solution.seats), Improvement)
    assert (
        np.bincount(solution.seats.group, solution.seats.count, len(after.size)).tolist()
        == after.size.tolist()
    )


@examples(100)
@given(problems(max_people=4, max_size=2), st.data())
def test_people_who_are_new_or_have_changed_are_seated_as_from_scratch(problem: Problem, data) -> None:
    first = solve_flow(problem)
    member, slot = people_of(problem, first.seats)
    slot = np.where([data.draw(st.booleans()) for _ in slot], NOWHERE, slot).astype(np.int64)
    seats, unseated = carry_over(problem, member, slot)
    assert unseated.sum() == (slot == NOWHERE).sum()
    solution = solve_again(problem, seats, unseated, first.prices.slot)
    assert value(problem, solution.seats) == brute_force(problem)


@examples(150)
@given(problems(max_people=5, max_size=2), st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_without_totals_the_paths_alone_reach_the_optimum(problem: Problem, capacity: list[int]) -> None:
    """No fall back: what `repair` gives is proven by itself."""
    free = replace(problem, total=np.full(len(problem.total), -1))
    first = solve_flow(free)
    after = changed(free, capacity)
    seats, unseated = carry_over(after, *people_of(free, first.seats))
    assert not isinstance(least_prices(after, repair(after, seats, first.prices.slot, unseated)), Improvement)


@examples(80)
@given(problems(max_people=5, max_size=2), st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_the_neighbourhood_of_many_changes_is_solved_to_the_optimum(
    problem: Problem, capacity: list[int]
) -> None:
    first = solve_flow(problem)
    after = changed(problem, capacity)
    seats, unseated = carry_over(after, *people_of(problem, first.seats))
    solution = solve_near(after, seats, unseated, first.prices.slot)
    assert value(after, solution.seats) == brute_force(after)
    assert not isinstance(least_prices(after, solution.seats), Improvement)


@examples(60)
@given(problems(max_people=4), st.lists(st.integers(0, 50), min_size=4, max_size=4))
def test_prices_that_are_wrong_cost_time_and_not_the_optimum(problem: Problem, price: list[int]) -> None:
    waiting = Seats(np.zeros(0, int), np.zeros(0, int), np.zeros(0, int))
    start = np.array(price[: len(problem.capacity)], np.int64)
    solution = solve_again(problem, waiting, problem.size.copy(), start)
    assert value(problem, solution.seats) == brute_force(problem)


def test_one_more_place_moves_only_the_chain_it_needs() -> None:
    """A place at slot 0: `a` moves there from 1, and `b`, who waits, takes that place; `c` stays."""
    rows = [(1, 1, {0: 1, 1: 5}), (1, 1, {1: 2}), (1, 1, {2: 1})]
    before = make_problem(rows, [0, 1, 1])
    first = solve_flow(before)
    after = replace(before, capacity=np.array([1, 1, 1]))
    solution = solve_again(after, first.seats, np.zeros(3, int), first.prices.slot)
    assert solution.rounds == 0
    assert dict(zip(solution.seats.group.tolist(), solution.seats.slot.tolist(), strict=True)) == {
        0: 0,
        1: 1,
        2: 2,
    }


def test_a_slot_that_is_too_small_keeps_as_many_as_it_can() -> None:
    problem = make_problem([(5, 1, {0: 1})], [5])
    seats, unseated = carry_over(changed(problem, [3]), np.zeros(5, int), np.zeros(5, int))
    assert (seats.slot.tolist(), seats.count.tolist(), unseated.tolist()) == ([0], [3], [2])


def test_a_new_slot_begins_so_dear_that_nobody_would_come() -> None:
    """One person pays 7 now and would pay 3 at the new slot: 4 is the price."""
    problem = make_problem([(1, 1, {0: 7, 1: 3})], [1, 1])
    seats = Seats(np.array([0]), np.array([0]), np.array([1]))
    assert opening_prices(problem, seats, np.zeros(2, int), np.array([1])).tolist() == [0, 4]


def test_prices_keep_their_tiers_when_the_unit_changes() -> None:
    """Two units less 30 metres, in a problem whose unit is larger."""
    old, new = weight_unit(np.array([100]), 2, 2), weight_unit(np.array([100]), 5, 5)
    assert rescaled(np.array([2 * old - 30, 40]), old, new).tolist() == [2 * new - 30, 40]


def test_the_core_is_asked_only_when_the_paths_are_not_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = make_problem([(2, 1, {0: 1, 1: 3})], [1, 1])
    first = solve_flow(problem)
    asked = []
    monkeypatch.setattr(again, "repair", lambda problem, seats, price, unseated: _nobody(problem))
    monkeypatch.setattr(again, "solve_warm", lambda *args, **flags: asked.append(flags) or first)
    assert solve_again(problem, first.seats, np.zeros(1, int), first.prices.slot) is first
    assert asked == [{"stay": True}]


def _nobody(problem: Problem) -> Seats:
    return Seats(np.arange(len(problem.size)), np.full(len(problem.size), -1), problem.size)
