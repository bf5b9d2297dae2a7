"""Twelve months: who is here, whom the places suffice for, and who changes provider."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.care import seasons as room
from matcher.care.seasons import PEAK_COLUMNS, SEASONS_COLUMNS, seasons
from matcher.cli import main
from matcher.eligibility.presence import MONTHS
from matcher.errors import PlanRefused
from matcher.geography.locate import locate
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.scenario.applying import apply
from matcher.scenario.edits import Scenario, Season
from matcher.tables import MODES
from tests.helpers.app_data import write_tables
from tests.helpers.builders import PLACES, make_inputs, provider, resident
from tests.helpers.examples import examples

POLICY = load_policy()
WINTER, SUMMER, UNKNOWN = (11, 3), (6, 9), (None, None)


def guest(id, season=UNKNOWN, km=0.0, **more):
    more = {"origin": "visitor", "living_setting": "hotel"} | more
    return resident(id, km, season_from=season[0], season_to=season[1], **more)


def clinic(id, km=0.0, places=1, **more):
    return provider(id, km, **({"capacity_home": 0, "capacity_migratory": places} | more))


def year(people, providers, policy=POLICY, **more):
    return seasons(locate(make_inputs(people, providers, **more)), policy)


def of_month(found, column):
    return found.by_month()[column].tolist()


def test_one_place_for_a_winter_guest_a_summer_guest_and_one_who_says_no_season():
    found = year([guest("A", WINTER), guest("B", SUMMER), guest("C")], [clinic("P1")])
    assert found.seasons[["residents", "served"]].sum().tolist() == [21, 12]
    assert (found.problems, found.proven) == (3, 3)
    assert of_month(found, "unknown") == [1] * 12
    assert found.peak.set_index("place_code").loc["V1"].tolist() == [1, 1]


def test_every_month_and_mode_has_a_row_and_january_has_no_month_before_it():
    table = year([guest("A", WINTER)], [clinic("P1")]).seasons
    assert table["month"].tolist() == [month for month in MONTHS for _ in MODES]
    assert table["mode"].tolist() == list(MODES) * 12
    assert table["moved"].isna().tolist() == (table["month"] == 1).tolist()
    assert table.groupby("month")["residents"].sum().tolist() == [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1]


def test_local_people_are_here_all_year_and_only_others_have_an_unknown_season():
    people = [
        resident("L", season_from=11, season_to=3),
        resident("M", origin=None),
        guest("H", (11, None)),
        guest("W", WINTER),
    ]
    found = year(people, [clinic("P1", places=9, capacity_home=9)])
    assert of_month(found, "residents") == [4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 4, 4]
    assert of_month(found, "unknown") == [2] * 12


def test_the_peak_is_the_first_of_the_worst_months_by_place_and_upwards():
    two = PLACES[-1] | {"place_code": "V2", "name": "二村"}
    people = [guest("A", SUMMER), guest("B", (7, 8), place_code="V2"), guest("C", WINTER, place_code="V2")]
    found = year([*people, guest("D", SUMMER, place_code=None)], [clinic("P1", 900.0)], places=(*PLACES, two))
    peak = found.peak.set_index("place_code")
    assert peak.loc[["V1", "V2", "T1", ""]].to_numpy().tolist() == [[6, 1], [1, 1], [7, 2], [6, 1]]


def test_a_place_where_nobody_ever_lacks_a_provider_has_no_month():
    peak = year([guest("A", WINTER)], [clinic("P1")]).peak
    assert peak["month"].isna().all()
    assert peak["short"].tolist() == [0] * len(PLACES)


def test_guests_who_come_drive_nobody_away_who_would_pay_for_leaving():
    """In January L is at the near clinic; S, who comes in June, is nearer to it, and the other one is far from both."""
    people = [guest("L", km=1.0), guest("S", SUMMER)]
    clinics = [clinic("P1"), clinic("P2", 3.0)]
    assert of_month(year(people, clinics), "moved")[1:] == [0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0]
    stays = replace(POLICY, switching_m=5_000)
    assert of_month(year(people, clinics, stays), "moved")[1:] == [0] * 11


def test_nobody_is_with_anybody_in_january_whatever_the_table_says():
    dear = replace(POLICY, switching_m=20_000)
    found = year(
        [guest("A", current_provider_id="P2"), guest("B", SUMMER)], [clinic("P1"), clinic("P2", 3.0)], dear
    )
    assert of_month(found, "moved")[1:] == [0] * 11
    alone = year([guest("A", km=1.0, current_provider_id="P2")], [clinic("P1"), clinic("P2", 5.0, 2)], dear)
    assert alone.problems == 1


def test_whoever_comes_back_is_with_the_provider_of_the_latest_month_they_were_here(monkeypatch):
    """A has P2 in June, since B has P1 until June; in October A is back: P1 is free, but leaving P2 is too dear."""
    people = [guest("A", (6, 10), km=1.0), guest("B", (2, 6), km=0.0), guest("C", (8, 8), km=0.0)]
    seen = {}
    real = room.some_people

    def spied(groups, pairs, there, current):
        seen[len(seen)] = current.tolist()
        return real(groups, pairs, there, current)

    monkeypatch.setattr(room, "some_people", spied)
    found = year(people, [clinic("P1"), clinic("P2", 3.0)], replace(POLICY, switching_m=50_000))
    assert of_month(found, "moved")[1:] == [0] * 11
    # January, February, June, July, August; what followed are sets that were solved.
    assert list(seen.values()) == [[-1, -1, -1], [-1, -1, -1], [-1, 0, -1], [1, 0, -1], [1, 0, -1]]


season = st.tuples(st.integers(1, 12), st.integers(1, 12)) | st.just(UNKNOWN)


@st.composite
def towns(draw):
    people = [
        guest(f"R{i}", draw(season), draw(st.integers(0, 9)), age=draw(st.sampled_from([50, 70, 90])))
        for i in range(draw(st.integers(1, 6)))
    ]
    people += [resident(f"L{i}", draw(st.integers(0, 9))) for i in range(draw(st.integers(0, 3)))]
    clinics = [
        clinic(
            f"P{i}",
            draw(st.integers(0, 9)),
            draw(st.integers(0, 3)),
            capacity_home=draw(st.integers(0, 2)),
            capacity_total=draw(st.none() | st.integers(0, 3)),
        )
        for i in range(draw(st.integers(1, 3)))
    ]
    return locate(make_inputs(people, clinics))


@examples(5)
@given(towns())
def test_each_month_serves_as_many_as_a_cold_match_of_who_is_here(inputs):
    found = seasons(inputs, POLICY)
    served = {}
    for month in MONTHS:
        there = apply(Scenario("s", (Season(month),)), inputs, POLICY).inputs
        here = tuple(there.residents["resident_id"])
        if here not in served:
            served[here] = match(there, POLICY).outcome.served
        rows = found.seasons[found.seasons["month"] == month]
        assert rows[["residents", "served"]].sum().tolist() == [len(here), served[here]]
    assert found.problems == found.proven == len(served)


def test_a_year_with_pairs_that_were_overlooked_is_refused(monkeypatch):
    real = room.eligible_pairs
    monkeypatch.setattr(
        room,
        "eligible_pairs",
        lambda groups: replace(
            real(groups),
            start=np.zeros(len(groups.size) + 1, np.int64),
            provider=np.zeros(0, np.int32),
            cost=np.zeros(0, np.int32),
        ),
    )
    with pytest.raises(PlanRefused):
        year([guest("A")], [clinic("P1")])


def test_households_are_kept_together_in_each_month():
    together = replace(POLICY, keep_households_together=True)
    people = [guest("A", household_id="H"), guest("B", WINTER, household_id="H"), guest("C", SUMMER)]
    assert of_month(year(people, [clinic("P1")], together), "served") == [0, 0, 0, *[1] * 7, 0, 0]


def test_no_residents_make_no_problem_but_an_empty_one():
    found = year([], [clinic("P1")])
    assert found.seasons[["residents", "served", "unknown"]].sum().sum() == 0
    assert found.peak["month"].isna().all()


@pytest.mark.parametrize("policy", ["panzhihua-2016", "xuanhan-2022"])
def test_the_command_writes_both_files_as_agreed(tmp_path, capsys, policy):
    people = [guest("A", WINTER), guest("B", SUMMER), guest("C")]
    tables = {"residents": people, "providers": [clinic("P1")], "places": PLACES}
    data, out = write_tables(tmp_path / "data", tables), tmp_path / "out"
    assert main(["seasons", str(data), "--policy", policy, "--out", str(out), "--lang", "en"]) == 0
    assert {file.name for file in out.iterdir()} == {"seasons.csv", "peak.csv"}
    lines = (out / "seasons.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(SEASONS_COLUMNS)
    assert "1,migratory,2,1,,1" in lines
    assert "2,migratory,2,1,0,1" in lines
    lines = (out / "peak.csv").read_text(encoding="utf-8").splitlines()
    assert lines == [",".join(PEAK_COLUMNS), "C1,1,1", "CITY,1,1", "T1,1,1", "V1,1,1"]
    told = capsys.readouterr().out
    assert "21 person-months, 12 served" in told
    assert "in month 1, 1" in told


def test_bad_data_write_nothing(tmp_path):
    tables = {"residents": [guest("A", (13, 1))], "providers": [clinic("P1")], "places": PLACES}
    data = write_tables(tmp_path / "data", tables)
    assert main(["seasons", str(data), "--out", str(tmp_path / "out")]) == 1
    assert not (tmp_path / "out").exists()
