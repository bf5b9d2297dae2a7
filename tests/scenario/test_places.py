"""A less B by place: what two plans give when each is counted by itself."""

from __future__ import annotations

import pandas as pd
import pytest

from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.results.overview import place_shares
from matcher.scenario.applying import apply
from matcher.scenario.comparison import BASELINE, compare_scenarios
from matcher.scenario.edits import AddProvider, ChangeCapacity, CloseProvider, Scenario
from matcher.scenario.places import difference_classes, place_differences
from tests.helpers.builders import PLACES, TOWNSHIP, VILLAGE, make_inputs, provider, resident

ELSEWHERE = (
    TOWNSHIP | {"place_code": "T2", "name": "丁镇"},
    VILLAGE | {"place_code": "V2", "name": "二村", "parent_code": "T2"},
    TOWNSHIP | {"place_code": "T3", "name": None},
)
SCENARIOS = (
    Scenario("more", (ChangeCapacity("P1", "home", to=3),)),
    Scenario("none", (CloseProvider("P1"), AddProvider(provider("P2", 0.1, capacity_home=1)))),
)


@pytest.fixture(scope="module")
def inputs():
    people = [resident(f"R{number}", 0.1 * number) for number in range(3)]
    people += [resident("S1", 0.5, place_code="V2")]
    return make_inputs(people, [provider("P1")], places=(*PLACES, *ELSEWHERE))


@pytest.fixture(scope="module")
def told(inputs):
    return compare_scenarios(inputs, load_policy(), SCENARIOS, workers=1)


@pytest.mark.parametrize("a", [BASELINE, "more", "none"])
@pytest.mark.parametrize("b", [BASELINE, "more", "none"])
def test_differences_are_those_of_two_plans_counted_by_themselves(inputs, told, a, b):
    """Each plan is made anew, without the comparison."""
    scenarios = {one.id: one for one in SCENARIOS} | {BASELINE: Scenario(BASELINE, ())}
    shares = {}
    for side, name in (("a", a), ("b", b)):
        applied = apply(scenarios[name], inputs, load_policy())
        rows = place_shares(match(applied.inputs, applied.policy), "township")
        shares[side] = rows.set_index("place_code")[["served", "share"]]
    towns = inputs.places[inputs.places["level"] == "township"]
    found = place_differences(told, a, b, towns).set_index("place_code")
    assert set(found.index) == {"T1", "T2", "T3"}
    for code, row in found.iterrows():
        assert row["served_more"] == shares["a"].at[code, "served"] - shares["b"].at[code, "served"]
    expected = (shares["a"]["share"] - shares["b"]["share"]).reindex(found.index)
    pd.testing.assert_series_equal(found["share_more"], expected, check_names=False)
    assert found["served_more"].is_monotonic_increasing


def test_a_place_without_people_or_name_is_there_without_a_difference(inputs, told):
    towns = inputs.places[inputs.places["level"] == "township"]
    row = place_differences(told, "more", BASELINE, towns).set_index("place_code").loc["T3"]
    assert row["name"] == "T3"
    assert pd.isna(row["share_more"])


def test_each_class_holds_its_lower_bound_and_nobody_is_left_out():
    """−0.1 below −0.05, −0.05 in the next, 0 in the middle, 0.05 in the last; a place without anybody in none."""
    table = pd.DataFrame(
        {"share_more": [-0.1, -0.05, 0.0, 0.05, float("nan")], "residents_a": [1, 2, 3, 4, 0]}
    )
    classes = difference_classes(table, (-0.05, -0.001, 0.001, 0.05))
    assert classes["places"].tolist() == [1, 1, 1, 0, 1]
    assert classes["residents"].tolist() == [1, 2, 3, 0, 4]
