"""Seasons, waiting and money by county and year: sums of what is measured, and how much is not."""

from __future__ import annotations

import pandas as pd

from matcher.care.planning import earned, money_by_county, people_waiting, waiting_by_county, year_of
from matcher.geography.locate import locate
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from tests.helpers.builders import PLACES, make_inputs, provider, resident

HOME = {"site_id": "S1", "kind": "care_home", "beds": 1, "place_code": "V1"}
SECOND = {
    "place_code": "C2",
    "name": "丁县",
    "level": "county",
    "parent_code": "CITY",
    "lat": 26.5,
    "lon": 101.7,
}


def planned(people, sites=(HOME,), **more):
    inputs = make_inputs(people, [provider("P1", capacity_home=1)], sites, (*PLACES, SECOND), **more)
    return match(locate(inputs), load_policy())


def waits(id, **more):
    return resident(id, ability_grade=3, requested_mode="institutional", **more)


def test_who_waits_is_counted_in_the_county_of_their_home():
    plan = planned([waits("A"), waits("B"), waits("C", place_code="C2"), waits("D", place_code=None)])
    assert people_waiting(plan)["county"].tolist() == ["C1", "C1", "C2", ""]
    table = waiting_by_county(plan).set_index("county")
    assert table["people"].to_dict() == {"": 1, "C1": 2, "C2": 1}
    assert table["untold"].to_dict() == {"": 1, "C1": 0, "C2": 1}
    assert table.loc["C1", ["longest", "beds", "free"]].tolist() == [50, 1, 1]
    assert table.loc[["", "C2"], ["longest", "beds", "free"]].isna().all().all()
    assert table["interim"].sum() == 1


def test_a_county_where_nobody_waits_has_a_row():
    assert waiting_by_county(planned([resident("A")]))["people"].tolist() == [0, 0]


def test_money_of_a_county_is_the_sum_of_what_is_measured():
    run = HOME | {"operator_provider_id": "P1", "licensed": True, "opened_on": pd.Timestamp("2025-01-01")}
    sites = [
        run | {"new_beds": 2, "special_beds": 0},
        run | {"site_id": "S2", "new_beds": 3, "special_beds": 1},
        run | {"site_id": "S3"},
    ]
    stays = [{"resident_id": "A", "site_id": "S2", "from": pd.Timestamp("2025-01-01"), "grade": 3}]
    table = money_by_county(planned([resident("A")], sites, stays=stays))
    rows = table[table["year"] == 2025]
    assert rows[["county", "sites", "unmeasured"]].to_numpy().tolist() == [["C1", 3, 1]]
    assert rows["once"].tolist() == [2 * 10_000 + 3 * 10_000 + 20_000]
    assert rows["months"].tolist() == [12]


def test_without_stays_nothing_is_summed_to_nought():
    run = HOME | {"operator_provider_id": "P1", "licensed": True, "new_beds": 2, "special_beds": 0}
    table = money_by_county(planned([resident("A")], [run]))
    assert table[["running", "months", "unknown"]].isna().all().all()
    assert table["once"].tolist() == [20_000]
    assert table["year"].isna().all()


def test_a_year_with_nothing_to_pay_is_left_out_and_one_that_is_not_measured_is_kept():
    table = pd.DataFrame(
        {"year": [2012, 2013, 2014], "once": [0, 0, pd.NA], "running": [0, 0, 0], "months": [0, 3, 0]}
    ).astype("Int64")
    assert earned(table)["year"].tolist() == [2013, 2014]


def test_the_year_is_solved_once_for_a_plan():
    plan = planned([resident("A")])
    assert year_of(plan) is year_of(plan)
