"""Classic location models: equal to brute force on small cases, and to a checker that knows no solver."""

from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.optimize import linprog

from matcher.errors import BadInput
from matcher.location_models import branch
from matcher.location_models.answer import Answer
from matcher.location_models.classic import (
    capacitated_p_median,
    facility_location,
    maximal_covering,
    p_median,
)
from matcher.location_models.location import location
from matcher.location_models.prices import SCALE, first_prices, pair_regrets
from matcher.location_models.solve import solve
from matcher.words.catalogues import t
from tests.helpers.examples import examples

small = examples(60)

#: Three villages on a road, at 0, 4 and 10 km, each a site as well.
ROAD = np.abs(np.subtract.outer([0, 4, 10], [0, 4, 10]))


# A checker and a brute force, neither of which knows the solver


def cost_of(answer: Answer, cost: Any, fixed: Any, demand: Any, capacity: Any, sites: int | None) -> Fraction:
    """What the plan costs by the raw numbers; fails where it breaks a rule."""
    rows = [[Fraction(str(value)) for value in row] for row in cost]
    needs = [Fraction(str(value)) for value in demand]
    opened = answer.sites.tolist()
    assert len(set(opened)) == len(opened)
    assert sites is None or len(opened) == sites
    total = sum((Fraction(str(fixed[site])) for site in opened), Fraction(0))
    load = dict.fromkeys(range(len(rows[0])), Fraction(0))
    for customer, row in enumerate(rows):
        if answer.flow is None:
            shares = {int(answer.served_by[customer]): needs[customer]}
        else:
            assert answer.served_by is None
            flows = answer.flow[customer].tolist()
            shares = {site: Fraction(str(flow)) for site, flow in enumerate(flows) if flow}
        assert set(shares) <= set(opened)
        assert sum(shares.values()) == needs[customer]
        for site, amount in shares.items():
            load[site] += amount
            total += row[site] * (amount / needs[customer] if needs[customer] else 1)
        if not shares:
            total += min(row[site] for site in opened)
    if capacity is not None:
        assert all(load[site] <= Fraction(str(capacity[site])) for site in load)
    return total


def best_of(
    cost: Any, fixed: Any, demand: Any, capacity: Any, sites: int | None, split: bool
) -> float | None:
    """The optimum by trying all sets of sites, and all ways to serve customers; None where there is none."""
    places = cost.shape[1]
    room = np.full(places, 10**9) if capacity is None else np.asarray(capacity)
    costs = []
    for number in range(1, places + 1) if sites is None else [sites]:
        for chosen in itertools.combinations(range(places), number):
            fee = sum(fixed[site] for site in chosen)
            served = (
                _shared(cost[:, chosen], demand, room[list(chosen)])
                if split
                else _whole(cost[:, chosen], demand, room[list(chosen)])
            )
            if served is not None:
                costs.append(fee + served)
    return min(costs, default=None)


def _whole(cost: np.ndarray, demand: Any, room: np.ndarray) -> int | None:
    best = None
    for served in itertools.product(range(cost.shape[1]), repeat=len(cost)):
        load = np.bincount(served, weights=demand, minlength=cost.shape[1])
        if (load <= room).all():
            paid = sum(cost[customer, site] for customer, site in enumerate(served))
            best = paid if best is None else min(best, paid)
    return best


def _shared(cost: np.ndarray, demand: Any, room: np.ndarray) -> float | None:
    count, places = cost.shape
    once = np.kron(np.eye(count), np.ones(places))
    load = np.kron(np.asarray(demand), np.eye(places)).reshape(places, -1)
    answer = linprog(cost.ravel(), A_ub=load, b_ub=room, A_eq=once, b_eq=np.ones(count), bounds=(0, 1))
    return None if answer.status == 2 else answer.fun


@st.composite
def instances(draw: st.DrawFn) -> dict[str, Any]:
    """Up to four customers and four sites; demand may be 0, capacities too small, costs may tie."""
    count, places = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    row = st.lists(st.integers(0, 9), min_size=places, max_size=places)
    capacities = st.lists(st.integers(0, 9), min_size=places, max_size=places)
    return {
        "cost": np.array(draw(st.lists(row, min_size=count, max_size=count))),
        "fixed": draw(row),
        "demand": draw(st.lists(st.integers(0, 5), min_size=count, max_size=count)),
        "capacity": draw(st.none() | capacities),
        "sites": draw(st.none() | st.integers(1, places)),
    }


def nobody_needs_anything(sites: int) -> dict[str, Any]:
    """One customer of demand 0 and three sites of capacity 0: any number of them may open, and serves."""
    return {
        "cost": np.array([[0, 0, 1]]),
        "fixed": [0, 0, 0],
        "demand": [0],
        "capacity": [0, 0, 0],
        "sites": sites,
    }


@small
@example(instance=nobody_needs_anything(1))
@example(instance=nobody_needs_anything(2))
@given(instance=instances())
def test_whole_customers_are_served_as_brute_force_says(instance: dict[str, Any]):
    """p-median, capacitated p-median, facility location: one builder, any mixture of them."""
    answer = solve(location(**instance))
    best = best_of(**instance, split=False)
    if best is None:
        assert (answer.status, answer.objective, answer.bound) == ("no_solution", None, None)
    else:
        assert (answer.status, answer.objective, answer.bound) == ("optimal", best, best)
        assert cost_of(answer, **instance) == best


@small
@example(instance=nobody_needs_anything(1))
@example(instance=nobody_needs_anything(3))
@example(
    instance={
        "cost": np.array([[1, 0, 0]]),
        "fixed": [0, 8, 9],
        "demand": [3],
        "capacity": [2, 2, 2],
        "sites": None,
    }
)
@given(instance=instances().filter(lambda instance: instance["capacity"] is not None))
def test_split_demand_costs_what_brute_force_says(instance: dict[str, Any]):
    """Sets of sites by hand, shares by a linear program."""
    answer = solve(location(**instance, split=True))
    best = best_of(**instance, split=True)
    if best is None:
        assert (answer.status, answer.objective, answer.bound) == ("no_solution", None, None)
    else:
        assert answer.status == "optimal"
        assert float(answer.objective) == pytest.approx(best, abs=1e-7)
        assert cost_of(answer, **instance) == answer.objective


@small
@given(instance=instances(), split=st.booleans())
def test_no_plan_is_below_the_floor_of_the_prices(instance: dict[str, Any], split: bool):
    """Nor is one below floor and regret that uses a site, or does without one, or serves somebody from it."""
    problem = location(**instance, split=split)
    best = best_of(**instance, split=split and instance["capacity"] is not None)
    if best is None or problem.impossible:
        return
    relaxed, priced = first_prices(problem, float("inf"))
    above = round(best * SCALE) - priced.floor + 1
    assert above >= 0
    answer = solve(problem)
    assert (priced.opened[answer.sites] <= above).all()
    assert (np.delete(priced.closed, answer.sites) <= above).all()
    if answer.served_by is not None:
        pairs = pair_regrets(relaxed, priced)
        assert (pairs[np.arange(len(pairs)), answer.served_by] <= above).all()


@small
@given(
    weight=st.lists(st.integers(0, 9), min_size=1, max_size=5),
    places=st.integers(1, 4),
    drawn=st.data(),
)
def test_covering_is_maximal(weight: list[int], places: int, drawn: st.DataObject):
    """All sets of sites tried."""
    count = len(weight)
    flat = drawn.draw(st.lists(st.booleans(), min_size=count * places, max_size=count * places))
    covers, sites = np.array(flat).reshape(count, places), drawn.draw(st.integers(1, places))
    answer = maximal_covering(weight, covers, sites)
    best = max(
        sum(value for value, reached in zip(weight, covers[:, chosen].any(axis=1), strict=True) if reached)
        for chosen in itertools.combinations(range(places), sites)
    )
    assert (answer.status, answer.objective, answer.bound) == ("optimal", best, best)
    served = answer.served_by >= 0
    assert (served == covers[:, answer.sites].any(axis=1)).all()
    assert covers[np.flatnonzero(served), answer.served_by[served]].all()


# By hand


def test_one_clinic_on_the_road_stands_in_the_middle():
    """From 4 km: 4 + 0 + 6; two clinics: whoever is at 10 km keeps the own one, 0 and 4 share."""
    answer = p_median(ROAD, 1)
    assert (answer.status, answer.objective, answer.sites.tolist()) == ("optimal", 10, [1])
    assert p_median(ROAD, 2).objective == 4
    assert p_median(ROAD, 3).objective == 0


def test_capacity_sends_somebody_further():
    """Places for two at each of two sites: at 0 and 10 km, 4 km walks 4; one site alone cannot take three."""
    answer = capacitated_p_median(ROAD, [1, 1, 1], [2, 2, 2], 2)
    assert (answer.objective, answer.served_by.tolist()) in [(4, [0, 0, 2]), (4, [1, 1, 2])]
    assert capacitated_p_median(ROAD, [1, 1, 1], [2, 2, 2], 1).status == "no_solution"


def test_whole_customers_may_not_fit_where_shares_do():
    """Three of demand 2 at two sites of 3: 6 of 6 fit only when one customer is split."""
    terms: dict[str, Any] = {"demand": [2, 2, 2], "capacity": [3, 3]}
    cost = [[1, 5], [1, 5], [1, 5]]
    assert facility_location(cost, [1, 1], **terms).status == "no_solution"
    shared = facility_location(cost, [1, 1], split=True, **terms)
    assert (shared.status, shared.objective) == ("optimal", 2 + Fraction(3, 2) * 1 + Fraction(3, 2) * 5)
    assert shared.flow.sum(axis=0).tolist() == [3, 3]


def test_numbers_are_taken_for_what_they_say():
    """0.1 + 0.2 is three tenths, as a float and as a Decimal."""
    for tenth in (0.1, Decimal("0.1")):
        answer = p_median([[tenth], [2 * tenth]], 1)
        assert (answer.objective, answer.bound, answer.status) == (
            Fraction(3, 10),
            Fraction(3, 10),
            "optimal",
        )


def test_covering_takes_weights_with_decimals():
    """Half a person more decides."""
    answer = maximal_covering([1.5, 1], np.array([[True, False], [False, True]]), 1)
    assert (answer.objective, answer.sites.tolist(), answer.served_by.tolist()) == (
        Fraction(3, 2),
        [0],
        [0, -1],
    )


def grid(count: int, seed: int = 1) -> np.ndarray:
    """Distances between random points."""
    points = np.random.default_rng(seed).integers(0, 100, (count, 2))
    return np.floor(np.hypot(*(points[:, None] - points).transpose(2, 0, 1))).astype(np.int64)


def test_too_little_time_is_told():
    """The plan so far with its bound below; or nothing but a bound. Never called optimal."""
    distance, people = grid(100), np.random.default_rng(2).integers(1, 20, 100)
    late = p_median(distance, 12, time_limit_s=0.01)
    assert late.status == "feasible"
    assert 0 < late.bound < late.objective
    assert late.gap == (late.objective - late.bound) / late.objective
    later = capacitated_p_median(
        distance, people, np.full(100, people.sum() // 10 + 8), 10, time_limit_s=0.001
    )
    assert (later.status, later.objective, later.gap) == ("stopped", None, None)
    assert later.bound > 0


def test_many_open_sites_stay_within_the_flow():
    """The flow counts in 64 bits and multiplies costs by nodes: twelve sites for one person are no overflow."""
    answer = facility_location([range(1, 13)], [0] * 12, demand=[1], capacity=[1] * 12, split=True)
    all_open = solve(location([range(1, 13)], demand=[1], capacity=[1] * 12, sites=12, split=True))
    assert (answer.status, answer.objective) == (all_open.status, all_open.objective) == ("optimal", 1)


def test_small_customers_do_not_slip_into_a_closed_site():
    """A few persons against millions: a site that is closed but for rounding takes in none of them."""
    random = np.random.default_rng(48)
    cost, demand = random.integers(1, 100, (12, 8)), random.integers(1, 4, 12)
    demand[0] = 10**7
    capacity, fixed = np.full(8, int(demand.sum() * 0.7)), random.integers(0, 50, 8)
    answer = solve(location(cost, demand=demand, capacity=capacity, fixed=fixed, sites=3, split=True))
    assert answer.status == "optimal"
    best = best_of(cost, fixed, demand, capacity, 3, split=True)
    assert float(answer.objective) == pytest.approx(best, abs=1e-4)


def test_capacities_that_bind_no_one_change_nothing():
    """Two ways of solving, by branching and by widening cores, agree on what both can do."""
    distance = grid(40)
    free = p_median(distance, 5)
    bound = capacitated_p_median(distance, np.ones(40, int), np.full(40, 40), 5)
    assert (free.objective, free.status) == (bound.objective, bound.status)
    assert free.status == "optimal"


@pytest.mark.parametrize("small", [-(10**9), 10**9])
@pytest.mark.parametrize("seed", range(4))
def test_branching_and_highs_agree(small: int, seed: int, monkeypatch: pytest.MonkeyPatch):
    """Parts never handed to HiGHS, or always: the same optimum as with capacities that bind no one."""
    monkeypatch.setattr(branch, "SMALL", small)
    monkeypatch.setattr(branch, "FIRST", small)
    distance, fixed = grid(30, seed), np.random.default_rng(seed).integers(30, 60, 30)
    free = facility_location(distance, fixed)
    bound = facility_location(distance, fixed, capacity=np.full(30, 30))
    assert free.status == bound.status == "optimal"
    assert free.objective == bound.objective == cost_of(free, distance, fixed, np.ones(30, int), None, None)
    four, wide = p_median(distance, 4), capacitated_p_median(distance, np.ones(30, int), np.full(30, 30), 4)
    assert four.objective == wide.objective == four.bound


@pytest.mark.parametrize(
    ("call", "code", "told"),
    [
        (lambda: p_median(ROAD, 0), "sites_out_of_range", "from 1 to 3"),
        (lambda: p_median(ROAD, 4), "sites_out_of_range", "is 4"),
        (lambda: p_median([1, 2], 1), "model_shape", "cost has the shape 2"),
        (lambda: p_median(np.zeros((0, 3)), 1), "model_shape", "0 × 3"),
        (lambda: p_median([[1, -2]], 1), "model_number", "cost holds -2"),
        (lambda: p_median([[1.0, float("nan")]], 1), "model_number", "holds nan"),
        (lambda: p_median([[1.0, float("inf")]], 1), "model_number", "holds inf"),
        (lambda: p_median([["1", "2"]], 1), "model_number", "holds 1"),
        (lambda: p_median([[2**52]], 1), "model_too_large", "cost"),
        (lambda: facility_location(ROAD, [1, 1]), "model_shape", "fixed has the shape 2; expected is 3"),
        (lambda: capacitated_p_median(ROAD, [1, 1, 1], [1, 1], 1), "model_shape", "capacity"),
        (lambda: capacitated_p_median(ROAD, [1, -1, 1], [1, 1, 1], 1), "model_number", "demand holds -1"),
        (lambda: maximal_covering([1, 1], ROAD > 3, 1), "model_shape", "covers"),
        (lambda: maximal_covering([1, 1, 1], ROAD, 1), "model_shape", "bool"),
        (lambda: p_median(ROAD, 1, time_limit_s=0), "not_positive", "time_limit_s"),
    ],
)
def test_what_cannot_be_taken_is_named(call: Any, code: str, told: str):
    """What was found, and what is allowed."""
    with pytest.raises(BadInput) as error:
        call()
    assert error.value.code == code
    assert told in t(f"error.{code}", "en", **error.value.values)
