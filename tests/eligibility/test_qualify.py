"""A provider may serve a person when it is open, offers the mode, is admitted, and offers every needed service."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.eligibility.classify import classify
from matcher.eligibility.derive import derive
from matcher.eligibility.qualify import WHY_NOT, admissible, why_not
from matcher.inputs import typed_frame
from matcher.policy.documents import load_policy, policy_names
from matcher.policy.rules import Admission, Clause
from matcher.tables import CAPACITY_COLUMNS, HOSPITAL_KINDS, MODES, PROVIDER_KINDS, SERVICES
from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.builders import make_inputs, provider, resident
from tests.helpers.examples import examples

POLICY = load_policy()
SITES = [
    {"site_id": "S1", "kind": "care_home", "operator_provider_id": "P0", "agreement_provider_id": "P1"},
    {"site_id": "S2", "kind": "care_home"},
]
ALL_MODES = dict.fromkeys(CAPACITY_COLUMNS, 1)


#: Where people of each mode live and what they ask.
LIVES = {
    "institutional": {"living_setting": "care_home"},
    "community": {"living_setting": "day_care"},
    "home": {"living_setting": "own_home"},
    "migratory": {"living_setting": "hotel", "origin": "visitor"},
    "high_end": {"requested_mode": "high_end"},
}


def profile(mode, services=(), site_id=None, **more):
    return {**LIVES[mode], "needs": ";".join(services), "site_id": site_id, **more}


def who_may(people, providers, policy=POLICY, sites=SITES, **tables):
    """Admissible pairs as nested lists; providers are P0, P1, …, offering every mode unless they say otherwise."""
    rows = [{"provider_id": f"P{i}", **ALL_MODES, **provider} for i, provider in enumerate(providers)]
    residents = [resident(f"R{i}", **person) for i, person in enumerate(people)]
    inputs = make_inputs(residents, rows, sites, **tables)
    found = admissible(classify(inputs, policy), inputs.providers, inputs.sites, policy)
    assert (found.shape, found.dtype) == ((len(people), len(providers)), bool)
    return found.tolist()


def admitted_kinds(mode, policy, person=(), **provider):
    """Kinds of provider that may serve people of a mode, of those that stand in no relation to their site."""
    kinds = [{"kind": kind, **provider} for kind in PROVIDER_KINDS]
    [row] = who_may([profile(mode, **dict(person))], kinds, policy)
    return {kind for kind, may in zip(PROVIDER_KINDS, row, strict=True) if may}


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_stands_for_another(service):
    """A provider of all services but one may not serve who needs that one."""
    policy = replace(POLICY, offered_by_kind={})
    clinic = {"kind": "township_health_centre", "ownership": "public"}
    others = ";".join(name for name in SERVICES if name != service)
    every = {**clinic, "services": ";".join(SERVICES)}
    assert who_may([profile("home", [service])], [{**clinic, "services": others}, every], policy) == [
        [False, True]
    ]


# ---- Who may serve, document by document

PRIMARY = {"community_health_centre", "community_health_station", "township_health_centre"}
HOSPITALS = set(HOSPITAL_KINDS)
ANY_KIND = set(PROVIDER_KINDS) - {"care_site_clinic"}
TOWNSHIP = {"township_health_centre"}
VILLAGE = {"village_clinic"}

PUBLIC_LEVEL_2 = {
    "panzhihua-2016": {
        "institutional": HOSPITALS,
        "community": HOSPITALS | PRIMARY,
        "home": PRIMARY | VILLAGE,
        "migratory": PRIMARY | VILLAGE,
        "high_end": {"general_hospital", "specialist_hospital", "rehab_hospital"},
    },
}
PUBLIC_LEVEL_2["sichuan-2020"] = PUBLIC_LEVEL_2["national-2025"] = PUBLIC_LEVEL_2["panzhihua-2016"]
PUBLIC_LEVEL_2["chenzhou-2018"] = PUBLIC_LEVEL_2["panzhihua-2016"] | {
    "institutional": HOSPITALS | TOWNSHIP,
    "community": HOSPITALS | PRIMARY | VILLAGE,
}
PUBLIC_LEVEL_2["xuanhan-2022"] = PUBLIC_LEVEL_2["chenzhou-2018"] | {
    "institutional": HOSPITALS | TOWNSHIP | {"community_health_centre"},
}
TABLE = [(name, mode) for name in policy_names() for mode in MODES]


@pytest.mark.parametrize(("name", "mode"), TABLE)
def test_the_document_says_which_public_kinds_of_level_2_serve_a_mode(name, mode):
    admitted = admitted_kinds(mode, load_policy(name), ownership="public", hospital_level=2)
    assert admitted == PUBLIC_LEVEL_2[name][mode]


@pytest.mark.parametrize(("name", "mode"), TABLE)
@pytest.mark.parametrize("level", [1, None])
def test_hospitals_below_level_2_or_of_unknown_level_serve_no_mode_except_rehab_hospitals_in_high_end(
    name, mode, level
):
    admitted = admitted_kinds(mode, load_policy(name), ownership="public", hospital_level=level)
    expected = PUBLIC_LEVEL_2[name][mode] - HOSPITALS | ({"rehab_hospital"} if mode == "high_end" else set())
    assert admitted == expected


@pytest.mark.parametrize(("name", "mode"), TABLE)
def test_private_providers_of_every_kind_and_level_serve_community_home_and_migratory(name, mode):
    admitted = admitted_kinds(mode, load_policy(name), ownership="private")
    if mode in ("community", "home", "migratory"):
        assert admitted == ANY_KIND
    elif mode == "institutional":
        assert admitted == PUBLIC_LEVEL_2[name][mode] - HOSPITALS
    else:
        assert admitted == {"rehab_hospital"}


@pytest.mark.parametrize("name", policy_names())
def test_a_missing_ownership_is_never_private(name):
    policy = load_policy(name)
    for mode in MODES:
        assert admitted_kinds(mode, policy) == admitted_kinds(mode, policy, ownership="public")


@pytest.mark.parametrize("name", policy_names())
def test_a_unit_inside_serves_its_own_home_whatever_its_kind_and_level(name):
    inside, elsewhere = profile("institutional", site_id="S1"), profile("institutional", site_id="S2")
    units = [
        {"kind": kind, "site_id": "S1"}
        for kind in ("care_site_clinic", "general_hospital", "nursing_station")
    ]
    waiting = profile("institutional")
    assert who_may([inside, elsewhere, waiting], units, load_policy(name)) == [
        [True] * 3,
        [False] * 3,
        [False] * 3,
    ]


@pytest.mark.parametrize("name", policy_names())
def test_a_hospital_of_any_level_serves_the_homes_it_runs_or_has_an_agreement_with_and_no_others(name):
    """P0 runs S1, P1 has an agreement with it, P2 has nothing to do with it."""
    people = [profile("institutional", site_id="S1"), profile("institutional", site_id="S2")]
    low = [{"kind": "general_hospital", "hospital_level": 1}] * 3
    assert who_may(people, low, load_policy(name)) == [[True, True, False], [False] * 3]


@pytest.mark.parametrize("name", policy_names())
def test_who_runs_a_home_serves_it_and_in_panzhihua_only_as_a_hospital(name):
    people = [profile("institutional", site_id="S1"), profile("institutional", site_id="S2")]
    runs = name != "panzhihua-2016"
    for kind in ("private_clinic", "nursing_station", "community_health_station", "village_clinic"):
        assert who_may(people, [{"kind": kind}], load_policy(name)) == [[runs], [False]]


@pytest.mark.parametrize("name", policy_names())
def test_a_provider_with_an_agreement_is_admitted_to_its_site_and_to_no_other(name):
    sites = [
        {"site_id": "S1", "kind": "care_home", "agreement_provider_id": "P0"},
        {"site_id": "S2", "kind": "day_care", "agreement_provider_id": "P0"},
        {"site_id": "S3", "kind": "home_care_centre", "agreement_provider_id": "P0"},
        {"site_id": "S4", "kind": "hotel", "agreement_provider_id": "P0"},
        {"site_id": "S5", "kind": "day_care"},
    ]
    there = [
        profile("institutional", site_id="S1"),
        profile("community", site_id="S2"),
        profile("home", site_id="S3"),
        profile("migratory", site_id="S4"),
        profile("community", site_id="S5"),
    ]
    # A public hospital of level 1 is admitted to none of these modes by itself.
    hospital = [{"kind": "specialist_hospital", "ownership": "public", "hospital_level": 1}]
    assert who_may(there, hospital, load_policy(name), sites) == [[True], [True], [True], [True], [False]]


def test_an_agreement_binds_nobody():
    """P0 is near by and has no agreement with S1, as P1 has."""
    people = [profile("community", site_id="S1")]
    assert who_may(people, [{"kind": "township_health_centre"}] * 2) == [[True, True]]


@pytest.mark.parametrize("name", policy_names())
def test_the_infirmary_of_a_service_complex_serves_its_users_and_that_of_a_day_care_centre_nobody(name):
    sites = [{"site_id": "S1", "kind": "service_complex"}, {"site_id": "S2", "kind": "day_care"}]
    infirmaries = [
        {"kind": "care_site_clinic", "site_id": site, "ownership": "public"} for site in ("S1", "S2")
    ]
    users = [profile("community", site_id="S1"), profile("community", site_id="S2")]
    assert who_may(users, infirmaries, load_policy(name), sites) == [[True, False], [False, False]]


# ---- Admissions of people

SICHUAN = load_policy("sichuan-2020")
NAMED_AT_HOME = [
    {"lives_alone": True},
    {"groups": "empty_nest"},
    {"groups": "destitute"},
    {"age": 80},
    {"conditions": "cancer"},
    {"ability_grade": 3},
    {"conditions": "dementia"},
]


@pytest.mark.parametrize("person", NAMED_AT_HOME, ids=str)
def test_sichuan_lets_rehab_and_nursing_providers_serve_the_groups_it_names_at_home(person):
    added = {"nursing_station", "rehab_station", "nursing_hospital", "rehab_hospital"}
    for level in (1, None):
        found = admitted_kinds("home", SICHUAN, person, ownership="public", hospital_level=level)
        assert found == PRIMARY | VILLAGE | added


@pytest.mark.parametrize("person", [{}, {"age": 79}, {"ability_grade": 2}, {"groups": "low_income"}], ids=str)
def test_sichuan_keeps_public_rehab_and_nursing_providers_from_others_at_home(person):
    assert admitted_kinds("home", SICHUAN, person, ownership="public") == PRIMARY | VILLAGE


@pytest.mark.parametrize("name", ["panzhihua-2016", "chenzhou-2018", "xuanhan-2022"])
@pytest.mark.parametrize("person", NAMED_AT_HOME, ids=str)
def test_the_other_documents_name_no_groups_whom_rehab_and_nursing_providers_serve_at_home(name, person):
    assert admitted_kinds("home", load_policy(name), person, ownership="public") == PRIMARY | VILLAGE


@pytest.mark.parametrize(
    ("person", "serve"),
    [
        ({"ability_grade": 3}, PRIMARY),
        ({"ability_grade": 4}, PRIMARY),
        ({"ability_grade": 2}, set()),
        ({"groups": "disabled"}, set()),
        ({}, set()),
    ],
)
def test_sichuan_lets_community_and_township_centres_serve_homes_for_people_of_lost_ability(person, serve):
    assert admitted_kinds("institutional", SICHUAN, person, ownership="public") == serve


def test_sichuan_counts_dementia_as_lost_ability():
    """Someone with dementia in a home needs dementia care, which the centre must offer as well."""
    centre = {"kind": "township_health_centre", "ownership": "public", "services": "dementia_care"}
    people = [profile("institutional", conditions="dementia"), profile("institutional")]
    assert who_may(people, [centre], SICHUAN) == [[True], [False]]


def test_people_alike_in_all_but_a_clause_get_different_pairs():
    """Three neighbours of one mode, tier, need and place: only who is asked about finds the station."""
    people = [resident("A", age=60), resident("B", age=60, groups="empty_nest"), resident("C", age=60)]
    inputs = make_inputs(people, [provider("station", kind="rehab_station", ownership="public")])
    groups = derive(inputs, SICHUAN).groups
    assert groups.admitted[groups.profile[groups.member]].tolist() == [[False], [True], [False]]


def test_an_admission_may_ask_about_people_and_any_of_its_clauses_suffices():
    clauses = (Clause(min_age=80, groups=("disabled",)), Clause(ability=("severe",)))
    policy = replace(POLICY, admissions=(Admission("asked", ("home",), when=clauses),))
    people = [
        profile("home", age=80, groups="disabled"),
        profile("home", age=80),
        profile("home", ability_grade=3),
        profile("institutional", age=80, groups="disabled"),
    ]
    assert who_may(people, [{"kind": "village_clinic"}], policy) == [[True], [False], [True], [False]]


# ---- Services that a kind gives


@pytest.mark.parametrize("name", policy_names())
@pytest.mark.parametrize("mode", ["home", "community"])
def test_every_primary_provider_follows_up_severe_mental_disorder_without_listing_it(name, mode):
    policy, ill = load_policy(name), {"conditions": "severe_mental_disorder"}
    with_it = admitted_kinds(mode, policy, ill, ownership="public", hospital_level=2)
    assert with_it == PUBLIC_LEVEL_2[name][mode] & (PRIMARY | VILLAGE)


def test_psychiatry_is_not_the_follow_up_of_severe_mental_disorder_nor_the_reverse():
    clinics = [
        {"kind": "private_clinic", "ownership": "private", "services": services}
        for services in ("mental_health", "mental_follow_up", "mental_health;mental_follow_up")
    ]
    people = [profile("home", conditions="severe_mental_disorder"), profile("home", ["mental_health"])]
    assert who_may(people, clinics) == [[False, True, True], [True, False, True]]


def test_a_policy_may_take_away_what_a_kind_offers():
    policy = replace(POLICY, offered_by_kind={"village_clinic": ("tcm",), "township_health_centre": ()})
    providers = [{"kind": "village_clinic"}, {"kind": "township_health_centre"}]
    people = [profile("home", ["tcm"]), profile("home", ["mental_follow_up"])]
    assert who_may(people, providers, policy) == [[True, False], [False, False]]


@pytest.mark.parametrize("name", policy_names())
def test_a_distinctive_private_provider_serves_high_end(name):
    providers = [
        {"kind": "private_clinic", "ownership": "private", "services": "basic_care;tcm"},
        {"kind": "private_clinic", "ownership": "private", "services": "basic_care"},
        {"kind": "private_clinic", "ownership": "public", "services": "basic_care;tcm"},
    ]
    assert who_may([profile("high_end")], providers, load_policy(name)) == [[True, False, False]]


# ---- Hard rules


def test_a_provider_is_open_or_says_nothing():
    clinics = [{"kind": "village_clinic", "status": status} for status in ("open", None, "planned", "closed")]
    assert who_may([profile("home")], clinics) == [[True, True, False, False]]


def test_an_empty_capacity_does_not_offer_the_mode_and_zero_does():
    clinics = [{"kind": "village_clinic", "capacity_home": capacity} for capacity in (5, 0, None)]
    assert who_may([profile("home"), profile("migratory")], clinics) == [
        [True, True, False],
        [True, True, True],
    ]


def test_a_provider_that_lacks_one_needed_service_never_qualifies():
    people = [profile("home"), profile("home", ["tcm"]), profile("home", ["tcm", "rehab"])]
    clinics = [{"kind": "village_clinic", "services": codes} for codes in ("", "tcm", "rehab;tcm;nursing")]
    assert who_may(people, clinics) == [[True, True, True], [False, True, True], [False, False, True]]


@pytest.mark.parametrize("mode", MODES)
def test_a_clinic_inside_a_care_site_serves_only_its_own_site_in_every_mode(mode):
    policy = replace(POLICY, admissions=(Admission("all", MODES),))
    people = [profile(mode, site_id="S1"), profile(mode, site_id="S2"), profile(mode)]
    clinics = [{"kind": "care_site_clinic", "site_id": "S1"}, {"kind": "care_site_clinic"}]
    assert who_may(people, clinics, policy) == [[True, False], [False, False], [False, False]]


def test_an_admission_may_ask_for_an_agreement():
    policy = replace(POLICY, admissions=(Admission("agreed", ("community",), relation="agreement"),))
    people = [profile("community", site_id="S1"), profile("community", site_id="S2"), profile("community")]
    assert who_may(people, [{"kind": "village_clinic"}] * 2, policy) == [
        [False, True],
        [False, False],
        [False, False],
    ]


def test_an_admission_may_be_for_urban_people_and_an_unknown_place_is_neither():
    rules = Admission("town", ("home",), kinds=("village_clinic",), urban=True)
    policy = replace(POLICY, admissions=(rules,))
    places = [{"place_code": "A", "urban": True}, {"place_code": "B", "urban": False}, {"place_code": "C"}]
    people = [profile("home", place_code=code) for code in ("A", "B", "C")]
    assert who_may(people, [{"kind": "village_clinic"}], policy, places=places) == [[True], [False], [False]]


def test_no_profiles_or_no_providers_give_an_empty_matrix_of_the_right_shape():
    assert who_may([profile("home"), profile("home")], []) == [[], []]
    assert who_may([], [{"kind": "village_clinic"}]) == []


# ---- Why not


def reasons(person, providers, policy=POLICY):
    rows = [{"provider_id": f"P{i}", **ALL_MODES, **provider} for i, provider in enumerate(providers)]
    inputs = make_inputs([resident("R", **person)], rows, SITES)
    return why_not(classify(inputs, policy).iloc[0], inputs.providers, inputs.sites, policy).tolist()


@pytest.mark.parametrize(
    ("person", "providers", "expected"),
    [
        (
            {},
            [
                {"kind": "village_clinic", "status": "closed"},
                {"kind": "village_clinic", "status": "planned"},
                {"kind": "village_clinic", "capacity_home": None},
            ],
            ["closed", "closed", "mode_not_offered"],
        ),
        (
            {"needs": "tcm"},
            [
                {"kind": "general_hospital", "hospital_level": 3, "services": "tcm"},
                {"kind": "village_clinic"},
                {"kind": "village_clinic", "services": "tcm"},
            ],
            ["kind_not_admitted", "missing_service", ""],
        ),
        (
            {"living_setting": "day_care", "site_id": "S1"},
            [
                {"kind": "care_site_clinic", "ownership": "private", "site_id": "S2"},
                {"kind": "care_site_clinic", "ownership": "private", "site_id": "S1"},
                {"kind": "care_site_clinic", "ownership": "public", "site_id": "S1"},
            ],
            ["other_site", "", "kind_not_admitted"],
        ),
    ],
)
def test_why_not_names_the_first_thing_that_keeps_a_provider_away(person, providers, expected):
    assert reasons(person, providers) == expected


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", WHY_NOT)
def test_every_reason_has_a_word(code, lang):
    assert t(f"code.why_not.{code}", lang)


PROVIDER = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(PROVIDER_KINDS),
        "hospital_level": st.sampled_from((1, 2, None)),
        "ownership": st.sampled_from(("public", "private", None)),
        "status": st.sampled_from(("open", "closed", None)),
        "services": st.lists(st.sampled_from(SERVICES[:4]), max_size=4),
        "site_id": st.sampled_from(("S1", "S2", None)),
        "capacity_home": st.sampled_from((0, 3, None)),
        "capacity_institutional": st.sampled_from((0, 3, None)),
    }
)
PERSON = st.fixed_dictionaries(
    {
        "living_setting": st.sampled_from(("own_home", "care_home", "day_care")),
        "site_id": st.sampled_from(("S1", "S2", None)),
        "needs": st.lists(st.sampled_from(SERVICES[:4]), max_size=2),
    }
)


@examples(40)
@given(
    st.lists(PERSON, min_size=1, max_size=4), st.lists(PROVIDER, max_size=5), st.sampled_from(policy_names())
)
def test_a_provider_is_admissible_exactly_when_nothing_keeps_it_away(people, providers, name):
    policy = load_policy(name)
    rows = [{"provider_id": f"P{i}", **ALL_MODES, **provider} for i, provider in enumerate(providers)]
    inputs = make_inputs([resident(f"R{i}", **person) for i, person in enumerate(people)], rows, SITES)
    found = classify(inputs, policy)
    matrix = admissible(found, inputs.providers, inputs.sites, policy)
    for index, allowed in enumerate(matrix):
        reason = why_not(found.iloc[index], inputs.providers, inputs.sites, policy)
        assert ((reason == "").to_numpy() == allowed).all()
        assert set(reason) <= {"", *WHY_NOT}


@examples(40)
@given(st.lists(PROVIDER, min_size=1, max_size=5), st.randoms())
def test_the_order_of_providers_changes_nothing(providers, random):
    order = list(range(len(providers)))
    random.shuffle(order)
    rows = [{"provider_id": f"P{i}", **ALL_MODES, **provider} for i, provider in enumerate(providers)]
    asking = [profile("institutional", ["basic_care"], "S1"), profile("home")]
    people = classify(make_inputs([resident(f"R{i}", **one) for i, one in enumerate(asking)]), POLICY)
    sites = typed_frame("sites", SITES)
    straight = admissible(people, typed_frame("providers", rows), sites, POLICY)
    shuffled = admissible(people, typed_frame("providers", [rows[i] for i in order]), sites, POLICY)
    np.testing.assert_array_equal(straight[:, order], shuffled)
