"""Each way to spoil a row is named with file, row, column and code; what is valid is let through."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pandas as pd
import pytest

from matcher.errors import DataError
from matcher.inputs import DTYPES
from matcher.intake.check import check, load_inputs
from matcher.intake.problems import (
    ERRORS,
    SEVERITY,
    WARNINGS,
    Finding,
    masked,
)
from matcher.intake.read import read_folder
from matcher.intake.telling import (
    PROBLEM_COLUMNS,
    cause_lines,
    causes,
    problem_table,
    problems_as_json,
    render_problems,
)
from matcher.tables import MODES, TABLES
from matcher.words.catalogues import LANGUAGES
from tests.helpers.folders import (
    CANDIDATE,
    DATASET,
    GOOD,
    GOOD_ID,
    PROVIDER,
    RESIDENT,
    SITE,
    TRAVEL,
    checked,
    told,
    write_folder,
)
from tests.intake import test_journeys, test_placed, test_sense
from tests.intake.test_read import SPOILT_FOLDERS

BASE = {
    "residents": RESIDENT,
    "providers": PROVIDER,
    "sites": SITE,
    "travel": TRAVEL,
    "candidates": CANDIDATE,
}
KEY = {
    "residents": "resident_id",
    "providers": "provider_id",
    "sites": "site_id",
    "candidates": "provider_id",
}


@dataclass(frozen=True)
class Spoilt:
    """A row in which some cells are spoilt, and the problem that names it."""

    code: str
    table: str
    column: str
    cells: dict[str, str] = field(default_factory=dict)

    def row(self, id: str = "X1") -> dict[str, str]:
        """A good row of its own id with the spoilt cells in it."""
        good = BASE.get(self.table, {"name": "二村", "level": "village", "parent_code": "T1"})
        key = {"places": "place_code", **KEY}.get(self.table)
        cells = {name: id if value == "X1" else value for name, value in self.cells.items()}
        return {**good, **({key: id} if key else {}), **cells}


def born(day: str, serial: str = "001") -> str:
    """An id number of that birth date (YYYYMMDD) with its right check character."""
    digits = f"510402{day}{serial}"
    return digits + "10X98765432"[sum(int(d) * (2 ** (17 - i) % 11) for i, d in enumerate(digits)) % 11]


SPOILT = [
    # cells that the specification of their column refuses
    Spoilt("excel_error", "residents", "place_code", {"place_code": "#N/A"}),
    Spoilt("excel_error", "providers", "capacity_home", {"capacity_home": "=SUM(A1:A2)"}),
    Spoilt("scientific_id", "residents", "id_number", {"id_number": "5.1E+17"}),
    Spoilt("scientific_id", "residents", "phone", {"phone": "1.38E+10"}),
    Spoilt(
        "full_width_digits", "residents", "id_number", {"id_number": "５１０４０２１９５００１０５００１６"}
    ),
    Spoilt("full_width_digits", "residents", "age", {"age": "７６"}),
    Spoilt("full_width_digits", "residents", "birth_date", {"birth_date": "１９５０-01-05"}),
    Spoilt("full_width_digits", "residents", "lives_alone", {"lives_alone": "１"}),
    Spoilt("full_width_digits", "sites", "lat", {"lat": "２６.5", "lon": "101.7"}),
    Spoilt("empty_required", "residents", "resident_id", {"resident_id": ""}),
    Spoilt("empty_required", "providers", "kind", {"kind": ""}),
    Spoilt("not_a_number", "providers", "capacity_home", {"capacity_home": "约50"}),
    Spoilt("not_a_number", "providers", "capacity_total", {"capacity_total": "1,20"}),
    Spoilt("not_a_number", "residents", "lat", {"lat": "北纬26", "lon": "101.7"}),
    Spoilt("not_a_number", "residents", "age", {"age": "7²"}),
    Spoilt("not_finite", "residents", "lat", {"lat": "NaN", "lon": "101.7"}),
    Spoilt("not_finite", "providers", "lon", {"lat": "26.5", "lon": "-inf"}),
    Spoilt("not_finite", "travel", "km", {"from_code": "T1", "km": "1e999"}),
    Spoilt("not_finite", "providers", "capacity_home", {"capacity_home": "nan"}),
    Spoilt("not_whole", "providers", "capacity_home", {"capacity_home": "12.5"}),
    Spoilt("out_of_range", "providers", "capacity_home", {"capacity_home": "-1"}),
    Spoilt("out_of_range", "providers", "capacity_home", {"capacity_home": "9" * 30}),
    Spoilt("out_of_range", "providers", "hospital_level", {"hospital_level": "4"}),
    Spoilt("out_of_range", "residents", "season_to", {"season_from": "11", "season_to": "13"}),
    Spoilt("out_of_range", "residents", "ability_grade", {"ability_grade": "6"}),
    Spoilt("out_of_range", "travel", "minutes", {"from_code": "T1", "minutes": "-3"}),
    Spoilt("bad_date", "residents", "birth_date", {"birth_date": "1950-02-30"}),
    Spoilt("bad_date", "residents", "birth_date", {"birth_date": "五零年"}),
    Spoilt("incomplete_date", "residents", "birth_date", {"birth_date": "1950-03"}),
    Spoilt("unclear_date", "residents", "birth_date", {"birth_date": "50-3-5"}),
    Spoilt("excel_serial", "residents", "birth_date", {"birth_date": "18327"}),
    Spoilt("bad_flag", "residents", "lives_alone", {"lives_alone": "2"}),
    Spoilt("placeholder_required", "residents", "resident_id", {"resident_id": "待定"}),
    Spoilt("placeholder_required", "providers", "kind", {"kind": "无"}),
    Spoilt("placeholder", "residents", "household_id", {"household_id": "0"}),
    Spoilt("invisible_characters", "residents", "phone", {"phone": "138\u200b12345678"}),
    Spoilt("code_understood", "residents", "conditions", {"conditions": "高血压3级"}),
    Spoilt("unknown_code", "residents", "requested_mode", {"requested_mode": "hmoe"}),
    Spoilt("unknown_code", "residents", "needs", {"needs": "nursing;flying"}),
    Spoilt("unknown_code", "residents", "ability_scheme", {"ability_scheme": "GB/T 1", "ability_grade": "1"}),
    Spoilt("unknown_code", "providers", "kind", {"kind": "spaceport"}),
    Spoilt("unlisted_code", "residents", "conditions", {"conditions": "gout;stroke"}),
    # ids and references
    Spoilt("duplicate_id", "residents", "resident_id", {"resident_id": "R1"}),
    Spoilt("duplicate_id", "providers", "provider_id", {"provider_id": "P1"}),
    Spoilt("duplicate_id", "candidates", "provider_id", {"provider_id": "P1"}),
    Spoilt("duplicate_id", "places", "place_code", {"place_code": "V1"}),
    Spoilt("duplicate_pair", "travel", "from_code,provider_id"),
    Spoilt("unknown_reference", "residents", "place_code", {"place_code": "V9"}),
    Spoilt("unknown_reference", "residents", "site_id", {"site_id": "S9"}),
    Spoilt("unknown_reference", "residents", "current_provider_id", {"current_provider_id": "P9"}),
    Spoilt("unknown_reference", "providers", "parent_provider_id", {"parent_provider_id": "P9"}),
    Spoilt("unknown_reference", "sites", "operator_provider_id", {"operator_provider_id": "P9"}),
    Spoilt("unknown_reference", "places", "parent_code", {"parent_code": "T9"}),
    Spoilt("unknown_reference", "travel", "from_code", {"from_code": "V9"}),
    Spoilt("parent_cycle", "places", "parent_code", {"parent_code": "X1"}),
    Spoilt("empty_travel", "travel", "minutes", {"from_code": "R1", "km": "", "minutes": ""}),
    Spoilt("unreachable_journey", "travel", "reachable", {"from_code": "R1", "reachable": "0"}),
    # positions
    Spoilt("half_position", "residents", "lon", {"lat": "26.5"}),
    Spoilt("half_position", "sites", "lat", {"lon": "101.7"}),
    Spoilt("zero_position", "residents", "lat", {"lat": "0", "lon": "0.0"}),
    Spoilt("swapped_position", "providers", "lat", {"lat": "101.7", "lon": "26.5"}),
    Spoilt("outside_china", "providers", "lon", {"lat": "51.5", "lon": "-0.1"}),
    Spoilt("outside_china", "places", "lat", {"lat": "-26.5", "lon": "101.7"}),
    # people
    Spoilt("bad_id_form", "residents", "id_number", {"id_number": GOOD_ID[:-1]}),
    Spoilt("bad_id_date", "residents", "id_number", {"id_number": "510402195002300019"}),
    Spoilt("bad_id_date", "residents", "id_number", {"id_number": born("20990105")}),
    Spoilt("bad_id_checksum", "residents", "id_number", {"id_number": GOOD_ID[:-1] + "7"}),
    Spoilt("future_birth", "residents", "birth_date", {"birth_date": "2026-01-02"}),
    Spoilt("age_over_120", "residents", "birth_date", {"birth_date": "1904-12-31"}),
    Spoilt("out_of_range", "residents", "age", {"age": "121", "birth_date": ""}),
    Spoilt(
        "grade_not_in_scheme",
        "residents",
        "ability_grade",
        {"ability_scheme": "MZ/T 039-2013", "ability_grade": "4"},
    ),
    Spoilt("half_season", "residents", "season_to", {"season_from": "11"}),
    # what is only warned of
    Spoilt("unknown_area", "residents", "id_number", {"id_number": "990402195001050015"}),
    Spoilt("age_contradicts_birth", "residents", "age", {"age": "70"}),
    Spoilt("id_contradicts_birth", "residents", "id_number", {"id_number": born("19510105")}),
    Spoilt("no_age", "residents", "age", {"birth_date": ""}),
    Spoilt("under_60", "residents", "birth_date", {"birth_date": "1966-01-02"}),
    Spoilt("scheme_assumed", "residents", "ability_scheme", {"ability_grade": "2"}),
    Spoilt("no_location", "providers", "lat", {"place_code": ""}),
    Spoilt("clinic_without_site", "providers", "site_id", {"kind": "care_site_clinic"}),
    Spoilt("no_level", "places", "level", {"level": ""}),
]
CASES = [pytest.param(case, id=f"{case.code}-{case.table}-{number}") for number, case in enumerate(SPOILT)]


@pytest.mark.parametrize("case", CASES)
def test_a_spoilt_row_is_named_and_nothing_else(tmp_path, case):
    """One spoilt cell gives one line: its file, its row as in a spreadsheet, its column and the code."""
    result = checked(write_folder(tmp_path, {case.table: [case.row()]}))
    row = 4 if case.table == "places" else 3
    assert told(result.problems) == {(f"{case.table}.csv", row, case.column, case.code)}
    assert (result.inputs is None) == (case.code in ERRORS)


def test_a_folder_spoilt_in_every_way_names_every_row(tmp_path):
    """All problems come in one table, in the order of file, row and column."""
    more: dict[str, list[dict[str, str]]] = {table: [] for table in TABLES}
    expected = set()
    for number, case in enumerate(SPOILT):
        more[case.table].append(case.row(f"X{number}"))
        row = 1 + len(GOOD[case.table]) + len(more[case.table])
        expected.add((f"{case.table}.csv", row, case.column, case.code))
    problems = checked(write_folder(tmp_path, more)).problems
    assert expected <= told(problems)
    order = problems[["file", "row", "column"]]
    pd.testing.assert_frame_equal(order, order.sort_values(["file", "row", "column"], na_position="first"))


def test_every_code_is_tested_here_or_in_test_read():
    """A new code needs an example."""
    pairs = {"duplicate_id_number"}  # takes two rows, see below
    elsewhere = {"parents_from_codes", "parent_not_above", "no_parent"}  # test_placetree
    elsewhere |= {"place_name_unknown", "place_name_ambiguous"}  # test_placenames
    elsewhere |= {"correction_value"}  # test_corrections
    elsewhere |= {
        "too_many_rows",
        "merged_amount",
        "separator",
        "title_row",
        "total_row",
        "footer_row",
    }  # test_layout
    elsewhere |= {
        "heading_row",
        "header_again",
        "merged_cells",
        "merged_across",
        "hidden_rows",
    }  # test_layout
    elsewhere |= {"filtered_rows", "hidden_columns", "hidden_sheet"}  # test_layout
    elsewhere |= {"file_too_heavy", "too_many_cells", "cell_too_long"}  # test_bounds
    elsewhere |= {"stay_backwards"}  # care/test_money
    elsewhere |= {"basemap_bad", "basemap_class", "basemap_form"}  # geography/test_basemap
    elsewhere |= {"foreign_format", "foreign_beside", "geometry_left_out"}  # test_fileforms
    elsewhere |= {"outlines_form", "outline_no_code", "outline_bad", "outline_swapped"}  # test_outlinefile
    elsewhere |= {"outline_empty", "outline_unknown", "outline_datum"}  # test_outlinefile
    elsewhere |= {"visit_in_future"}  # care/test_packages
    elsewhere |= {"signing_backwards", "two_leads"}  # care/test_signing
    elsewhere |= set(test_sense.CODES) | set(test_placed.CODES) | set(test_journeys.CODES)
    assert {case.code for case in (*SPOILT, *SPOILT_FOLDERS)} | pairs | elsewhere == set(SEVERITY)


VALID = [
    pytest.param({"lat": "", "lon": "", "place_code": ""}, id="no position at all: unserved, not wrong"),
    pytest.param({"id_number": "510402500105001"}, id="id number of fifteen digits"),
    pytest.param({"id_number": GOOD_ID, "birth_date": ""}, id="birth date only in the id number"),
    pytest.param({"id_number": born("19500105", "022")}, id="check character of another number"),
    pytest.param({"birth_date": "1906-01-01"}, id="exactly 120 years"),
    pytest.param({"birth_date": "1966-01-01"}, id="sixty on the day"),
    pytest.param({"birth_date": "1980-05-05", "origin": "visitor"}, id="a visitor may be middle-aged"),
    pytest.param(
        {"birth_date": "1950/1/5", "age": "75.0"}, id="dates with slashes, whole numbers with point"
    ),
    pytest.param({"lat": "26.5", "lon": "101.7"}, id="own coordinates"),
    pytest.param(
        {"sex": "女", "lives_alone": "是", "living_setting": "自家", "origin": "本地"}, id="Chinese words"
    ),
    pytest.param({"sex": "ｆ", "lives_alone": "YES", "requested_mode": "Home"}, id="width and case of codes"),
    pytest.param({"ability_scheme": "MZ/T 039-2013", "ability_grade": "3"}, id="grade of its scheme"),
    pytest.param({"season_from": "11", "season_to": "3", "origin": "visitor"}, id="season over the new year"),
]


@pytest.mark.parametrize("cells", VALID)
def test_what_is_valid_raises_no_word(tmp_path, cells):
    """These rows are let through without a warning."""
    result = checked(write_folder(tmp_path, {"residents": [{**RESIDENT, "resident_id": "R2", **cells}]}))
    assert told(result.problems) == set()
    assert result.inputs is not None


def test_a_sound_folder_becomes_typed_tables(tmp_path):
    """Every specified column is there in its type, absent ones missing, with the row in the file."""
    inputs = checked(write_folder(tmp_path)).inputs
    for table, specs in TABLES.items():
        frame = getattr(inputs, table)
        expected = {spec.name: DTYPES[spec.type] for spec in specs} | {"row": "int64"}
        assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == expected
    assert list(inputs.places["row"]) == [2, 3]
    assert inputs.residents["birth_date"][0] == pd.Timestamp("1950-01-05")
    assert inputs.providers["capacity_home"][0] == 3
    assert pd.isna(inputs.providers["capacity_community"][0])
    assert inputs.residents["conditions"][0] == ""


def test_lists_are_split_sorted_and_made_unique(tmp_path):
    """Semicolons, commas and enumeration commas of either width separate; labels become codes."""
    cells = {"conditions": "脑卒中；stroke、高血压", "needs": "rehab，护理, tcm", "groups": "own_group"}
    inputs = checked(
        write_folder(tmp_path, {"residents": [{**RESIDENT, "resident_id": "R2", **cells}]})
    ).inputs
    person = inputs.residents.iloc[1]
    assert person["conditions"] == "hypertension;stroke"
    assert person["needs"] == "nursing;rehab;tcm"
    assert person["groups"] == "own_group"


def test_the_birth_date_comes_from_the_id_number_when_not_given(tmp_path):
    """A small x becomes X, and the given birth date goes first."""
    x = next(number for number in (born("19400229", f"{i:03d}") for i in range(99)) if number.endswith("X"))
    more = [
        {**RESIDENT, "resident_id": "R2", "birth_date": "", "id_number": x.lower()},
        {**RESIDENT, "resident_id": "R3", "birth_date": "1941-01-01", "id_number": born("19420101")},
    ]
    residents = checked(write_folder(tmp_path, {"residents": more})).inputs.residents
    assert list(residents["birth_date"].astype(str)) == ["1950-01-05", "1940-02-29", "1941-01-01"]
    assert residents["id_number"][1] == x


def test_names_are_left_as_they_are(tmp_path):
    """Width and case of a name are the person's own, and somebody called NA exists."""
    names = ["Ｌi　㐂", "NA", "null"]
    more = [{**RESIDENT, "resident_id": f"N{name}", "name": name} for name in names]
    residents = checked(write_folder(tmp_path, {"residents": more})).inputs.residents
    assert list(residents["name"][1:]) == names


def test_nobody_is_shown_in_clear(tmp_path):
    """Names, phones and id numbers are masked, also where a cell slipped into another column."""
    rows = [
        {**RESIDENT, "resident_id": "R2", "id_number": GOOD_ID[:-1] + "7", "phone": "１3812345678"},
        {**RESIDENT, "resident_id": "R2", "sex": GOOD_ID, "age": "13812345678", "name": "#N/A"},
        {**RESIDENT, "resident_id": GOOD_ID, "lat": "101.712345", "lon": "26.512345"},
        {
            **RESIDENT,
            "resident_id": GOOD_ID,
            "address": "=五道街3号",
            "origin": "５１０４０２１９５００１０５００１６",
        },
    ]
    shown = " ".join(checked(write_folder(tmp_path, {"residents": rows})).problems["value"])
    for secret in (GOOD_ID, GOOD_ID[:-1] + "7", "13812345678", "3812345678", "五道街", "512345", "712345"):
        assert secret not in shown
    assert "5****************6" in shown
    assert "26.51" in shown


def test_masks_hide_runs_inside_longer_text():
    """An id number or a phone inside a sentence is hidden; a place code of twelve digits is not."""
    text = masked("providers", "name", f"call 13812345678 for {GOOD_ID} at 510402001002")
    assert text == "call 138****5678 for 5****************6 at 510402001002"
    assert masked("residents", "name", "欧阳明") == "欧*"


def test_an_unknown_code_is_told_with_the_list_and_the_nearest(tmp_path):
    """What is allowed names every mode; the fix names the one that was probably meant."""
    row = {**RESIDENT, "resident_id": "R2", "requested_mode": "hmoe"}
    problems = checked(write_folder(tmp_path, {"residents": [row]})).problems
    assert problems["value"][0] == "hmoe"
    assert problems["allowed"][0] == ", ".join(MODES)
    assert "home" in problems["fix"][0]
    assert "家庭医养" in render_problems(problems, "zh")["allowed"][0]


def test_a_duplicate_names_where_the_id_stands_first(tmp_path):
    """The third of three equal ids points at the first, not at the second."""
    problems = checked(write_folder(tmp_path, {"residents": [RESIDENT, RESIDENT]})).problems
    assert list(problems["row"]) == [3, 4]
    assert all("residents.csv:2" in fix for fix in problems["fix"])


def test_the_same_id_number_twice_is_a_warning(tmp_path):
    """One person may be listed twice; the plan goes on."""
    rows = [{**RESIDENT, "resident_id": id, "id_number": GOOD_ID} for id in ("R2", "R3")]
    result = checked(write_folder(tmp_path, {"residents": rows}))
    assert told(result.problems) == {("residents.csv", 4, "id_number", "duplicate_id_number")}
    assert result.inputs is not None


def test_every_place_of_a_cycle_is_named_and_none_that_only_leads_there(tmp_path):
    """X → Y → X is a cycle; Z, which lies in X, is sound."""
    rows = [
        {"place_code": code, "level": "village", "parent_code": parent}
        for code, parent in (("X", "Y"), ("Y", "X"), ("Z", "X"))
    ]
    problems = checked(write_folder(tmp_path, {"places": rows})).problems
    assert told(problems) == {("places.csv", row, "parent_code", "parent_cycle") for row in (4, 5)}


def test_absent_optional_tables_and_columns_are_no_problem(tmp_path):
    """Only residents, providers and places must be there; sites without rows have all columns."""
    folder = write_folder(tmp_path)
    for table in ("sites", "travel", "candidates"):
        (folder / f"{table}.csv").unlink()
    (folder / "residents.csv").write_text("resident_id,age\nR1,70\n", encoding="utf-8")
    inputs = checked(folder).inputs
    assert len(inputs.sites) == 0
    assert "beds" in inputs.sites
    assert pd.isna(inputs.residents["place_code"][0])


def test_a_header_without_rows_is_a_valid_table(tmp_path):
    """Zero residents and zero providers are an empty answer, not an error."""
    folder = write_folder(tmp_path)
    (folder / "travel.csv").unlink()
    (folder / "residents.csv").write_text("resident_id\n", encoding="utf-8")
    (folder / "providers.csv").write_text("provider_id,kind\n", encoding="utf-8")
    result = checked(folder)
    assert len(result.problems) == 0
    assert len(result.inputs.residents) == 0


def test_a_reference_into_a_table_that_is_absent_is_unknown(tmp_path):
    """Without a table of sites nobody can live in one."""
    folder = write_folder(tmp_path, {"residents": [{**RESIDENT, "resident_id": "R2", "site_id": "S1"}]})
    (folder / "sites.csv").unlink()
    assert told(checked(folder).problems) == {("residents.csv", 3, "site_id", "unknown_reference")}


def test_a_journey_may_lead_to_a_candidate(tmp_path):
    """One that another file of candidates replaces is no error of the journeys; an unknown provider is one else."""
    way = {"from_code": "R1", "provider_id": "N1", "km": "60"}
    data = tmp_path / "data"
    data.mkdir()
    folder = write_folder(data, {"travel": [way]})
    assert checked(folder).inputs is not None
    other = tmp_path / "other.csv"
    other.write_text("provider_id,kind,place_code\nN2,village_clinic,V1\n", encoding="utf-8")
    assert check(read_folder(folder, candidates=other)).inputs is not None
    write_folder(data, {"travel": [way | {"provider_id": "N9"}]})
    assert told(checked(folder).problems) == {("travel.csv", 3, "provider_id", "unknown_reference")}


def test_a_journey_to_a_candidate_is_held_against_the_crow(tmp_path):
    """As one to a provider is."""
    spot = {"provider_id": "N2", "kind": "village_clinic", "lat": "26.6", "lon": "101.7"}
    way = {"from_code": "V1", "provider_id": "N2", "km": "2"}
    folder = write_folder(tmp_path, {"travel": [way], "candidates": [spot]})
    assert ("travel.csv", 3, "km", "travel_below_line") in told(checked(folder).problems)


def test_references_into_an_unreadable_table_are_not_blamed(tmp_path):
    """The broken table is told once, not once for each row that points there."""
    folder = write_folder(tmp_path)
    (folder / "places.csv").write_bytes(b"")
    assert told(checked(folder).problems) == {("places.csv", 0, "", "empty_file")}


def test_a_datum_by_file_must_cover_every_file_with_coordinates(tmp_path):
    """Places have coordinates here, so a table of datums without them is incomplete."""
    dataset = 'as_of = "2026-01-01"\n[datum]\nresidents = "gcj02"\n'
    result = checked(write_folder(tmp_path, dataset=dataset))
    assert told(result.problems) == {("dataset.toml", 0, "datum.places", "missing_datum")}


def test_json_has_the_columns_of_the_contract_and_null_for_a_whole_file(tmp_path):
    """An array of objects, Chinese readable, rows as numbers."""
    folder = write_folder(
        tmp_path, {"providers": [{**PROVIDER, "provider_id": "P2", "capacity_home": "约50"}]}
    )
    (folder / "sites.csv").write_bytes(b"")
    text = problems_as_json(checked(folder).problems)
    assert "约50" in text
    lines = json.loads(text)
    assert [tuple(line) for line in lines] == [PROBLEM_COLUMNS] * 2
    assert [(line["file"], line["row"]) for line in lines] == [("providers.csv", 3), ("sites.csv", None)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_problem_has_its_words(lang):
    """Allowed and fix of every code can be told in both languages, with all that they name."""
    params = {
        "table": "t", "files": "f", "limit": "1", "expected": 3, "keys": "k", "datums": "d", "names": "n",
        "name": "n", "setting": "s", "bounds": "b", "vocabulary": "mode", "first": "f:2", "tables": "t",
        "lat": "1", "lon": "2", "scheme": "s", "grades": "0", "assumed": "a", "nearest": "near",
        "unreached": 4, "settings": "s", "variable": "v", "meant": "m", "memory": "1 GB", "seconds": "1", "form": "xls",
        "cells": "1", "codes": "c", "count": "1", "remedy": "r", "reason": "no_utf8", "detail": "d",
        "origin": "o", "destination": "d", "classes": "river", "most": "9",
    }  # fmt: skip
    findings = [Finding(code, "x.csv", params=params) for code in SEVERITY]
    problems = render_problems(problem_table(findings), lang)
    assert (problems["allowed"].str.len() > 0).all()
    assert problems["fix"].str.contains("near").all()
    assert not (problems["allowed"] + problems["fix"]).str.contains("[{}]").any()


def test_errors_and_warnings_do_not_overlap():
    """Every code has one severity."""
    assert not set(ERRORS) & set(WARNINGS)


def test_no_problem_at_all_is_an_empty_table_with_columns(tmp_path):
    """The table of a sound folder can be shown like any other."""
    problems = checked(write_folder(tmp_path)).problems
    assert list(problems.columns) == [*PROBLEM_COLUMNS, "params", "header"]
    assert problems_as_json(problems) == "[]"
    assert list(render_problems(problems, "zh").columns) == list(PROBLEM_COLUMNS)


def test_a_slipped_column_of_thirty_thousand_is_told_in_seconds(tmp_path):
    """Every row wrong in its own way must not take the square of the rows."""
    rows = "".join(f"R{number},word{number},word{number}\n" for number in range(30_000))
    (write_folder(tmp_path) / "residents.csv").write_text(f"resident_id,sex,needs\n{rows}", encoding="utf-8")
    problems = checked(tmp_path).problems
    assert (problems["code"] == "unknown_code").sum() == 60_000


def test_load_inputs_raises_with_the_whole_table(tmp_path):
    """Bad data is one error that carries every problem, warnings too."""
    rows = [{**RESIDENT, "place_code": "V9", "ability_grade": "1"}]
    with pytest.raises(DataError) as raised:
        load_inputs(write_folder(tmp_path, {"residents": rows}))
    codes = ["scheme_assumed", "unknown_reference", "duplicate_id"]
    assert sorted(raised.value.problems["code"]) == sorted(codes)
    assert raised.value.values["errors"] == 2


def test_load_inputs_reads_checks_and_locates(tmp_path):
    """A resident with a place code stands where the township above its village stands."""
    more = {
        "places": [{"place_code": "V2", "name": "二村", "level": "village", "parent_code": "T1"}],
        "residents": [{**RESIDENT, "resident_id": "R2", "name": "李四", "place_code": "V2"}],
    }
    inputs = load_inputs(write_folder(tmp_path, more))
    assert list(inputs.residents["precision"]) == ["village", "township"]


def test_flags_go_before_the_file_and_stand_in_for_it(tmp_path):
    """--as-of and --datum are enough without dataset.toml."""
    folder = write_folder(tmp_path, dataset=None)
    inputs = check(read_folder(folder, as_of="2020-06-30", datum="GCJ02")).inputs
    assert inputs.dataset.as_of.isoformat() == "2020-06-30"
    assert set(inputs.dataset.datum.values()) == {"gcj02"}
    (folder / "dataset.toml").write_text(DATASET, encoding="utf-8")
    assert check(read_folder(folder, as_of="2020-06-30")).inputs.dataset.as_of.year == 2020


@pytest.mark.parametrize("number", [GOOD_ID[:-1], "510402195002300019", GOOD_ID[:-1] + "7"])
def test_a_doubtful_id_number_stops_nothing_and_gives_no_birth_date(tmp_path, number):
    """An old card misread: the person is matched, of unknown age unless the birth date stands beside it."""
    more = [{"resident_id": "R2", "place_code": "V1", "id_number": number}]
    found = checked(write_folder(tmp_path, {"residents": more}))
    assert {code for _, row, _, code in told(found.problems) if row == 3} >= {"no_age"}
    assert pd.isna(found.inputs.residents.set_index("resident_id").loc["R2", "birth_date"])


def test_one_cause_is_one_line_however_many_rows_have_it(tmp_path):
    """A thousand rows of the same mistake; the count is told, and the header as the file has it."""
    rows = "".join(f"R{n},X9\n" for n in range(1000))
    (write_folder(tmp_path) / "residents.csv").write_text("编号,地区代码\n" + rows, encoding="utf-8")
    problems = checked(tmp_path).problems
    lines = [line for line in cause_lines(problems, "zh") if "unknown_reference" in line]
    assert len(lines) == 1
    assert "1,000" in lines[0]
    assert "地区代码" in lines[0]
    assert len(problems[problems["code"] == "unknown_reference"]) == 1000


def test_causes_come_before_their_effects_and_errors_before_warnings(tmp_path):
    """Header, then cells, then what joins tables."""
    people = [
        {"resident_id": "R2", "age": "old", "place_code": "X9"},
        {"resident_id": "R3", "place_code": "V1"},
    ]
    more = {"residents": people}
    codes = causes(checked(write_folder(tmp_path, more)).problems, "en")["code"].tolist()
    assert codes == ["not_a_number", "unknown_reference", "no_age"]


def test_a_table_without_its_key_column_is_told_once(tmp_path):
    """Not again for every row that refers to it."""
    write_folder(tmp_path)
    (tmp_path / "places.csv").write_text("name,level\n甲镇,township\n", encoding="utf-8")
    errors = [code for *_, code in told(checked(tmp_path).problems) if SEVERITY[code] == "error"]
    assert errors == ["missing_column"]
