"""A provider tried before it is built: its reach is what the classes and limits give, its curve what matching gives."""

from __future__ import annotations

import pytest

from matcher.errors import ScenarioError
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.scenario.applying import apply
from matcher.scenario.edits import AddProvider, Scenario
from matcher.scenario.trial import in_reach, sweep
from tests.helpers.builders import KM, make_inputs, provider, resident

POLICY = load_policy()
NEW = {
    "provider_id": "N",
    "kind": "village_clinic",
    "lon": 101.7,
    "services": "basic_care",
    "capacity_home": 2,
}


@pytest.fixture(scope="module")
def plan():
    """Five people every two kilometres northwards; one clinic with one place at the first."""
    people = [resident(f"R{n}", 2.0 * n) for n in range(5)]
    return match(make_inputs(people, [provider("P1", name="老卫生室", capacity_home=1)]), POLICY)


def new(km: float, **more: object) -> AddProvider:
    return AddProvider({**NEW, "lat": 26.5 + km * KM, **more})


def test_reach_counts_people_within_the_limit_and_those_unserved_among_them(plan):
    """Ten kilometres by road are seven as the crow flies: everybody from 8 km on but the first."""
    told = in_reach(plan, new(8.0))
    assert (told.people, told.unserved) == (4, 4)
    assert told.by_mode.to_dict("records") == [{"mode": "home", "people": 4, "unserved": 4}]
    everybody = in_reach(plan, new(2.0))
    assert (everybody.people, everybody.unserved) == (5, 4)


def test_competitors_are_those_who_could_serve_the_same_people(plan):
    told = in_reach(plan, new(2.0)).competitors.to_dict("records")
    assert told == [{"provider_id": "P1", "name": "老卫生室", "shared": 4, "assigned": 1, "capacity": 1}]


def test_nobody_is_in_reach_of_a_place_far_off(plan):
    told = in_reach(plan, new(80.0))
    assert (told.people, told.unserved, len(told.competitors)) == (0, 0, 0)


def test_the_curve_is_what_matching_from_scratch_gives(plan):
    table = sweep(plan, new(4.0), "home", [0, 1, 2, 3, 9])
    for row in table.to_dict("records"):
        inputs = apply(Scenario("s", (new(4.0, capacity_home=row["capacity"]),)), plan.inputs, POLICY).inputs
        assert row["served"] == match(inputs, POLICY).outcome.served
        assert row["newly_served"] - row["newly_unserved"] == row["served"] - plan.outcome.served
    assert table["used"].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("ask", [in_reach, lambda plan, edit: sweep(plan, edit, "home", [1])])
def test_a_provider_that_cannot_be_is_refused(plan, ask):
    with pytest.raises(ScenarioError):
        ask(plan, new(2.0, provider_id="P1"))
