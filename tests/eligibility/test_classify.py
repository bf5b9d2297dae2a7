"""Everyone gets one mode and one tier by the first rule that holds, and the services that the rules require."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.eligibility.classify import classify
from matcher.eligibility.codes import mask_of, service_mask, services_of
from matcher.policy.documents import load_policy, policy_names
from matcher.policy.rules import CHOICES, Clause, Requirement, TierRule
from matcher.tables import MODES, SERVICES, SITE_KINDS, VOCABULARIES
from tests.helpers.builders import PLACES, make_inputs, resident
from tests.helpers.examples import examples

POLICY = load_policy()
EVERYONE = TierRule("everyone", 2)


def classified(*people, sites=(), places=PLACES, as_of=date(2026, 1, 1), policy=POLICY):
    rows = [resident(f"R{i}", **person) for i, person in enumerate(people)]
    return classify(make_inputs(rows, sites=sites, places=places, as_of=as_of), policy)


def modes(*people, **more):
    found = classified(*people, **more)
    return list(zip(found["mode"], found["mode_rule"], strict=True))


def tiers(*people, **more):
    found = classified(*people, **more)
    return list(zip(found["tier"], found["tier_rule"], strict=True))


def services(*people, **more):
    return [services_of(mask) for mask in classified(*people, **more)["services_required"]]


def chosen(clause, *people, **more):
    """Who is put first by a policy whose only question is this clause."""
    policy = replace(POLICY, tier_rules=(TierRule("asked", 1, (clause,)), EVERYONE))
    return [rule == "asked" for _, rule in tiers(*people, policy=policy, **more)]


# ---- Modes


@pytest.mark.parametrize("name", policy_names())
@pytest.mark.parametrize(
    ("people", "expected"),
    [
        pytest.param(
            [
                {"requested_mode": "high_end"},
                {"requested_mode": "high_end", "living_setting": "care_home"},
                {"requested_mode": "high_end", "living_setting": "hotel", "origin": "visitor"},
            ],
            [("high_end", "asks_high_end")] * 3,
            id="asks for high-end, wherever they live",
        ),
        pytest.param(
            [
                {"living_setting": "care_home"},
                {"living_setting": "care_home", "origin": "visitor", "season_from": 11},
                {"living_setting": "care_home", "requested_mode": "home"},
            ],
            [("institutional", "lives_in_care_home")] * 3,
            id="lives in a care home, visitors too, whatever else they ask",
        ),
        pytest.param(
            [
                {"ability_grade": 3, "requested_mode": "institutional"},
                {"ability_grade": 2, "requested_mode": "institutional"},
                {"ability_grade": 4},
            ],
            [("institutional", "waits_for_care_home"), ("home", "lives_at_home"), ("home", "lives_at_home")],
            id="waits for a care home: at home, grade 3 or more, and asks",
        ),
        pytest.param(
            [
                {"ability_grade": 3, "requested_mode": "institutional", "living_setting": "day_care"},
                {
                    "ability_grade": 3,
                    "requested_mode": "institutional",
                    "living_setting": "hotel",
                    "origin": "visitor",
                },
                {
                    "ability_grade": 3,
                    "requested_mode": "institutional",
                    "ability_scheme": "MZ/T 039-2013",
                },
            ],
            [
                ("community", "uses_day_care"),
                ("migratory", "seasonal_visitor"),
                ("institutional", "waits_for_care_home"),
            ],
            id="waits for a care home: only at home, by either scheme",
        ),
        pytest.param(
            [
                {"origin": "visitor", "living_setting": "hotel", "age": 52},
                {"origin": "visitor", "living_setting": "farmstay"},
                {"origin": "visitor", "living_setting": "own_home", "season_from": 11, "season_to": 3},
            ],
            [("migratory", "seasonal_visitor")] * 3,
            id="visitor in hotel or farmstay, or with a season, also under 60",
        ),
        pytest.param(
            [
                {"origin": "local", "living_setting": "hotel"},
                {"origin": None, "living_setting": "farmstay", "season_to": 3},
                {"origin": "visitor"},
            ],
            [("home", "lives_at_home")] * 3,
            id="no visitor, origin unknown, or visitor without season: home",
        ),
        pytest.param(
            [
                {"living_setting": "day_care"},
                {"living_setting": "day_care", "requested_mode": "institutional"},
                {"living_setting": "day_care", "origin": "visitor", "season_to": 4},
            ],
            [("community", "uses_day_care")] * 2 + [("migratory", "seasonal_visitor")],
            id="uses day care",
        ),
        pytest.param(
            [{}, {"living_setting": None, "origin": None, "age": None}, {"requested_mode": "community"}],
            [("home", "lives_at_home")] * 3,
            id="else home; other requests do not decide",
        ),
    ],
)
def test_the_first_mode_rule_that_holds_decides_in_every_policy(name, people, expected):
    assert modes(*people, policy=load_policy(name)) == expected


@pytest.mark.parametrize("name", policy_names())
def test_who_asks_for_a_care_home_from_home_waits_and_who_lives_in_one_does_not(name):
    asking = {"ability_grade": 3, "requested_mode": "institutional"}
    people = [asking, asking | {"living_setting": "care_home"}, {}]
    found = classified(*people, policy=load_policy(name))["waiting"]
    assert (found.tolist(), found.dtype) == ([True, False, False], bool)


@pytest.mark.parametrize(
    ("kind", "setting", "mode"),
    [
        ("care_home", "care_home", "institutional"),
        ("welfare_home", "care_home", "institutional"),
        ("wellness_home", "care_home", "institutional"),
        ("day_care", "day_care", "community"),
        ("happiness_home", "day_care", "community"),
        ("service_complex", "day_care", "community"),
        ("mutual_aid_centre", "day_care", "community"),
        ("home_care_centre", "own_home", "home"),
        ("hotel", "hotel", "migratory"),
        ("farmstay", "farmstay", "migratory"),
    ],
)
def test_an_empty_living_setting_follows_the_kind_of_the_site(kind, setting, mode):
    sites = [{"site_id": "S1", "kind": kind}]
    visiting = "visitor" if mode == "migratory" else "local"
    found = classified({"living_setting": None, "site_id": "S1", "origin": visiting}, sites=sites)
    assert found[["site_kind", "setting", "mode"]].to_numpy().tolist() == [[kind, setting, mode]]


@pytest.mark.parametrize("beds", [{"beds": 1}, {"beds_nursing": 1}, {"beds": 0}, {}], ids=str)
def test_in_chenzhou_a_community_centre_with_care_beds_counts_as_a_home(beds):
    policy = load_policy("chenzhou-2018")
    for kind, without in (("home_care_centre", "home"), ("service_complex", "community")):
        sites = [{"site_id": "S1", "kind": kind, **beds}]
        users = {"living_setting": None, "site_id": "S1"}, {"living_setting": "own_home", "site_id": "S1"}
        found = [mode for mode, _ in modes(*users, sites=sites, policy=policy)]
        assert found == ["institutional" if 1 in beds.values() else without, "home"]
        assert [mode for mode, _ in modes(users[0], sites=sites)] == [without]


@pytest.mark.parametrize("name", policy_names())
def test_happiness_homes_and_the_like_are_day_care_by_a_rule_of_their_own(name):
    kinds = ("day_care", "happiness_home", "service_complex", "mutual_aid_centre")
    sites = [{"site_id": kind, "kind": kind} for kind in kinds]
    people = [{"living_setting": None, "site_id": kind} for kind in kinds]
    expected = [("community", "uses_day_care")] + [("community", "uses_community_site")] * 3
    assert modes(*people, sites=sites, policy=load_policy(name)) == expected


def test_a_stated_living_setting_comes_before_the_kind_of_the_site():
    sites = [{"site_id": "S1", "kind": "care_home"}]
    assert modes({"living_setting": "own_home", "site_id": "S1"}, sites=sites) == [("home", "lives_at_home")]


def test_who_has_no_setting_lives_at_home_without_a_site_and_somewhere_unknown_at_a_site_of_no_kind():
    sites = [{"site_id": "S1"}]
    people = {"living_setting": None}, {"living_setting": None, "site_id": "S1"}
    setting = classified(*people, sites=sites)["setting"]
    assert setting[0] == "own_home"
    assert pd.isna(setting[1])


# ---- Tiers


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (
            [
                {"ability_grade": 3},
                {"ability_grade": 4},
                {"ability_grade": 3, "ability_scheme": "MZ/T 039-2013"},
            ],
            [(1, "lost_ability")] * 3,
        ),
        (
            [
                {"conditions": "dementia"},
                {"conditions": "dementia;stroke", "age": 85},
                {"conditions": "stroke"},
            ],
            [(1, "dementia"), (1, "dementia"), (2, "seriously_ill")],
        ),
        (
            [{"groups": "destitute"}, {"groups": "destitute;disabled"}, {"groups": "low_income"}],
            [(1, "destitute"), (1, "destitute"), (3, "others")],
        ),
        (
            [{"ability_grade": 2}, {"ability_grade": 1}, {"ability_grade": None}],
            [(2, "partly_lost_ability"), (3, "others"), (3, "others")],
        ),
        ([{"age": 79}, {"age": 80}, {"age": None}], [(3, "others"), (2, "very_old"), (3, "others")]),
        (
            [{"lives_alone": True}, {"groups": "empty_nest"}, {"lives_alone": False}],
            [(2, "alone"), (3, "others"), (3, "others")],
        ),
        (
            [
                {"groups": "empty_nest", "ability_grade": 1},
                {"groups": "empty_nest", "ability_grade": 0},
                {"groups": "empty_nest", "age": 80},
            ],
            [(2, "empty_nest"), (3, "others"), (2, "very_old")],
        ),
        (
            [{"groups": "special_family"}, {"groups": "bereaved_parent"}, {"groups": "immobile"}],
            [(2, "special_family"), (2, "special_family"), (3, "others")],
        ),
        (
            [{"groups": "disabled"}, {"groups": "disabled;immobile"}, {"groups": ""}],
            [(2, "disabled"), (2, "disabled"), (3, "others")],
        ),
        (
            [{"conditions": "cancer"}, {"conditions": "parkinson"}, {"conditions": "hypertension"}],
            [(2, "seriously_ill"), (2, "seriously_ill"), (3, "others")],
        ),
    ],
)
def test_the_first_tier_rule_that_holds_decides(people, expected):
    assert tiers(*people) == expected


def test_chenzhou_puts_low_income_and_immobile_people_before_others_and_the_other_documents_do_not():
    people = [{"groups": "low_income"}, {"groups": "immobile"}, {"groups": "empty_nest"}]
    difficult = (2, "in_difficulty")
    assert tiers(*people, policy=load_policy("chenzhou-2018")) == [difficult, difficult, (3, "others")]
    for name in ("panzhihua-2016", "sichuan-2020", "xuanhan-2022"):
        assert tiers(*people, policy=load_policy(name)) == [(3, "others")] * 3


# ---- Ages


@pytest.mark.parametrize(
    ("birth", "as_of", "age"),
    [
        (date(1946, 1, 1), date(2026, 1, 1), 80),
        (date(1946, 1, 2), date(2026, 1, 1), 79),
        (date(1945, 12, 31), date(2026, 1, 1), 80),
        (date(1948, 2, 29), date(2026, 2, 28), 77),
        (date(1948, 2, 29), date(2026, 3, 1), 78),
        (date(1948, 2, 29), date(2028, 2, 28), 79),
        (date(1948, 2, 29), date(2028, 2, 29), 80),
    ],
)
def test_age_counts_completed_years_on_the_day_of_the_data(birth, as_of, age):
    """Born on 29 February, a year is complete on 1 March of a common year."""
    assert classified({"birth_date": birth}, as_of=as_of)["age"].tolist() == [age]


def test_a_birth_date_comes_before_the_age_column_and_a_missing_age_stays_missing():
    people = {"birth_date": date(1940, 5, 1), "age": 3}, {"age": 66}, {"age": None}
    age = classified(*people)["age"]
    assert age[:2].tolist() == [85, 66]
    assert age[2] is pd.NA


# ---- Clauses


@pytest.mark.parametrize(
    ("clause", "people", "expected"),
    [
        (Clause(min_age=70), [{"age": 69}, {"age": 70}, {"age": None}], [False, True, False]),
        (Clause(max_age=70), [{"age": 71}, {"age": 70}, {"age": None}], [False, True, False]),
        (Clause(min_age=70, max_age=70), [{"age": 69}, {"age": 70}, {"age": 71}], [False, True, False]),
        (
            Clause(lives_alone=True),
            [{"lives_alone": True}, {"lives_alone": False}, {"lives_alone": None}],
            [True, False, False],
        ),
        (
            Clause(lives_alone=False),
            [{"lives_alone": True}, {"lives_alone": False}, {"lives_alone": None}],
            [False, True, False],
        ),
        (Clause(seasonal=True), [{"season_from": 1}, {"season_to": 1}, {}], [True, True, False]),
        (Clause(seasonal=False), [{"season_from": 1}, {"season_to": 1}, {}], [False, False, True]),
        (
            Clause(origin=("local",)),
            [{"origin": "local"}, {"origin": "visitor"}, {"origin": None}],
            [1, 0, 0],
        ),
        (
            Clause(groups=("disabled", "immobile")),
            [{"groups": "disabled"}, {"groups": "disabled;immobile"}, {"groups": "destitute"}],
            [True, True, False],
        ),
        (
            Clause(all_groups=("disabled", "immobile")),
            [{"groups": "disabled"}, {"groups": "disabled;immobile"}, {"groups": "destitute"}],
            [False, True, False],
        ),
        (
            Clause(conditions=("copd",), min_age=70),
            [{"conditions": "copd;gout"}, {"conditions": "copd", "age": 69}, {"conditions": "gout"}],
            [True, False, False],
        ),
    ],
)
def test_a_clause_holds_when_all_its_conditions_hold_and_missing_satisfies_none(clause, people, expected):
    assert chosen(clause, *people) == expected


def test_a_clause_may_ask_for_the_kind_of_the_site():
    sites = [{"site_id": "S1", "kind": "hotel"}, {"site_id": "S2", "kind": "day_care"}]
    people = {"site_id": "S1"}, {"site_id": "S2"}, {}
    assert chosen(Clause(site_kind=("hotel", "farmstay")), *people, sites=sites) == [True, False, False]


def test_urban_is_that_of_the_place_and_unknown_is_neither():
    places = [{"place_code": "A", "urban": True}, {"place_code": "B", "urban": False}, {"place_code": "C"}]
    people = [{"place_code": code} for code in ("A", "B", "C", None)]
    assert chosen(Clause(urban=True), *people, places=places) == [True, False, False, False]
    assert chosen(Clause(urban=False), *people, places=places) == [False, True, False, False]


def test_grades_are_read_by_the_scheme_of_the_person_and_never_coerced():
    policy = replace(
        POLICY,
        ability=POLICY.ability | {"MZ/T 039-2013": ("able", "moderate", "severe", "complete")},
        default_scheme="MZ/T 039-2013",
    )
    people = (
        {"ability_grade": 2, "ability_scheme": "GB/T 42195-2022"},
        {"ability_grade": 2, "ability_scheme": "MZ/T 039-2013"},
        {"ability_grade": 2},
    )
    assert [tier for tier, _ in tiers(*people, policy=policy)] == [2, 1, 1]


# ---- Services


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (
            [{"conditions": "hypertension"}, {"conditions": "diabetes"}, {"conditions": "arthritis"}],
            [("chronic_care",), ("chronic_care",), ()],
        ),
        (
            [
                {"conditions": "copd"},
                {"conditions": "diabetes", "living_setting": "care_home"},
                {"conditions": "diabetes", "requested_mode": "high_end"},
            ],
            [("chronic_care",), ("chronic_care",), ()],
        ),
        (
            [
                {"conditions": "severe_mental_disorder"},
                {"conditions": "severe_mental_disorder", "living_setting": "day_care"},
                {"conditions": "severe_mental_disorder", "living_setting": "care_home"},
            ],
            [("mental_follow_up",), ("mental_follow_up",), ()],
        ),
        (
            [
                {"conditions": "dementia"},
                {"conditions": "dementia", "living_setting": "day_care"},
                {"conditions": "dementia", "living_setting": "care_home"},
            ],
            [(), (), ("dementia_care",)],
        ),
        (
            [
                {"groups": "immobile;disabled"},
                {"groups": "immobile", "age": 80},
                {"groups": "immobile", "age": 79},
            ],
            [("home_visit",), ("home_visit",), ()],
        ),
        (
            [
                {"groups": "immobile", "ability_grade": 3},
                {"groups": "disabled", "ability_grade": 3},
                {"groups": "immobile;disabled", "living_setting": "day_care"},
            ],
            [("home_visit",), (), ()],
        ),
        (
            [
                {"needs": "tcm;hospice"},
                {"needs": "leisure", "requested_mode": "high_end", "conditions": "diabetes"},
                {"needs": "rehab", "conditions": "diabetes"},
            ],
            [("tcm", "hospice"), ("leisure",), ("chronic_care", "rehab")],
        ),
    ],
)
def test_what_a_person_needs_is_what_they_ask_and_what_the_policy_requires(people, expected):
    assert services(*people) == expected


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([{"age": 80}, {"age": 79}, {"groups": ""}], [("home_visit",), (), ()]),
        ([{"ability_grade": 2}, {"ability_grade": 1}, {"groups": "disabled"}], [("home_visit",), (), ()]),
        (
            [{"conditions": "cancer"}, {"conditions": "arthritis"}, {"groups": "special_family"}],
            [("home_visit",), (), ()],
        ),
    ],
)
def test_chenzhou_sends_home_visits_to_those_it_names_who_can_hardly_move(people, expected):
    moving, policy = {"groups": "immobile"}, load_policy("chenzhou-2018")
    assert services(*(moving | person for person in people), policy=policy) == expected


def test_chenzhou_visits_special_families_and_disabled_people_who_can_hardly_move():
    people = [{"groups": f"immobile;{group}"} for group in ("special_family", "bereaved_parent", "disabled")]
    assert services(*people, policy=load_policy("chenzhou-2018")) == [("home_visit",)] * 3


@pytest.mark.parametrize("name", policy_names())
def test_nobody_healthy_needs_a_service_to_be_named(name):
    people = [{"living_setting": setting} for setting in VOCABULARIES["living_setting"]]
    assert services(*people, policy=load_policy(name)) == [()] * len(people)


@pytest.mark.parametrize("name", policy_names())
def test_chronic_disease_needs_chronic_care_in_every_policy(name):
    people = [
        {"conditions": "hypertension", "living_setting": s} for s in ("own_home", "day_care", "care_home")
    ]
    assert services(*people, policy=load_policy(name)) == [("chronic_care",)] * 3


def test_a_requirement_without_clauses_holds_for_its_whole_mode():
    policy = replace(POLICY, requirements=(Requirement("all", ("community",), ("rehab", "tcm")),))
    assert services({"living_setting": "day_care"}, {}, policy=policy) == [("rehab", "tcm"), ()]


def test_masks_and_lists_of_services_are_the_same_thing():
    lists = pd.Series(["tcm;rehab", "", "rehab", "basic_care"], dtype="str")
    masks = service_mask(lists)
    assert masks.tolist() == [
        mask_of(codes, SERVICES) for codes in (("tcm", "rehab"), (), ("rehab",), ("basic_care",))
    ]
    assert [services_of(mask) for mask in masks] == [("rehab", "tcm"), (), ("rehab",), ("basic_care",)]


def test_an_unknown_service_never_vanishes_from_a_mask():
    with pytest.raises(KeyError, match="massage"):
        service_mask(pd.Series(["tcm;massage"], dtype="str"))


# ---- Everyone


def _codes(vocabulary):
    return st.lists(st.sampled_from(VOCABULARIES[vocabulary]), max_size=3)


def _maybe(values):
    return st.none() | st.sampled_from(values)


ANYBODY = st.fixed_dictionaries(
    {
        "age": st.none() | st.integers(40, 110),
        "origin": _maybe(CHOICES["origin"]),
        "living_setting": _maybe(CHOICES["setting"]),
        "site_id": _maybe(SITE_KINDS),
        "lives_alone": _maybe((True, False)),
        "ability_scheme": _maybe(VOCABULARIES["ability_scheme"]),
        "ability_grade": st.none() | st.integers(0, 3),
        "conditions": _codes("condition"),
        "groups": _codes("group"),
        "requested_mode": _maybe(MODES),
        "needs": _codes("service"),
        "season_from": st.none() | st.integers(1, 12),
    }
)
SITES = [{"site_id": kind, "kind": kind} for kind in SITE_KINDS]


@examples(40)
@given(st.lists(ANYBODY, max_size=6), st.sampled_from(policy_names()))
def test_everyone_has_one_mode_one_tier_and_at_least_the_services_asked_for(people, name):
    policy = load_policy(name)
    found = classified(*people, sites=SITES, policy=policy)
    assert len(found) == len(people)
    rules = {rule.id: rule.mode for rule in policy.mode_rules}
    assert found["mode"].tolist() == [rules[rule] for rule in found["mode_rule"]]
    assert found["tier"].between(1, policy.tier_count).all()
    for person, mask in zip(people, found["services_required"], strict=True):
        assert set(person["needs"]) <= set(services_of(mask))


@examples(40)
@given(st.lists(ANYBODY, min_size=1, max_size=6), st.randoms())
def test_the_order_of_rows_and_what_stands_beside_a_person_change_nothing(people, random):
    together = classified(*people, sites=SITES)
    order = list(range(len(people)))
    random.shuffle(order)
    shuffled = classify(
        make_inputs([resident(f"R{i}", **people[i]) for i in order], sites=SITES), POLICY
    ).sort_values("resident_id", ignore_index=True)
    added = [
        "age",
        "site_kind",
        "setting",
        "urban",
        "mode",
        "mode_rule",
        "waiting",
        "tier",
        "tier_rule",
        "services_required",
        "admissions",
    ]
    pd.testing.assert_frame_equal(together[added], shuffled[added])


def test_classifying_changes_neither_the_inputs_nor_their_order():
    inputs = make_inputs([resident("B"), resident("A", birth_date=date(1940, 1, 1), age=3)])
    before = inputs.residents.copy(deep=True)
    found = classify(inputs, POLICY)
    pd.testing.assert_frame_equal(inputs.residents, before)
    assert found["resident_id"].tolist() == ["B", "A"]


def test_no_residents_give_an_empty_table_with_all_columns():
    found = classify(make_inputs(), POLICY)
    assert len(found) == 0
    assert {"setting", "urban", "mode", "mode_rule", "tier", "tier_rule", "services_required"} <= set(found)
    assert {found[name].dtype for name in ("tier", "services_required", "admissions")} == {np.dtype("int64")}
