"""Family doctors, consortia and recognised providers: what is signed, what followed, who leads."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.care.measures import FUNCTIONS
from matcher.care.signing import signing_table
from matcher.care.standards import standards
from matcher.care.study import Study
from matcher.cli import main
from matcher.errors import PolicyError
from matcher.policy.documents import load_policy
from tests.helpers.builders import CITY, COUNTY, PLACES, TOWNSHIP, make_inputs, provider, resident
from tests.helpers.folders import checked, told, write_folder

NATIONAL = load_policy("national-2025")
AS_OF = dt.date(2026, 1, 1)


def signing(id="R1", on="2025-03-01", until=None, provider_id="P1"):
    over = None if until is None else dt.date.fromisoformat(until)
    return {
        "resident_id": id,
        "provider_id": provider_id,
        "signed_on": dt.date.fromisoformat(on),
        "until": over,
    }


def visit(on, id="R1", provider_id="P1"):
    return {
        "visit_id": f"{id}{on}{provider_id}",
        "resident_id": id,
        "provider_id": provider_id,
        "service": "chronic_care",
        "on": dt.date.fromisoformat(on),
    }


def states(signings, visits):
    """State of each person's last signing, by id."""
    people = [resident(id) for id in ("R1", "R2", "R3", "R9")]
    table = signing_table(
        make_inputs(people, [provider("P1"), provider("P2")], signings=signings, visits=visits)
    )
    return table.set_index("resident_id")["state"].to_dict()


def measured(num, inputs, policy=NATIONAL):
    found = FUNCTIONS[num](Study(inputs, policy, "city"))
    if found is None:
        return None
    return {
        id_: None if pd.isna(met) else bool(met) for id_, met in zip(found["id"], found["met"], strict=True)
    }


OTHER = visit("2025-05-01", "R9")


@pytest.mark.parametrize(
    ("signings", "visits", "state"),
    [
        ([signing()], [OTHER], "signed"),
        ([signing()], [visit("2025-02-28")], "signed"),
        ([signing()], [visit("2025-03-01")], "served"),
        ([signing()], [visit("2025-04-01", provider_id="P2")], "signed"),
        ([signing()], [visit("2025-04-01", provider_id=None)], "served"),
        ([signing(until="2025-12-31")], [visit("2025-04-01")], "ended"),
        ([signing(until="2026-01-01")], [visit("2025-04-01")], "served"),
        ([signing(on="2024-03-01"), signing()], [visit("2024-06-01")], "renewed"),
        ([signing(on="2024-03-01"), signing()], [visit("2025-06-01")], "served"),
        ([signing(on="2024-03-01"), signing()], [OTHER], "signed"),
        ([signing(on="2023-03-01"), signing(on="2024-03-01"), signing()], [visit("2023-06-01")], "renewed"),
        ([signing(on="2024-03-01", until="2024-05-31"), signing()], [visit("2024-06-01")], "signed"),
        ([signing()], [], "not_measured"),
    ],
)
def test_a_signing_is_served_by_a_visit_and_renewed_after_one_that_was(signings, visits, state):
    assert states(signings, visits)["R1"] == state


def test_a_signing_after_the_day_of_the_data_is_none_and_who_never_signed_has_no_row():
    assert states([signing(on="2026-01-02"), signing("R2")], [OTHER]) == {"R2": "signed"}


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(["R1", "R2"]), st.integers(0, 20), st.none() | st.integers(0, 9)),
        max_size=5,
    ),
    st.lists(st.tuples(st.sampled_from(["R1", "R2", "R3"]), st.integers(0, 22)), min_size=1, max_size=5),
)
def test_states_agree_with_going_through_each_person(signed, visited):
    """Days count back from twenty days before the day of the data; one signing a day and person."""
    first = AS_OF - dt.timedelta(days=20)
    rows = {
        (id, first + dt.timedelta(days=day)): None
        if length is None
        else first + dt.timedelta(days=day + length)
        for id, day, length in signed
    }
    visits = {(id, first + dt.timedelta(days=day)) for id, day in visited}
    expected = {}
    for id in {id for id, _ in rows}:
        own = sorted(day for who, day in rows if who == id and day <= AS_OF)
        served = []
        for day, after in zip(own, [*own[1:], dt.date.max], strict=True):
            end = rows[id, day] or dt.date.max
            served.append(
                any(who == id and day <= on <= min(end, AS_OF) and on < after for who, on in visits)
            )
        over = rows[id, own[-1]] is not None and rows[id, own[-1]] < AS_OF
        expected[id] = (
            "ended" if over else "renewed" if any(served[:-1]) else "served" if served[-1] else "signed"
        )
    found = states(
        [signing(id, day.isoformat(), end and end.isoformat()) for (id, day), end in rows.items()],
        [visit(on.isoformat(), id) for id, on in visits],
    )
    assert found == expected


def test_signed_are_local_people_and_priority_groups_are_those_of_the_policy():
    people = [
        resident("R1", age=62),
        resident("R2", age=62, conditions=["diabetes"]),
        resident("R3", age=70),
        resident("R4", origin="visitor"),
    ]
    rows = [signing("R1"), signing("R2"), signing("R3", until="2025-12-31")]
    inputs = make_inputs(people, [provider("P1")], signings=rows)
    assert measured("signed", inputs) == {"R1": True, "R2": True, "R3": False}
    assert measured("priority_signed", inputs) == {"R2": True, "R3": False}
    assert measured("priority_signed", inputs, load_policy()) is None
    assert measured("signed", make_inputs(people)) is None


def test_who_signed_and_was_never_visited_fails():
    people = [resident(id) for id in ("R1", "R2", "R3")]
    rows = [signing("R1"), signing("R2"), signing("R3", until="2025-12-31")]
    inputs = make_inputs(people, [provider("P1")], signings=rows, visits=[visit("2025-06-01", "R1")])
    assert measured("signed_and_served", inputs) == {"R1": True, "R2": False}
    assert measured("signed_and_served", inputs.replace(visits=inputs.visits.iloc[:0])) is None


def test_a_provider_is_age_friendly_or_not_or_it_is_not_known():
    providers = [provider("P1", age_friendly=True), provider("P2", age_friendly=False), provider("P3")]
    assert measured("age_friendly_providers", make_inputs(providers=providers)) == {
        "P1": True,
        "P2": False,
        "P3": None,
    }
    assert measured("age_friendly_providers", make_inputs(providers=[provider("P3")])) is None


HOSPITAL = {"kind": "general_hospital", "place_code": "V1"}


def test_a_consortium_is_led_by_an_open_hospital_of_level_2():
    providers = [
        provider("H2", **HOSPITAL, hospital_level=2),
        provider("H1", **HOSPITAL, hospital_level=1),
        provider("H0", **HOSPITAL),
        provider("HC", **HOSPITAL, hospital_level=3, status="closed"),
        provider("P1"),
        provider("P2", kind="village_clinic"),
    ]
    rows = [
        {"consortium_id": f"C{lead}", "name": "体", "lead_provider_id": lead, "provider_id": member}
        for lead in ("H2", "H1", "H0", "HC", "P1")
        for member in (lead, "P1")
    ]
    inputs = make_inputs(providers=providers, consortia=rows)
    assert measured("consortia_led_by_hospital", inputs) == {
        "CH2": True,
        "CH1": False,
        "CH0": None,
        "CHC": False,
        "CP1": False,
    }
    assert measured("primary_in_consortium", inputs) == {"P1": True, "P2": False}
    assert measured("primary_in_consortium", make_inputs(providers=providers)) is None


def test_beds_for_nursing_and_for_hospice_care_are_shares_of_their_own():
    sites = [{"site_id": "S1", "place_code": "V1", "beds": 50, "beds_nursing": 30, "beds_hospice": 5}]
    inputs = make_inputs(sites=sites)
    for num, beds in (("nursing_beds", 30), ("hospice_beds", 5)):
        found = FUNCTIONS[num](Study(inputs, NATIONAL, "city"))
        assert found.loc[found["met"], "weight"].tolist() == [beds]
        assert found["weight"].sum() == 50


# ---- Targets from the county to the province


def shipped(id, inputs):
    found = standards(inputs, replace(NATIONAL, targets=tuple(t for t in NATIONAL.targets if t.id == id)))
    return found.standards, found.fails


def test_a_target_holds_for_each_county_city_and_province_that_there_is():
    province = {"place_code": "PR", "name": "省", "level": "province"}
    other = {"place_code": "C2", "name": "丁县", "level": "county", "parent_code": "CITY"}
    places = (province, CITY | {"parent_code": "PR"}, COUNTY, other, TOWNSHIP, PLACES[3])
    providers = [
        provider("A", **HOSPITAL, hospital_level=2, services=["geriatrics"]),
        provider("B", **HOSPITAL | {"place_code": "C2"}, hospital_level=2, services=["rehab"]),
        provider("C", **HOSPITAL | {"place_code": "CITY"}, hospital_level=2, services=["rehab"]),
    ]
    table, fails = shipped("geriatrics_2025", make_inputs(providers=providers, places=places))
    told_ = table.fillna({"place_code": ""}).set_index("place_code")[["num", "den", "status"]]
    assert told_.loc["C1"].tolist() == [1, 1, "met"]
    assert told_.loc["C2"].tolist() == [0, 1, "not_met"]
    assert told_.loc[""].tolist() == [0, 1, "not_met"]
    assert told_.loc["CITY"].tolist() == told_.loc["PR"].tolist() == [1, 3, "not_met"]
    assert sorted(fails["id"]) == ["B", "C"]
    table, _ = shipped("geriatrics_2025", make_inputs(providers=providers))
    assert "PR" not in set(table["place_code"])


def test_levels_run_upwards_only(tmp_path):
    file = tmp_path / "mine.toml"
    rule = '[[targets]]\nid = "a"\nyear = 2020\nop = ">="\nthreshold = 1\nsource = "s"\nlevel = "{}"\nup_to = "{}"\n'
    file.write_text(rule.format("county", "province"), encoding="utf-8")
    assert load_policy(file).targets[0].levels == ("county", "city", "province")
    file.write_text(rule.format("city", "county"), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policy(file)
    assert caught.value.code == "policy_value"


# ---- Bad data and the command


def test_a_signing_that_ends_before_it_begins_and_a_consortium_of_two_leads_are_bad_data(tmp_path):
    signed = {"resident_id": "R1", "provider_id": "P1"}
    member = {"consortium_id": "C", "provider_id": "P1"}
    folder = write_folder(
        tmp_path,
        {
            "signings": [
                signed | {"signed_on": "2025-03-01", "until": "2025-02-28"},
                signed | {"signed_on": "2025-03-02", "until": "2025-03-02"},
            ],
            "consortia": [
                member | {"lead_provider_id": "P1"},
                member | {"provider_id": "P2", "lead_provider_id": "P2"},
            ],
        },
    )
    found = told(checked(folder).problems)
    assert {one for one in found if one[3] == "signing_backwards"} == {
        ("signings.csv", 2, "until", "signing_backwards")
    }
    assert {one[3] for one in found} >= {"two_leads"}


def test_the_command_writes_the_file_and_says_what_lacks(tmp_path, capsys):
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    row = {"resident_id": "R1", "provider_id": "P1", "signed_on": "2025-03-01", "until": ""}
    write_folder(data, {"signings": [row]})
    assert main(["signing", str(data), "--policy", "national-2025", "--out", str(out), "--lang", "en"]) == 0
    lines = (out / "signing.csv").read_text(encoding="utf-8").splitlines()
    assert lines == [
        "resident_id,provider_id,signed_on,until,state,last_visit",
        "R1,P1,2025-03-01,,not_measured,",
    ]
    assert "there is no table visits" in capsys.readouterr().out
