"""Among equally good plans the one with the least slots in order of the groups."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.errors import SolverError
from matcher.solve.flow import solve_flow
from matcher.solve.least import least_slots
from matcher.solve.problem import Seats
from tests.helpers.examples import examples
from tests.helpers.problems import make_problem


def by_trying(people, capacity):
    """The best plan: served of each tier, least cost, then least slots; nobody's slot is the greatest."""
    nobody = len(capacity)

    def worth(plan):
        served = [n for n, one in enumerate(plan) if one < nobody]
        tiers = [people[n][1] for n in served]
        return (*(-tiers.count(tier) for tier in (1, 2, 3)), sum(people[n][2][plan[n]] for n in served), plan)

    plans = product(*([*sorted(options), nobody] for _, _, options in people))
    fitting = [p for p in plans if all(p.count(slot) <= room for slot, room in enumerate(capacity))]
    return [one if one < nobody else -1 for one in min(fitting, key=worth)]


def solved(people, capacity):
    problem = make_problem(people, capacity)
    return least_slots(problem, solve_flow(problem).seats).tolist()


def test_two_who_could_change_places_sit_in_order():
    assert solved([(1, 1, {0: 2, 1: 2}), (1, 1, {0: 2, 1: 2})], [1, 1]) == [0, 1]


def test_a_circle_of_three_is_turned_to_give_the_first_the_least():
    people = [(1, 1, {0: 1, 1: 1, 2: 1}), (1, 1, {0: 1, 1: 1}), (1, 1, {1: 1, 2: 1})]
    assert solved(people, [1, 1, 1]) == [0, 1, 2]


@examples(150)
@given(
    st.lists(
        st.tuples(
            st.just(1),
            st.integers(1, 3),
            st.dictionaries(st.integers(0, 3), st.integers(0, 2), min_size=0, max_size=4),
        ),
        min_size=1,
        max_size=5,
    ),
    st.lists(st.integers(0, 2), min_size=4, max_size=4),
)
def test_it_is_what_trying_all_plans_finds(people, capacity):
    assert solved(people, capacity) == by_trying(people, capacity)


def test_a_plan_that_can_be_bettered_is_refused():
    problem = make_problem([(1, 1, {0: 0, 1: 5}), (1, 1, {0: 4, 1: 1})], [1, 1])
    crossed = Seats(*(np.array(values, np.int64) for values in ([0, 1], [1, 0], [1, 1])))
    with pytest.raises(SolverError):
        least_slots(problem, crossed)
