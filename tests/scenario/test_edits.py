"""Scenarios: edits make other inputs and leave the given ones alone; bad edits are refused by name."""

from types import SimpleNamespace

import pandas as pd
import pytest

from matcher.errors import ScenarioError
from matcher.geography.locate import locate
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.scenario.applying import apply
from matcher.scenario.changes import COMPARISON, changed_people, changed_places, compare, count_changes
from matcher.scenario.edits import (
    AddProvider,
    Ageing,
    ChangeCapacity,
    ChangeDemand,
    CloseProvider,
    MoveProvider,
    OpenPlanned,
    Scenario,
    Season,
    SetPolicy,
)
from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.builders import make_inputs, provider, resident

NEW = {"provider_id": "P9", "kind": "village_clinic", "lat": 26.5, "lon": 101.7, "capacity_home": 3}


@pytest.fixture
def inputs():
    return make_inputs(
        residents=[resident("R1")],
        providers=[
            provider("P1", capacity_home=5),
            provider("P2"),
            provider("P3", status="closed"),
            provider("P4", status="planned"),
            provider("P5", kind="care_site_clinic", site_id="S1"),
        ],
        sites=[{"site_id": site, "kind": "care_home", "place_code": "V1"} for site in ("S1", "S2")],
        travel=[
            {"from_code": "V1", "provider_id": "P1", "km": 3.0},
            {"from_code": "V1", "provider_id": "P2", "km": 4.0},
        ],
    )


def after(inputs, *edits):
    changed = apply(Scenario("s", edits, "方案一"), inputs, load_policy()).inputs
    return changed.providers.set_index("provider_id")


def test_an_added_provider_stands_last_with_its_values_and_no_file_row(inputs):
    providers = after(inputs, AddProvider(NEW | {"services": ["tcm", "basic_care"]}))
    assert list(providers.index) == ["P1", "P2", "P3", "P4", "P5", "P9"]
    assert providers.loc["P9", ["kind", "services", "capacity_home", "row"]].tolist() == [
        "village_clinic",
        "basic_care;tcm",
        3,
        0,
    ]


def test_an_added_provider_without_offered_mode_has_missing_capacity_never_zero(inputs):
    assert pd.isna(after(inputs, AddProvider(NEW)).loc["P9", "capacity_community"])


def test_an_added_provider_with_only_a_place_stands_where_the_place_is(inputs):
    values = {"provider_id": "P9", "kind": "village_clinic", "place_code": "V1"}
    assert after(inputs, AddProvider(values)).loc["P9", ["lat", "lon"]].tolist() == [26.5, 101.7]


def test_closing_sets_the_status_of_that_provider_alone(inputs):
    told = after(inputs, CloseProvider("P1"))["status"].fillna("")
    assert told.tolist() == ["closed", "", "closed", "planned", ""]


def test_opening_turns_planned_into_open_for_that_provider_alone(inputs):
    assert after(inputs, OpenPlanned("P4"))["status"].fillna("").tolist() == ["", "", "closed", "open", ""]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (MoveProvider("P1", lat=26.6, lon=101.8), (26.6, 101.8, None, "own")),
        (MoveProvider("P1", place_code="V1"), (26.5, 101.7, "V1", "village")),
        (MoveProvider("P5", site_id="S2"), (26.5, 101.7, None, "village")),
    ],
    ids=["position", "place", "site"],
)
def test_a_moved_provider_is_at_its_new_place_and_nothing_is_left_of_the_old_address(inputs, edit, expected):
    moved = after(inputs, edit).loc[edit.provider_id]
    place = None if pd.isna(moved["place_code"]) else moved["place_code"]
    assert (moved["lat"], moved["lon"], place, moved["precision"]) == expected
    assert pd.isna(moved["address"])


def test_a_move_forgets_the_listed_journeys_to_the_provider_and_no_others(inputs):
    moved = apply(Scenario("s", (MoveProvider("P1", place_code="V1"),)), inputs, load_policy()).inputs
    assert moved.travel["provider_id"].tolist() == ["P2"]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (ChangeCapacity("P1", "home", to=0), 0),
        (ChangeCapacity("P1", "home", to=9), 9),
        (ChangeCapacity("P1", "home", by=-5), 0),
        (ChangeCapacity("P1", "home", by=3), 8),
    ],
)
def test_a_capacity_is_set_or_changed(inputs, edit, expected):
    assert after(inputs, edit)["capacity_home"].tolist() == [expected, 1, 1, 1, 1]


def test_setting_a_capacity_begins_a_mode_that_was_not_offered(inputs):
    assert after(inputs, ChangeCapacity("P1", "community", to=2)).loc["P1", "capacity_community"] == 2


def test_edits_happen_in_order_so_a_new_provider_can_be_changed(inputs):
    providers = after(inputs, AddProvider(NEW), ChangeCapacity("P9", "home", by=1), CloseProvider("P9"))
    assert providers.loc["P9", ["capacity_home", "status"]].tolist() == [4, "closed"]


def test_the_given_inputs_and_the_types_of_columns_stay(inputs):
    before = inputs.providers.copy()
    changed = apply(
        Scenario("s", (AddProvider(NEW), ChangeCapacity("P1", "home", to=9), CloseProvider("P2"))),
        inputs,
        load_policy(),
    ).inputs
    pd.testing.assert_frame_equal(inputs.providers, before)
    pd.testing.assert_series_equal(changed.providers.dtypes, before.dtypes)


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (CloseProvider("P8"), "scenario_unknown_provider"),
        (CloseProvider("P3"), "scenario_already_closed"),
        (CloseProvider("P2"), "scenario_already_closed"),
        (ChangeCapacity("P2", "home", to=1), "scenario_closed"),
        (MoveProvider("P2", place_code="V1"), "scenario_closed"),
        (OpenPlanned("P1"), "scenario_not_planned"),
        (OpenPlanned("P2"), "scenario_not_planned"),
        (OpenPlanned("P8"), "scenario_unknown_provider"),
        (MoveProvider("P8", place_code="V1"), "scenario_unknown_provider"),
        (MoveProvider("P1"), "scenario_where"),
        (MoveProvider("P1", lat=26.5), "scenario_where"),
        (MoveProvider("P1", place_code="V1", site_id="S1"), "scenario_where"),
        (MoveProvider("P1", place_code="V7"), "scenario_bad_value"),
        (MoveProvider("P1", lat=126.5, lon=101.7), "scenario_bad_value"),
        (MoveProvider("P1", lat=0.0, lon=0.0), "scenario_bad_value"),
        (MoveProvider("P1", lat=48.86, lon=2.35), "scenario_bad_value"),
        (AddProvider(NEW | {"lat": 48.86, "lon": 2.35}), "scenario_bad_value"),
        (AddProvider(NEW | {"lat": 0, "lon": 0}), "scenario_bad_value"),
        (AddProvider(NEW | {"provider_id": "无"}), "scenario_placeholder"),
        (AddProvider(NEW | {"provider_id": "P1\u200b"}), "scenario_duplicate_provider"),
        (MoveProvider("P5", place_code="V1"), "scenario_clinic_of_site"),
        (ChangeDemand(-0.5), "scenario_bad_value"),
        (ChangeDemand(float("nan")), "scenario_bad_value"),
        (ChangeDemand(True), "scenario_bad_value"),
        (ChangeDemand(2, place_code="V7"), "scenario_bad_value"),
        (ChangeDemand(2, mode="hotel"), "scenario_bad_value"),
        (Ageing(0), "scenario_bad_value"),
        (Ageing(1.5), "scenario_bad_value"),
        (Season(13), "scenario_bad_value"),
        (SetPolicy("limit_km.hme", 8), "policy_unknown_key"),
        (SetPolicy("limit_km.home", "far"), "policy_value"),
        (SetPolicy("mode_rules.1.mode", "home"), "policy_value"),
        (ChangeCapacity("P8", "home", to=1), "scenario_unknown_provider"),
        (ChangeCapacity("P1", "hotel", to=1), "scenario_bad_value"),
        (ChangeCapacity("P1", "home", to=-1), "scenario_bad_value"),
        (ChangeCapacity("P1", "home", to=1.5), "scenario_bad_value"),
        (ChangeCapacity("P1", "home", to=True), "scenario_bad_value"),
        (ChangeCapacity("P1", "home", by=-6), "scenario_bad_value"),
        (ChangeCapacity("P1", "home", by="3"), "scenario_bad_value"),
        (ChangeCapacity("P1", "community", by=1), "scenario_mode_not_offered"),
        (ChangeCapacity("P1", "home"), "scenario_to_or_by"),
        (ChangeCapacity("P1", "home", to=1, by=1), "scenario_to_or_by"),
        (AddProvider(NEW | {"provider_id": "P1"}), "scenario_duplicate_provider"),
        (AddProvider(NEW | {"capacty_home": 1}), "scenario_unknown_column"),
        (AddProvider(NEW | {"kind": ""}), "scenario_bad_value"),
        (AddProvider({"provider_id": "P9", "lat": 26.5, "lon": 101.7}), "scenario_missing_value"),
        (AddProvider(NEW | {"kind": "clinic"}), "scenario_bad_value"),
        (AddProvider(NEW | {"services": "basic_care;magic"}), "scenario_bad_value"),
        (AddProvider(NEW | {"services": 3}), "scenario_bad_value"),
        (AddProvider(NEW | {"services": [["tcm"]]}), "scenario_bad_value"),
        (AddProvider(NEW | {"lat": float("nan")}), "scenario_bad_value"),
        (AddProvider(NEW | {"lat": 101.7, "lon": 26.5}), "scenario_bad_value"),
        (AddProvider(NEW | {"lat": None}), "scenario_no_position"),
        (AddProvider(NEW | {"lat": None, "lon": None}), "scenario_no_position"),
        (AddProvider(NEW | {"place_code": "V7"}), "scenario_bad_value"),
        (AddProvider(NEW | {"insurance": 2}), "scenario_bad_value"),
        (AddProvider(NEW | {"capacity_home": -1}), "scenario_bad_value"),
        (AddProvider(NEW | {"capacity_home": 10**30}), "scenario_bad_value"),
        (AddProvider(NEW | {"hospital_level": 4}), "scenario_bad_value"),
    ],
)
def test_a_bad_edit_is_refused_with_its_number_and_words_in_both_languages(inputs, edit, code):
    with pytest.raises(ScenarioError) as caught:
        after(inputs, CloseProvider("P2"), edit)
    assert (caught.value.code, caught.value.values["edit"]) == (code, 2)
    for lang in ("zh", "en"):
        assert "方案一" in t(f"error.{code}", lang, **caught.value.values)


@pytest.mark.parametrize(
    ("edit", "note"),
    [
        (AddProvider(NEW), ""),
        (AddProvider(NEW | {"capacity_home": None}), "no_capacity"),
        (AddProvider(NEW | {"capacity_home": 0}), "no_capacity"),
        (AddProvider(NEW | {"capacity_total": 0}), "no_capacity"),
        (ChangeCapacity("P1", "home", to=0), "no_capacity"),
        (AddProvider(NEW | {"lat": 45.0, "lon": 126.0}), "nobody_in_reach"),
        (MoveProvider("P1", lat=45.0, lon=126.0), "nobody_in_reach"),
        (CloseProvider("P1"), ""),
    ],
)
def test_an_edit_that_changes_nothing_for_anybody_says_why(inputs, edit, note):
    """It is done all the same: somebody may move there in the next edit."""
    (effect,) = apply(Scenario("s", (edit,)), inputs, load_policy()).effects
    assert effect.note == note
    for lang in LANGUAGES if note else ():
        assert t(f"scenario_note.{note}", lang, scenario="s", edit=1)


def test_an_unknown_provider_names_the_nearest_ones(inputs):
    with pytest.raises(ScenarioError) as caught:
        after(inputs, CloseProvider("P22"))
    assert "P2" in caught.value.values["allowed"]


def test_an_error_of_a_policy_value_names_the_nearest_key(inputs):
    with pytest.raises(ScenarioError) as caught:
        apply(Scenario("s", (SetPolicy("limit_kn.home", 8),)), inputs, load_policy())
    assert (caught.value.values["edit"], caught.value.values["nearest"]) == (1, "limit_km")


def test_a_month_is_set_once_in_a_scenario_and_its_parents(inputs):
    parent = Scenario("winter", (Season(1),))
    with pytest.raises(ScenarioError) as caught:
        apply(Scenario("s", (Season(7),), parent="winter", base=parent), inputs, load_policy())
    assert caught.value.code == "scenario_season_twice"


def test_edits_of_parents_happen_first_and_their_mistakes_bear_their_name(inputs):
    parent = Scenario("opened", (AddProvider(NEW),))
    child = Scenario("s", (ChangeCapacity("P9", "home", to=8),), parent="opened", base=parent)
    applied = apply(child, inputs, load_policy())
    assert applied.inputs.providers["capacity_home"].tolist()[-1] == 8
    assert [(one.scenario, one.edit) for one in applied.effects] == [("opened", 1), ("s", 1)]
    wrong = Scenario("closed", (CloseProvider("P8"),))
    with pytest.raises(ScenarioError) as caught:
        apply(Scenario("s", parent="closed", base=wrong), inputs, load_policy())
    assert caught.value.values["scenario"] == "closed"


def test_a_scenario_whose_parent_was_not_loaded_is_refused(inputs):
    with pytest.raises(ScenarioError) as caught:
        apply(Scenario("s", parent="winter"), inputs, load_policy())
    assert caught.value.code == "scenario_without_parent"


def test_without_edits_the_very_same_inputs_and_policy_come_out(inputs):
    policy = load_policy()
    applied = apply(Scenario("s"), inputs, policy)
    assert applied.inputs is inputs
    assert applied.policy is policy
    assert applied.effects == ()


def test_tables_that_no_edit_concerns_are_the_same_objects(inputs):
    changed = apply(Scenario("s", (CloseProvider("P1"),)), inputs, load_policy()).inputs
    for table in ("residents", "sites", "places", "travel", "candidates", "dataset"):
        assert getattr(changed, table) is getattr(inputs, table)


def test_a_value_of_the_policy_is_exchanged_and_the_given_policy_stays(inputs):
    policy = load_policy()
    changed = apply(Scenario("s", (SetPolicy("limit_km.home", 8),)), inputs, policy).policy
    assert (changed.limit_km["home"], policy.limit_km["home"]) == (8, 10)
    assert changed.mode_rules == policy.mode_rules


def plan(*rows):
    """A plan as far as `compare` reads it: who is served by whom, how far away; R1 to R4 are its people."""
    served = pd.DataFrame(rows, columns=["resident_id", "provider_id", "distance_km"])
    people = served.set_index("resident_id").reindex(["R1", "R2", "R3", "R4"]).reset_index()
    types = {"resident_id": "str", "provider_id": "str", "distance_km": "float64"}
    return SimpleNamespace(people=people.astype(types))


BEFORE = plan(("R1", "P1", 1.0), ("R2", "P1", 2.0), ("R3", "P2", 3.0))
AFTER = plan(("R4", "P9", 0.5), ("R2", "P9", 0.5), ("R1", "P1", 1.0))


def test_comparison_lists_only_people_whose_provider_differs():
    told = compare(BEFORE, AFTER)
    assert list(told.columns) == list(COMPARISON)
    assert told.astype(object).fillna("–").to_numpy().tolist() == [
        ["R2", "moved", "P1", "P9", -1.5],
        ["R3", "newly_unserved", "P2", "–", "–"],
        ["R4", "newly_served", "–", "P9", "–"],
    ]


def test_a_plan_differs_from_itself_in_nobody():
    assert compare(BEFORE, BEFORE).empty


def test_people_of_one_plan_alone_are_new_or_gone_served_or_not():
    before, after = plan(("R1", "P1", 1.0), ("R2", "P1", 1.0)), plan(("R1", "P1", 1.0), ("R4", "P1", 2.0))
    before.people = before.people.iloc[:2]
    after.people = after.people.iloc[[0, 2, 3]]
    assert compare(before, after).astype(object).fillna("–").to_numpy().tolist() == [
        ["R2", "gone", "P1", "–", "–"],
        ["R3", "new_resident", "–", "–", "–"],
        ["R4", "new_resident", "–", "P1", "–"],
    ]


def test_comparison_backwards_swaps_gains_and_losses():
    there, back = compare(BEFORE, AFTER), compare(AFTER, BEFORE)
    assert there["from_provider"].fillna("").tolist() == back["to_provider"].fillna("").tolist()
    assert (there["change"] == "newly_served").tolist() == (back["change"] == "newly_unserved").tolist()


def test_comparison_of_plans_without_anybody_is_empty():
    assert compare(plan(), plan()).empty
    assert compare(plan(), AFTER)["change"].tolist() == ["newly_served"] * 3


def test_changes_are_counted_by_a_column_of_the_residents():
    residents = pd.DataFrame({"resident_id": ["R1", "R2", "R3", "R4"], "tier": [1, 1, 2, 2]})
    counted = count_changes(compare(BEFORE, AFTER), residents, "tier")
    assert counted.to_dict("list") == {
        "tier": [1, 2],
        "newly_served": [0, 1],
        "moved": [1, 0],
        "newly_unserved": [0, 1],
    }


def test_no_changes_count_to_an_empty_table_with_its_columns():
    residents = pd.DataFrame({"resident_id": ["R1"], "tier": [1]})
    counted = count_changes(compare(BEFORE, BEFORE), residents, "tier")
    assert counted.empty
    assert list(counted.columns) == ["tier", "newly_served", "moved", "newly_unserved"]


@pytest.fixture(scope="module")
def opened():
    """Two matched plans: without and with a provider at R1's door; P1, a kilometre off, has one place."""
    services = ["basic_care", "chronic_care", "health_check", "home_visit"]
    people = [resident("R1", name="王小明"), resident("R2", km=1.0, name="李雷")]
    before = locate(make_inputs(people, [provider("P1", km=1.0, services=services, name="甲镇卫生院")]))
    policy = load_policy()
    after = apply(Scenario("s", (AddProvider(NEW | {"services": services}),)), before, policy).inputs
    return match(before, policy), match(after, policy)


def test_a_provider_at_the_door_serves_who_was_left_over(opened):
    told = compare(*opened)
    assert told[["resident_id", "change", "to_provider"]].to_numpy().tolist() == [
        ["R1", "newly_served", "P9"]
    ]


def test_changed_people_are_listed_masked_and_with_names_of_providers(opened):
    (told,) = changed_people(compare(*opened), opened[1]).to_dict("records")
    assert (told["resident_id"], told["name"], told["mode"]) == ("R1", "王*", "home")
    assert told["to_name"] == "P9"
    assert pd.isna(told["from_name"])


def test_an_id_number_in_place_of_a_resident_id_is_masked(opened):
    before, after = opened
    changes = compare(before, after).assign(resident_id="510401195001011234")
    assert "19500101" not in changed_people(changes, after)["resident_id"].iloc[0]


def test_changes_are_counted_where_people_live(opened):
    (place,) = changed_places(compare(*opened), opened[1]).to_dict("records")
    assert (place["name"], place["newly_served"], place["moved"], place["newly_unserved"]) == (
        "一村",
        1,
        0,
        0,
    )


def test_a_scenario_without_edits_gives_the_very_same_plan(opened):
    before = opened[0]
    again = match(apply(Scenario("s"), before.inputs, before.policy).inputs, before.policy)
    assert again.outcome.fingerprint == before.outcome.fingerprint


def test_a_closed_provider_serves_nobody(opened):
    before = opened[0]
    closing = Scenario("s", (CloseProvider("P1"),))
    closed = match(apply(closing, before.inputs, before.policy).inputs, before.policy)
    assert compare(before, closed)["change"].tolist() == ["newly_unserved"]
