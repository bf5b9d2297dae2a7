"""Rounds of a day: the worked example, brute force on small days, and what the checker says to wrong rounds."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from itertools import pairwise, permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.care.rounds import day_of, objections, rounds_of, stops_of, travel_seconds
from matcher.cli import main
from matcher.errors import BadInput, PolicyError
from matcher.plan.match import match
from matcher.policy.documents import load_policy, policy_with
from matcher.solve.rounds import Stops, solve_rounds
from tests.helpers.builders import make_inputs, provider, resident
from tests.helpers.folders import write_folder

P = load_policy("panzhihua-2016")
DAY = dt.date(2026, 1, 15)
#: Degrees north of the provider, and what makes each of a tier.
NORTH = {"a": 0.02, "b": 0.01, "c": -0.01}


def by_tier(tiers):
    """The policy in which each person is of the tier that is told."""
    rules = [
        {"id": f"t{tier}", "tier": tier, "when": [{"min_age": 105 - 5 * tier}]} for tier in sorted(set(tiers))
    ]
    return policy_with(P, "tier_rules", [*rules[:-1], {"id": "rest", "tier": rules[-1]["tier"]}], "mine")


def plan_of(north=NORTH, tiers=(1, 2, 3), visits=(), staff=(), **more):
    """A plan whose provider serves people to whom home visits were never made."""
    people = [
        resident(id, lat=26.5 + degrees, lon=101.7, age=105 - 5 * tier, groups=["immobile"])
        | more.get(id, {})
        for (id, degrees), tier in zip(north.items(), tiers, strict=True)
    ]
    other = {"visit_id": "v", "resident_id": "a", "service": "health_check", "on": dt.date(2026, 1, 1)}
    place = provider("p", capacity_home=10, services=["home_visit"])
    inputs = make_inputs(people, [place], visits=[other, *visits], staff=staff, as_of=DAY)
    return match(inputs, by_tier(tiers))


def made(plan, **more):
    """Rounds of the day of the data."""
    return rounds_of(plan, day_of(plan, "p", DAY, **more))


def test_three_visits_take_1121_seconds_of_travel_and_end_at_10_18_41():
    rounds = made(plan_of())
    assert (rounds.travel_s, rounds.back, len(rounds.left_out)) == (1121, {1: "10:18:41"}, 0)
    assert rounds.table["order"].tolist() == [1, 2, 3]
    assert sorted(rounds.table["resident_id"]) == ["a", "b", "c"]
    assert rounds.status == "heuristic"


def test_until_ten_the_third_tier_is_left_out():
    rounds = made(plan_of(), until="10:00")
    assert rounds.left_out.to_numpy().tolist() == [["c", 3, "no_time"]]
    assert rounds.travel_s == 748


def test_one_of_the_first_tier_comes_before_two_of_the_second():
    """Two near people of tier 2 fit into the morning, or one far away of tier 1."""
    rounds = made(plan_of({"a": 0.05, "b": 0.005, "c": 0.005}, (1, 2, 2)), until="09:40")
    assert rounds.table["resident_id"].tolist() == ["a"]


def test_two_teams_share_what_one_cannot_do():
    plan = plan_of({"a": 0.05, "b": -0.05}, (1, 1))
    assert len(made(plan, until="09:40").table) == 1
    both = made(plan, until="09:40", teams=2)
    assert both.table["team"].tolist() == [1, 2]
    assert both.table["order"].tolist() == [1, 1]


@pytest.mark.parametrize(("teams", "allowed"), [([2], 2), ([1, 1], 2), ([None], 1), ([], 1)])
def test_the_teams_are_those_of_the_staff(teams, allowed):
    staff = [
        {"provider_id": "p", "role": role, "teams": n}
        for role, n in zip(("gp", "nurse"), teams, strict=False)
    ]
    assert day_of(plan_of(staff=staff), "p", DAY).teams == allowed


def test_who_has_no_location_is_left_out_for_that():
    plan = plan_of()
    stops = stops_of(plan, "p", DAY)
    model = plan.eligibility.groups.travel
    model.origins[stops["location"].to_numpy()[1]] = np.nan
    rounds = made(plan)
    assert rounds.left_out.to_numpy().tolist() == [["b", 2, "no_location"]]
    assert len(rounds.table) == 2


def test_nobody_is_visited_again_before_half_of_the_time_is_over():
    def visit(days):
        return {
            "visit_id": f"v{days}",
            "resident_id": "a",
            "service": "home_visit",
            "on": DAY - dt.timedelta(days),
        }

    assert sorted(stops_of(plan_of(visits=[visit(14)]), "p", DAY)["resident_id"]) == ["b", "c"]
    assert sorted(stops_of(plan_of(visits=[visit(15)]), "p", DAY)["resident_id"]) == ["a", "b", "c"]


def test_a_day_counts_from_the_day_of_the_rounds():
    visit = {"visit_id": "v1", "resident_id": "a", "service": "home_visit", "on": DAY}
    plan = plan_of(visits=[visit])
    assert "a" not in set(stops_of(plan, "p", DAY)["resident_id"])
    assert "a" in set(stops_of(plan, "p", DAY + dt.timedelta(15))["resident_id"])


def test_without_visits_nothing_is_measured():
    people = [resident("a", age=90, groups=["immobile"])]
    inputs = make_inputs(people, [provider("p", services=["home_visit"])], as_of=DAY)
    rounds = made(match(inputs, P))
    assert (rounds.status, len(rounds.table), len(rounds.left_out)) == ("not_measured", 0, 0)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"provider_id": "q"}, "unknown_provider"),
        ({"on": DAY - dt.timedelta(1)}, "rounds_date"),
        ({"until": "08:30"}, "rounds_until"),
    ],
)
def test_a_day_that_cannot_be_is_refused(asked, code):
    with pytest.raises(BadInput) as refused:
        day_of(plan_of(), **({"provider_id": "p", "on": DAY} | asked))
    assert refused.value.code == code


def test_the_way_to_the_provider_is_the_listed_one():
    people = [resident("a", 1.0, groups=["immobile"])]
    travel = [{"from_code": "a", "provider_id": "p", "km": 10.0}]
    inputs = make_inputs(people, [provider("p", services=["home_visit"])], travel=travel, as_of=DAY)
    plan = match(inputs, P)
    location = plan.eligibility.groups.location[:1]
    assert travel_seconds(plan, "p", location).tolist() == [[0, 1200], [1200, 0]]


@pytest.mark.parametrize(
    ("spoil", "objection"),
    [
        (lambda t: t.assign(arrive=["08:31:00", *t["arrive"][1:]]), "arrivals do not follow from the way"),
        (lambda t: t.assign(leave=["12:00:00", *t["leave"][1:]]), "a visit has not its minutes"),
        (lambda t: t.assign(team=[1, 2, 3]), "too many teams"),
        (lambda t: t.assign(order=[1, 1, 2]), "order is not counted from 1"),
        (lambda t: t.iloc[:2], "somebody is missing or twice"),
        (lambda t: pd.concat([t, t.iloc[:1]]), "somebody is missing or twice"),
    ],
)
def test_the_checker_objects_to_spoilt_rounds(spoil, objection):
    plan = plan_of()
    day, rounds = day_of(plan, "p", DAY), made(plan)
    stops = stops_of(plan, "p", DAY)
    travel = travel_seconds(plan, "p", stops["location"].to_numpy())
    assert objections(rounds, stops, travel, day) == []
    assert objection in objections(replace(rounds, table=spoil(rounds.table)), stops, travel, day)
    assert objections(replace(rounds, travel_s=1120), stops, travel, day) == ["travel does not add up"]
    late = "a team is late, or back at another time than told"
    assert objections(rounds, stops, travel, replace(day, end=day.start + 6520)) == [late]


@settings(max_examples=15)
@given(
    at=st.lists(st.integers(-2000, 2000), min_size=1, max_size=5),
    tiers=st.lists(st.integers(1, 3), min_size=5, max_size=5),
    seconds=st.integers(600, 9000),
)
def test_small_days_agree_with_brute_force(at, tiers, seconds):
    points = np.array([0, *at])
    travel = np.abs(points[:, None] - points[None, :])
    stops = Stops(travel, np.full(len(at), 900), np.array(tiers[: len(at)]))
    routes = solve_rounds(stops, 1, seconds)
    assert value(stops, routes[0] if routes else [], seconds) == min(
        found
        for size in range(len(at) + 1)
        for order in permutations(range(len(at)), size)
        if (found := value(stops, order, seconds)) is not None
    )


def value(stops, order, seconds):
    """Dropped by tier, and travel; None where the day is too short."""
    legs = [0, *(stop + 1 for stop in order), 0]
    way = int(sum(stops.travel[a, b] for a, b in pairwise(legs)))
    if way + int(stops.stay[list(order)].sum()) > seconds:
        return None
    dropped = [stop for stop in range(len(stops.stay)) if stop not in order]
    return (*(int((stops.tier[dropped] == tier).sum()) for tier in (1, 2, 3)), way)


@pytest.mark.parametrize(
    "rule", [{"day_from": "17:00"}, {"day_until": "25:00"}, {"window_days": -1}, {"soon_after": ["fine"]}]
)
def test_a_day_of_the_policy_that_cannot_be_is_refused(rule):
    with pytest.raises(PolicyError):
        policy_with(P, f"visiting.{next(iter(rule))}", next(iter(rule.values())), "mine")


def test_the_command_writes_its_files(tmp_path, capsys):
    tables = {
        "residents": [
            resident(id, age=90, lat=26.5 + d, lon=101.7, groups="immobile") for id, d in NORTH.items()
        ],
        "providers": [provider("p", capacity_home=10, services="home_visit")],
        "visits": [{"visit_id": "v", "resident_id": "a", "service": "health_check", "on": "2025-12-01"}],
    }
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    write_folder(data, tables)
    ask = ["rounds", str(data), "--provider", "p", "--date", "2026-01-20", "--out", str(out), "--lang", "en"]
    assert main(ask) == 0
    assert (out / "rounds.csv").read_text().splitlines()[0] == "team,order,resident_id,arrive,leave"
    assert (out / "left_out.csv").read_text().splitlines() == ["resident_id,tier,reason"]
    told = json.loads((out / "outcome.json").read_text())
    assert (told["status"], told["travel_seconds"], told["back"]) == ("heuristic", 1121, {"1": "10:18:41"})
    assert "back at 10:18:41" in capsys.readouterr().out
    assert main([*ask, "--until", "08:00"]) == 1
    with pytest.raises(SystemExit) as ended:
        main([*ask, "--until", "noon"])
    assert ended.value.code == 2
