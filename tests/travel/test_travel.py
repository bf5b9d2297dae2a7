"""Listed journeys: what the travel table says, AccessMod's files as they come, and the same answer at any size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import travel as benchmark
from matcher.eligibility.derive import derive
from matcher.geography.locate import locate
from matcher.geography.sphere import great_circle_km, unit_vectors
from matcher.inputs import typed_frame
from matcher.intake.check import load_inputs
from matcher.plan.match import match
from matcher.plan.plan import Plan
from matcher.policy.documents import load_policy
from matcher.travel.distance import Journeys, read_journeys
from tests.helpers.builders import PLACES, make_inputs, provider, resident
from tests.helpers.examples import examples
from tests.helpers.folders import PROVIDER, Row, checked, csv_text, told, write_folder

POLICY = load_policy("panzhihua-2016")
BY_TIME = replace(POLICY, cost="time")


def served(plan: Plan) -> dict[str, str]:
    """Provider of everybody who is served."""
    assert plan.outcome.status == "optimal"
    return dict(zip(plan.assignments["resident_id"], plan.assignments["provider_id"], strict=True))


def why_not(plan: Plan) -> list[list[object]]:
    """Reason and nearest provider of everybody who is not."""
    columns = ["resident_id", "reason", "nearest_provider_id"]
    return plan.unserved[columns].fillna("-").to_numpy().tolist()


# --- no way ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", [POLICY, BY_TIME], ids=["distance", "time"])
def test_nobody_is_matched_where_there_is_no_way(policy):
    """`p` is next door, across a gorge: `a` goes to `q`, `b` finds that full; neither is told that `p` is near."""
    travel = [{"from_code": "V1", "provider_id": "p", "reachable": False}]
    people = [resident("a", 0, groups=["destitute"]), resident("b", 0)]
    plan = match(make_inputs(people, [provider("p", 0), provider("q", 3)], travel=travel), policy)
    assert served(plan) == {"a": "q"}
    assert why_not(plan) == [["b", "capacity_full", "q"]]
    assert plan.outcome.eligible_pairs == 2


@pytest.mark.parametrize("together", [False, True], ids=["alone", "household"])
@pytest.mark.parametrize(
    ("shut", "reason", "nearest"),
    [("pq", "no_way", "-"), ("p", "beyond_limit", "q"), ("r", "beyond_limit", "p")],
)
def test_no_way_to_any_admissible_provider_is_a_reason_of_its_own(shut, reason, nearest, together):
    """Both are too far away by road; only where the table shuts both of them is there no way. `r` is closed."""
    travel = [{"from_code": "V1", "provider_id": id, "reachable": False} for id in shut]
    providers = [provider("p", 20), provider("q", 30), provider("r", 0, status="closed")]
    people = [resident(id, 0, household_id="h") for id in ("ab" if together else "a")]
    policy = replace(POLICY, keep_households_together=together)
    plan = match(make_inputs(people, providers, travel=travel), policy)
    assert why_not(plan) == [[person["resident_id"], reason, nearest] for person in people]
    assert plan.unserved["nearest_distance_km"].isna().all() == (nearest == "-")


def test_a_way_listed_for_the_person_opens_what_is_shut_for_the_place():
    """No way leads from the village, but 30 km from the person's own house: that is too far, and not "no way"."""
    travel = [
        {"from_code": "V1", "provider_id": "p", "reachable": False},
        {"from_code": "a", "provider_id": "p", "km": 30.0},
    ]
    plan = match(make_inputs([resident("a"), resident("b")], [provider("p", 0)], travel=travel), POLICY)
    assert why_not(plan) == [["a", "beyond_limit", "p"], ["b", "no_way", "-"]]


@pytest.mark.parametrize(
    ("of_place", "of_person", "by_distance", "by_time"),
    [
        ({"reachable": False}, {"km": 2.0}, 2000, 240),
        ({"reachable": False}, {"minutes": 5.0}, 1400, 300),
        ({"km": 2.0, "minutes": 5.0}, {"reachable": False}, None, None),
        ({"km": 2.0, "minutes": 5.0}, {"km": 3.0}, 3000, 360),
        ({"km": 2.0, "minutes": 5.0}, {"minutes": 7.0}, 1400, 420),
        ({"km": 2.0, "minutes": 5.0, "reachable": True}, {}, 2000, 300),
    ],
)
def test_what_is_listed_for_the_person_comes_before_what_is_listed_for_the_place(
    of_place, of_person, by_distance, by_time
):
    """1.4 km by road are 168 s where nothing is listed; kilometres without minutes are driven at 30 km/h."""
    travel = [{"from_code": "V1", "provider_id": "p", **of_place}]
    travel += [{"from_code": "a", "provider_id": "p", **of_person}] if of_person else []
    inputs = make_inputs([resident("a", 1)], [provider("p", 0)], travel=travel)
    for policy, cost in ((POLICY, by_distance), (BY_TIME, by_time)):
        costs = match(inputs, policy).assignments["cost_m"].tolist()
        assert costs == ([] if cost is None else [cost])


@pytest.mark.parametrize(
    ("listed", "policy", "cost"),
    [
        ({"km": 10.0004}, POLICY, [10_000]),
        ({"km": 10.0006}, POLICY, []),
        ({"minutes": 20.008}, BY_TIME, [1200]),
        ({"minutes": 20.009}, BY_TIME, []),
        ({"km": 10.004}, BY_TIME, [1200]),
    ],
)
def test_a_listed_journey_of_the_limit_brings_near_what_is_far(listed, policy, cost):
    """10 km, or 20 minutes at 30 km/h, once rounded to metres or seconds; the crow flies 50 km."""
    travel = [{"from_code": "a", "provider_id": "p", **listed}]
    plan = match(make_inputs([resident("a", 50)], [provider("p", 0)], travel=travel), policy)
    assert plan.assignments["cost_m"].tolist() == cost


def test_a_row_says_how_long_the_way_is_or_that_there_is_none(tmp_path):
    rows = [
        {"from_code": "R1", "provider_id": "P1", "reachable": "0"},
        {"from_code": "T1", "provider_id": "P1", "reachable": "1"},
        {"from_code": "T1", "provider_id": "P2", "km": "4", "reachable": "否"},
    ]
    folder = write_folder(
        tmp_path, {"travel": rows, "providers": [{"provider_id": "P2", "kind": "village_clinic"}]}
    )
    problems = checked(folder).problems
    assert told(problems[problems["severity"] == "error"]) == {
        ("travel.csv", 4, "minutes", "empty_travel"),
        ("travel.csv", 5, "reachable", "unreachable_journey"),
    }


@pytest.mark.parametrize(
    ("listed", "policy", "source"),
    [
        ({}, POLICY, "computed"),
        ({"km": 2.0}, POLICY, "table"),
        ({"minutes": 5.0}, POLICY, "computed"),  # kilometres decide, and are computed
        ({"minutes": 5.0}, BY_TIME, "table"),
        ({"km": 2.0}, BY_TIME, "table"),
    ],
)
def test_everybody_served_is_told_where_the_cost_comes_from(listed, policy, source):
    """A listed journey counts as the source only where it decides."""
    travel = [{"from_code": "V1", "provider_id": "p", **listed}] if listed else []
    plan = match(make_inputs([resident("a", 1)], [provider("p", 0)], travel=travel), policy)
    assert plan.assignments["distance_source"].tolist() == [source]


def test_everybody_served_is_told_how_they_were_placed():
    """Own coordinates, those of a site, of the village, of the township above it, or none but a listed journey."""
    nowhere = {"lat": None, "lon": None}
    people = [
        resident("a"),
        resident("b", **nowhere, living_setting="day_care", site_id="S1", requested_mode="home"),
        resident("c", **nowhere),
        resident("d", **nowhere, place_code="V2"),
        resident("e", **nowhere, place_code=None),
    ]
    places = [*PLACES, {"place_code": "V2", "level": "village", "parent_code": "T1"}]
    sites = [{"site_id": "S1", "kind": "day_care", "lat": 26.5, "lon": 101.7}]
    travel = [{"from_code": "e", "provider_id": "p", "km": 1.0}]
    everywhere = provider("p", 0, capacity_home=9, capacity_community=9)
    plan = match(locate(make_inputs(people, [everywhere], sites, places, travel)), POLICY)
    assert plan.assignments["position"].tolist() == ["own", "site", "village", "township", "none"]


# --- lookup ------------------------------------------------------------------------------------------------


def journeys(rows: list[Mapping[str, object]], providers: list[str]) -> Journeys:
    """The rows by number."""
    return read_journeys(typed_frame("travel", rows), pd.Index(providers))


def test_what_is_not_listed_is_not_found():
    rows = [
        {"from_code": "V2", "provider_id": "q", "km": 5.0},
        {"from_code": "V1", "provider_id": "p", "km": 1.0},
        {"from_code": "V3", "provider_id": "gone", "km": 9.0},
    ]
    listed = journeys(rows, ["p", "q"])
    assert listed.keys.tolist() == ["V1", "V2", "V3"]
    pair, row = listed.find(np.array([0, 0, 1, 2, -1, 1]), np.array([0, 1, 1, 1, 0, 0]))
    assert pair.tolist() == [0, 2]
    assert listed.km[row].tolist() == [1.0, 5.0]


def test_without_a_table_nothing_is_found():
    pair, row = journeys([], ["p"]).find(np.array([-1, -1]), np.array([0, 0]))
    assert (len(pair), len(row)) == (0, 0)


@examples(50)
@given(st.sets(st.tuples(st.integers(0, 4), st.integers(0, 3))), st.lists(st.integers(-1, 4), max_size=6))
def test_lookup_and_listing_agree_with_a_dictionary(pairs, keys):
    """Any set of listed pairs, any origins, repeated and unknown ones too."""
    rows = [{"from_code": f"V{v}", "provider_id": f"p{p}", "km": 10.0 * v + p} for v, p in sorted(pairs)]
    listed = journeys(rows, ["p0", "p1", "p2", "p3"])
    names = {name: number for number, name in enumerate(listed.keys)}
    key = np.array([names.get(f"V{v}", -1) for v in keys], np.int64)
    position, row = listed.of_origins(key)
    provider_ = listed.code[row] % listed.providers
    expected = [(i, p) for i, v in enumerate(keys) for p in range(4) if (v, p) in pairs]
    assert list(zip(position.tolist(), provider_.tolist(), strict=True)) == expected
    pair, row = listed.find(np.repeat(key, 4), np.tile(np.arange(4), len(keys)))
    assert [(p // 4, p % 4) for p in pair.tolist()] == expected
    assert listed.km[row].tolist() == [10.0 * keys[i] + p for i, p in expected]


@examples(25)
@given(st.integers(0, 1000))
def test_listing_what_would_be_computed_changes_nothing(seed):
    """Metamorphic: a full table of the computed kilometres gives the plan that no table gives."""
    rng = np.random.default_rng(seed)
    people = [resident(f"r{i}", float(rng.uniform(0, 12))) for i in range(12)]
    providers = [provider(f"p{j}", float(rng.uniform(0, 12)), capacity_home=3) for j in range(4)]
    bare = make_inputs(people, providers)
    a, b = (unit_vectors(t["lat"].to_numpy(), t["lon"].to_numpy()) for t in (bare.residents, bare.providers))
    travel = [
        {"from_code": f"r{i}", "provider_id": f"p{j}", "km": float(great_circle_km(a[[i]], b[[j]])[0] * 1.4)}
        for i in range(12)
        for j in range(4)
    ]
    plain, listed = match(bare, POLICY), match(make_inputs(people, providers, travel=travel), POLICY)
    for table in ("assignments", "unserved", "loads", "coverage"):
        same = [
            getattr(plan, table).drop(columns="distance_source", errors="ignore") for plan in (plain, listed)
        ]
        pd.testing.assert_frame_equal(*same)


@examples(150)
@given(st.data())
def test_no_eligible_pair_is_overlooked_whatever_is_listed(data):
    """Pairs near enough, by position or by table, are those that measuring every pair finds."""
    policy = data.draw(st.sampled_from([POLICY, BY_TIME]))
    amount = st.one_of(st.none(), st.sampled_from([0.0, 9.9995, 10.0, 10.0005, 19.99, 20.0, 20.01, 40.0]))
    rows = []
    for origin in data.draw(st.sets(st.sampled_from(["V1", "a", "b"]))):
        for name in data.draw(st.sets(st.sampled_from(["p", "q"]))):
            km, minutes = data.draw(amount), data.draw(amount)
            shut = {"reachable": False} if km is minutes is None else {}
            rows.append({"from_code": origin, "provider_id": name, "km": km, "minutes": minutes, **shut})
    away = st.sampled_from([0, 6.9, 10 / 1.4, 7.2, 30])
    people = [resident(name, data.draw(away)) for name in ("a", "b", "c")]
    known = derive(make_inputs(people, [provider("p"), provider("q", data.draw(away))], travel=rows), policy)
    location, target = np.divmod(np.arange(len(known.groups.travel.origins) * 2), 2)
    cost = known.groups.travel.measure(location, target)[1].reshape(-1, 2)[known.groups.location]
    limit = known.groups.limits[known.groups.mode[0]]
    group, column = np.nonzero((cost >= 0) & (cost <= limit))
    found = zip(
        known.pairs.group.tolist(), known.pairs.provider.tolist(), known.pairs.cost.tolist(), strict=True
    )
    assert sorted(found) == list(
        zip(group.tolist(), column.tolist(), cost[group, column].tolist(), strict=True)
    )


# --- AccessMod ---------------------------------------------------------------------------------------------


def accessmod(tmp_path: Path, rows: list[Row], **more: list[Row]) -> Path:
    """A sound folder whose travel.csv is a referral table."""
    folder = write_folder(tmp_path, more)
    (folder / "travel.csv").write_text(csv_text(rows), encoding="utf-8")
    return folder


def referral(from_cat: str, from_name: str, to_cat: str, to_name: str, **amounts: str) -> Row:
    """One row in AccessMod's order of columns."""
    ids = {"from__cat": from_cat, "from__name": from_name, "to__cat": to_cat, "to__name": to_name}
    return ids | amounts


def test_a_referral_table_is_read_as_it_comes_and_said_so(tmp_path):
    """Names are our ids here, ``cat`` is AccessMod's row number; metres become kilometres, minutes stay."""
    rows = [
        referral("1", "V1", "7", "P1", distance_m="7246.5", time_m="15"),
        referral("2", "R1", "7", "P1", distance_m="NA", time_m="NA"),
    ]
    folder = accessmod(tmp_path, rows)
    problems = checked(folder).problems
    assert told(problems) == {("travel.csv", 1, "", "accessmod_table")}
    assert problems["severity"].tolist() == ["warning"]
    assert problems["value"].tolist() == [
        "from__name → from_code, to__name → provider_id, time_m → minutes, distance_m → km"
    ]
    assert "1 pairs have neither" in problems["fix"][0]
    travel = load_inputs(folder).travel
    assert travel["from_code"].tolist() == ["V1", "R1"]
    assert travel["provider_id"].tolist() == ["P1", "P1"]
    assert travel["minutes"].fillna(-1).tolist() == [15, -1]
    assert travel["km"].fillna(-1).tolist() == [7.2465, -1]
    assert travel["reachable"].fillna(True).tolist() == [True, False]


@pytest.mark.parametrize(
    ("unit", "text", "column", "value"),
    [
        ("time_s", "90", "minutes", 1.5),
        ("time_m", "90", "minutes", 90),
        ("time_h", "1.5", "minutes", 90),
        ("distance_m", "1500", "km", 1.5),
        ("distance_km", "72.464", "km", 72.464),
        ("DISTANCE_KM", "72.464", "km", 72.464),
    ],
)
def test_every_unit_of_accessmod_becomes_ours(tmp_path, unit, text, column, value):
    folder = accessmod(tmp_path, [referral("1", "V1", "7", "P1", **{unit: text})])
    assert load_inputs(folder).travel[column].tolist() == [value]


def test_row_numbers_name_the_ends_only_where_nothing_else_does(tmp_path):
    """Provider 7 has no other name here; the village is known by its name, though some place is called 1."""
    rows = [referral("1", "V1", "7", "乡镇卫生院", time_m="15")]
    more = {
        "providers": [{**PROVIDER, "provider_id": "7"}],
        "places": [{"place_code": "1", "level": "village", "parent_code": "T1"}],
    }
    folder = accessmod(tmp_path, rows, **more)
    travel = load_inputs(folder).travel
    assert travel[["from_code", "provider_id"]].to_numpy().tolist() == [["V1", "7"]]


def test_an_id_field_chosen_in_accessmod_is_found_whatever_its_name(tmp_path):
    rows = [{"from__code": "V1", "from__name": "一村", "to__uid": "P1", "to__name": "甲院", "time_m": "15"}]
    travel = load_inputs(accessmod(tmp_path, rows)).travel
    assert travel[["from_code", "provider_id"]].to_numpy().tolist() == [["V1", "P1"]]


def test_what_is_wrong_in_a_referral_table_is_told_by_row_as_in_any_other(tmp_path):
    """Unknown ids, a pair twice, a distance below 0 in the file's own unit, and a column that nobody knows."""
    rows = [
        referral("1", "V1", "7", "P1", distance_m="10", time_m="15"),
        referral("1", "V1", "7", "P1", distance_m="11", time_m="15"),
        referral("2", "V9", "7", "P1", distance_m="-5", time_m="soon"),
        {**referral("3", "T1", "9", "P9", distance_m="5", time_m="1"), "remark": "?"},
    ]
    problems = checked(accessmod(tmp_path, rows)).problems
    assert told(problems) == {
        ("travel.csv", 1, "", "accessmod_table"),
        ("travel.csv", 1, "remark", "unknown_column"),
        ("travel.csv", 3, "from_code,provider_id", "duplicate_pair"),
        ("travel.csv", 4, "from_code", "unknown_reference"),
        ("travel.csv", 4, "km", "out_of_range"),
        ("travel.csv", 4, "minutes", "not_a_number"),
        ("travel.csv", 5, "provider_id", "unknown_reference"),
    }
    assert problems.loc[problems["code"] == "out_of_range", "value"].tolist() == ["-5"]


def test_a_table_with_our_headers_is_not_taken_for_accessmods(tmp_path):
    assert checked(write_folder(tmp_path)).problems.empty


# --- full size ---------------------------------------------------------------------------------------------


def test_the_benchmark_lists_every_place_and_a_few_providers_for_each_person(tmp_path):
    """On a small city: a village for each address point, no duplicates, nothing that `check` objects to."""
    folder = tmp_path / "city"
    benchmark.make_city(folder, 60)
    of_places = benchmark.journeys_of_places(folder)
    inputs = load_inputs(folder)
    lived_in = inputs.residents["place_code"].nunique()
    assert len(of_places) == lived_in * len(inputs.providers)
    assert inputs.residents.groupby("place_code")[["lat", "lon"]].nunique().max().max() == 1
    of_people = benchmark.journeys_of_people(folder, of_places, 2)
    assert of_people["from_code"].value_counts().tolist() == [2] * 60
    pd.concat([of_places, of_people]).to_csv(folder / "travel.csv", index=False)
    plan = match(load_inputs(folder), POLICY)
    assert plan.outcome.status == "optimal"
    assert plan.outcome.served > 0
