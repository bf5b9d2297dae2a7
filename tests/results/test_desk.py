"""The desk's list: found by name, village or the end of a number; scopes give the providers that stand in them."""

from __future__ import annotations

import pandas as pd
import pytest

from matcher.errors import BadInput
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.results.desk import Wanted, listed, providers_of, within
from matcher.results.person import nearer_providers
from matcher.results.roster import roster, roster_people, shown, township_of, unserved_people
from tests.helpers.builders import PLACES, make_inputs, provider, resident

PEOPLE = [
    resident(
        "R0001",
        name="张三",
        id_number="510402195001011234",
        phone="13812345678",
        needs="home_visit",
        lives_alone=True,
        ability_grade=3,
        ability_scheme="GB/T 42195-2022",
    ),
    resident("R0002", name="欧阳.四", groups=["destitute"]),
    resident("R0003", lives_alone=True, ability_grade=1, ability_scheme="GB/T 42195-2022"),
]
CLINICS = [
    provider("P1", capacity_home=9, services="home_visit", place_code="T1"),
    provider("P2", 3.0, place_code="C1"),
    provider("P3", 3.0),
]


@pytest.fixture(scope="module")
def plan():
    return match(make_inputs(PEOPLE, CLINICS, places=PLACES), load_policy())


@pytest.fixture
def rows(plan):
    return roster_people(plan, "P1")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), {"R0001", "R0002", "R0003"}),
        (Wanted("张"), {"R0001"}),
        (Wanted(" 一村 "), {"R0001", "R0002", "R0003"}),
        (Wanted("5678"), {"R0001"}),
        (Wanted("678"), set()),
        (Wanted("1234"), {"R0001"}),
        (Wanted("r0002"), {"R0002"}),
        (Wanted("0003"), {"R0003"}),
        (Wanted(".四"), {"R0002"}),
        (Wanted(".*"), set()),
        (Wanted("'; DROP TABLE residents; --"), set()),
        (Wanted(tier=1), {"R0001", "R0002"}),
        (Wanted(alone=True), {"R0001", "R0003"}),
        (Wanted(alone=True, least_grade=2), {"R0001"}),
        (Wanted(visits=True), {"R0001"}),
        (Wanted("欧阳", tier=1, alone=True), set()),
    ],
)
def test_people_are_found_by_what_the_desk_knows(rows, wanted, found):
    assert set(listed(rows, wanted)["resident_id"]) == found


def test_what_is_shown_is_masked_and_the_first_tier_comes_first(plan, rows):
    pd.testing.assert_frame_equal(shown(rows), roster(plan, "P1"))
    assert rows["tier"].is_monotonic_increasing
    assert rows["tier"].nunique() > 1
    assert "张三" not in shown(rows).to_string()


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (["provider:P3"], ["P3"]),
        (["township:T1"], ["P1"]),
        (["county:C1"], ["P1", "P2"]),
        (["county:C1", "provider:P3"], ["P1", "P2", "P3"]),
        (["provider:P9", "township:T9"], []),
        ([], None),
    ],
)
def test_a_scope_is_the_providers_that_stand_in_it(plan, scope, found):
    assert providers_of(plan.inputs, scope) == found


def test_who_has_a_scope_is_offered_its_providers_alone_in_the_order_there_is():
    assert within(["P2", "P1", "P3"], ["P1", "P2"]) == ["P2", "P1"]
    assert within(["P2", "P1"], None) == ["P2", "P1"]
    assert within(["P2", "P1"], []) == []


def test_people_around_a_provider_whom_nobody_serves_are_listed_with_the_reason():
    """Two people, one place; a third is far from everybody. Only who lives in the provider's township is listed."""
    plan = match(crowded(1), load_policy())
    assert township_of(plan, "P1") == "T1"
    rows = unserved_people(plan, "T1")
    assert rows[["resident_id", "why"]].to_numpy().tolist() == [
        ["R2", "capacity_full"],
        ["R3", "beyond_limit"],
    ]
    assert list(shown(rows).columns) == list(shown(roster_people(plan, "P1")).columns)
    with pytest.raises(BadInput, match="unknown_place"):
        unserved_people(plan, "T9")


def test_one_more_place_where_the_card_says_so_serves_one_person_more():
    before, after = (match(crowded(places), load_policy()) for places in (1, 2))
    row = int((before.people["resident_id"] == "R2").to_numpy().argmax())
    (full,) = [one for one in nearer_providers(before, row) if one.exchange is not None]
    assert full.provider_id == "P1"
    assert after.outcome.served == before.outcome.served + 1


def crowded(places):
    """`places` at P1 for two people beside it."""
    return make_inputs(
        [resident("R1"), resident("R2", 1.0), resident("R3", 300.0)],
        [provider("P1", capacity_home=places, place_code="V1")],
        places=PLACES,
    )
