"""One provider for each site, against trying every choice."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matcher.solve.single import SingleSource, added, solve_single_source, worth_asking
from tests.helpers.examples import examples


def every_choice(problem):
    """The best key and choice of all choices, in plain loops."""
    options = [[*np.flatnonzero(problem.site == site).tolist(), -1] for site in range(problem.sites)]
    best = None
    for choice in product(*options):
        pairs = [pair for pair in choice if pair >= 0]
        used = np.zeros(len(problem.capacity), int)
        for pair in pairs:
            used[problem.slot[pair]] += problem.taken[pair].sum()
        total = np.bincount(problem.owner, used, len(problem.total))
        if (used > problem.capacity).any() or ((problem.total >= 0) & (total > problem.total)).any():
            continue
        figures = problem.figures(np.array(pairs, int))
        ranks = [options[site].index(pair) for site, pair in enumerate(choice)]
        key = (*(-count for count in figures[:-1]), figures[-1], ranks)
        best = min(best or (key, choice), (key, choice))
    return best


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
    assert hasty.bounds[0] >= problem.figures(patient.pair[patient.pair >= 0])[0]
    assert None in hasty.bounds


def test_bounds_of_parts_end_where_one_of_them_is_not_proven():
    assert added([(1, 2, 3), (4, 5, 6)]) == (5, 7, 9)
    assert added([(1, None, 3), (4, 5, 6)]) == (5, None, None)
