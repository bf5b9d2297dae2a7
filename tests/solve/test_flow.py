"""The flow, CP-SAT and brute force agree; prices prove the optimum, price one more place, and refuse the rest."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.errors import SolverError
from matcher.solve import flow, warm
from matcher.solve.alike import merge_alike, split_seats
from matcher.solve.flow import solve_flow
from matcher.solve.network import components, solve_network
from matcher.solve.prices import OUTSIDE, Improvement, Prices, least_prices, reduced_costs
from matcher.solve.problem import Problem, Seats, favoured
from matcher.solve.slots import slot_values
from matcher.solve.thin import thin
from matcher.solve.ties import break_ties
from tests.helpers.examples import examples
from tests.helpers.problems import brute_force, make_problem, problems, value_of
from tests.oracles.cpsat import objective_of, solve_cpsat

small = examples(150)


def test_nearest_provider_with_room_is_taken() -> None:
    problem = make_problem([(1, 3, {0: 5, 1: 2})], [1, 1])
    assert value_of(problem, solve_flow(problem).seats) == (0, 0, -1, 2)


def test_first_tier_is_served_before_any_number_of_metres() -> None:
    """One place, two people: the tier-1 person gets it although 9 m are dearer than 1 m."""
    problem = make_problem([(1, 3, {0: 1}), (1, 1, {0: 9})], [1])
    assert value_of(problem, solve_flow(problem).seats) == (-1, 0, 0, 9)


def test_total_of_a_provider_binds_over_its_modes() -> None:
    """Slots 0 and 1 belong to one provider with one place in all; tier 1 in the second mode takes it."""
    problem = make_problem([(1, 2, {0: 1}), (1, 1, {1: 1})], [1, 1], [0, 0], [1])
    assert value_of(problem, solve_flow(problem).seats) == (-1, 0, 0, 1)


def test_nobody_and_nowhere_are_valid_problems() -> None:
    assert solve_flow(make_problem([], [1])).seats.group.size == 0
    nowhere = make_problem([(2, 1, {})], [])
    assert solve_flow(nowhere).seats.slot.tolist() == [-1]


@small
@given(problems())
def test_flow_finds_what_brute_force_finds(problem: Problem) -> None:
    assert value_of(problem, solve_flow(problem).seats) == brute_force(problem)


@small
@given(problems(max_size=2), st.integers(1, 2))
def test_thinning_and_cores_find_what_brute_force_finds(problem: Problem, first: int) -> None:
    """As above, with no problem small enough to be solved at one go, and first prices from every second person."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flow, "SMALL", 0)
        patch.setattr(warm, "SMALL", 0)
        patch.setattr(flow, "THINNED", 3)
        solution = flow.solve_flow(problem, first)
    assert value_of(problem, solution.seats) == brute_force(problem)
    assert (reduced_costs(problem, solution.seats, solution.prices) >= 0).all()


@small
@given(problems(), st.integers(1, 3), st.data())
def test_the_cheapest_arcs_are_the_favoured_ones_and_their_equals(
    problem: Problem, count: int, data: st.DataObject
) -> None:
    price = np.array(data.draw(st.lists(st.integers(0, 30), min_size=4, max_size=4)))[: len(problem.capacity)]
    some, few = flow.cheapest(problem, price, count), favoured(problem, price, count)
    for group in range(len(problem.size)):
        mine = slice(problem.start[group], problem.start[group + 1])
        value = (problem.cost + price[problem.slot])[mine]
        most = max((few.cost + price[few.slot])[few.start[group] : few.start[group + 1]], default=-1)
        expected = problem.slot[mine][value <= most]
        assert some.slot[some.start[group] : some.start[group + 1]].tolist() == expected.tolist()


def test_thinning_counts_off_each_component_by_itself() -> None:
    """8 people share slot 0 and are counted by fours; 2 people of slot 1 are few enough to stay."""
    problem = make_problem([(5, 3, {0: 1}), (2, 3, {1: 1}), (3, 3, {0: 2}), (9, 3, {})], [4, 1])
    thinned = thin(problem, 2)
    assert thinned.size.tolist() == [1, 2, 1]
    assert thinned.capacity.tolist() == [1, 1]


def test_thinning_stands_numbers_near_the_largest() -> None:
    """10^15 people in one component and one in another: their product with the factors would overflow."""
    problem = make_problem([(10**15, 3, {0: 1}), (1, 3, {1: 1})], [10**15, 1])
    thinned = thin(problem, flow.THINNED)
    assert 0 < thinned.size[0] <= flow.THINNED
    assert thinned.size[1] == 1


def test_components_are_tied_by_groups_and_by_totals() -> None:
    """A group ties slots 0 and 1, the total of provider 2 ties slots 2 and 3; nobody needs slot 4."""
    problem = make_problem(
        [(1, 3, {0: 1, 1: 2}), (1, 3, {2: 1}), (1, 3, {})], [1] * 5, [0, 1, 2, 2, 3], [-1, -1, 1, -1]
    )
    label = components(problem)
    assert label[0] == label[1]
    assert label[2] == label[3]
    assert len(set(label.tolist())) == 3


@small
@given(problems(), st.data())
def test_a_warm_start_from_any_plan_ends_at_the_optimum(problem: Problem, data: st.DataObject) -> None:
    seats = _some_plan(problem, data)
    price = np.array(data.draw(st.lists(st.integers(0, 30), min_size=4, max_size=4)))[: len(problem.capacity)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warm, "SMALL", 0)
        solution = warm.solve_warm(problem, seats, price, first_share=0.0)
    assert value_of(problem, solution.seats) == brute_force(problem)
    assert isinstance(least_prices(problem, solution.seats), Prices)


@examples(25)
@given(problems(max_people=4, max_size=3))
def test_flow_and_cpsat_agree_on_groups(problem: Problem) -> None:
    found = solve_flow(problem).seats
    bounded = solve_cpsat(problem, workers=1)
    assert bounded.optimal
    assert bounded.seats is not None
    assert value_of(problem, bounded.seats) == value_of(problem, found)
    assert bounded.bound == bounded.objective == objective_of(problem, found)


@small
@given(problems(), st.data())
def test_prices_prove_exactly_the_optimal_plans(problem: Problem, data: st.DataObject) -> None:
    """A random feasible plan has prices when, and only when, brute force finds nothing better."""
    seats = _some_plan(problem, data)
    prices = least_prices(problem, seats)
    best = value_of(problem, seats) == brute_force(problem)
    assert isinstance(prices, Prices) == best
    if isinstance(prices, Prices):
        assert (reduced_costs(problem, seats, prices) >= 0).all()
        assert (prices.slot >= 0).all()


@small
@given(problems(), st.data())
def test_improvement_is_a_walk_that_pays(problem: Problem, data: st.DataObject) -> None:
    """Moving the cheapest person along each step gives a feasible plan of better value."""
    seats = _some_plan(problem, data)
    found = least_prices(problem, seats)
    if isinstance(found, Improvement):
        slot = seats.slot.copy()
        cost = {
            (int(group), int(target)): int(c)
            for group, target, c in zip(problem.group, problem.slot, problem.cost, strict=True)
        }
        for group, weight in enumerate(problem.unserved_cost.tolist()):
            cost[group, OUTSIDE] = weight
        moves = []
        for origin, target in pairwise(found.path):
            able = [g for g in np.flatnonzero(seats.slot == origin).tolist() if (g, target) in cost]
            if able:
                moves.append((min(able, key=lambda g: cost[g, target] - cost[g, origin]), target))
            else:  # a step through the total of a provider: nobody moves
                assert problem.slot_provider[origin] == problem.slot_provider[target]
        for group, target in moves:
            slot[group] = target
        better = Seats(seats.group, slot, seats.count)
        assert value_of(problem, better) < value_of(problem, seats)


@small
@given(problems(max_people=5))
def test_slot_value_equals_solving_again_with_one_more_place(problem: Problem) -> None:
    solution = solve_flow(problem)
    served, tier, metres = slot_values(problem, solution.prices.slot)
    before = brute_force(problem)
    for slot in range(len(problem.capacity)):
        after = brute_force(_one_more_place(problem, slot))
        gained = [now - then for now, then in zip(after[:-1], before[:-1], strict=True)]
        assert served[slot] == -sum(gained)
        assert metres[slot] == before[-1] - after[-1]
        if served[slot]:
            assert gained[int(tier[slot]) - 1] == -1
        else:
            assert tier.isna()[slot]


@small
@given(problems(max_size=3))
def test_breaking_ties_changes_no_value(problem: Problem) -> None:
    solution = solve_flow(problem)
    seats, _ = break_ties(problem, solution.seats, solution.prices)
    assert value_of(problem, seats) == value_of(problem, solution.seats)


def test_groups_with_the_same_choices_are_merged() -> None:
    """The first two differ only in size; the third costs more, the fourth is of another tier."""
    problem = make_problem([(1, 3, {0: 5}), (2, 3, {0: 5}), (1, 3, {0: 6}), (1, 2, {0: 5})], [9])
    merged, group = merge_alike(problem)
    assert group.tolist() == [0, 0, 1, 2]
    assert merged.size.tolist() == [3, 1, 1]


@small
@given(problems(max_size=3))
def test_merging_and_splitting_keep_the_value(problem: Problem) -> None:
    merged, group = merge_alike(problem)
    seats = solve_network(merged)
    assert value_of(problem, split_seats(problem, group, seats)) == value_of(merged, seats)
    assert merged.size.sum() == problem.size.sum()


def test_free_places_go_to_the_lower_provider() -> None:
    problem = make_problem([(1, 3, {1: 5, 2: 5, 0: 5})], [1, 1, 1])
    solution = solve_flow(problem)
    assert break_ties(problem, solution.seats, solution.prices)[0].slot.tolist() == [0]


def test_weights_above_the_headroom_are_refused() -> None:
    problem = make_problem([(1, 1, {0: 2**60})], [1])
    with pytest.raises(SolverError):
        solve_flow(problem)


def test_a_problem_cannot_be_changed() -> None:
    problem = make_problem([(1, 1, {0: 1})], [1])
    with pytest.raises(ValueError, match="read-only"):
        problem.capacity[0] = 2


def _one_more_place(problem: Problem, slot: int) -> Problem:
    capacity, total = problem.capacity.copy(), problem.total.copy()
    capacity[slot] += 1
    provider = problem.slot_provider[slot]
    if total[provider] >= 0:
        total[provider] += 1
    return replace(problem, capacity=capacity, total=total)


def _some_plan(problem: Problem, data: st.DataObject) -> Seats:
    """A feasible plan: each person takes a drawn option that still has room, or none."""
    used = np.zeros(len(problem.capacity), np.int64)
    total = np.zeros(len(problem.total), np.int64)
    slots = []
    for group in range(len(problem.size)):
        options = problem.slot[problem.start[group] : problem.start[group + 1]].tolist()
        slot = data.draw(st.sampled_from([-1, *options]))
        provider = problem.slot_provider[slot]
        full = slot >= 0 and (
            used[slot] >= problem.capacity[slot] or 0 <= problem.total[provider] <= total[provider]
        )
        if slot >= 0 and not full:
            used[slot] += 1
            total[provider] += 1
        slots.append(-1 if full else slot)
    return Seats(np.arange(len(slots)), np.array(slots, np.int64), np.ones(len(slots), np.int64))
