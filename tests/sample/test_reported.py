"""What planners report today, in the sample: signings, consortia, age-friendly providers, assessments."""

from __future__ import annotations

import pandas as pd
import pytest

from matcher.ages import age_on
from matcher.care.assessments import care_hours_table, reassessment_table
from matcher.care.measures import CENTRES
from matcher.care.signing import signing_table, signings_in_force
from matcher.care.standards import standards
from matcher.inputs import Inputs
from matcher.intake.check import load_inputs
from matcher.policy.documents import load_policy
from matcher.sample.city import make_sample
from matcher.tables import INSURANCE_SCHEME
from tests import ROOT


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return load_inputs(ROOT / "sample_data")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """One county by itself, of another seed."""
    folder = tmp_path_factory.mktemp("county") / "yanbian"
    make_sample(folder, 2_000, seed=2, county="510422")
    return load_inputs(folder)


def test_old_and_ill_people_sign_more_often_than_others(inputs: Inputs) -> None:
    """Some seven of ten local people of 65 and older; no visitor; nobody twice at a time."""
    people = inputs.residents[inputs.residents["origin"] == "local"]
    now = signings_in_force(inputs)["resident_id"]
    people = people.assign(
        signed=people["resident_id"].isin(now), old=age_on(people["birth_date"], inputs.dataset.as_of) >= 65
    )
    ill = people["conditions"].str.contains("hypertension|diabetes")
    share = people.groupby([people["old"], ill])["signed"].mean()
    assert people.loc[people["old"], "signed"].mean() == pytest.approx(0.72, abs=0.04)
    assert share[False, False] < share[True, False] < share[True, True]
    assert set(inputs.signings["resident_id"]) <= set(people["resident_id"])
    rows = inputs.signings.sort_values(["resident_id", "signed_on"])
    before = rows.groupby("resident_id")["until"].shift()
    again = rows["resident_id"].duplicated()
    assert again.any()
    assert (rows.loc[again, "signed_on"] > before[again]).all()


def test_people_sign_with_open_family_doctors_until_today(inputs: Inputs) -> None:
    """Those that they name, where such a one treats them; some signed and were never visited, some did not renew."""
    signings, providers = inputs.signings, inputs.providers.set_index("provider_id")
    assert signings["signed_on"].max() <= pd.Timestamp(inputs.dataset.as_of)
    assert (signings["signed_on"].dt.day_of_week < 5).all()
    there = providers.loc[signings["provider_id"]]
    assert (there["status"] == "open").all()
    assert set(there["kind"]) <= {*CENTRES, "community_health_station", "village_clinic", "private_clinic"}
    named = inputs.residents.set_index("resident_id")["current_provider_id"].dropna()
    named = named[named.isin(signings["provider_id"])]
    chosen = signings.drop_duplicates("resident_id").set_index("resident_id")["provider_id"]
    assert (chosen.loc[named.index] == named).all()
    states = signing_table(inputs)["state"].value_counts(normalize=True)
    assert set(states.index) == {"signed", "served", "renewed", "ended"}
    assert 0.1 < states["signed"] < 0.35
    assert states["ended"] < 0.1


@pytest.mark.parametrize("place", ["inputs", "other"])
def test_each_county_has_one_consortium_led_by_its_foremost_general_hospital(
    place: str, request: pytest.FixtureRequest
) -> None:
    """Members are open, public and of the county; stations and clinics only together with their health centre."""
    inputs: Inputs = request.getfixturevalue(place)
    table, providers = inputs.consortia, inputs.providers.set_index("provider_id")
    county = providers["place_code"].str[:6]
    member, lead = (providers.loc[table[name]] for name in ("provider_id", "lead_provider_id"))
    assert (county[member.index].to_numpy() == county[lead.index].to_numpy()).all()
    assert sorted(county[table["lead_provider_id"].unique()]) == sorted(
        inputs.places.loc[inputs.places["level"] == "county", "place_code"]
    )
    assert (lead["kind"] == "general_hospital").all()
    assert (lead["hospital_level"] >= 2).all()
    assert (member["status"] == "open").all()
    assert (member["ownership"] == "public").all()
    assert set(table["lead_provider_id"]) <= set(table["provider_id"])
    township = member["place_code"].str[:9]
    small = member["kind"].isin(["community_health_station", "village_clinic"])
    assert small.any()
    assert set(township[small]) <= set(township[member["kind"].isin(CENTRES)])


def test_age_friendly_are_more_hospitals_than_village_clinics(inputs: Inputs) -> None:
    """Told of open providers only, and not of all of them."""
    providers = inputs.providers
    share = providers.groupby("kind")["age_friendly"].mean()
    assert share["general_hospital"] > share["village_clinic"] > share["private_clinic"]
    told = providers["age_friendly"].notna()
    assert (providers.loc[told, "status"] == "open").all()
    assert (~told & (providers["status"] == "open")).any()


def test_who_is_entitled_to_long_term_care_is_severely_disabled_and_was_assessed_lately(
    inputs: Inputs,
) -> None:
    """Assessments are within three years and of people of 60; more of the older scheme are over."""
    people, day = inputs.residents, pd.Timestamp(inputs.dataset.as_of)
    assessed = people.dropna(subset="assessed_on")
    assert assessed["ability_grade"].notna().all()
    assert assessed["assessed_on"].between(day - pd.DateOffset(years=3, days=3), day).all()
    sixty = assessed["birth_date"] + pd.DateOffset(years=60)
    working = pd.Timedelta(days=2)  # before a weekend
    assert (assessed["assessed_on"] >= sixty - working)[sixty < day - working].all()
    due = reassessment_table(inputs, load_policy("national-2025")).set_index("resident_id")
    over = (due["state"] == "overdue").groupby(due["scheme"]).mean()
    assert over["GB/T 42195-2022"] < 0.1 < 0.3 < over["MZ/T 039-2013"]
    assert {"overdue", "due", "ok", "not_measured"} == set(due["state"])
    entitled = people[people["ltc_entitled"].fillna(False).astype(bool)]
    severe = people[(people["ability_grade"] >= 3) & (people["origin"] == "local")]
    assert set(entitled["resident_id"]) < set(severe["resident_id"])
    assert len(entitled) / len(severe) > 0.7
    assert due.loc[entitled["resident_id"], "state"].isin(["ok", "due"]).all()
    assert people.loc[people["origin"] == "visitor", "ltc_entitled"].isna().all()


def test_hours_of_the_example_policy_reach_whoever_is_entitled(inputs: Inputs) -> None:
    people = inputs.residents
    entitled = people[people["ltc_entitled"].fillna(False).astype(bool)]
    assert set(entitled["ability_grade"]) == {3, 4, 5}
    assert set(entitled["ability_scheme"]) == {INSURANCE_SCHEME}
    policy = load_policy(ROOT / "docs" / "policies" / "care-hours.toml")
    hours = care_hours_table(inputs, policy)
    assert hours["hours_month"].notna().all()
    assert hours.loc[hours["place_code"] == "5104", "people"].sum() == len(entitled)


def test_national_targets_are_met_here_and_missed_there(inputs: Inputs) -> None:
    """All can be held against the city, and those on which the counties differ against each."""
    table = standards(inputs, load_policy("national-2025")).standards
    city = table[table["place_code"] == "5104"].set_index("target_id")["status"]
    assert set(city) == {"met", "not_met"}
    assert set(table.loc[table["target_id"] == "hospice_beds_2025", "status"]) == {"met", "not_met"}
    both = table.groupby("target_id")["status"].agg(set)
    assert both.map({"met", "not_met"}.issubset).sum() >= 3
