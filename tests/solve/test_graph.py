"""The graph of slots finds what OR-Tools and brute force find, compiled where Numba is there, else as it is written."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.instances import county
from matcher.errors import SolverError
from matcher.solve import flow
from matcher.solve.graph import solve as graph
from matcher.solve.graph.clearing import clear
from matcher.solve.graph.people import choices_of, sit_cheapest
from matcher.solve.graph.prepare import STEPS, _one_person, _steps
from matcher.solve.graph.solve import nodes_of, solve_graph
from matcher.solve.graph.ways import REMEMBERED, ways_of
from matcher.solve.network import solve_network
from matcher.solve.prices import Prices, least_prices, served_and_cost
from matcher.solve.problem import Problem, Seats
from tests.helpers.examples import examples
from tests.helpers.problems import brute_force, make_problem, problems, value_of

needs_numba = pytest.mark.skipif(find_spec("numba") is None, reason="Numba, the extra fast, is not installed")
small = examples(150)


def objective(problem: Problem, seats: Seats) -> tuple[list[int], int]:
    served, cost = served_and_cost(problem, seats)
    return served.tolist(), cost


#: As many slots as a city has, or fewer than any problem has: then nodes with too few look around for themselves.
sizes = st.sampled_from([graph.CITY_SLOTS, -1])


@small
@given(problems(max_size=2), sizes)
def test_the_graph_finds_what_brute_force_finds(problem: Problem, size: int) -> None:
    """Tiers, totals, ties, pairs that are not allowed, slots without places, nobody at all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph, "CITY_SLOTS", size)
        seats = solve_graph(problem)
    assert value_of(problem, seats) == brute_force(problem)
    assert isinstance(least_prices(problem, seats), Prices)


@small
@given(problems(max_people=40, max_slots=8, max_size=3), st.integers(0, 2), sizes)
def test_the_graph_finds_what_ortools_finds(problem: Problem, sweeps: int, size: int) -> None:
    """Whatever the first prices are worth, down to two people."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph, "SMALLEST", 2)
        patch.setattr(graph, "CITY_SLOTS", size)
        patch.setattr(graph, "SWEEPS", sweeps)
        patch.setattr(graph, "CITY_SWEEPS", sweeps)
        patch.setattr(graph, "EACH", 0)
        seats = solve_graph(problem)
    assert objective(problem, seats) == objective(problem, solve_network(problem))


@small
@given(problems(max_people=40, max_slots=8, max_size=3), sizes, st.data())
def test_its_prices_prove_the_plan(problem: Problem, size: int, data: st.DataObject) -> None:
    """Everybody sits at their least cost + price, and no place with a price is left; from whatever prices."""
    slots = len(problem.capacity)
    dear = st.integers(0, 2 * problem.unit)
    first = np.array([*(data.draw(dear) for _ in range(slots)), 0], np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph, "CITY_SLOTS", size)
        seats, price = graph._solve(problem, first)
    paid = np.append(price, 0)
    least = problem.unserved_cost.copy()
    np.minimum.at(least, problem.group, problem.cost + price[problem.slot])
    pairs = zip(problem.group.tolist(), problem.slot.tolist(), strict=True)
    cost = dict(zip(pairs, problem.cost.tolist(), strict=True))
    for group, slot in zip(seats.group.tolist(), seats.slot.tolist(), strict=True):
        here = problem.unserved_cost[group] if slot < 0 else cost[group, slot] + paid[slot]
        assert here == least[group]
    assert price[slots] == 0
    assert (price >= 0).all()


@pytest.mark.parametrize("short", [1.0, 0.6, 1.5])
@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("size", [graph.CITY_SLOTS, -1])
def test_a_county_ends_as_with_ortools(
    seed: int, short: float, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too few places, far too few, and more than enough; lists longer than what a way remembers."""
    monkeypatch.setattr(graph, "CITY_SLOTS", size)
    problem = county(1_500, 12, seed).problem
    problem = replace(problem, capacity=(problem.capacity * short).astype(np.int64))
    assert problem.size.sum() > len(problem.capacity) * REMEMBERED
    seats = solve_graph(problem)
    assert objective(problem, seats) == objective(problem, solve_network(problem))
    assert isinstance(least_prices(problem, seats), Prices)


def test_nobody_and_nowhere() -> None:
    assert solve_graph(make_problem([], [1])).group.size == 0
    assert solve_graph(make_problem([(2, 1, {})], [])).slot.tolist() == [-1]
    assert solve_graph(make_problem([(2, 1, {0: 4})], [1])).slot.tolist() == [-1, 0]


def test_a_slot_is_cleared_between_the_last_in_and_the_first_out() -> None:
    """One place for two people, to whom it is worth 10 and 4 more than the next best: 7 is the price."""
    problem = make_problem([(1, 3, {0: 1, 1: 11}), (1, 3, {0: 1, 1: 5})], [1, 2])
    price = np.zeros(3, np.int64)
    choices = choices_of(problem)
    sitting = sit_cheapest(choices, price)
    clear(choices, sitting, price, problem.capacity, sweeps=1)
    assert price.tolist() == [7, 0, 0]
    assert sitting.seat.tolist() == [0, 1]
    assert sitting.cost.tolist() == [1, 5]


def test_a_price_that_is_too_high_falls_until_the_places_are_taken() -> None:
    """From 100 down to between what a place is worth to the two: one comes."""
    problem = make_problem([(1, 3, {0: 1, 1: 11}), (1, 3, {0: 1, 1: 5})], [1, 2])
    price = np.array([100, 0, 0])
    choices = choices_of(problem)
    sitting = sit_cheapest(choices, price)
    clear(choices, sitting, price, problem.capacity, sweeps=1)
    assert price.tolist() == [7, 0, 0]
    assert sitting.seat.tolist() == [0, 1]


def test_only_ways_that_somebody_could_take_are_kept() -> None:
    """Two slots with two people each and no ties between the pairs: no way leads across."""
    problem = make_problem([(1, 3, {0: 1, 1: 2}), (1, 3, {2: 1, 3: 2})], [1] * 4)
    sitting = sit_cheapest(choices_of(problem), np.zeros(5, np.int64))
    ways = ways_of(choices_of(problem), sitting)
    there = [
        ways.target[first : first + count].tolist()
        for first, count in zip(ways.first[:-1].tolist(), ways.opened.tolist(), strict=True)
    ]
    assert there == [[4, 1], [4], [4, 3], [4], [4]]


def test_people_who_are_left_over_are_a_fault() -> None:
    """A node of people that nothing leads out of cannot be; if it is, nobody gets a plan."""
    problem = make_problem([(1, 3, {0: 1})], [1])
    with pytest.MonkeyPatch.context() as patch:

        def lost(*given: object) -> graph.Nodes:
            nodes = nodes_of(*given)
            nodes.over[0] += 1
            return nodes

        patch.setattr(graph, "nodes_of", lost)
        with pytest.raises(SolverError, match="left over"):
            solve_graph(problem)


@needs_numba
def test_many_people_who_are_not_alike_are_seated_on_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = county(400, 6, 13).problem
    wanted = objective(problem, flow.solve_flow(problem).seats)
    monkeypatch.setattr(flow, "GRAPH_PEOPLE", 400)
    monkeypatch.setattr(flow, "_solve_merged", lambda *_: pytest.fail("not on the graph"))
    solution = flow.solve_flow(problem)
    assert objective(problem, solution.seats) == wanted
    assert isinstance(least_prices(problem, solution.seats), Prices)


@needs_numba
def test_of_a_province_the_first_prices_are_those_of_ortools(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = county(400, 6, 13).problem
    wanted = objective(problem, flow.solve_flow(problem).seats)
    monkeypatch.setattr(flow, "GRAPH_PEOPLE", 400)
    monkeypatch.setattr(flow, "GRAPH_SLOTS", 0)
    monkeypatch.setattr(graph, "thin", lambda *_: pytest.fail("began with no prices"))
    assert objective(problem, flow.solve_flow(problem).seats) == wanted


def test_few_or_alike_people_or_no_numba_leave_it_to_ortools(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = make_problem([(1, 3, {0: 1})] * 20, [1])
    alike = make_problem([(30, 3, {0: 1})], [1])
    assert not flow.graph_pays(alone)
    monkeypatch.setattr(flow, "GRAPH_PEOPLE", 20)
    assert not flow.graph_pays(alike)
    assert flow.graph_pays(alone) == (find_spec("numba") is not None)
    monkeypatch.setattr(flow, "find_spec", lambda _: None)
    assert not flow.graph_pays(alone)


def test_preparing_runs_every_step() -> None:
    assert len(list(_steps(_one_person()))) == STEPS
