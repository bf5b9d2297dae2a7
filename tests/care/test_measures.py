"""Measures of what the documents encourage: sites of the community, beds, neighbours, services of primary care."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from matcher.care.measures import FUNCTIONS
from matcher.care.standards import standards
from matcher.care.study import Study
from matcher.policy.documents import load_policy
from tests.helpers.builders import KM, make_inputs, provider


def measured(num, inputs, policy="panzhihua-2016"):
    """What a measure says of each subject: True, False or None by id; None where it is not measured."""
    found = FUNCTIONS[num](Study(inputs, load_policy(policy), "city"))
    if found is None:
        return None
    return {
        id_: None if pd.isna(met) else bool(met) for id_, met in zip(found["id"], found["met"], strict=True)
    }


def site(id, km=0.0, **more):
    return {
        "site_id": id,
        "kind": "care_home",
        "place_code": "V1",
        "lat": 26.5 + km * KM,
        "lon": 101.7,
    } | more


def shipped(policy, id, inputs):
    """The row and the failures of one shipped target."""
    whole = load_policy(policy)
    found = standards(inputs, replace(whole, targets=tuple(t for t in whole.targets if t.id == id)))
    (row,) = found.standards.to_dict("records")
    return row, found.fails["id"].tolist()


def test_a_day_care_centre_is_served_as_a_home_is_and_no_home_is_asked_for():
    sites = [
        site("D1", kind="day_care", agreement_provider_id="P1"),
        site("D2", kind="happiness_home"),
        site("H", agreement_provider_id="P1"),
        site("K", kind=None),
    ]
    inputs = make_inputs(providers=[provider("P1")], sites=sites)
    assert measured("community_sites_served", inputs) == {"D1": True, "D2": False, "K": None}
    row, fails = shipped("xuanhan-2022", "community_sites_served_2023", inputs)
    assert (row["status"], fails) == ("not_met", ["D2"])


@pytest.mark.parametrize(
    ("km", "kind", "status", "beside"),
    [
        (0.49, "township_health_centre", "open", True),
        (0.51, "township_health_centre", "open", False),
        (0.1, "village_clinic", "open", False),
        (0.1, "township_health_centre", "closed", False),
    ],
)
def test_a_home_stands_beside_an_open_health_centre_within_half_a_kilometre(km, kind, status, beside):
    sites = [site("S1"), site("S2", kind="hotel")]
    inputs = make_inputs(providers=[provider("P1", km, kind=kind, status=status)], sites=sites)
    assert measured("sites_beside_provider", inputs, "sichuan-2020") == {"S1": beside}


def test_without_positions_nobody_knows_what_stands_beside_and_one_that_is_near_suffices():
    lost = provider("P1", lat=None, lon=None)
    sites = [site("S1"), site("S2", lat=None, lon=None)]
    assert measured("sites_beside_provider", make_inputs(providers=[lost], sites=sites), "sichuan-2020") == {
        "S1": None,
        "S2": None,
    }
    near = make_inputs(providers=[lost, provider("P2")], sites=sites)
    assert measured("sites_beside_provider", near, "sichuan-2020") == {"S1": True, "S2": None}


def test_a_document_that_wants_nothing_side_by_side_measures_none():
    inputs = make_inputs(providers=[provider("P1")], sites=[site("S1")])
    assert measured("sites_beside_provider", inputs, "panzhihua-2016") is None


def test_beds_for_nursing_rehab_and_hospice_are_a_share_of_the_beds_that_are_told():
    sites = [
        site("S1", beds=60, beds_nursing=10, beds_hospice=5),
        site("S2", beds=40, beds_nursing=0, beds_rehab=0),
        site("S3", beds=100),
        site("S4", beds_nursing=9),
    ]
    counted = FUNCTIONS["special_beds"](Study(make_inputs(sites=sites), load_policy("chenzhou-2018"), "city"))
    assert counted.groupby("met")["weight"].sum().to_dict() == {True: 15, False: 85}
    assert measured("special_beds", make_inputs(sites=sites[2:])) is None


def test_special_beds_count_where_a_health_centre_runs_the_site_or_has_it_inside():
    providers = [provider("C", kind="township_health_centre"), provider("H", kind="general_hospital")]
    beds = {"beds": 50, "beds_nursing": 10}
    sites = [
        site("S1", operator_provider_id="C", **beds),
        site("S2", host_provider_id="C", beds=30, beds_rehab=0),
        site("S3", operator_provider_id="H", **beds),
        site("S4", **beds),
    ]
    row, fails = shipped("sichuan-2020", "special_beds_2022", make_inputs(providers=providers, sites=sites))
    assert (row["num"], row["den"], row["status"], fails) == (10, 80, "met", [])
    others, unknown = (make_inputs(providers=providers, sites=some) for some in (sites[2:], sites[3:]))
    assert shipped("sichuan-2020", "special_beds_2022", others)[0]["status"] == "no_subject"
    assert shipped("sichuan-2020", "special_beds_2022", unknown)[0]["status"] == "not_measured"


def test_a_share_of_beds_above_the_earlier_one_is_measured_once_that_is_attested():
    sites = [site("S1", beds=60, beds_nursing=15), site("S2", beds=40, beds_nursing=0), site("S3", beds=0)]
    row, _ = shipped("chenzhou-2018", "special_beds_2020", make_inputs(sites=sites))
    assert row["status"] == "not_measured"
    for earlier, status, failing in ((0.1, "met", []), (0.15, "not_met", ["S2"])):
        told = {"target_id": "special_beds_2020", "value": earlier, "by": "局", "evidence": "表"}
        row, fails = shipped("chenzhou-2018", "special_beds_2020", make_inputs(sites=sites, attested=[told]))
        assert (row["value"], row["status"], fails) == (0.15, status, failing)


@pytest.mark.parametrize("service", ["family_bed", "home_visit", "tcm"])
def test_a_service_of_primary_care_counts_for_stations_and_clinics_too(service):
    providers = [
        provider("P1", kind="village_clinic", services=[service]),
        provider("P2", kind="community_health_station", services=["rehab"]),
        provider("P3", kind="general_hospital", services=[service]),
    ]
    told = measured(f"primary_with_{service}", make_inputs(providers=providers))
    assert told == {"P1": True, "P2": False}


def test_telemedicine_counts_for_providers_of_every_kind():
    providers = [
        provider("P1", kind="general_hospital", services=["telemedicine"]),
        provider("P2", services=["rehab"]),
        provider("P3", services=["telemedicine"], status="planned"),
    ]
    told = measured("providers_with_telemedicine", make_inputs(providers=providers))
    assert told == {"P1": True, "P2": False}


def test_private_providers_have_local_care_with_places_in_either_mode():
    providers = [
        provider("P1", ownership="private", capacity_home=None, capacity_community=1),
        provider("P2", ownership="private", capacity_home=0, capacity_institutional=5),
        provider("P3", ownership="public"),
        provider("P4", ownership=None),
    ]
    told = measured("private_with_local_care", make_inputs(providers=providers))
    assert told == {"P1": True, "P2": False, "P4": None}
    silent = make_inputs(providers=[provider("P1", ownership=None)])
    assert measured("private_with_local_care", silent) is None
