"""The hospital upstream of every provider that is no hospital of level 2 or above."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.care.upstream import UPSTREAM_COLUMNS, upstream_table
from matcher.policy.documents import load_policy, policy_with
from tests.helpers.builders import make_inputs, provider
from tests.helpers.examples import examples

POLICY = load_policy()
BY_TIME = policy_with(POLICY, "cost", "time", "test")


def hospital(id, km=0.0, level=2, **more):
    more = {"kind": "general_hospital", "hospital_level": level} | more
    return provider(id, km, **more)


def upstream(providers, policy=POLICY, **tables):
    table = upstream_table(make_inputs(providers=providers, **tables), policy)
    assert table.columns.tolist() == list(UPSTREAM_COLUMNS)
    return table.set_index("provider_id")


def of(table):
    return {id: None if hospital != hospital else hospital for id, hospital in table["upstream_id"].items()}


def test_the_nearest_hospital_of_level_two_is_upstream_with_its_kilometres_and_minutes():
    row = upstream([hospital("H1", 10), hospital("H2", 4), hospital("H3", 1, level=1), provider("P1")])
    assert of(row) == {"H3": "H2", "P1": "H2"}
    assert row.loc["P1", ["given", "km", "minutes"]].tolist() == pytest.approx([0, 4 * 1.4, 672 / 60])


def test_a_hospital_whose_level_is_not_known_is_upstream_of_nobody_and_has_one_itself():
    table = upstream([hospital("H1", 10), hospital("H2", 1, level=None), provider("P1")])
    assert of(table) == {"H2": "H1", "P1": "H1"}


def test_a_given_parent_comes_before_the_nearest():
    table = upstream([hospital("H1", 10), hospital("H2", 1), provider("P1", parent_provider_id="H1")])
    assert table.loc["P1", ["upstream_id", "given"]].tolist() == ["H1", 1]


@pytest.mark.parametrize(
    "parent",
    [
        hospital("X", 9, status="closed"),
        hospital("X", 9, status="planned"),
        hospital("X", 9, level=1),
        hospital("X", 9, level=None),
        provider("X", 9),
    ],
)
def test_a_parent_that_is_no_open_hospital_of_level_two_is_passed_over(parent):
    table = upstream([hospital("H1", 20), parent, provider("P1", parent_provider_id="X")])
    assert table.loc["P1", ["upstream_id", "given"]].tolist() == ["H1", 0]


def test_a_hospital_takes_no_more_than_its_bound_and_those_given_count():
    full = hospital("H1", 0, max_downstream=1)
    given_one = provider("P1", 30, parent_provider_id="H1")
    assert of(upstream([full, hospital("H2", 40), given_one, provider("P2", 1)])) == {"P1": "H1", "P2": "H2"}


def test_more_parents_than_the_bound_leave_no_room_and_break_nothing():
    given_two = [provider(id, 1, parent_provider_id="H1") for id in ("P1", "P2")]
    table = upstream([hospital("H1", 0, max_downstream=1), *given_two, provider("P3")])
    assert of(table) == {"P1": "H1", "P2": "H1", "P3": None}
    assert table.loc["P3", ["minutes", "km"]].isna().all()


def test_as_many_as_possible_have_a_hospital_before_anybody_has_the_nearest():
    shut = [{"from_code": "V1", "provider_id": "H2", "reachable": False}]
    near = provider("P1", 1)
    bound = provider("P2", 0, place_code="V1")
    table = upstream([hospital("H1", 0, max_downstream=1), hospital("H2", 9), near, bound], travel=shut)
    assert of(table) == {"P1": "H2", "P2": "H1"}


def test_without_a_bound_there_is_room_for_all():
    assert set(of(upstream([hospital("H1"), *(provider(f"P{n}", n) for n in range(9))])).values()) == {"H1"}


def test_nobody_has_a_hospital_where_there_is_none():
    table = upstream([provider("P1"), hospital("H1", level=1)])
    assert of(table) == {"H1": None, "P1": None}
    assert table[["minutes", "km"]].isna().all().all()


def test_a_journey_of_the_table_comes_before_the_distance():
    travel = [{"from_code": "V1", "provider_id": "H2", "minutes": 7, "km": 3}]
    row = upstream([hospital("H1", 5), hospital("H2", 50), provider("P1", place_code="V1")], travel=travel)
    assert row.loc["P1", ["upstream_id", "minutes", "km"]].tolist() == ["H2", 7, 3]


def test_the_policys_cost_decides_what_nearest_means():
    travel = [{"from_code": "V1", "provider_id": "H2", "minutes": 5, "km": 90}]
    rows = [hospital("H1", 5), hospital("H2", 60), provider("P1", place_code="V1")]
    assert of(upstream(rows, POLICY, travel=travel)) == {"P1": "H1"}
    assert of(upstream(rows, BY_TIME, travel=travel)) == {"P1": "H2"}


def test_a_given_parent_without_a_position_has_no_minutes():
    table = upstream([hospital("H1", lat=None, lon=None), provider("P1", parent_provider_id="H1")])
    assert table.loc["P1", "upstream_id"] == "H1"
    assert table.loc["P1", ["minutes", "km"]].isna().all()


def test_closed_and_planned_providers_have_nobody_upstream():
    assert (
        of(upstream([hospital("H1"), provider("P1", status="closed"), provider("P2", status="planned")]))
        == {}
    )


@examples(25)
@given(
    st.lists(st.integers(-6, 6), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(-6, 6), st.none() | st.integers(0, 3)), min_size=1, max_size=3),
)
def test_no_choice_of_all_is_better(homes, hospitals):
    """Most with a hospital, then the least kilometres, then the least hospitals in order of the providers."""
    rows = [hospital(f"H{n}", km, max_downstream=most) for n, (km, most) in enumerate(hospitals)]
    found = of(upstream([*rows, *(provider(f"P{n}", km) for n, km in enumerate(homes))]))
    room = [len(homes) if most is None else most for _, most in hospitals]
    nobody = len(hospitals)

    def worth(chosen):
        metres = [cost(homes[n], hospitals[one][0]) for n, one in enumerate(chosen) if one < nobody]
        return chosen.count(nobody), sum(metres), chosen

    choices = product(range(nobody + 1), repeat=len(homes))
    fitting = [one for one in choices if all(one.count(n) <= most for n, most in enumerate(room))]
    best = min(fitting, key=worth)
    told = [f"H{one}" if one < nobody else None for one in best]
    assert [found[f"P{n}"] for n in range(len(homes))] == told


def cost(a, b):
    return int(abs(a - b) * 1.4 * 1000 + 0.5)
