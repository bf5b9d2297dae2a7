"""Where to build and what to close, from tables to files: against matching every choice from scratch."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from matcher.cli import main
from matcher.errors import BadInput
from matcher.inputs import Inputs, typed_frame
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.policy.rules import Beside, Subsidies
from matcher.scenario.applying import apply
from matcher.scenario.files import load_scenario
from matcher.scenario.siting.candidates import as_providers, beside_bonus, candidate_table, villages_without
from matcher.scenario.siting.close import close
from matcher.scenario.siting.money import money_of
from matcher.scenario.siting.place import place
from matcher.scenario.siting.report import (
    bounds_by_tier,
    curve_table,
    figures_by_tier,
    outcome_of,
    site_table,
    write_placing,
)
from matcher.scenario.siting.stress import stress
from tests.helpers.builders import PLACES, make_inputs, provider, resident
from tests.helpers.folders import PLACES as FOLDER_PLACES
from tests.helpers.folders import csv_text

POLICY = load_policy()


def candidate(id: str, km: float = 0.0, **more: object) -> dict[str, object]:
    return provider(id, km, kind="village_clinic", fixed_cost=100.0, cost_per_slot=10.0) | more


def city(seed: int = 1) -> Inputs:
    """Eight people along eleven kilometres, two clinics of one place, five candidates."""
    rng = np.random.default_rng(seed)
    people = [
        resident(f"r{i}", float(rng.uniform(0, 11)), age=int(rng.choice([70, 85])), lives_alone=bool(i % 2))
        for i in range(8)
    ]
    clinics = [provider("p", 2), provider("q", 8)]
    options = [
        candidate(
            f"c{i}",
            float(rng.uniform(0, 11)),
            capacity_home=int(rng.integers(1, 4)),
            cost_per_slot=float(rng.integers(0, 4) * 10),
        )
        for i in range(5)
    ]
    return make_inputs(people, clinics, candidates=options)


def figures(inputs: Inputs, table: pd.DataFrame, chosen: list[int]) -> tuple[int, ...]:
    """Served by tier and travel (negative) when these candidates are open."""
    opened = as_providers(table, inputs.providers).iloc[chosen]
    plan = match(inputs.replace(providers=pd.concat([inputs.providers, opened], ignore_index=True)), POLICY)
    return (*plan.outcome.served_by_tier.values(), -plan.outcome.total_cost_m)


@pytest.mark.parametrize("seed", range(4))
def test_two_of_five_candidates_are_the_best_two_of_all_pairs(seed: int) -> None:
    inputs = city(seed)
    placing = place(inputs, POLICY, k=2, seconds=20)
    table = candidate_table(inputs)
    best = max(
        figures(inputs, table, list(chosen))
        for number in range(3)
        for chosen in combinations(range(len(table)), number)
    )
    assert placing.found.proven
    assert (*placing.after.outcome.served_by_tier.values(), -placing.after.outcome.total_cost_m) == best
    assert placing.after.outcome.status == "optimal"


def test_sites_stand_in_building_order_and_add_up() -> None:
    placing = place(city(), POLICY, k=3, seconds=20)
    sites, curve = site_table(placing), curve_table(placing)
    base = placing.before.outcome.served
    assert sites["order"].tolist() == list(range(1, len(sites) + 1))
    assert sites["newly_served"].cumsum().tolist() == sites["cumulative_served"].tolist()
    assert base + sites["cumulative_served"].iloc[-1] == placing.after.outcome.served
    assert curve["k"].tolist() == [0, 1, 2, 3]
    assert curve["served"].iloc[0] == base
    assert curve["served"].iloc[-1] == placing.after.outcome.served
    assert (curve["served"] <= curve["bound"]).all()


def test_a_budget_buys_the_places_that_serve_most() -> None:
    """One place at the cheap site and none at the dear one; money for a place more is not enough."""
    people = [resident("a", 0), resident("b", 0), resident("c", 9)]
    options = [
        candidate("near", 0, capacity_home=2, fixed_cost=100.0, cost_per_slot=50.0),
        candidate("dear", 9, capacity_home=2, fixed_cost=500.0, cost_per_slot=50.0),
    ]
    inputs = make_inputs(people, [provider("p", 30)], candidates=options)
    placing = place(inputs, POLICY, budget=199, seconds=20)
    assert site_table(placing)[["candidate_id", "slots", "cost"]].to_numpy().tolist() == [["near", 1, 150.0]]
    assert placing.found.proven
    told = outcome_of(placing, POLICY, 0.0)
    assert (told["status"], told["budget"], told["k"], told["cost_yuan"]) == ("optimal", 199, None, 150.0)
    assert curve_table(placing)["budget"].iloc[-1] == 199


def test_bounds_of_a_proven_choice_are_what_it_reaches() -> None:
    placing = place(city(), POLICY, k=1, seconds=20)
    reached = placing.found.reached
    assert bounds_by_tier(placing.found) == [*reached.by_tier(), reached.cost]
    assert figures_by_tier(placing.found) == bounds_by_tier(placing.found)


def test_a_candidate_is_as_far_as_the_listed_journey_and_without_a_way_serves_nobody() -> None:
    """The nearer one lies beyond a gorge: it is chosen only where the table does not know."""
    options = [candidate("near", 1, capacity_home=1), candidate("far", 4, capacity_home=1)]
    inputs = make_inputs([resident("a", 0)], [], candidates=options)
    assert site_table(place(inputs, POLICY, k=1, seconds=20))["candidate_id"].tolist() == ["near"]
    gorge = {"from_code": "V1", "provider_id": "near", "reachable": False}
    listed = inputs.replace(travel=typed_frame("travel", [gorge]))
    assert site_table(place(listed, POLICY, k=1, seconds=20))["candidate_id"].tolist() == ["far"]
    around = {"from_code": "V1", "provider_id": "near", "km": 7.0}
    listed = inputs.replace(travel=typed_frame("travel", [around]))
    assert site_table(place(listed, POLICY, k=1, seconds=20))["candidate_id"].tolist() == ["far"]


def test_villages_without_a_clinic_stand_in_for_candidates() -> None:
    """As large as most clinics are; a village that has one gets none."""
    villages = [
        *PLACES,
        {"place_code": "V2", "level": "village", "parent_code": "T1", "lat": 26.6, "lon": 101.7},
    ]
    clinics = [
        provider("p", 0, kind="village_clinic", place_code="V1", capacity_home=4, services=["nursing"]),
        provider("q", 1, kind="village_clinic", place_code="V1", capacity_home=6),
    ]
    inputs = make_inputs([resident("a", 11, place_code="V2")], clinics, places=villages)
    table = villages_without(inputs, "village_clinic")
    assert table["provider_id"].tolist() == ["NEW-V2"]
    assert table["capacity_home"].tolist() == [5]
    assert table["services"].tolist() == ["nursing"]
    assert table["lat"].tolist() == [26.6]


def test_a_candidate_beside_a_home_is_preferred_between_equals() -> None:
    """Both are as near; the bonus decides, and is told."""
    site = {"site_id": "S", "kind": "care_home", "lat": 26.51, "lon": 101.7}
    rule = Beside("near", ("village_clinic",), ("care_home",), 0.2, 500)
    policy = POLICY.__class__(**{**vars(POLICY), "beside": (rule,)})
    options = [candidate("a", -1.1119), candidate("b", 1.1119)]
    inputs = make_inputs([resident("r", 0)], [], sites=[site], candidates=options)
    assert beside_bonus(candidate_table(inputs), inputs.sites, policy).tolist() == [0, 500]
    placing = place(inputs, policy, k=1, seconds=20)
    assert site_table(placing)["candidate_id"].tolist() == ["b"]
    assert outcome_of(placing, policy, 0.0)["bonus_m"] == 500


def test_subsidies_are_for_homes_and_never_above_the_cost() -> None:
    """Two new beds and a special one at a home; the clinic without institutional places gets nothing."""
    options = [
        candidate("home", 0, capacity_institutional=3, new_beds=2, special_beds=1, fixed_cost=50_000.0),
        candidate("clinic", 0, new_beds=2),
        candidate("cheap", 0, capacity_institutional=3, new_beds=2, fixed_cost=5_000.0),
    ]
    table = candidate_table(make_inputs(candidates=options))
    money = money_of(table, Subsidies(new_bed=10_000, special_bed=20_000))
    by_id = dict(zip(table["provider_id"], range(3), strict=True))
    assert money.cost_yuan(by_id["home"], 1) == 50_000 - 40_000 + 10
    assert money.cost_yuan(by_id["clinic"], 0) == 100
    assert money.cost_yuan(by_id["cheap"], 0) == 0


@pytest.mark.parametrize(
    ("demands", "code"),
    [
        ({}, "k_or_budget"),
        ({"k": 1, "budget": 1}, "k_or_budget"),
        ({"k": 1, "most": 1}, "most_without_budget"),
        ({"k": 0}, "bad_k"),
        ({"budget": 1000, "most": 0}, "bad_k"),
        ({"budget": 1000, "most": 1, "required": ["c1", "c2"]}, "too_many_required"),
        ({"k": 6}, "bad_k"),
        ({"budget": 0}, "budget_too_small"),
        ({"budget": 100}, "budget_too_small"),
        ({"budget": 10**17}, "budget_too_large"),
        ({"k": 1, "required": ["c9"]}, "unknown_candidate"),
        ({"k": 1, "required": ["c1"], "forbidden": ["c1"]}, "required_and_forbidden"),
        ({"k": 1, "required": ["c1", "c2"]}, "too_many_required"),
        ({"k": 1, "modes": ["high_end"]}, "no_candidates"),
    ],
)
def test_requests_that_allow_nothing_are_refused(demands: dict[str, Any], code: str) -> None:
    inputs = city()
    inputs = inputs.replace(candidates=inputs.candidates.assign(cost_per_slot=10.0))
    with pytest.raises(BadInput, match=code):
        place(inputs, POLICY, **demands)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"lat": None, "lon": None}, "candidate_no_position"),
        ({"capacity_home": 0}, "candidate_no_places"),
        ({"capacity_home": None}, "candidate_no_places"),
        ({"max_slots": 0}, "candidate_no_places"),
    ],
)
def test_candidates_that_cannot_be_used_are_named(cells: dict[str, object], code: str) -> None:
    inputs = make_inputs([resident("a")], [provider("p")], candidates=[candidate("c") | cells])
    with pytest.raises(BadInput, match=code):
        place(inputs, POLICY, k=1)


def test_a_candidate_without_a_price_is_no_matter_for_k_and_refused_for_a_budget() -> None:
    inputs = make_inputs([resident("a")], [], candidates=[candidate("c", fixed_cost=None)])
    assert site_table(place(inputs, POLICY, k=1))["cost"].isna().all()
    with pytest.raises(BadInput, match="candidate_no_cost"):
        place(inputs, POLICY, budget=1000)


def test_a_site_that_would_stand_idle_is_left_out() -> None:
    """One person, two candidates at most: one is enough."""
    inputs = make_inputs([resident("a")], [], candidates=[candidate("c"), candidate("d", 1)])
    assert site_table(place(inputs, POLICY, k=2, seconds=10))["candidate_id"].tolist() == ["c"]


def test_a_smaller_budget_has_a_row_when_it_allows_what_is_required() -> None:
    """100 and 10 a place: the required site is there from 110 on, with as many places as the money buys."""
    people = [resident(f"r{i}") for i in range(5)]
    options = [candidate("a", 0, capacity_home=5, fixed_cost=100.0, cost_per_slot=10.0, choice="required")]
    inputs = make_inputs(people, [], candidates=options)
    curve = curve_table(place(inputs, POLICY, budget=155, seconds=20))
    assert curve[["budget", "served"]].to_numpy().tolist() == [[124.0, 2], [139.5, 3], [155.0, 5]]
    assert curve["bound"].tolist() == [2, 3, 5]


def test_no_choice_that_was_tried_is_better_than_the_answer() -> None:
    """Points of the curve share what was learnt, and none of them overlooks it."""
    inputs = city(11)
    inputs = inputs.replace(candidates=inputs.candidates.assign(fixed_cost=5.0, cost_per_slot=3.0))
    curve = curve_table(place(inputs, POLICY, budget=30, seconds=20))
    assert (curve["served"] == curve["bound"]).all()


def test_a_site_is_not_opened_for_its_bonus_alone() -> None:
    """Nobody is within reach of the candidate beside the home."""
    site = {"site_id": "S", "kind": "care_home", "lat": 27.5, "lon": 101.7}
    rule = Beside("near", ("village_clinic",), ("care_home",), 0.2, 500)
    policy = POLICY.__class__(**{**vars(POLICY), "beside": (rule,)})
    far = candidate("far", 0, lat=27.5)
    inputs = make_inputs([resident("r", 0)], [], sites=[site], candidates=[candidate("near"), far])
    placing = place(inputs, policy, k=2, seconds=10)
    assert site_table(placing)["candidate_id"].tolist() == ["near"]
    assert outcome_of(placing, policy, 0.0)["bonus_m"] == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_closures_are_the_least_harmful_of_all_pairs(seed: int) -> None:
    inputs = city(seed)
    centres = as_providers(candidate_table(inputs), inputs.providers).assign(kind="township_health_centre")
    inputs = inputs.replace(providers=pd.concat([inputs.providers, centres], ignore_index=True))
    closing = close(inputs, POLICY, 2, keep=["p"], seconds=20)
    ids = [name for name in inputs.providers["provider_id"] if name != "p"]
    best = max(_without(inputs, set(pair)) for pair in combinations(ids, 2))
    assert closing.found.proven
    assert (*closing.after.outcome.served_by_tier.values(), -closing.after.outcome.total_cost_m) == best
    assert "p" not in set(closing.steps["provider_id"])
    lost = closing.before.outcome.served - closing.after.outcome.served
    assert closing.steps["cumulative_lost"].iloc[-1] == lost == closing.steps["lost"].sum()


def test_each_closure_of_the_stress_test_equals_matching_without_the_provider() -> None:
    inputs = city(2)
    opened = as_providers(candidate_table(inputs), inputs.providers)
    inputs = inputs.replace(providers=pd.concat([inputs.providers, opened], ignore_index=True))
    plan = match(inputs, POLICY)
    before = (*plan.outcome.served_by_tier.values(), -plan.outcome.total_cost_m)
    table = stress(plan, workers=1)
    assert sorted(table["provider_id"]) == sorted(inputs.providers["provider_id"])
    for row in table.to_dict("records"):
        after = _without(inputs, {row["provider_id"]})
        assert row["stranded"] == sum(before[:-1]) - sum(after[:-1])
        assert row["stranded_first_tier"] == before[0] - after[0]
        assert row["added_m"] == before[-1] - after[-1]
    ranks = list(zip(-table["stranded"], -table["added_m"], table["provider_id"], strict=True))
    assert ranks == sorted(ranks)


def _without(inputs: Inputs, closed: set[str]) -> tuple[int, ...]:
    status = inputs.providers["status"].mask(inputs.providers["provider_id"].isin(closed), "closed")
    plan = match(inputs.replace(providers=inputs.providers.assign(status=status)), POLICY)
    return (*plan.outcome.served_by_tier.values(), -plan.outcome.total_cost_m)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three people, one clinic of one place, two candidates."""
    rows = {
        "residents": [{"resident_id": f"R{i}", "age": "70", "place_code": "V1"} for i in range(3)],
        "providers": [
            {"provider_id": "P1", "kind": "township_health_centre", "place_code": "V1", "capacity_home": "1"}
        ],
        "candidates": [
            {
                "provider_id": f"C{i}",
                "kind": "village_clinic",
                "place_code": "V1",
                "capacity_home": "1",
                "fixed_cost": "100",
                "cost_per_slot": "1",
            }
            for i in range(2)
        ],
        "places": FOLDER_PLACES,
    }
    data = tmp_path / "data"
    data.mkdir()
    for name, table in rows.items():
        (data / f"{name}.csv").write_text(csv_text(table), encoding="utf-8")
    (data / "dataset.toml").write_text('as_of = 2026-01-01\ndatum = "wgs84"\n', encoding="utf-8")
    return data


def run(*arguments: object) -> int:
    return main([*(str(part) for part in arguments), "--lang", "en"])


def test_place_writes_its_files_as_agreed(folder: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    assert run("place", folder, "--k", 2, "--out", out) == 0
    assert {path.name for path in out.iterdir()} == {
        *("sites.csv", "curve.csv", "changes.csv", "outcome.json", "scenario.json")
    }
    head = (out / "sites.csv").read_text(encoding="utf-8").splitlines()
    assert head[0] == "order,candidate_id,slots,cost,newly_served,cumulative_served"
    assert head[1] == "1,C0,1,101.000000,1,1"
    assert (out / "curve.csv").read_text(encoding="utf-8").splitlines()[0] == "k,served,total_cost_m,bound"
    told = json.loads((out / "outcome.json").read_text(encoding="utf-8"))
    assert (told["status"], told["proof"], told["gap"], told["served"]) == ("optimal", "bound", 0.0, 3)
    assert "no choice is better" in capsys.readouterr().out


def test_candidates_of_another_file_replace_those_of_the_folder(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    row = {"provider_id": "X", "kind": "village_clinic", "place_code": "V1", "capacity_home": "2"}
    file.write_text(csv_text([row]), encoding="utf-8")
    assert run("place", folder, "--k", 1, "--candidates", file, "--out", tmp_path / "out") == 0
    assert "X,2,,2,2" in (tmp_path / "out" / "sites.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (("--k", 0), 1),
        (("--k", 3), 1),
        (("--budget", 100), 1),
        (("--budget", -5), 1),
        (("--k", 1, "--require", "C7"), 1),
        (("--k", 1, "--candidates", "nowhere.csv"), 1),
        (("--k", 1, "--modes", "home,hme"), 2),
        (("--k", "x"), 2),
        ((), 2),
    ],
)
def test_what_allows_nothing_ends_with_a_sentence_and_nothing_written(
    folder: Path, tmp_path: Path, capsys, flags: tuple[object, ...], code: int
) -> None:
    out = tmp_path / "out"
    try:
        found = run("place", folder, "--out", out, *flags)
    except SystemExit as end:
        found = end.code
    assert found == code
    assert not out.exists()
    assert "Traceback" not in capsys.readouterr().err


def test_a_file_of_candidates_without_rows_is_not_taken_for_none(
    folder: Path, tmp_path: Path, capsys
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("provider_id,kind\n", encoding="utf-8")
    assert run("place", folder, "--k", 1, "--candidates", file, "--out", tmp_path / "out") == 1
    assert "no row" in capsys.readouterr().err


def test_a_cost_beyond_all_money_is_a_problem_of_the_data(folder: Path, capsys) -> None:
    text = (folder / "candidates.csv").read_text(encoding="utf-8")
    (folder / "candidates.csv").write_text(text.replace(",100,", ",1e300,"), encoding="utf-8")
    assert run("check", folder) == 1
    assert "fixed_cost" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["place", "close"])
def test_results_take_no_file_for_a_folder(folder: Path, tmp_path: Path, command: str, capsys) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    assert run(command, folder, "--k", 1, "--out", tmp_path / "file") == 1
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"
    assert run("stress", folder, "--out", folder.parent) == 1
    assert "is a folder" in capsys.readouterr().err


def test_close_and_stress_write_their_tables(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("close", folder, "--k", 1, "--out", out) == 0
    assert "1,P1,1,1,1,0,0" in (out / "closures.csv").read_text(encoding="utf-8")
    changes = (out / "changes.csv").read_text(encoding="utf-8").splitlines()
    assert changes[1].split(",")[1:3] == ["newly_unserved", "P1"]
    assert run("close", folder, "--k", 2, "--out", tmp_path / "none") == 1
    assert not (tmp_path / "none").exists()
    assert run("stress", folder, "--workers", 1, "--out", tmp_path / "stress.csv") == 0
    assert (tmp_path / "stress.csv").read_text(encoding="utf-8").splitlines() == [
        "provider_id,assigned,stranded,stranded_first_tier,added_m",
        "P1,1,1,0,0",
    ]


@pytest.mark.parametrize("seed", range(3))
def test_the_scenario_of_a_choice_gives_the_plan_that_was_promised(seed: int, tmp_path: Path) -> None:
    """Written, read again and applied: as many served of each tier, over the same distance."""
    inputs = city(seed)
    placing = place(inputs, POLICY, k=2, seconds=20)
    write_placing(placing, POLICY, tmp_path / "out", 0.0)
    applied = apply(load_scenario(tmp_path / "out" / "scenario.json"), inputs, POLICY)
    kept, promised = match(applied.inputs, applied.policy).outcome, placing.after.outcome
    assert (kept.served_by_tier, kept.total_cost_m) == (promised.served_by_tier, promised.total_cost_m)


def test_the_scenario_of_a_budget_opens_no_more_places_than_were_paid_for(tmp_path: Path) -> None:
    people = [resident("a", 0), resident("b", 0), resident("c", 0)]
    options = [candidate("near", 0, capacity_home=3, fixed_cost=100.0, cost_per_slot=50.0)]
    inputs = make_inputs(people, [provider("p", 30)], candidates=options)
    placing = place(inputs, POLICY, budget=200, seconds=20)
    write_placing(placing, POLICY, tmp_path / "out", 0.0)
    applied = apply(load_scenario(tmp_path / "out" / "scenario.json"), inputs, POLICY)
    assert match(applied.inputs, POLICY).outcome.served == placing.after.outcome.served == 2
