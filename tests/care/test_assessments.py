"""Who is to be assessed again after two years, and hours of long-term care by grade and place."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from matcher.care.assessments import care_hours_table, reassessment_table
from matcher.care.measures import FUNCTIONS
from matcher.care.signing import signing_table
from matcher.care.study import Study
from matcher.cli import main
from matcher.inputs import typed_frame
from matcher.policy.documents import load_policy
from matcher.policy.rules import CareHours
from matcher.tables import INSURANCE_SCHEME
from tests.helpers.builders import make_inputs, provider, resident
from tests.helpers.folders import write_folder

NATIONAL = load_policy("national-2025")
GRANTS = replace(
    NATIONAL,
    care_hours=(
        CareHours("home", (3, 4), "home", 30.1),
        CareHours("home_worst", (5,), "home", 60),
        CareHours("inside", (3, 4, 5), "institution", 20),
    ),
)


def graded(id, on=None, **more):
    day = None if on is None else dt.date.fromisoformat(on)
    return resident(id, ability_grade=3, assessed_on=day) | more


def entitled(id, grade=3, scheme=INSURANCE_SCHEME, **more):
    return resident(id, ability_grade=grade, ability_scheme=scheme, ltc_entitled=True) | more


@pytest.mark.parametrize(
    ("on", "due_on", "state"),
    [
        ("2023-12-31", "2025-12-31", "overdue"),
        ("2024-01-01", "2026-01-01", "due"),
        ("2024-01-31", "2026-01-31", "due"),
        ("2024-02-01", "2026-02-01", "ok"),
        ("2024-02-29", "2026-02-28", "ok"),
    ],
)
def test_an_assessment_is_valid_for_two_years_to_the_day(on, due_on, state):
    (row,) = reassessment_table(make_inputs([graded("R1", on)]), NATIONAL).to_dict("records")
    assert (row["due_on"], row["state"]) == (due_on, state)


def test_who_has_no_day_is_not_measured_and_who_has_no_grade_is_not_asked_again():
    people = [graded("R1"), graded("R2", "2025-01-01"), graded("R3", "2025-01-01", ability_grade=None)]
    table = reassessment_table(make_inputs(people), NATIONAL).set_index("resident_id")
    assert table["state"].to_dict() == {"R1": "not_measured", "R2": "ok"}
    assert pd.isna(table.at["R1", "due_on"])


def test_the_years_of_validity_are_the_policys():
    inputs = make_inputs([graded("R1", "2024-01-01")])
    (row,) = reassessment_table(inputs, replace(NATIONAL, reassess_months=12)).to_dict("records")
    assert (row["due_on"], row["state"]) == ("2025-01-01", "overdue")


def test_valid_assessments_are_a_share_of_those_with_a_grade():
    people = [
        graded("R1", "2024-01-01"),
        graded("R2", "2023-12-31"),
        graded("R3"),
        graded("R4", "2025-01-01", ability_grade=None),
    ]
    found = FUNCTIONS["assessed_lately"](Study(make_inputs(people), NATIONAL, "city"))
    met = {
        id_: None if pd.isna(met) else bool(met) for id_, met in zip(found["id"], found["met"], strict=True)
    }
    assert met == {"R1": True, "R2": False, "R3": None}
    assert FUNCTIONS["assessed_lately"](Study(make_inputs([graded("R1")]), NATIONAL, "city")) is None


def test_hours_are_granted_by_grade_and_place_in_each_county_and_city():
    people = [
        entitled("R1"),
        entitled("R2", 4),
        entitled("R3", 4),
        entitled("R4", 5, living_setting="care_home"),
        entitled("R5", 1),
        entitled("R6", 3, "GB/T 42195-2022"),
        entitled("R7", ltc_entitled=None),
        entitled("R8", ltc_entitled=False),
    ]
    table = care_hours_table(make_inputs(people), GRANTS)
    county = table[table["place_code"] == "C1"].fillna({"grade": -1}).set_index(["grade", "where"])
    assert county["people"].to_dict() == {
        (1, "home"): 1,
        (3, "home"): 1,
        (4, "home"): 2,
        (5, "institution"): 1,
        (-1, "home"): 1,
    }
    hours = county["hours_month"].dropna().to_dict()
    assert hours == {(3, "home"): 30.1, (4, "home"): 60.2, (5, "institution"): 20}
    assert table[table["place_code"] == "CITY"]["people"].sum() == 6


def test_who_is_in_no_county_has_a_row_without_place():
    table = care_hours_table(make_inputs([entitled("R1", place_code=None)]), GRANTS)
    assert table["place_code"].isna().tolist() == [True]


def test_without_hours_in_the_policy_none_are_told():
    table = care_hours_table(make_inputs([entitled("R1")]), NATIONAL)
    assert table["people"].tolist() == [1, 1]
    assert table["hours_month"].isna().all()


def test_the_third_scheme_has_six_grades_of_which_three_are_severe():
    assert NATIONAL.ability[INSURANCE_SCHEME] == ("able", "mild", "moderate", "severe", "severe", "severe")
    assert len(NATIONAL.ageing[INSURANCE_SCHEME]) == 6


def test_a_sixth_grade_belongs_to_the_scheme_of_insurance_alone(tmp_path, capsys):
    for scheme, code in ((INSURANCE_SCHEME, 0), ("GB/T 42195-2022", 1)):
        write_folder(tmp_path, {"residents": [_row(scheme)]})
        assert main(["check", str(tmp_path), "--lang", "en"]) == code
        assert ("grade_not_in_scheme" in capsys.readouterr().out) == bool(code)


def _row(scheme):
    return {
        "resident_id": "R2",
        "age": "80",
        "ability_scheme": scheme,
        "ability_grade": "5",
        "place_code": "",
    }


def test_the_command_writes_both_files(tmp_path, capsys):
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    row = _row(INSURANCE_SCHEME) | {"assessed_on": "2020-01-01", "ltc_entitled": "1"}
    write_folder(data, {"residents": [row]})
    flags = ["--policy", "national-2025", "--out", str(out), "--lang", "en"]
    assert main(["assessments", str(data), *flags]) == 0
    heads = {path.name: path.read_text(encoding="utf-8").splitlines()[0] for path in out.iterdir()}
    assert heads == {
        "reassessment.csv": "resident_id,place_code,scheme,grade,assessed_on,due_on,state",
        "care_hours.csv": "place_code,grade,where,people,hours_each,hours_month",
    }
    said = capsys.readouterr().out
    assert "assessment over 1" in said
    assert "national-2025 has no [[care_hours]]" in said


def test_a_large_city_takes_seconds():
    """250,000 people with a signing, two visits and an assessment each."""
    size = 250_000
    rng = np.random.default_rng(1)
    ids = pd.Series([f"R{n}" for n in range(size)], dtype="str")
    days = pd.Series(np.datetime64("2023-01-01") + rng.integers(0, 1000, size)).astype("datetime64[s]")
    people = pd.DataFrame(
        {
            name: typed_frame("residents", [resident("x")])[name].repeat(size).array
            for name in typed_frame("residents")
        }
    )
    people["resident_id"], people["assessed_on"], people["ability_grade"] = ids, days, 3
    people["ability_scheme"], people["ltc_entitled"] = INSURANCE_SCHEME, True
    inputs = make_inputs(providers=[provider("P1")]).replace(
        residents=people,
        signings=pd.DataFrame(
            {"resident_id": ids, "provider_id": "P1", "signed_on": days, "until": pd.NaT}
        ).astype({"until": "datetime64[s]"}),
        visits=pd.DataFrame(
            {"resident_id": pd.concat([ids, ids]), "provider_id": "P1", "on": pd.concat([days, days])}
        ),
    )
    begin = time.process_time()
    assert len(signing_table(inputs)) == size
    assert len(reassessment_table(inputs, GRANTS)) == size
    assert care_hours_table(inputs, GRANTS)["people"].sum() == 2 * size
    assert time.process_time() - begin < 10
