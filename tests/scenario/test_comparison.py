"""Comparing scenarios: each plan is as good as from scratch, every change is told, files come together or not."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from matcher.cli import main
from matcher.errors import CodedFailure, ScenarioError
from matcher.files import results as files
from matcher.files.results import write_csv
from matcher.geography.locate import locate
from matcher.intake.check import checked_inputs
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.scenario.applying import apply
from matcher.scenario.comparison import BASELINE, OUTCOMES, compare_scenarios
from matcher.scenario.edits import (
    KINDS,
    AddProvider,
    Ageing,
    ChangeCapacity,
    ChangeDemand,
    CloseProvider,
    MoveProvider,
    Scenario,
    Season,
    SetPolicy,
)
from matcher.scenario.figures import COLUMNS
from matcher.scenario.files import load_scenario
from matcher.tables import MODES, TABLES
from matcher.workers.processes import each
from tests import ROOT
from tests.helpers.builders import make_inputs, provider, resident

POLICY = load_policy()
SERVICES = ["basic_care", "chronic_care", "health_check", "home_visit"]
SCENARIOS = (
    Scenario("closed", (CloseProvider("P2"),)),
    Scenario("moved", (MoveProvider("P1", lat=26.45, lon=101.7),)),
    Scenario("near", (SetPolicy("limit_km.home", 4),)),
    Scenario("older", (Ageing(10), ChangeCapacity("P3", "home", by=4))),
    Scenario("more", (ChangeDemand(1.3, place_code="V1"),)),
    Scenario("fewer", (ChangeDemand(0.6),)),
    Scenario("summer", (Season(7),)),
    Scenario(
        "new",
        (
            AddProvider(
                {
                    "provider_id": "P9",
                    "kind": "village_clinic",
                    "services": SERVICES,
                    "lat": 26.52,
                    "lon": 101.7,
                    "capacity_home": 5,
                }
            ),
        ),
    ),
)


def town():
    """Sixty people along a road, visitors among them, and four providers that hold two thirds of them."""
    chance = np.random.default_rng(4)
    people = [
        resident(
            f"R{number:02}",
            km=float(chance.uniform(-6, 6)),
            age=int(chance.integers(60, 95)),
            ability_scheme="GB/T 42195-2022",
            ability_grade=int(chance.integers(0, 4)),
            lives_alone=bool(chance.integers(0, 2)),
            household_id=f"H{number // 3}",
        )
        for number in range(50)
    ]
    people += [
        resident(f"V{number}", km=float(chance.uniform(-3, 3)), origin="visitor", season_from=11, season_to=3)
        for number in range(10)
    ]
    services = [*SERVICES, "nursing", "rehab", "family_bed", "hospice", "living_assist", "tcm"]
    providers = [
        provider(f"P{number}", km=3.0 * number - 6, services=services, capacity_home=10, capacity_migratory=2)
        for number in range(4)
    ]
    return locate(make_inputs(people, providers))


@pytest.fixture(scope="module")
def told():
    return compare_scenarios(town(), POLICY, SCENARIOS, workers=1)


def test_every_plan_is_as_good_as_one_from_scratch(told):
    for scenario in SCENARIOS:
        applied = apply(scenario, town(), POLICY)
        brute = match(applied.inputs, applied.policy).outcome
        outcome = told.outcomes[scenario.id]
        for name in ("status", "residents", "served_by_tier", "total_cost_m"):
            assert outcome[name] == getattr(brute, name), scenario.id
    assert "seconds" not in outcome


def test_no_scenario_changes_the_tables_that_it_is_applied_to():
    inputs, untouched = town(), town()
    for scenario in SCENARIOS:
        apply(scenario, inputs, POLICY)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(inputs, name), getattr(untouched, name))
    assert load_policy() == POLICY


def test_a_scenario_without_edits_is_the_baseline_by_name_and_by_person():
    told = compare_scenarios(town(), POLICY, [Scenario("same")], workers=1)
    assert told.tables["changes"].empty
    same, baseline = (
        match(one, POLICY).outcome for one in (apply(Scenario("same"), town(), POLICY).inputs, town())
    )
    assert same.fingerprint == baseline.fingerprint
    assert told.outcomes["same"]["total_cost_m"] == told.outcomes[BASELINE]["total_cost_m"]


def test_tables_have_their_columns_and_the_baseline_first_then_scenarios_by_id(told):
    for name, columns in COLUMNS.items():
        assert tuple(told.tables[name].columns) == columns
    names = told.tables["scenarios"]["scenario"].drop_duplicates().tolist()
    assert names == [BASELINE, *sorted(one.id for one in SCENARIOS)] == list(told.outcomes)
    changes = told.tables["changes"]
    pd.testing.assert_frame_equal(
        changes, changes.sort_values(["scenario", "resident_id"], ignore_index=True)
    )


def test_figures_by_mode_add_up_and_a_share_of_nobody_is_missing(told):
    table = told.tables["scenarios"].set_index(["scenario", "mode"])
    for name, outcome in told.outcomes.items():
        rows = table.loc[name]
        assert rows.index.tolist() == [*MODES, "all"]
        assert rows.loc["all", ["residents", "served"]].tolist() == [outcome["residents"], outcome["served"]]
        assert rows.loc[list(MODES), "served"].sum() == outcome["served"]
        assert rows.loc["institutional", ["share", "mean_km", "p90_km"]].isna().all()


def test_distances_are_the_mean_and_the_90th_percentile_of_the_served(told):
    km = match(town(), POLICY).assignments["distance_km"]
    row = told.tables["scenarios"].query("scenario == 'baseline' and mode == 'all'").iloc[0]
    assert row["mean_km"] == pytest.approx(km.mean())
    assert row["p90_km"] == pytest.approx(np.quantile(km, 0.9))


def test_changes_explain_the_difference_in_the_served(told):
    totals = {name: outcome["served"] for name, outcome in told.outcomes.items()}
    for name, changes in told.tables["changes"].groupby("scenario"):
        came, left = changes["from_provider"].isna(), changes["to_provider"].isna()
        assert totals[name] - totals[BASELINE] == (came & ~left).sum() - (~came & left).sum()
        assert changes.loc[changes["change"] == "moved", "delta_km"].notna().all()
        assert changes.loc[changes["change"] != "moved", "delta_km"].isna().all()


def test_who_comes_and_who_leaves_is_in_changes_and_counted_by_edit(told):
    changes, edits = told.tables["changes"], told.tables["edits"].set_index("scenario")
    count = changes.groupby(["scenario", "change"]).size()
    assert count["more", "new_resident"] == edits.loc["more", "came"] == 18
    assert count["fewer", "gone"] == edits.loc["fewer", "left"] == 24
    assert count["summer", "gone"] == edits.loc["summer", "left"] == 10
    assert edits.loc["older", "kind"].tolist() == ["ageing", "change_capacity"]
    assert BASELINE not in edits.index


def test_people_are_told_with_both_distances_and_the_reason_where_they_have_nobody(told):
    people = told.tables["people"]
    assert people[["scenario", "resident_id", "change"]].equals(
        told.tables["changes"][["scenario", "resident_id", "change"]]
    )
    lost = people[people["change"] == "newly_unserved"]
    assert len(lost)
    assert lost["from_km"].notna().all()
    assert lost["to_reason"].isin(["beyond_limit", "capacity_full"]).all()
    assert lost["from_reason"].isna().all()
    gone = people[people["change"] == "gone"]
    assert gone[["to_provider", "to_km", "to_reason"]].isna().all(axis=None)
    assert people[["mode", "tier"]].notna().all(axis=None)


def test_totals_by_tier_place_and_band_add_up_to_the_served(told):
    totals = told.tables["totals"]
    for name, outcome in told.outcomes.items():
        some = totals[totals["scenario"] == name].set_index(["by", "key"])
        assert some.loc["tier", "served"].sum() == outcome["served"]
        assert some.loc["tier", "residents"].sum() == outcome["residents"]
        assert some.loc[("place", "CITY"), "served"] == outcome["served"]
        assert some.loc["band_km", "served"].sum() == outcome["served"]
    assert totals.loc[totals["by"] == "band_km", "key"].tolist()[:3] == ["0-1", "1-2", "2-5"]
    assert "100-" in totals["key"].tolist()


def test_served_people_of_unknown_distance_have_a_band_of_their_own():
    timed = replace(POLICY, cost="time")
    travel = [{"from_code": "V1", "provider_id": "P1", "minutes": 5.0}]
    one = locate(make_inputs([resident("R1", lat=None, lon=None)], [provider("P1", services=SERVICES)]))
    one = one.replace(travel=make_inputs(travel=travel).travel)
    nowhere = one.residents.assign(lat=np.nan, lon=np.nan)
    totals = compare_scenarios(one.replace(residents=nowhere), timed, []).tables["totals"]
    assert totals[totals["key"] == "unknown"]["served"].tolist() == [1]


def test_the_answer_does_not_depend_on_the_number_of_workers(told):
    again = compare_scenarios(town(), POLICY, SCENARIOS[::-1][:3], workers=2)
    names = [scenario.id for scenario in SCENARIOS[::-1][:3]]
    for name, table in again.tables.items():
        expected = told.tables[name][told.tables[name]["scenario"].isin([BASELINE, *names])]
        pd.testing.assert_frame_equal(table, expected.reset_index(drop=True))
    assert again.outcomes == {name: told.outcomes[name] for name in (BASELINE, *sorted(names))}


def test_households_stay_together_in_every_scenario():
    policy = replace(POLICY, keep_households_together=True)
    inputs = town()
    told = compare_scenarios(inputs, policy, SCENARIOS[:2], workers=1)
    assert {outcome["engine"] for outcome in told.outcomes.values()} == {"mip"}
    home = inputs.residents.set_index("resident_id")["household_id"]
    changes = told.tables["changes"].query("scenario == 'closed'")
    changes = changes.assign(household=changes["resident_id"].map(home)).dropna(subset="household")
    assert (changes.groupby("household")["to_provider"].nunique(dropna=False) == 1).all()


@pytest.mark.parametrize(
    ("ids", "code"), [(("a", "a"), "scenario_twice"), (("baseline",), "scenario_reserved")]
)
def test_scenarios_bear_names_of_their_own(ids, code):
    with pytest.raises(ScenarioError) as caught:
        compare_scenarios(town(), POLICY, [Scenario(id_) for id_ in ids])
    assert caught.value.code == code


def test_a_worker_that_the_system_ends_is_a_failure_with_a_hint():
    with pytest.raises(CodedFailure) as caught:
        each(_end, None, [1, 2], 2, text_key="progress.scenarios")
    assert caught.value.code == "worker_lost"


def _end(common, item):
    import os

    os._exit(9)


def test_no_memory_is_written_for_tables_put_together_with_empty_ones(tmp_path: Path):
    full = pd.DataFrame({"a": ["x", "y"], "b": pd.Series(["z", None], dtype="str")})
    table = pd.concat([full[:0], full], ignore_index=True)
    write_csv(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b"a,b\nx,z\ny,\n"
    write_csv(pd.concat([full[:0], full[:0]]), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b"a,b\n"


RESIDENTS = """resident_id,age,origin,living_setting,place_code,lat,lon
b,70,local,own_home,V1,26.5,101.7
a,82,local,own_home,V1,26.51,101.7
c,70,local,own_home,V1,26.55,101.7
"""
PROVIDERS = """provider_id,kind,lat,lon,capacity_home
q,village_clinic,26.5,101.7,1
p,township_health_centre,26.52,101.7,1
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three people and two places."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "residents.csv").write_text(RESIDENTS, encoding="utf-8")
    (folder / "providers.csv").write_text(PROVIDERS, encoding="utf-8")
    places = "place_code,name,level,lat,lon\nV1,一村,village,26.5,101.7\n"
    (folder / "places.csv").write_text(places, encoding="utf-8")
    (folder / "dataset.toml").write_text('as_of = "2026-01-01"\ndatum = "wgs84"\n', encoding="utf-8")
    closed = 'id = "closed"\n[[edits]]\nkind = "close_provider"\nprovider_id = "q"\n'
    (tmp_path / "closed.toml").write_text(closed, encoding="utf-8")
    return folder


def _compare(data: Path, *arguments: str) -> int:
    return main(["compare", str(data), *arguments, "--lang", "en"])


def test_the_command_writes_its_files_in_one_way_on_every_run(data, tmp_path, capsys):
    for out in ("one", "two"):
        assert _compare(data, str(tmp_path / "closed.toml"), "--out", str(tmp_path / out)) == 0
    for name in (*(f"{table}.csv" for table in COLUMNS), OUTCOMES):
        content = (tmp_path / "one" / name).read_bytes()
        assert content == (tmp_path / "two" / name).read_bytes()
        assert b"\r" not in content
    changes = (tmp_path / "one" / "changes.csv").read_text(encoding="utf-8")
    assert changes == (
        "scenario,resident_id,change,from_provider,to_provider,delta_km\nclosed,b,newly_unserved,q,,\n"
    )
    assert set(json.loads((tmp_path / "one" / OUTCOMES).read_text(encoding="utf-8"))) == {
        "baseline",
        "closed",
    }
    assert "newly unserved 1" in capsys.readouterr().out


@pytest.mark.parametrize("second", ["unknown", "broken", "same"])
def test_a_bad_scenario_ends_with_code_1_before_anything_is_written(data, tmp_path, capsys, second):
    texts = {
        "unknown": 'id = "u"\n[[edits]]\nkind = "close_provider"\nprovider_id = "z"\n',
        "broken": 'id = "u"\n[[edits]]\nkind = "clos_provider"\n',
        "same": 'id = "closed"',
    }
    path = tmp_path / f"{second}.toml"
    path.write_text(texts[second], encoding="utf-8")
    out = tmp_path / "out"
    assert _compare(data, str(tmp_path / "closed.toml"), str(path), "--out", str(out)) == 1
    assert not out.exists()
    error = capsys.readouterr().err
    assert "Traceback" not in error
    assert {"unknown": "edit 1", "broken": "close_provider", "same": "closed"}[second] in error


def test_a_full_disk_leaves_the_files_of_the_run_before(data, tmp_path, monkeypatch):
    out = tmp_path / "out"
    assert _compare(data, str(tmp_path / "closed.toml"), "--out", str(out)) == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    real = files.write_csv

    def full(table, path):
        if path.name == "people.csv":
            raise OSError("disk full")
        real(table, path)

    monkeypatch.setattr(files, "write_csv", full)
    assert _compare(data, str(tmp_path / "closed.toml"), "--out", str(out)) == 3
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_results_never_go_into_the_data_folder(data, tmp_path):
    assert _compare(data, str(tmp_path / "closed.toml"), "--out", str(data)) == 1
    assert not (data / OUTCOMES).exists()


def test_the_examples_of_the_manual_show_every_kind_of_edit_and_apply_to_the_sample_city():
    root = ROOT
    examples = sorted((root / "docs" / "examples").iterdir())
    inputs, _ = checked_inputs(root / "sample_data")
    scenarios = [load_scenario(path) for path in examples]
    kinds = {effect.kind for one in scenarios for effect in apply(one, inputs, POLICY).effects}
    assert kinds == set(KINDS) - {"close_road"}  # the sample has no roads
    manual = (root / "docs" / "scenarios.md").read_text(encoding="utf-8")
    assert [path.name for path in examples if f"examples/{path.name}" not in manual] == []
    assert [kind for kind in KINDS if f"### `{kind}`" not in manual] == []
    columns = [name for names in COLUMNS.values() for name in names]
    assert [name for name in columns if name not in manual] == []
