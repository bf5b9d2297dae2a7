"""The network of care in the sample: that every table is there, holds together, and looks like a county."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from matcher.ages import age_on
from matcher.care.measures import CENTRES
from matcher.care.money import money
from matcher.care.standards import standards
from matcher.care.tasks import task_table
from matcher.care.ties import agreements_in_force
from matcher.care.waiting import waiting_table
from matcher.care.workload import services_of_plan, workload
from matcher.care_tables import CARE_TABLES
from matcher.cli import main
from matcher.errors import BadInput
from matcher.inputs import Inputs
from matcher.intake.check import check, load_inputs
from matcher.intake.read import read_folder
from matcher.plan.match import match
from matcher.plan.plan import Plan
from matcher.policy.documents import load_policy
from matcher.sample.city import make_sample, sample_files
from matcher.sample.draw import choose_or_more, dealt, generator
from matcher.sample.geography import county_of, geography
from matcher.sample.sites import GUEST_SITES, HOMES
from matcher.tables import HOSPITAL_KINDS, SITE_KINDS
from tests import ROOT

SHIPPED = ROOT / "sample_data"
YANBIAN = "510422"


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return load_inputs(SHIPPED)


@pytest.fixture(scope="module")
def plan(inputs: Inputs) -> Plan:
    return match(inputs, load_policy())


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """Yanbian with everybody who lives there; nothing in it is odd."""
    folder = tmp_path_factory.mktemp("county") / "yanbian"
    make_sample(folder, county=YANBIAN)
    checked = check(read_folder(folder))
    assert checked.problems.empty
    assert checked.located is not None
    return checked.located


def local(inputs: Inputs) -> pd.DataFrame:
    people = inputs.residents[inputs.residents["origin"] == "local"]
    return people.assign(years=age_on(people["birth_date"], inputs.dataset.as_of))


@pytest.mark.parametrize("table", CARE_TABLES)
def test_every_table_on_the_network_of_care_has_rows(inputs: Inputs, table: str) -> None:
    assert len(getattr(inputs, table))


@pytest.mark.parametrize("place", ["inputs", "county"])
def test_people_are_as_old_and_as_ill_as_the_sample_says(place: str, request: pytest.FixtureRequest) -> None:
    """65+ of 60+ as in the table of places; the shares that its README names, of local people of 65 and older."""
    inputs: Inputs = request.getfixturevalue(place)
    people = local(inputs)
    old = people[people["years"] >= 65]
    villages = inputs.places[inputs.places["level"] == "village"]
    census = villages["pop65"].sum() / villages["pop60"].sum()
    assert len(old) / len(people) == pytest.approx(census, abs=0.012)
    for condition, share in (("hypertension", 0.55), ("diabetes", 0.20), ("dementia", 0.06)):
        assert old["conditions"].str.contains(condition).mean() == pytest.approx(share, abs=0.012)
    assert people["groups"].str.contains("empty_nest").mean() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("place", ["inputs", "county"])
def test_no_site_has_more_people_than_beds_and_none_is_empty(
    place: str, request: pytest.FixtureRequest
) -> None:
    inputs: Inputs = request.getfixturevalue(place)
    people = inputs.residents["site_id"].value_counts()
    sites = inputs.sites.assign(people=inputs.sites["site_id"].map(people).fillna(0))
    beds = sites[sites["kind"].isin((*HOMES, *GUEST_SITES))]
    assert (beds["people"] <= beds["beds"]).all()
    assert (sites.loc[~sites["kind"].isin(GUEST_SITES), "people"] > 0).all()
    assert set(sites["kind"]) == set(SITE_KINDS)


def test_a_county_has_all_its_people_its_own_places_and_homes_of_real_size(county: Inputs) -> None:
    """As many local people as the census has of 60 and older; 40 to 200 beds; the city above without its people."""
    places = county.places.set_index("place_code")
    assert len(local(county)) == pytest.approx(places.loc[YANBIAN, "pop60"], abs=2)
    assert 38_000 < len(local(county)) < 40_000
    homes = county.sites[county.sites["kind"].isin(HOMES)]
    assert homes["beds"].between(40, 200).all()
    assert places.index.str.startswith(YANBIAN).sum() == len(places) - 1
    assert places.loc["5104", ["pop60", "pop65"]].isna().all()
    for table in (county.providers, county.sites, county.residents):
        assert table["place_code"].dropna().str.startswith(YANBIAN).all()


@pytest.mark.parametrize("code", ["510402", "510403", "510411", "510421"])
def test_every_county_of_the_city_can_be_had_alone(tmp_path: Path, code: str) -> None:
    make_sample(tmp_path / "county", 2_000, county=code)
    checked = check(read_folder(tmp_path / "county"))
    assert checked.problems.empty
    assert checked.inputs is not None
    assert len(checked.inputs.residents) == 2_000


def test_the_counties_are_the_whole_city() -> None:
    counties = [county_of(geography(), code) for code in geography().outlines]
    assert sum(len(county.villages) for county in counties) == len(geography().villages)
    assert sum(county.elderly for county in counties) == geography().elderly
    for kind in ("population", "urban", "rural"):
        assert sum(county.parts[kind] for county in counties) == pytest.approx(1)


def test_an_unknown_county_is_refused_by_naming_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BadInput):
        make_sample(tmp_path / "county", county="510423")
    assert main(["sample", str(tmp_path / "county"), "--county", "510423", "--lang", "en"]) == 1
    told = capsys.readouterr().err
    assert "510423" in told
    assert "510422 盐边县" in told
    assert not (tmp_path / "county").exists()


def test_the_command_tells_how_many_people_a_county_got(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And its README, how to make it again."""
    command = ["sample", str(tmp_path / "c"), "--county", "510403", "--residents", "300", "--lang", "en"]
    assert main(command) == 0
    assert "300" in capsys.readouterr().out
    readme = (tmp_path / "c" / "README.md").read_text(encoding="utf-8")
    assert "--residents 300 --seed 1 --county 510403`" in readme


def test_services_follow_from_the_kind(inputs: Inputs) -> None:
    """No psychiatry in a village; county hospitals of level 2 are public and open; all five counties have one."""
    providers = inputs.providers
    for kind in ("village_clinic", "community_health_station", "private_clinic", "care_site_clinic"):
        here = providers.loc[providers["kind"] == kind, "services"].str.split(";")
        assert (
            not here.map(set({"mental_health", "geriatrics", "geriatric_ward"}).intersection).map(len).any()
        )
    able = providers[(providers["kind"] == "general_hospital") & (providers["hospital_level"] >= 2)]
    sure = able[(able["ownership"] == "public") & (able["status"] == "open")]
    assert sure["place_code"].str[:6].nunique() == 5
    assert providers.loc[providers["kind"].isin(CENTRES), "services"].str.contains("tcm_hall").mean() > 0.7


def test_insurance_and_green_channel_follow_from_ownership_kind_and_level(inputs: Inputs) -> None:
    providers = inputs.providers
    assert providers.loc[providers["ownership"] == "public", "insurance"].all()
    assert not providers.loc[providers["ownership"] == "private", "insurance"].all()
    green = providers["services"].str.contains("green_channel")
    hospital = providers["kind"].isin(HOSPITAL_KINDS) & (providers["hospital_level"] >= 2)
    share = [
        green[hospital].mean(),
        green[providers["kind"].isin(CENTRES)].mean(),
        green[providers["kind"] == "village_clinic"].mean(),
    ]
    assert share == sorted(share, reverse=True)
    assert share[2] < 0.2 < 0.6 < share[1]


def test_some_visitors_stay_over_new_year_and_some_come_in_summer(inputs: Inputs) -> None:
    visitors = inputs.residents[inputs.residents["origin"] == "visitor"].dropna(subset="season_from")
    over = visitors["season_from"] > visitors["season_to"]
    assert 0.1 < 1 - over.mean() < 0.3
    summer = visitors[~over]
    assert summer["season_from"].ge(6).all()
    assert summer["season_to"].le(9).all()


def test_agreements_are_with_hospitals_and_with_centres_that_have_places_in_homes(inputs: Inputs) -> None:
    """Of every form and state; those in force are with open providers only."""
    about = ["provider_id", "kind", "capacity_institutional"]
    table = inputs.agreements.merge(inputs.providers[about], on="provider_id")
    homes = inputs.sites.loc[inputs.sites["kind"].isin(HOMES), "site_id"]
    at_home = table[table["site_id"].isin(homes)]
    with_places = at_home["kind"].isin(CENTRES) & (at_home["capacity_institutional"] > 0)
    assert with_places.any()
    assert (at_home["kind"] == "general_hospital").any()
    assert set(table["state"]) == {"signed", "served", "ended"}
    assert {"own_clinic", "shared_infirmary", "run_by_hospital", "outreach_ward", "agreement"} <= set(
        table["form"]
    )
    now = agreements_in_force(inputs)["provider_id"]
    status = inputs.providers.set_index("provider_id")["status"]
    assert (status.loc[now] == "open").all()
    named = inputs.sites.dropna(subset="agreement_provider_id")
    pairs = set(zip(table["site_id"], table["provider_id"], strict=True))
    assert set(zip(named["site_id"], named["agreement_provider_id"], strict=True)) <= pairs


def test_homes_inside_a_hospital_stand_where_it_stands(inputs: Inputs) -> None:
    inside = inputs.sites.dropna(subset="host_provider_id")
    hosts = inputs.providers.set_index("provider_id").loc[inside["host_provider_id"]]
    assert len(inside)
    assert np.array_equal(inside[["lat", "lon", "place_code"]], hosts[["lat", "lon", "place_code"]])


def test_new_beds_are_among_the_beds_of_young_homes(inputs: Inputs) -> None:
    told = inputs.sites.dropna(subset="new_beds")
    assert (told["new_beds"] + told["special_beds"] <= told["beds"]).all()
    assert (told.loc[told["opened_on"].dt.year < 2015, ["new_beds", "special_beds"]] == 0).all(axis=None)
    assert {True, False} <= set(inputs.sites.loc[inputs.sites["kind"].isin(HOMES), "licensed"])


def test_stays_begin_when_the_home_is_open_and_do_not_overlap(inputs: Inputs) -> None:
    """Everybody who lives in a home has one that is not over; somebody was away, somebody moved home again."""
    stays = inputs.stays.sort_values(["resident_id", "from"])
    opened = stays["site_id"].map(inputs.sites.set_index("site_id")["opened_on"])
    assert (stays["from"] >= opened).all()
    before = stays.groupby("resident_id")["until"].shift()
    again = stays["resident_id"].duplicated()
    assert again.any()
    assert (stays.loc[again, "from"] > before[again]).all()
    homes = inputs.sites.loc[inputs.sites["kind"].isin(HOMES), "site_id"]
    living = inputs.residents[inputs.residents["site_id"].isin(homes)]
    now = stays[stays["until"].isna()]
    assert set(now["resident_id"]) == set(living["resident_id"])
    assert set(stays["resident_id"]) - set(living["resident_id"])


def test_visits_are_made_on_working_days_to_those_who_need_them(inputs: Inputs) -> None:
    """None later than the day of the data, none by closed providers; who has no such disease is not followed up."""
    visits = inputs.visits
    assert visits["on"].max() <= pd.Timestamp(inputs.dataset.as_of)
    assert (visits["on"].dt.day_of_week < 5).all()
    status = inputs.providers.set_index("provider_id")["status"]
    assert (status.loc[visits["provider_id"].dropna()] == "open").all()
    conditions = inputs.residents.set_index("resident_id")["conditions"]
    chronic = visits.loc[visits["service"] == "chronic_care", "resident_id"]
    assert conditions.loc[chronic].str.contains("hypertension|diabetes").all()
    assert set(visits["outcome"]) == {"ok", "poor_control", "urgent_referral"}


def test_every_part_shows_something_to_a_planner(plan: Plan) -> None:
    """Targets met and missed, months of waiting, money in several years, services in every state, short hours."""
    policies = [load_policy(name) for name in ("panzhihua-2016", "chenzhou-2018", "xuanhan-2022")]
    told = pd.concat([standards(plan.inputs, policy).standards for policy in policies])
    assert {"met", "not_met", "not_measured"} <= set(told["status"])
    assert set(told["kind"]) == {"computed", "attested"}
    tasks = task_table(plan.inputs, policies[-1])
    assert set(tasks["state"]) == {"open", "doing", "done", "not_reported"}
    waiting = waiting_table(plan)
    assert waiting["months"].max() > 3
    assert waiting["interim_mode"].notna().any()
    yuan = money(plan.inputs, policies[0])
    assert (yuan[["once", "running", "unknown"]].sum() > 0).all()
    due = services_of_plan(plan)
    assert set(due["state"]) == {"overdue", "due", "ok"}
    work = workload(due, plan)
    assert work["short_hours"].gt(0).any()
    assert work["staff_hours"].isna().any()


def test_no_table_of_another_seed_breaks_a_rule(tmp_path: Path) -> None:
    """Two seeds and sizes: nothing odd to tell of."""
    for seed, residents in ((2, 3_000), (3, 20_000)):
        make_sample(tmp_path / str(seed), residents, seed)
        assert check(read_folder(tmp_path / str(seed))).problems.empty


def test_a_tenth_of_the_people_has_a_tenth_of_the_hours_of_staff() -> None:
    few, all_ = (
        pd.read_csv(BytesIO(sample_files(count, 1, False, YANBIAN)["staff.csv"])) for count in (4_000, 40_000)
    )
    hours = [table.loc[table["role"] == "gp", "hours_month"].max() for table in (few, all_)]
    assert hours[1] / hours[0] == pytest.approx(10, rel=0.1)


def test_seats_are_dealt_in_turn_and_no_further() -> None:
    """Three of group 0 for two seats, one of group 1, and one of a group without any."""
    assert dealt(np.array([0, 0, 1, 0, 2]), np.array([1, 0, 0])).tolist() == [1, 2, 0, -1, -1]
    assert dealt(np.array([0]), np.array([], dtype=np.int64)).tolist() == [-1]


def test_where_more_are_wanted_than_differ_everyone_is_there_once_at_least() -> None:
    found = choose_or_more(generator(1), [1, 0, 2], 5)
    assert len(found) == 5
    assert set(found.tolist()) == {0, 2}
    assert choose_or_more(generator(1), [0.0, 0.0], 5).tolist() == []
