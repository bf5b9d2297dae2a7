"""What was decided about a person is put into the data before they are used; what a correction needs is insisted on."""

from __future__ import annotations

import pandas as pd
import pytest

from matcher.intake.check import load_inputs
from matcher.intake.corrections import GONE
from tests.helpers.folders import RESIDENT, checked, told, write_folder

PERSON = {
    **RESIDENT,
    "resident_id": "R3",
    "name": "王五",
    "phone": "13800000000",
    "address": "幸福路1号",
    "lat": "26.6",
    "lon": "101.6",
    "ability_scheme": "GB/T 42195-2022",
    "ability_grade": "1",
}


def written(folder, *rows):
    corrections = [{"resident_id": "R3", "what": what, "value": value} for what, value in rows]
    folder.mkdir(exist_ok=True)
    return write_folder(folder, {"residents": [PERSON]} | ({"corrections": corrections} if rows else {}))


def first_of(folder, *rows):
    return load_inputs(written(folder, *rows)).residents.set_index("resident_id").loc["R3"]


@pytest.mark.parametrize("what", GONE)
def test_who_is_gone_is_left_out(tmp_path, what):
    inputs = load_inputs(written(tmp_path, (what, "")))
    assert inputs.residents["resident_id"].tolist() == ["R1"]
    assert len(inputs.corrections) == 1


def test_who_moved_is_where_the_new_place_is_and_no_longer_at_the_old_address(tmp_path):
    person = first_of(tmp_path, ("place", "T1"))
    assert (person["place_code"], person["lat"], person["precision"]) == ("T1", 26.5, "township")
    assert pd.isna(person["address"])
    assert person["phone"] == "13800000000"


def test_who_moved_out_of_a_care_home_lives_at_home(tmp_path):
    tmp_path.mkdir(exist_ok=True)
    person = {**PERSON, "site_id": "S1", "living_setting": "care_home"}
    moved = [{"resident_id": "R3", "what": "place", "value": "T1"}]
    inputs = load_inputs(write_folder(tmp_path, {"residents": [person], "corrections": moved}))
    row = inputs.residents.set_index("resident_id").loc["R3"]
    assert (row["living_setting"], row["place_code"]) == ("own_home", "T1")
    assert pd.isna(row["site_id"])


def test_a_new_phone_and_a_new_grade_are_taken(tmp_path):
    person = first_of(tmp_path, ("phone", "13911112222"), ("grade", "3"))
    assert (person["phone"], person["ability_grade"]) == ("13911112222", 3)
    assert (person["lat"], person["address"]) == (26.6, "幸福路1号")


def test_a_decision_on_the_provider_changes_no_resident(tmp_path):
    person = first_of(tmp_path, ("override", "P1"), ("frozen", "P1"))
    assert person.fillna("").tolist() == first_of(tmp_path / "plain").fillna("").tolist()


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("died", "P1"),
        ("left", "V1"),
        ("place", "V9"),
        ("place", ""),
        ("phone", ""),
        ("grade", "5"),
        ("grade", "重度"),
        ("override", "P9"),
        ("frozen", ""),
    ],
)
def test_a_value_that_the_correction_does_not_need_is_told(tmp_path, what, value):
    found = checked(written(tmp_path, (what, value)))
    assert ("corrections.csv", 2, "value", "correction_value") in told(found.problems)
    assert found.inputs is None


def test_a_grade_is_one_of_the_scheme_of_the_person(tmp_path):
    insured = PERSON | {"ability_scheme": "NHSA 2021-37"}
    grade = [{"resident_id": insured["resident_id"], "what": "grade", "value": "5"}]
    inputs = load_inputs(write_folder(tmp_path, {"residents": [insured], "corrections": grade}))
    assert inputs.residents.set_index("resident_id").at[insured["resident_id"], "ability_grade"] == 5


def test_a_correction_of_nobody_and_one_twice_are_told(tmp_path):
    rows = [{"resident_id": "R9", "what": "died"}, *[{"resident_id": "R1", "what": "left"}] * 2]
    folder = write_folder(tmp_path, {"corrections": rows})
    codes = {code for *_, code in told(checked(folder).problems)}
    assert codes == {"unknown_reference", "duplicate_pair"}


def test_problems_of_the_other_rows_keep_their_row_numbers(tmp_path):
    """Who is gone is gone from the match, not from the file."""
    far = {**PERSON, "lat": "39.9", "lon": "116.4"}
    gone = [{"resident_id": "R1", "what": "died"}]
    folder = write_folder(tmp_path, {"residents": [far], "corrections": gone})
    rows = {row for file, row, *_ in told(checked(folder).problems) if file == "residents.csv"}
    assert rows == {3}


def test_headers_and_codes_may_be_chinese(tmp_path):
    folder = write_folder(tmp_path, {"residents": [PERSON]})
    (folder / "更正.csv").write_text(
        "居民编号,更正内容,更正为\nR1,已去世,\nR3,指定机构,P1\n", encoding="utf-8"
    )
    inputs = load_inputs(folder)
    assert inputs.corrections["what"].tolist() == ["died", "override"]
    assert inputs.residents["resident_id"].tolist() == ["R3"]
