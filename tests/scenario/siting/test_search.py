"""The choice of sites against trying every choice and every plan; its cuts against what other choices reach."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matcher.scenario.siting.board import Board
from matcher.scenario.siting.choice import Choice, Openable, Rules, arcs_of_open, room_of_providers
from matcher.scenario.siting.search import search
from matcher.solve.problem import Problem
from tests.helpers.examples import examples
from tests.helpers.problems import TIERS, brute_force, make_problem, problems

SECONDS = 20.0


def sites_of(problem: Problem, bonus: list[int] | None = None) -> Openable:
    """Every provider but the first may be open or not."""
    offered = np.bincount(problem.slot_provider, problem.capacity, len(problem.total)).astype(np.int64)
    most = np.where(problem.total >= 0, np.minimum(problem.total, offered), offered)
    provider = np.arange(1, len(problem.total))
    return Openable(provider, most[1:], np.array(bonus or [0] * len(provider), np.int64)[: len(provider)])


def rules_of(sites: Openable, **given_: object) -> Rules:
    none = np.zeros(len(sites.provider), bool)
    return replace(Rules(none, none), **given_)


def worth(problem: Problem, sites: Openable, choice: Choice) -> tuple[int, ...]:
    """Served of tier 1, 2, 3, and travel less bonus (negative), by trying every plan of the open providers."""
    capacity = problem.capacity.copy()
    capacity[np.isin(problem.slot_provider, sites.provider[~choice.open])] = 0
    total = room_of_providers(problem, sites, choice)
    value = brute_force(replace(problem, capacity=capacity, total=total))
    bonus = int(sites.bonus[choice.open].sum())
    return (*(-served for served in value[:TIERS]), bonus - value[TIERS])


def every_choice(sites: Openable, rules: Rules) -> list[Choice]:
    """All allowed ones; places are a decision only where they cost money."""
    per_place = rules.per_place if rules.budget is not None else np.zeros(len(sites.provider))
    options = [
        [0, *range(1, most + 1)] if price and most else [0, max(most, 0.5)]
        for most, price in zip(sites.places.tolist(), per_place, strict=True)
    ]
    choices = [Choice(np.array(held) > 0, np.array(held).astype(np.int64)) for held in product(*options)]
    return [choice for choice in choices if rules.allow(choice)]


@examples(60)
@given(problems(max_people=4), st.integers(0, 3), st.lists(st.integers(0, 5), min_size=3, max_size=3))
def test_the_best_k_sites_are_those_that_trying_every_choice_finds(problem, k, bonus):
    """Most people by tier, then least travel less bonus; proven."""
    sites = sites_of(problem, bonus)
    rules = rules_of(sites, most=k)
    found = search(Board(problem, sites), rules, SECONDS)
    best = max(worth(problem, sites, choice) for choice in every_choice(sites, rules))
    assert found.proven
    assert (
        *found.reached.by_tier(),
        int(sites.bonus[found.choice.open].sum()) - found.reached.cost,
    ) == best
    assert worth(problem, sites, found.choice) == best


@examples(60)
@given(
    problems(max_people=4),
    st.integers(0, 12),
    st.one_of(st.none(), st.integers(0, 3)),
    st.lists(st.integers(0, 4), min_size=3, max_size=3),
    st.lists(st.integers(0, 3), min_size=3, max_size=3),
)
def test_the_best_sites_and_places_for_a_budget_are_those_that_trying_every_choice_finds(
    problem, budget, most, fixed, per_place
):
    """Places are bought one by one, at any number of sites or at most at some."""
    sites = sites_of(problem)
    number = len(sites.provider)
    rules = rules_of(
        sites,
        most=most,
        budget=budget,
        fixed=np.array(fixed[:number]),
        per_place=np.array(per_place[:number]),
    )
    found = search(Board(problem, sites, priced_places=True), rules, SECONDS)
    best = max(worth(problem, sites, choice) for choice in every_choice(sites, rules))
    assert found.proven
    assert rules.money(found.choice) <= budget
    assert most is None or found.choice.open.sum() <= most
    assert (*found.reached.by_tier(), -found.reached.cost) == best


@examples(40)
@given(problems(max_people=4), st.integers(0, 3))
def test_the_least_harmful_closures_are_those_that_trying_every_choice_finds(problem, closed):
    """So many of the sites stay open at least and at most."""
    sites = sites_of(problem)
    kept = max(0, len(sites.provider) - closed)
    rules = rules_of(sites, least=kept, most=kept)
    found = search(Board(problem, sites), rules, SECONDS)
    best = max(worth(problem, sites, choice) for choice in every_choice(sites, rules))
    assert found.proven
    assert (*found.reached.by_tier(), -found.reached.cost) == best


@examples(60)
@given(problems(max_people=4), st.data())
def test_no_choice_exceeds_a_cut_and_each_meets_its_own(problem, data):
    """The cuts of one choice hold for every other, also for other numbers of places."""
    sites = sites_of(problem)
    number = len(sites.provider)
    rules = rules_of(sites, budget=10**6, fixed=np.zeros(number, int), per_place=np.ones(number, int))
    choices = every_choice(sites, rules)
    board = Board(problem, sites, priced_places=True)
    one, other = data.draw(st.sampled_from(choices)), data.draw(st.sampled_from(choices))
    mine = board.reach(one).figures
    own = [known[0] for known in board.cuts]
    every = [list(known) for known in board.cuts]
    theirs = board.reach(other).figures
    assert tuple(cut.limit(one, mine[:-1]) for cut in own) == mine
    assert all(cut.limit(other, theirs[:-1]) >= theirs[i] for i, known in enumerate(every) for cut in known)


def test_required_and_forbidden_sites_are_respected():
    """The far site must be open, the near one must not."""
    problem = make_problem([(4, 1, {0: 9, 1: 1, 2: 5, 3: 3})], [0, 4, 4, 4])
    sites = sites_of(problem)
    required, forbidden = np.array([False, True, False]), np.array([True, False, False])
    found = search(Board(problem, sites), rules_of(sites, most=1, required=required, forbidden=forbidden), 5)
    assert found.choice.open.tolist() == [False, True, False]
    assert found.reached.cost == 4 * 5


def test_no_allowed_choice_is_told_as_proven():
    """Two required sites within a limit of one."""
    problem = make_problem([(1, 1, {0: 1, 1: 1, 2: 1})], [1, 1, 1])
    sites = sites_of(problem)
    found = search(Board(problem, sites), rules_of(sites, most=1, required=np.array([True, True])), 5)
    assert found.none_allowed
    assert found.choice is None


def test_time_that_is_over_leaves_a_bound_and_no_claim():
    """Without time the choice is not called proven unless its bounds say so."""
    people = [(3, 1 + i % 3, {j: (7 * i + 5 * j) % 11 for j in range(9)}) for i in range(12)]
    problem = make_problem(people, [2] * 9)
    sites = sites_of(problem)
    found = search(Board(problem, sites), rules_of(sites, most=3), 0.0)
    assert found.reached is not None
    assert found.proven == (found.bounds == found.reached.figures)
    assert found.bounds[0] is None or found.bounds[0] >= found.reached.figures[0]


def test_arcs_of_a_closed_site_are_gone_and_its_places_too():
    """What the solver sees of a choice."""
    problem = make_problem([(2, 1, {0: 1, 1: 2})], [1, 5])
    sites = Openable(np.array([1]), np.array([5]), np.array([0]))
    shut = Choice(np.array([False]), np.array([5]))
    assert problem.slot[arcs_of_open(problem, sites, shut)].tolist() == [0]
    assert shut.places.tolist() == [0]
    three = Choice(np.array([True]), np.array([3]))
    assert room_of_providers(problem, sites, three).tolist() == [-1, 3]


def test_a_search_that_is_cut_short_at_any_moment_never_claims_a_false_bound():
    """Whatever the time limit, a bound that is told is at least what the best choice reaches."""
    people = [(3, 1 + i % 3, {j: (7 * i + 5 * j) % 11 for j in range(14)}) for i in range(20)]
    problem = make_problem(people, [2] * 14)
    sites = sites_of(problem)
    number = len(sites.provider)
    rules = rules_of(sites, budget=40, fixed=np.arange(number) % 5 + 1, per_place=np.arange(number) % 3 + 1)
    best = search(Board(problem, sites, priced_places=True), rules, SECONDS)
    assert best.proven
    for seconds in (0.0, 0.02, 0.05, 0.1, 0.3, 1.0):
        found = search(Board(problem, sites, priced_places=True), rules, seconds)
        floors = best.reached.figures
        for figure, bound in enumerate(found.bounds):
            if bound is None:
                break
            assert bound >= floors[figure]
            if found.reached.figures[figure] != floors[figure]:
                break
