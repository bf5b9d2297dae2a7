"""One provider for each site, against trying every choice."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st

from matcher.solve.single import SingleSource, added, solve_single_source, worth_asking
from matcher.solve.single_fillings import knapsack, sharpened
from matcher.solve.single_model import Part, greedy
from matcher.solve.single_prices import priced
from matcher.solve.single_search import rounded
from tests.helpers.examples import examples


def options_of(problem):
    """Pairs of each site, and −1 for none."""
    return [[*np.flatnonzero(problem.site == site).tolist(), -1] for site in range(problem.sites)]


def every_choice(problem):
    """The best key and choice of all choices, in plain loops."""
    options = options_of(problem)
    best = None
    for choice, pairs in possible_choices(problem, options):
        figures = problem.figures(pairs)
        ranks = [options[site].index(pair) for site, pair in enumerate(choice)]
        key = (*(-count for count in figures[:-1]), figures[-1], ranks)
        best = min(best or (key, choice), (key, choice))
    return best


def possible_choices(problem, options):
    """Each choice within all places, with its pairs."""
    for choice in product(*options):
        pairs = np.array([pair for pair in choice if pair >= 0], int)
        used = np.bincount(problem.slot[pairs], problem.persons[pairs], len(problem.capacity))
        total = np.bincount(problem.owner, used, len(problem.total))
        if (used <= problem.capacity).all() and ((problem.total < 0) | (total <= problem.total)).all():
            yield choice, pairs


@st.composite
def problems(draw):
    sites, providers = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    rows = []
    for site in range(sites):
        size = draw(st.tuples(*(st.integers(0, 4) for _ in range(3))))
        for provider in range(providers):
            away = draw(st.integers(0, 4))
            lack = draw(st.sampled_from([0, 0, 0, 1]))
            taken = (max(0, size[0] - lack), *size[1:])
            if away < 4 and sum(taken):
                slot = 2 * provider + site % 2
                rows.append((site, slot, *taken, away * sum(taken)))
    table = np.array(rows, np.int64).reshape(len(rows), 6)
    return SingleSource(
        site=table[:, 0],
        slot=table[:, 1],
        taken=table[:, 2:5],
        cost=table[:, 5],
        capacity=np.array([draw(st.integers(0, 12)) for _ in range(2 * providers)], np.int64),
        owner=np.repeat(np.arange(providers), 2),
        total=np.array([draw(st.sampled_from([-1, 3, 8, 15])) for _ in range(providers)], np.int64),
        sites=sites,
    )


@examples(50)
@given(problems())
def test_the_choice_is_the_best_of_all_and_ties_go_to_the_least_providers(problem):
    found = solve_single_source(problem)
    key, choice = every_choice(problem)
    assert found.pair.tolist() == list(choice)
    assert found.bounds == (*(-count for count in key[:-2]), key[-2])
    assert found.least


@examples(50)
@given(problems())
def test_what_is_not_worth_asking_is_in_no_best_choice(problem):
    kept = worth_asking(problem)
    assert all(kept[pair] for pair in every_choice(problem)[1] if pair >= 0)


def test_without_time_the_choice_is_possible_and_claims_no_more_than_is_known():
    rng = np.random.default_rng(7)
    sites, providers = 60, 6
    site, slot = (axis.ravel().astype(np.int64) for axis in np.indices((sites, providers)))
    taken = np.repeat(rng.integers(1, 9, (sites, 3)), providers, axis=0)
    problem = SingleSource(
        site=site,
        slot=slot,
        taken=taken,
        cost=rng.integers(1, 9999, len(site)) * taken.sum(axis=1),
        capacity=np.full(providers, 100, np.int64),
        owner=np.arange(providers),
        total=np.full(providers, -1, np.int64),
        sites=sites,
    )
    hasty, patient = solve_single_source(problem, 0.0), solve_single_source(problem, 3.0)
    pairs = hasty.pair[hasty.pair >= 0]
    used = np.bincount(problem.slot[pairs], problem.persons[pairs], providers)
    assert (used <= 100).all()
    assert not hasty.least
    figures = problem.figures(pairs)
    assert hasty.bounds[0] >= problem.figures(patient.pair[patient.pair >= 0])[0]
    assert hasty.bounds != figures
    assert all(most is None or most >= one for most, one in zip(hasty.bounds[:-1], figures, strict=False))
    assert hasty.bounds[-1] is None or hasty.bounds[-1] <= figures[-1]


@pytest.fixture
def all_parts_are_large(monkeypatch):
    monkeypatch.setattr("matcher.solve.single_part.SMALL", 0)


@examples(30, HealthCheck.function_scoped_fixture)
@given(problems())
def test_the_search_in_large_parts_ends_at_the_best_of_all_choices(all_parts_are_large, problem):
    found = solve_single_source(problem, 5.0)
    key, choice = every_choice(problem)
    assert found.pair.tolist() == list(choice)
    assert found.bounds == (*(-count for count in key[:-2]), key[-2])


@pytest.fixture
def nobody_is_asked(monkeypatch):
    """CP-SAT proves nothing and nothing is searched: a poor choice, and bounds by prices alone."""
    monkeypatch.setattr("matcher.solve.single_part.ASKED", 0)


@examples(30, HealthCheck.function_scoped_fixture)
@given(problems())
def test_bounds_hold_for_every_choice_that_is_not_below_in_the_figures_before(nobody_is_asked, problem):
    found = solve_single_source(problem, 5.0)
    mine = signed(problem.figures(found.pair[found.pair >= 0]))
    bounds = signed(found.bounds)
    assert None not in found.bounds
    for _, pairs in possible_choices(problem, options_of(problem)):
        other = signed(problem.figures(pairs))
        for level, bound in enumerate(bounds):
            if all(one >= least for one, least in zip(other[:level], mine[:level], strict=True)):
                assert other[level] <= bound


def signed(figures):
    """Figures of which more is better."""
    return (*figures[:-1], -figures[-1])


def part_of(problem):
    """All sites of a problem as one part, with a row for each slot and for each total."""
    owner = problem.owner[problem.slot]
    rows = [(problem.slot == slot, most) for slot, most in enumerate(problem.capacity.tolist())]
    rows += [(owner == one, most) for one, most in enumerate(problem.total.tolist()) if most >= 0]
    return Part(
        number=np.arange(len(problem.site)),
        site=np.unique(problem.site, return_inverse=True)[1],
        taken=problem.taken,
        cost=problem.cost,
        rows=tuple((np.flatnonzero(some), problem.persons[some], most) for some, most in rows),
    )


@examples(50)
@given(problems())
def test_no_choice_with_a_pair_exceeds_the_bound_less_what_the_pair_loses(problem):
    assume(len(problem.site))
    told = priced(part_of(problem), problem.taken[:, 0], (), 5.0)
    assert told.found
    for _, pairs in possible_choices(problem, options_of(problem)):
        assert problem.figures(pairs)[0] <= told.most - told.loss[pairs].max(initial=0)


@examples(30)
@given(problems())
def test_the_closer_bound_holds_for_every_choice_and_is_not_above_that_of_the_program(problem):
    assume(len(problem.site))
    part = part_of(problem)
    choices = [pairs for _, pairs in possible_choices(problem, options_of(problem))]
    reached, before = [], []
    for level, here in zip(part.levels(), part.figures(greedy(part)), strict=True):
        known = priced(part, level, reached, 5.0)
        closer = sharpened(part, level, reached, known, before, here, 5.0)
        choices = [pairs for pairs in choices if all(one[pairs].sum() >= least for one, least in reached)]
        assert closer.most <= known.most
        for pairs in choices:
            assert level[pairs].sum() <= closer.most - closer.loss[pairs].max(initial=0)
        reached.append((level, here))
        before.append(closer.price)


def test_the_closer_bound_sees_that_no_two_sites_share_what_is_left():
    """Three sites of two people and one provider with three places: the program halves a site."""
    part = Part(
        number=np.arange(3),
        site=np.arange(3),
        taken=np.full((3, 1), 2),
        cost=np.zeros(3, np.int64),
        rows=((np.arange(3), np.full(3, 2), 3),),
    )
    known = priced(part, part.taken[:, 0], (), 5.0)
    assert known.most == 3
    assert sharpened(part, part.taken[:, 0], (), known, (), 2, 5.0).most == 2


@examples(50)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(-3, 9)), max_size=6),
    st.integers(0, 15),
)
def test_a_row_is_filled_as_well_as_it_can_be(sites, most):
    persons, worth = np.array(sites, np.int64).reshape(len(sites), 2).T
    subsets = [np.flatnonzero(some) for some in product([False, True], repeat=len(sites))]
    best = max(worth[some].sum() for some in subsets if persons[some].sum() <= most)
    found = knapsack(persons, worth, most)
    assert persons[found].sum() <= most
    assert worth[found].sum() == best


def test_a_choice_is_filled_by_the_program_and_then_by_whoever_has_room():
    """Three places; the site with three of the first tier has them, the one with two of the last waits."""
    part = Part(
        number=np.arange(2),
        site=np.arange(2),
        taken=np.array([[0, 2], [3, 0]]),
        cost=np.array([10, 900]),
        rows=((np.arange(2), np.array([2, 3]), 3),),
    )
    assert rounded(part, np.zeros(0, np.int64), 5.0).tolist() == [1]
    assert rounded(part, np.array([0]), 5.0).tolist() == [0]


def test_bounds_of_parts_end_where_one_of_them_is_not_proven():
    assert added([(1, 2, 3), (4, 5, 6)]) == (5, 7, 9)
    assert added([(1, None, 3), (4, 5, 6)]) == (5, None, None)
