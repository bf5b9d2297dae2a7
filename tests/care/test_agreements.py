"""Who serves each site: the worked example, each step, and the last one against trying every choice."""

from __future__ import annotations

import json
import math
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import date
from functools import partial
from io import StringIO
from itertools import product
from pathlib import Path
from shutil import copytree

import numpy as np
import pandas as pd
import pytest
from geopy.distance import great_circle
from hypothesis import given
from hypothesis import strategies as st

from matcher.care.agreed_tables import AGREEMENT_COLUMNS, UNSERVED_SITE_COLUMNS, agreed_tables
from matcher.care.agreements import agree
from matcher.care.pairing import pair_parties
from matcher.care.parties import find_parties
from matcher.cli import main
from matcher.geography.locate import locate
from matcher.policy.documents import load_policy
from matcher.policy.pairings import Pairing
from matcher.solve.single import solve_single_source
from tests.helpers.app_data import write_tables
from tests.helpers.builders import PLACES, make_inputs, resident
from tests.helpers.examples import examples

POLICY = load_policy()


def site(id, degrees=0.0, kind="care_home", **more):
    more = {"kind": kind, "place_code": "V1", "lat": 26.5 + degrees, "lon": 101.7} | more
    return {"site_id": id, **more}


def hospital(id, degrees=0.0, places=10, **more):
    row = {"provider_id": id, "kind": "general_hospital", "hospital_level": 2, "place_code": "V1"}
    row |= {"lat": 26.5 + degrees, "lon": 101.7, "capacity_institutional": places}
    return row | more


def lives(at, count, tier=3, **more):
    """People of a site, who have its position."""
    groups = {1: {"groups": ["destitute"]}, 2: {"lives_alone": True}, 3: {}}[tier]
    here = {"lat": None, "lon": None, "living_setting": "care_home", "site_id": at}
    return [resident(f"{at}-{n}", **here | groups | more) for n in range(count)]


def agreed(people, providers, sites, policy=POLICY, **care):
    made = agree(locate(make_inputs(people, providers, sites, **care)), policy)
    return agreed_tables(made, 60.0)


def rows(made, *columns, table="agreements"):
    return made.tables[table][list(columns)].astype(object).to_numpy().tolist()


SITES = [site("A"), site("B", 0.01), site("C", 0.02)]
PEOPLE = [*lives("A", 10), *lives("B", 6), *lives("C", 5, tier=1)]
HOSPITALS = [hospital("H", 0.0, 15), hospital("K", 0.03, 6)]


def test_the_worked_example_serves_all_21_at_34243_metres():
    made = agreed(PEOPLE, HOSPITALS, SITES)
    assert rows(made, "site_id", "provider_id") == [["A", "H"], ["B", "K"], ["C", "H"]]
    told = made.outcome
    assert (told["served"], told["total_cost_m"], told["status"]) == (21, 34_243, "optimal")
    assert told["sites"]["least_providers"]
    assert made.tables["assignments"]["via"].unique().tolist() == ["site"]


def test_with_h_closed_the_first_tier_has_k_and_nobody_of_the_other_homes_is_matched_alone():
    made = agreed(PEOPLE, [HOSPITALS[0] | {"status": "closed"}, HOSPITALS[1]], SITES)
    assert rows(made, "site_id", "provider_id") == [["C", "K"]]
    assert made.outcome["served_by_tier"] == {"1": 5, "2": 0, "3": 0}
    columns = ("site_id", "residents", "tier1", "reason", "nearest_provider_id")
    assert rows(made, *columns, table="unserved_sites") == [
        ["A", 10, 0, "capacity_full", "K"],
        ["B", 6, 0, "capacity_full", "K"],
    ]
    assert made.tables["unserved"]["reason"].value_counts().to_dict() == {"capacity_full": 16}


def test_a_clinic_inside_takes_the_first_by_tier_grade_age_and_id_and_the_rest_goes_on():
    people = [
        *lives("A", 2, age=80, ability_grade=1),
        resident("Z", living_setting="care_home", site_id="A", age=80, ability_grade=2),
        *lives("A", 1, tier=1),
        resident("U", living_setting="care_home", site_id="A", age=None, ability_grade=1),
    ]
    people[3]["resident_id"] = "FIRST"
    inside = hospital("IN", 0, 3, kind="care_site_clinic", hospital_level=None, site_id="A")
    made = agreed(people, [inside, hospital("H", 0.01)], [site("A")])
    taken = made.tables["assignments"].set_index("resident_id")["provider_id"]
    assert sorted(taken.index[taken == "IN"]) == ["A-0", "FIRST", "Z"]
    assert sorted(taken.index[taken == "H"]) == ["A-1", "U"]
    assert rows(made, "provider_id", "form", "state", "residents", "not_covered") == [
        ["IN", "own_clinic", "kept", 3, 2],
        ["H", "agreement", "new", 2, 3],
    ]


def test_who_runs_a_home_serves_it_whatever_its_places_and_nobody_else_does():
    run = [site("A", operator_provider_id="W"), site("B", 0.01)]
    providers = [
        hospital("W", 0.05, 2, kind="township_health_centre", hospital_level=None),
        hospital("H", 0, 3),
    ]
    made = agreed([*lives("A", 5), *lives("B", 3)], providers, run)
    assert rows(made, "site_id", "provider_id", "form", "over") == [
        ["A", "W", "run_by_hospital", 3],
        ["B", "H", "agreement", 0],
    ]
    loads = made.tables["providers"].set_index("provider_id")
    assert loads.loc["W", ["capacity", "assigned"]].tolist() == [2, 5]


def test_a_rehab_station_runs_no_home():
    run = [site("A", operator_provider_id="W")]
    providers = [hospital("W", kind="rehab_station", hospital_level=None), hospital("H", 0.01)]
    assert rows(agreed(lives("A", 2), providers, run), "provider_id", "form") == [["H", "agreement"]]


def test_a_rehab_station_inside_serves_the_site_also_where_it_is_named_as_the_one_that_runs_it():
    inside = hospital("W", 0, 2, kind="rehab_station", hospital_level=None, site_id="A")
    for operator in (None, "W"):
        made = agreed(
            lives("A", 3), [inside, hospital("H", 0.01)], [site("A", operator_provider_id=operator)]
        )
        assert rows(made, "provider_id", "form", "residents") == [
            ["W", "own_clinic", 2],
            ["H", "agreement", 1],
        ]


def test_a_hospital_that_runs_the_home_in_which_it_is_serves_it_as_its_operator():
    inside = hospital("W", 0, 2, site_id="A")
    made = agreed(lives("A", 3), [inside, hospital("H", 0.01)], [site("A", operator_provider_id="W")])
    assert rows(made, "provider_id", "form", "residents", "over") == [["W", "run_by_hospital", 3, 1]]


XUANHAN = load_policy("xuanhan-2022")


def centre(id, degrees=0.0, places=1, **more):
    return hospital(id, degrees, places, **{"kind": "township_health_centre", "hospital_level": None} | more)


def test_xuanhan_gives_public_homes_the_nearest_centre_with_a_shared_infirmary_above_its_places():
    sites = [site("A", 0.0, "welfare_home", ownership="public"), site("B", 0.01, ownership="private")]
    providers = [centre("T1", 0.02), centre("T2", 0.5, 99), hospital("H", 0, 99)]
    made = agreed([*lives("A", 3), *lives("B", 2)], providers, sites, XUANHAN)
    assert rows(made, "site_id", "provider_id", "form", "over") == [
        ["A", "T1", "shared_infirmary", 2],
        ["B", "T1", "agreement", 2],
    ]


def test_the_nearest_has_no_limit_and_of_two_as_near_the_lesser_id_is_taken():
    sites = [site("A", 0.0, "welfare_home", ownership="public")]
    assert rows(agreed(lives("A", 3), [centre("T1", 0.9, 9)], sites, XUANHAN), "provider_id") == [["T1"]]
    both = [centre("T2", 0.02), centre("T1", -0.02)]
    assert rows(agreed(lives("A", 3), both, sites, XUANHAN), "provider_id") == [["T1"]]


def test_what_the_nearest_takes_is_gone_for_the_free_and_never_below_nothing():
    sites = [site("A", 0, "welfare_home", ownership="public"), site("B", 0.01, ownership="public")]
    made = agreed(
        [*lives("A", 3), *lives("B", 2)], [centre("T1", 0.0, 2), centre("T2", 0.3, 2)], sites, XUANHAN
    )
    assert rows(made, "site_id", "provider_id") == [["A", "T1"], ["B", "T2"]]


def test_chenzhou_gives_a_home_its_own_township_and_urban_homes_anybody():
    more = {"level": "township", "parent_code": "C1", "lat": 26.5, "lon": 101.7}
    places = (*PLACES, {"place_code": "T2", **more}, {"place_code": "T3", **more})
    sites = [site("A", place_code="T2"), site("B", place_code="T3"), site("C", place_code="V1")]
    providers = [centre("X", 0.3, 9, place_code="T2"), centre("Y", 0.01, 9, place_code="V1", status="closed")]
    people = [*lives("A", 2), *lives("B", 2), *lives("C", 2)]
    made = agreed(people, providers, sites, load_policy("chenzhou-2018"), places=places)
    assert rows(made, "site_id", "provider_id") == [["A", "X"], ["B", "X"]]
    columns = ("site_id", "reason")
    assert rows(made, *columns, table="unserved_sites") == [["C", "no_qualified_provider"]]


def test_who_needs_what_the_provider_lacks_is_matched_alone_on_what_is_left():
    people = [*lives("A", 2), resident("D", living_setting="care_home", site_id="A", needs=["dementia_care"])]
    providers = [hospital("H", 0, 3), hospital("K", 0.1, 1, services=["dementia_care"])]
    made = agreed(people, providers, [site("A")])
    table = made.tables["assignments"].set_index("resident_id")
    assert table.loc["D", ["provider_id", "via"]].tolist() == ["K", "person"]
    assert rows(made, "provider_id", "residents", "not_covered") == [["H", 2, 1]]


def test_people_at_home_and_without_a_site_are_matched_alone_after_the_sites():
    clinic = hospital("H", 0, 2, kind="township_health_centre", capacity_home=1, capacity_total=2)
    policy = replace(POLICY, pairings=())
    people = [*lives("A", 2), resident("R1")]
    made = agreed(people, [clinic | {"kind": "general_hospital", "hospital_level": 2}], [site("A")], policy)
    assert made.tables["unserved"]["resident_id"].tolist() == ["R1"]
    alone = agreed([resident("R1")], [clinic], [site("A")], policy)
    assert rows(alone, "resident_id", "via", table="assignments") == [["R1", "person"]]


def test_a_split_party_that_fits_nowhere_is_matched_alone():
    rule = Pairing("loose", "institutional", split=True)
    made = agreed(lives("A", 3), [hospital("H", 0, 2)], [site("A")], replace(POLICY, pairings=(rule,))).tables
    assert made["assignments"]["via"].tolist() == ["person", "person"]
    assert made["unserved_sites"].empty


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"state": "signed"}, "kept"),
        ({"state": "served", "signed_on": date(2026, 1, 1), "until": date(2026, 1, 1)}, "kept"),
        ({"state": "ended"}, "new"),
        ({"state": "signed", "signed_on": date(2026, 1, 2)}, "new"),
        ({"state": "served", "until": date(2025, 12, 31)}, "new"),
    ],
)
def test_an_agreement_in_force_is_kept(row, state):
    rows_of = [{"site_id": "A", "provider_id": "H", "form": "posting"} | row]
    made = agreed(lives("A", 1), [hospital("H")], [site("A")], agreements=rows_of)
    assert rows(made, "state") == [[state]]
    assert rows(made, "form") == [["posting" if state == "kept" else "agreement"]]


def test_what_the_site_itself_names_reads_as_an_agreement_and_what_is_left_is_dropped():
    sites = [site("A", agreement_provider_id="K")]
    providers = [hospital("H"), hospital("K", 0.1)]
    made = agreed(lives("A", 2), providers, sites)
    assert rows(made, "provider_id", "state", "residents") == [["H", "new", 2], ["K", "dropped", 0]]
    dear = replace(POLICY, switching_m=20_000)
    kept = agreed(lives("A", 2), providers, sites, dear)
    assert rows(kept, "provider_id", "state") == [["K", "kept"]]


def test_every_agreement_in_force_admits_its_provider():
    level_1 = {"hospital_level": 1}
    providers = [hospital("K", 0.1, **level_1), hospital("L", 0.01, **level_1)]
    named = [site("A", agreement_provider_id="K")]
    row = {"site_id": "A", "provider_id": "L", "form": "outreach_ward", "state": "served"}
    made = agreed(lives("A", 2), providers, named, agreements=[row])
    assert rows(made, "provider_id", "state") == [["L", "kept"], ["K", "dropped"]]
    nobody = agreed(lives("A", 2), providers, [site("A")])
    assert rows(nobody, "reason", table="unserved_sites") == [["no_qualified_provider"]]


def test_a_site_nobody_can_place_and_one_that_is_too_far_say_so():
    nowhere = {"lat": None, "lon": None, "place_code": None}
    sites = [site("A", **nowhere), site("B", 1.0)]
    people = [*lives("A", 2, place_code=None), *lives("B", 1)]
    made = agreed(people, [hospital("H")], sites)
    assert rows(made, "site_id", "reason", table="unserved_sites") == [
        ["A", "no_location"],
        ["B", "beyond_limit"],
    ]
    assert len(made.tables["unserved"]) == 3


def test_whose_provider_was_decided_on_keeps_it_and_the_place():
    decision = {"resident_id": "A-0", "what": "override", "value": "K"}
    providers = [hospital("H", 0, 2), hospital("K", 0.1, 1)]
    made = agreed([*lives("A", 2), *lives("B", 2)], providers, [site("A"), site("B")], corrections=[decision])
    table = made.tables["assignments"].set_index("resident_id")
    assert table.loc["A-0", ["provider_id", "via"]].tolist() == ["K", "person"]
    assert table.loc[["B-0", "B-1"], "provider_id"].tolist() == ["H", "H"]
    columns = ("site_id", "residents", "reason")
    assert rows(made, *columns, table="unserved_sites") == [["A", 1, "capacity_full"]]


def test_without_sites_it_is_the_plan_of_match():
    made = agreed([resident("R1")], [hospital("H", kind="township_health_centre", capacity_home=1)], [])
    assert made.tables["agreements"].empty
    assert made.outcome["status"] == "optimal"
    assert made.outcome["sites"]["parties"] == 0


def metres(one, other):
    here, there = (one["lat"], one["lon"]), (other["lat"], other["lon"])
    return math.floor(1000 * great_circle(here, there).km * 1.4 + 0.5)


def every_choice(sites, sizes, providers, standing, switching):
    """Figures and providers of the best choice, from the rows and in plain loops."""
    far = [[metres(here, one) for one in providers] for here in sites]
    options = [
        [*(n for n, away in enumerate(row) if sum(size) and away <= 50_000), None]
        for row, size in zip(far, sizes, strict=True)
    ]
    best = None
    for choice in product(*options):
        used = [
            sum(sum(size) for size, to in zip(sizes, choice, strict=True) if to == n)
            for n in range(len(providers))
        ]
        if any(
            count > min(one["capacity_institutional"], one["capacity_total"])
            for count, one in zip(used, providers, strict=True)
        ):
            continue
        served, cost = [0, 0, 0], 0
        for row, size, to, kept in zip(far, sizes, choice, standing, strict=True):
            if to is not None:
                served = [one - more for one, more in zip(served, size, strict=True)]
                leaves = switching if kept is not None and kept != to else 0
                cost += sum(size) * (row[to] + leaves)
        order = [options[n].index(to) for n, to in enumerate(choice) if sum(sizes[n])]
        best = min(best or ((*served, cost), order, choice), ((*served, cost), order, choice))
    return best


@examples(14)
@given(st.data())
def test_the_last_step_is_the_best_of_all_choices(data):
    draw = data.draw
    count, others = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    away = st.sampled_from([0.0, 0.01, 0.02, 0.2, 0.33])
    switching = draw(st.sampled_from([0, 5_000]))
    standing = [draw(st.sampled_from([None, *range(others)])) for _ in range(count)]
    named = [None if one is None else f"P{one}" for one in standing]
    sites = [site(f"S{n}", draw(away), agreement_provider_id=named[n]) for n in range(count)]
    sizes = [draw(st.tuples(*(st.integers(0, 3),) * 3)) for _ in range(count)]
    room = st.integers(0, 14)
    providers = [hospital(f"P{n}", draw(away), draw(room), capacity_total=draw(room)) for n in range(others)]
    people = [
        {**one, "resident_id": f"S{n}-{tier}-{turn}"}
        for n, size in enumerate(sizes)
        for tier in (1, 2, 3)
        for turn, one in enumerate(lives(f"S{n}", size[tier - 1], tier))
    ]
    inputs = locate(make_inputs(people, providers, sites))
    parties = find_parties(inputs, replace(POLICY, switching_m=switching))
    paired = pair_parties(parties, partial(solve_single_source, time_limit_s=30.0))
    figures, _, choice = every_choice(sites, sizes, providers, standing, switching)
    found = {
        parties.table["site_id"][tie.party]: parties.providers["provider_id"][tie.provider]
        for tie in paired.ties
    }
    assert found == {f"S{n}": f"P{to}" for n, to in enumerate(choice) if to is not None}
    pairs = paired.choice.pair[paired.choice.pair >= 0]
    assert paired.problem.figures(pairs) == (*(-one for one in figures[:3]), figures[3])
    assert paired.choice.bounds == paired.problem.figures(pairs)


TABLES = {"residents": PEOPLE, "providers": HOSPITALS, "places": PLACES, "sites": SITES}


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    folder = tmp_path_factory.mktemp("agreements")
    data, out = write_tables(folder / "data", TABLES), folder / "out"
    with redirect_stdout(StringIO()) as told:
        assert main(["agreements", str(data), "--out", str(out), "--lang", "en"]) == 0
    assert "0 kept, 3 new, 0 dropped; 21 people served through their site" in told.getvalue()
    return data, out


@pytest.fixture
def written(original, tmp_path):
    """Data and results, of which a test may change the results."""
    return original[0], Path(copytree(original[1], tmp_path / "out"))


def verdict(data, out, capsys):
    code = main(["verify", str(data), "--plan", str(out), "--lang", "en"])
    return code, capsys.readouterr().out


def test_the_command_writes_seven_files_that_verify_accepts(written, capsys):
    data, out = written
    names = {f"{name}.csv" for name in ("assignments", "unserved", "providers", "coverage")}
    assert {file.name for file in out.iterdir()} == names | {
        "agreements.csv",
        "unserved_sites.csv",
        "outcome.json",
    }
    lines = (out / "agreements.csv").read_text(encoding="utf-8").splitlines()
    assert lines[:2] == [",".join(AGREEMENT_COLUMNS), "A,institutional,H,agreement,new,10,0,0.000000,0"]
    header = (out / "unserved_sites.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == ",".join(UNSERVED_SITE_COLUMNS)
    assert verdict(data, out, capsys)[0] == 0


def changed(out, name, old, new, count=-1):
    file = out / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, count), encoding="utf-8", newline="\n")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("agreements.csv", "B,institutional,K", "B,institutional,H"),
        ("agreements.csv", ",new,6,0", ",kept,6,0"),
        (
            "assignments.csv",
            "B-0,institutional,lives_in_care_home,3,K",
            "B-0,institutional,lives_in_care_home,3,H",
        ),
        ("assignments.csv", "site\n", "person\n"),
        ("outcome.json", '"least_providers": true', '"least_providers": false'),
        ("outcome.json", '"total_cost_m": 34243', '"total_cost_m": 34242'),
    ],
)
def test_verify_objects_to_what_was_changed(written, capsys, name, old, new):
    data, out = written
    changed(out, name, old, new, 1)
    assert verdict(data, out, capsys)[0] == 1


def test_verify_objects_to_a_worse_choice_that_is_told_consistently(written, capsys, tmp_path, monkeypatch):
    data, _ = written
    worse = partial(_without_site, solve_single_source)
    monkeypatch.setattr("matcher.care.agreements.solve_single_source", worse)
    other = tmp_path / "other"
    assert main(["agreements", str(data), "--out", str(other), "--lang", "en"]) == 0
    monkeypatch.undo()
    code, told = verdict(data, other, capsys)
    assert code == 1
    assert "sites could be served better" in told


def test_verify_accepts_a_choice_that_claims_no_more_than_is_known(written, capsys, tmp_path, monkeypatch):
    data, _ = written
    modest = partial(_without_site, solve_single_source, bounds=(None,) * 4)
    monkeypatch.setattr("matcher.care.agreements.solve_single_source", modest)
    other = tmp_path / "other"
    assert main(["agreements", str(data), "--out", str(other), "--lang", "en"]) == 0
    monkeypatch.undo()
    told = json.loads((other / "outcome.json").read_text(encoding="utf-8"))
    assert (told["status"], told["bound"], told["gap"]) == ("feasible", None, None)
    assert verdict(data, other, capsys)[0] == 0


def test_bounds_after_one_not_proven_are_told_of_the_sites_alone(written, capsys, tmp_path, monkeypatch):
    data, _ = written
    modest = partial(_without_site, solve_single_source, bounds=(6, 0, 21, 1))
    monkeypatch.setattr("matcher.care.agreements.solve_single_source", modest)
    other = tmp_path / "other"
    assert main(["agreements", str(data), "--out", str(other), "--lang", "en"]) == 0
    monkeypatch.undo()
    told = json.loads((other / "outcome.json").read_text(encoding="utf-8"))
    assert (told["sites"]["served_bound"], told["sites"]["bound"]) == ({"1": 6, "2": 0, "3": 21}, 1)
    assert (told["served_bound"], told["bound"]) == ({"1": 6, "2": None, "3": None}, None)
    assert told["gap"] == 1.0
    assert verdict(data, other, capsys)[0] == 0


def _without_site(solve, problem, bounds=None, **options):
    """The answer, but for the first site, and claimed to be the best unless `bounds` say what is claimed."""
    found = solve(problem, **options)
    pair = np.where(np.arange(problem.sites) == 0, -1, found.pair)
    return replace(found, pair=pair, bounds=bounds or problem.figures(pair[pair >= 0]), least=bounds is None)


def test_verify_objects_to_too_many_at_one_provider(written, capsys):
    data, out = written
    file = out / "assignments.csv"
    table = pd.read_csv(file, dtype=str)
    table.loc[table["resident_id"].str.startswith("B"), "provider_id"] = "H"
    table.to_csv(file, index=False)
    code, told = verdict(data, out, capsys)
    assert code == 1
    assert "provider K" not in told


def test_match_leaves_no_agreements_beside_its_files(written, capsys):
    data, out = written
    assert main(["match", str(data), "--out", str(out), "--lang", "en"]) == 0
    assert not (out / "agreements.csv").exists()
    assert verdict(data, out, capsys)[0] == 0


def test_outcome_tells_both_steps(written):
    told = json.loads((written[1] / "outcome.json").read_text(encoding="utf-8"))
    assert told["engine"] == "agreements"
    assert told["sites"]["chosen_together"] == 3
    assert told["persons"]["residents"] == 0
