"""Who waits for a care home, how long, and who looks after them until then."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.care.waiting import BEDS_COLUMNS, WAITING_COLUMNS, _months, beds_table, waiting_table
from matcher.cli import main
from matcher.geography.locate import locate
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from tests.helpers.app_data import write_tables
from tests.helpers.builders import PLACES, make_inputs, provider, resident

HOME = {"site_id": "S1", "kind": "care_home", "beds": 50, "place_code": "V1"}


def waits(id, grade=3, **more):
    more = {"ability_grade": grade, "requested_mode": "institutional"} | more
    return resident(id, **more)


def lives(id, where="S1", **more):
    return resident(id, living_setting="care_home", site_id=where, **more)


def planned(people, providers=(), sites=(HOME,), policy="panzhihua-2016"):
    inputs = make_inputs(people, list(providers) or [provider("P1", capacity_home=0)], sites)
    return match(locate(inputs), load_policy(policy))


def test_fifty_beds_are_full_and_three_wait_one_two_and_three_months():
    people = [lives(f"L{n}") for n in range(50)] + [waits(f"W{n}") for n in range(3)]
    people += [resident(f"R{n}") for n in range(1_947)]
    plan = planned(
        people, [provider("P1", kind="general_hospital", hospital_level=2, capacity_institutional=50)]
    )
    table, beds = waiting_table(plan), beds_table(plan)
    assert table["resident_id"].tolist() == ["W0", "W1", "W2"]
    assert table["rank"].tolist() == [1, 2, 3]
    assert table["months"].tolist() == [1, 2, 3]
    assert beds.to_dict("records") == [
        {"place_code": code, "beds": 50, "free": 0, "per_1000": 25.0} for code in ("C1", "CITY")
    ]


def test_a_free_bed_is_no_wait_and_a_full_home_takes_none_from_another():
    sites = [
        HOME | {"beds": 1},
        HOME | {"site_id": "S2", "beds": 2},
        HOME | {"site_id": "S3", "kind": "hotel"},
    ]
    plan = planned([lives("L1"), lives("L2"), waits("W1"), waits("W2"), waits("W3")], sites=sites)
    assert beds_table(plan)[["beds", "free"]].to_numpy().tolist() == [[3, 2], [3, 2]]
    table = waiting_table(plan).set_index("resident_id")["months"]
    assert table[["W1", "W2", "W3"]].tolist() == [0, 0, 17]


def test_people_wait_by_tier_then_grade_then_age_then_id_and_unknown_is_last():
    people = [
        waits("D", 4, age=None),
        waits("C", 3, age=90),
        waits("B", 4, age=70),
        waits("A", 4, age=80),
        waits("E", 4, age=70),
    ]
    assert waiting_table(planned(people))["resident_id"].tolist() == ["A", "B", "E", "D", "C"]


def test_without_known_beds_no_months_are_told():
    for sites in ([], [HOME | {"beds": None}]):
        plan = planned([waits("W1")], sites=sites)
        assert waiting_table(plan)["months"].isna().all()
        assert beds_table(plan)[["beds", "free", "per_1000"]].isna().all().all()


def test_no_beds_at_all_never_become_free():
    assert waiting_table(planned([waits("W1")], sites=[HOME | {"beds": 0}]))["months"].isna().all()


def test_who_lives_in_a_home_whose_provider_is_full_waits_and_one_without_a_provider_does_not():
    full = provider("P1", kind="general_hospital", hospital_level=2, capacity_institutional=1)
    assert waiting_table(planned([lives("L1"), lives("L2")], [full]))["resident_id"].tolist() == ["L2"]
    assert waiting_table(planned([lives("L1"), lives("L2")])).empty


def test_meanwhile_the_community_comes_first_then_the_home_and_nobody_is_displaced():
    clinics = [provider("P1", capacity_community=1, capacity_home=2), provider("P2", 1, capacity_home=0)]
    table = waiting_table(planned([resident("R1"), waits("W1"), waits("W2"), waits("W3")], clinics))
    table = table.set_index("resident_id")
    assert table["interim_mode"].value_counts().to_dict() == {"community": 1, "home": 1}
    assert table["interim_provider_id"].dropna().tolist() == ["P1", "P1"]


def test_the_total_of_a_provider_bounds_the_interim():
    clinic = provider("P1", capacity_community=5, capacity_home=5, capacity_total=2)
    table = waiting_table(planned([resident("R1"), waits("W1"), waits("W2")], [clinic]))
    assert table["interim_mode"].notna().sum() == 1


@given(st.integers(1, 500), st.integers(0, 300), st.integers(1, 300), st.sampled_from([0.02, 0.05, 0.3, 1.0]))
def test_months_are_the_exact_ceiling(rank, free, beds, turnover):
    months = _months(*(pd.Series([value], dtype="Int64") for value in (rank, free, beds)), turnover)
    wait = 0 if rank <= free else ceil((rank - free) / (beds * Fraction(str(turnover))))
    assert months.tolist() == [wait]


@pytest.mark.parametrize("policy", ["panzhihua-2016", "xuanhan-2022"])
def test_the_command_writes_both_files_as_agreed(tmp_path, capsys, policy):
    tables = {"residents": [waits("W1")], "providers": [provider("P1")], "places": PLACES, "sites": [HOME]}
    data, out = write_tables(tmp_path / "data", tables), tmp_path / "out"
    assert main(["waiting", str(data), "--policy", policy, "--out", str(out), "--lang", "en"]) == 0
    assert {file.name for file in out.iterdir()} == {"waiting.csv", "beds.csv"}
    lines = (out / "waiting.csv").read_text(encoding="utf-8").splitlines()
    assert lines == [",".join(WAITING_COLUMNS), "W1,1,1,0,home,P1"]
    assert (out / "beds.csv").read_text(encoding="utf-8").splitlines()[0] == ",".join(BEDS_COLUMNS)
    assert "1 people wait for a care home; 1 have somebody meanwhile" in capsys.readouterr().out
