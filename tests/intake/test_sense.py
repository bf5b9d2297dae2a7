"""What may be so and is hardly meant is told and stops nobody; its sound neighbour is let through."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.helpers.folders import PROVIDER, RESIDENT, SITE, checked, told, write_folder

Rows = dict[str, list[dict[str, str]]]


@dataclass(frozen=True)
class Doubtful:
    """Rows to be put below the sound folder, and the cells that are told."""

    code: str
    more: Rows
    cells: set[tuple[str, int, str]]
    sound: Rows = field(default_factory=dict)


def person(**cells: str) -> dict[str, str]:
    """Another resident."""
    return {**RESIDENT, "resident_id": "R2", "name": "李四", **cells}


def place(**cells: str) -> dict[str, str]:
    """Another provider."""
    return {**PROVIDER, "provider_id": "P2", **cells}


def site(**cells: str) -> dict[str, str]:
    """Another site."""
    return {**SITE, "site_id": "S2", **cells}


def agreement(**cells: str) -> dict[str, str]:
    """An agreement of the other site with the other provider."""
    return {"site_id": "S2", "provider_id": "P2", "form": "agreement", "state": "signed", **cells}


#: Somebody is at the other site.
THERE = [person(site_id="S2", living_setting="day_care")]
TWIN = {"name": "王五", "birth_date": "1941-02-03", "phone": "13800001111"}

DOUBTFUL = [
    Doubtful(
        "local_in_hotel",
        {"residents": [person(living_setting="hotel")]},
        {("residents.csv", 3, "living_setting")},
        {"residents": [person(living_setting="hotel", origin="visitor")]},
    ),
    Doubtful(
        "guest_without_origin",
        {"residents": [person(living_setting="farmstay", origin="")]},
        {("residents.csv", 3, "origin")},
    ),
    Doubtful(
        "guest_without_origin",
        {"residents": [person(season_from="11", season_to="3", origin="")]},
        {("residents.csv", 3, "origin")},
        {"residents": [person(season_from="11", season_to="3")]},
    ),
    Doubtful(
        "home_at_care_home",
        {"residents": [person(living_setting="own_home", site_id="S1")]},
        {("residents.csv", 3, "living_setting")},
        {
            "residents": [person(living_setting="own_home", site_id="S2")],
            "sites": [site(kind="community_centre")],
        },
    ),
    Doubtful(
        "care_home_elsewhere",
        {"residents": [person(living_setting="care_home", site_id="S2")], "sites": [site(kind="hotel")]},
        {("residents.csv", 3, "living_setting")},
        {"residents": [person(living_setting="care_home", site_id="S1")]},
    ),
    Doubtful(
        "care_home_without_site",
        {"residents": [person(living_setting="care_home")]},
        {("residents.csv", 3, "site_id")},
        {"residents": [person(living_setting="own_home")]},
    ),
    Doubtful(
        "more_people_than_beds",
        {
            "residents": [
                person(living_setting="care_home", site_id="S2"),
                person(resident_id="R3", name="赵六", site_id="S2"),
            ],
            "sites": [site(beds="1")],
        },
        {("sites.csv", 3, "beds")},
        {"residents": [person(living_setting="care_home", site_id="S2")], "sites": [site(beds="1")]},
    ),
    Doubtful(
        "special_beds_above_beds",
        {"sites": [site(beds="10", beds_nursing="8", beds_rehab="3")]},
        {("sites.csv", 3, "beds")},
        {"sites": [site(beds="10", beds_nursing="7", beds_rehab="3")]},
    ),
    Doubtful(
        "agreement_with_closed",
        {"sites": [site(agreement_provider_id="P2")], "providers": [place(status="closed")]},
        {("sites.csv", 3, "agreement_provider_id")},
        {"sites": [site(agreement_provider_id="P2")], "providers": [place(status="planned")]},
    ),
    Doubtful(
        "done_without_evidence",
        {
            "tasks": [
                {"no": "1", "state": "done", "evidence": ""},
                {"no": "2", "state": "open", "evidence": ""},
            ]
        },
        {("tasks.csv", 2, "evidence")},
        {"tasks": [{"no": "1", "state": "done", "evidence": "文1"}]},
    ),
    Doubtful(
        "assessed_in_future",
        {"residents": [person(assessed_on="2099-01-01")]},
        {("residents.csv", 3, "assessed_on")},
        {"residents": [person(assessed_on="2020-01-01")]},
    ),
    Doubtful(
        "lead_not_hospital",
        {"consortia": [{"consortium_id": "C", "lead_provider_id": "P1", "provider_id": "P1"}]},
        {("consortia.csv", 2, "lead_provider_id")},
        {
            "consortia": [{"consortium_id": "C", "lead_provider_id": "P2", "provider_id": "P1"}],
            "providers": [place(kind="general_hospital")],
        },
    ),
    Doubtful(
        "run_by_village_clinic",
        {"sites": [site(operator_provider_id="P2")], "providers": [place(kind="village_clinic")]},
        {("sites.csv", 3, "operator_provider_id")},
        {"sites": [site(operator_provider_id="P1")]},
    ),
    Doubtful(
        "operator_not_medical",
        {"sites": [site(operator_provider_id="P2")], "providers": [place(kind="rehab_station")]},
        {("sites.csv", 3, "operator_provider_id")},
        {"sites": [site(operator_provider_id="P2")], "providers": [place(kind="nursing_station")]},
    ),
    Doubtful(
        "site_without_residents",
        {"sites": [site()], "agreements": [agreement(provider_id="P1")]},
        {("agreements.csv", 2, "site_id")},
        {
            "sites": [site()],
            "agreements": [
                agreement(provider_id="P1"),
                agreement(provider_id="P1", form="posting", state="ended"),
            ],
            "residents": [person(site_id="S2", living_setting="care_home")],
        },
    ),
    Doubtful(
        "site_kind_mismatch",
        {
            "residents": THERE,
            "sites": [site(kind="hotel")],
            "agreements": [agreement(provider_id="P1", form="outreach_ward")],
        },
        {("agreements.csv", 2, "form")},
        {
            "residents": THERE,
            "sites": [site(kind="hotel")],
            "agreements": [agreement(provider_id="P1", form="outreach_clinic")],
        },
    ),
    Doubtful(
        "agreement_closed",
        {
            "residents": THERE,
            "sites": [site()],
            "agreements": [agreement()],
            "providers": [place(status="closed")],
        },
        {("agreements.csv", 2, "provider_id")},
        {
            "residents": THERE,
            "sites": [site()],
            "agreements": [agreement(state="ended")],
            "providers": [place(status="closed")],
        },
    ),
    Doubtful(
        "level_of_village_clinic",
        {"providers": [place(kind="village_clinic", hospital_level="3")]},
        {("providers.csv", 3, "hospital_level")},
        {"providers": [place(kind="general_hospital", hospital_level="3")]},
    ),
    Doubtful(
        "private_clinic_public",
        {"providers": [place(kind="private_clinic", ownership="public")]},
        {("providers.csv", 3, "ownership")},
        {"providers": [place(kind="private_clinic", ownership="private")]},
    ),
    Doubtful(
        "upstream_cycle",
        {
            "providers": [
                place(kind="general_hospital", hospital_level="2", parent_provider_id="P3"),
                place(kind="tcm_hospital", hospital_level="2", provider_id="P3", parent_provider_id="P2"),
                place(kind="village_clinic", provider_id="P4", parent_provider_id="P2"),
            ]
        },
        {("providers.csv", 3, "parent_provider_id"), ("providers.csv", 4, "parent_provider_id")},
        {
            "providers": [
                place(kind="general_hospital", hospital_level="2"),
                place(provider_id="P3", parent_provider_id="P2"),
            ]
        },
    ),
    Doubtful(
        "upstream_level",
        {
            "providers": [
                place(kind="general_hospital", hospital_level="1"),
                place(provider_id="P3", parent_provider_id="P2"),
                place(kind="general_hospital", hospital_level="2", status="planned", provider_id="P4"),
                place(provider_id="P5", parent_provider_id="P4"),
                place(provider_id="P6", parent_provider_id="P5"),
                place(kind="tcm_hospital", hospital_level="2", provider_id="P7"),
                place(provider_id="P8", parent_provider_id="P7"),
            ]
        },
        {("providers.csv", row, "parent_provider_id") for row in (4, 6, 7)},
        {
            "providers": [
                place(kind="tcm_hospital", hospital_level="3"),
                place(provider_id="P3", parent_provider_id="P2"),
            ]
        },
    ),
    Doubtful(
        "young_visitor",
        {"residents": [person(origin="visitor", birth_date="1990-01-01")]},
        {("residents.csv", 3, "origin")},
        {"residents": [person(origin="visitor", birth_date="1981-01-01")]},
    ),
    Doubtful(
        "person_twice",
        {"residents": [person(**TWIN), person(**TWIN, resident_id="R3")]},
        {("residents.csv", 3, "resident_id"), ("residents.csv", 4, "resident_id")},
        {"residents": [person(**TWIN), person(**TWIN | {"phone": "13800002222"}, resident_id="R3")]},
    ),
    Doubtful(
        "person_twice",
        {"residents": [person(address="一村3号"), person(address="一村3号", resident_id="R3")]},
        {("residents.csv", 3, "resident_id"), ("residents.csv", 4, "resident_id")},
        {
            "residents": [
                person(address="一村3号"),
                person(address="一村4号", resident_id="R3"),
            ]
        },
    ),
    Doubtful(
        "provider_twice",
        {"providers": [place(name="甲镇卫生院"), place(provider_id="P3", name="甲镇卫生院")]},
        {("providers.csv", 3, "name"), ("providers.csv", 4, "name")},
        {
            "providers": [
                place(name="甲镇卫生院"),
                place(provider_id="P3", name="甲镇卫生院", kind="village_clinic"),
            ]
        },
    ),
    Doubtful(
        "household_apart",
        {
            "residents": [
                person(household_id="H"),
                person(resident_id="R3", name="赵六", household_id="H", place_code="T1"),
            ]
        },
        {("residents.csv", 3, "household_id"), ("residents.csv", 4, "household_id")},
        {"residents": [person(household_id="H"), person(resident_id="R3", name="赵六", household_id="H")]},
    ),
]
CODES = {case.code for case in DOUBTFUL} | {"place_and_person"}
CASES = [pytest.param(case, id=f"{case.code}-{number}") for number, case in enumerate(DOUBTFUL)]


@pytest.mark.parametrize("case", CASES)
def test_what_is_hardly_meant_is_told_and_stops_nobody(tmp_path, case):
    """File, row and column are named, and the tables are there all the same."""
    result = checked(write_folder(tmp_path, case.more))
    found = told(result.problems)
    assert {(file, row, column) for file, row, column, code in found if code == case.code} == case.cells
    assert {code for *_, code in found} <= {case.code, "coarse_position"}
    assert result.inputs is not None


@pytest.mark.parametrize("case", CASES)
def test_its_sound_neighbour_is_let_through(tmp_path, case):
    """The nearest that may well be meant raises no such word."""
    codes = {code for *_, code in told(checked(write_folder(tmp_path, case.sound)).problems)}
    assert case.code not in codes


def test_a_code_that_is_place_and_person_is_refused(tmp_path):
    """A journey from it could be anybody's."""
    result = checked(write_folder(tmp_path, {"residents": [person(resident_id="V1")]}))
    assert told(result.problems) == {("residents.csv", 3, "resident_id", "place_and_person")}
    assert result.inputs is None
