"""What somebody says of names: the tables are the same as if the names were known, and nothing is guessed silently."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.cli import main
from matcher.errors import BadInput
from matcher.intake.check import check, load_inputs
from matcher.intake.mapping import UNUSED, Meanings, meanings_of, read_meanings, suggested
from matcher.intake.read import read_folder, read_upload
from matcher.tables import TABLES
from tests.helpers.app_data import SMALL, write_tables

#: Headers that mean nothing to anybody, and what they are.
ODD = {"resident_id": "代号甲", "age": "乙数", "lat": "丙", "lon": "丁"}


@pytest.fixture
def odd(tmp_path):
    """The small data with four headers of its own."""
    folder = write_tables(tmp_path / "data", SMALL)
    rename(folder / "residents.csv", ODD)
    return folder


def rename(file, names):
    table = pd.read_csv(file, dtype=str, keep_default_na=False).rename(columns=names)
    table.to_csv(file, index=False, encoding="utf-8")


def meanings(names=ODD, table="residents"):
    told = Meanings()
    for column, header in names.items():
        told = told.with_column(table, header, column)
    return told


def test_with_what_was_said_the_tables_are_those_of_known_names(odd, tmp_path):
    raw = read_folder(odd)
    assert {one.header for one in raw.strange} == set(ODD.values())
    assert check(raw).inputs is None
    told = check(read_folder(odd, meanings=meanings()))
    known = load_inputs(write_tables(tmp_path / "known", SMALL))
    assert "unknown_column" not in set(told.problems["code"])
    pd.testing.assert_frame_equal(told.located.residents, known.residents)


@settings(max_examples=20)
@given(st.permutations([column.name for column in TABLES["residents"]]), st.randoms(use_true_random=False))
def test_any_order_and_any_names_read_the_same(tmp_path_factory, order, chance):
    """Some columns keep their names, the others get new ones; all stand in another order."""
    folder = write_tables(tmp_path_factory.mktemp("data"), SMALL)
    known = load_inputs(folder)
    table = pd.read_csv(folder / "residents.csv", dtype=str, keep_default_na=False)
    names = {column: f"列{number}X" for number, column in enumerate(order) if chance.random() < 0.5}
    table[list(order)].rename(columns=names).to_csv(folder / "residents.csv", index=False, encoding="utf-8")
    told = check(read_folder(folder, meanings=meanings(names)))
    pd.testing.assert_frame_equal(told.located.residents, known.residents)


def test_a_column_that_is_not_used_is_no_warning(odd):
    file = odd / "residents.csv"
    rename(file, {header: column for column, header in ODD.items()})
    table = pd.read_csv(file, dtype=str, keep_default_na=False).assign(内部备注="x")
    table.to_csv(file, index=False, encoding="utf-8")
    assert "unknown_column" in set(check(read_folder(odd)).problems["code"])
    told = check(read_folder(odd, meanings=Meanings().with_column("residents", "内部备注", UNUSED)))
    assert "unknown_column" not in set(told.problems["code"])


def test_problems_speak_in_the_words_of_the_file(odd):
    rename(odd / "residents.csv", {})
    table = pd.read_csv(odd / "residents.csv", dtype=str, keep_default_na=False)
    table.loc[0, "乙数"] = "约七十"
    table.to_csv(odd / "residents.csv", index=False, encoding="utf-8")
    problems = check(read_folder(odd, meanings=meanings())).problems
    assert "乙数" in problems.to_csv()


def test_sheets_of_any_name_are_the_tables_that_somebody_names(tmp_path):
    """One workbook, two sheets of office names: nobody could know which is which."""
    book = xlsxwriter.Workbook(tmp_path / "汇总2026.xlsx")
    source = write_tables(tmp_path / "data", SMALL)
    for sheet, table in (("台账一", "residents"), ("台账二", "providers"), ("台账三", "places")):
        rows = pd.read_csv(source / f"{table}.csv", dtype=str, keep_default_na=False)
        page = book.add_worksheet(sheet)
        for column, name in enumerate(rows.columns):
            page.write_string(0, column, name)
            for row, cell in enumerate(rows[name], start=1):
                page.write_string(row, column, cell)
    book.close()
    files = [("汇总2026.xlsx", (tmp_path / "汇总2026.xlsx").read_bytes())]
    raw = read_upload(files, as_of="2026-01-01", datum="wgs84")
    assert raw.unnamed == tuple(("汇总2026.xlsx", sheet) for sheet in ("台账一", "台账二", "台账三"))
    told = (
        Meanings()
        .with_name("台账一", "residents")
        .with_name("台账二", "providers")
        .with_name("台账三", "places")
    )
    found = check(read_upload(files, as_of="2026-01-01", datum="wgs84", meanings=told))
    assert len(found.inputs.residents) == 3
    assert len(found.inputs.providers) == 2


def test_what_stands_beside_the_tables_is_used_and_what_cannot_be_read_is_told(odd):
    (odd / "mapping.json").write_text(json.dumps(meanings().as_data()), encoding="utf-8")
    assert len(load_inputs(odd).residents) == 3
    (odd / "mapping.json").write_text("{", encoding="utf-8")
    problems = check(read_folder(odd)).problems
    assert "mapping.json" in set(problems["file"])


def test_the_command_line_takes_a_file_of_meanings(odd, tmp_path, capsys):
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(meanings().as_data(), ensure_ascii=False), encoding="utf-8")
    assert main(["check", str(odd)]) == 1
    assert main(["check", str(odd), "--mapping", str(file)]) == 0
    assert main(["match", str(odd), "--mapping", str(file), "--out", str(tmp_path / "out")]) == 0
    assert (
        main(["match", str(odd), "--mapping", str(tmp_path / "no.json"), "--out", str(tmp_path / "o")]) == 1
    )
    capsys.readouterr()


@pytest.mark.parametrize(
    ("told", "code", "found"),
    [
        ([], "mapping_unreadable", None),
        ({"name": {}}, "mapping_unknown", '"name"'),
        ({"names": []}, "mapping_unreadable", None),
        ({"names": {"a": "people"}}, "mapping_unknown", '"people"'),
        ({"columns": {"people": {}}}, "mapping_unknown", '"people"'),
        ({"columns": {"residents": []}}, "mapping_unreadable", None),
        ({"columns": {"residents": {"a": "years"}}}, "mapping_unknown", '"years"'),
        ({"columns": {"residents": {"a": 3}}}, "mapping_unknown", "3"),
    ],
)
def test_whatever_a_file_of_meanings_holds_is_told(tmp_path, told, code, found):
    with pytest.raises(BadInput) as error:
        meanings_of(told, tmp_path / "x.json")
    assert error.value.code == code
    assert found is None or error.value.values["found"] == found


def test_a_file_that_is_no_json_is_told(tmp_path):
    (tmp_path / "x.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(BadInput) as error:
        read_meanings(tmp_path / "x.json")
    assert error.value.code == "mapping_unreadable"


def test_meanings_come_back_as_they_were_written(tmp_path):
    told = meanings().with_name("人员台账2026", "residents").with_column("providers", "备注", UNUSED)
    (tmp_path / "x.json").write_text(json.dumps(told.as_data()), encoding="utf-8")
    assert read_meanings(tmp_path / "x.json") == told


@pytest.mark.parametrize(
    ("header", "values", "column"),
    [
        ("某", ["510402195001050016", "51040219500105001X"], "id_number"),
        ("某", ["13812345678", "15900001111"], "phone"),
        ("何时", ["1950-01-05", "1950年1月5日"], "birth_date"),
        ("身份", ["低保", "残疾"], "groups"),
        ("年领", ["70", "81"], "age"),
        ("完全陌生", ["a", "b"], None),
        ("某", ["510402195001050016", "x", "y"], None),
    ],
)
def test_a_suggestion_comes_from_values_or_from_the_name(header, values, column):
    assert suggested("residents", header, values, ()) == column


def test_a_column_that_is_there_is_not_suggested_again():
    assert suggested("residents", "某", ["13812345678"], {"phone"}) is None


def headed(folder, above):
    """The small data, its strange header below rows that look more like one."""
    write_tables(folder, SMALL)
    rename(folder / "residents.csv", ODD)
    text = (folder / "residents.csv").read_text(encoding="utf-8")
    (folder / "residents.csv").write_text("".join(f"{row}\n" for row in above) + text, encoding="utf-8")
    return folder


EXAMPLE = "示例：,姓名,电话,性别,年龄,纬度"


@pytest.mark.parametrize("above", [[EXAMPLE], ["注"], ["注", "", EXAMPLE]])
def test_a_row_that_somebody_calls_the_header_is_it_wherever_it_stands(tmp_path, above):
    folder = headed(tmp_path / "data", above)
    header = (folder / "residents.csv").read_text(encoding="utf-8").split("\n")[len(above)].split(",")
    told = meanings().with_header("residents", header)
    found = check(read_folder(folder, meanings=told))
    known = load_inputs(write_tables(tmp_path / "known", SMALL))
    assert found.located is not None
    pd.testing.assert_frame_equal(
        found.located.residents.drop(columns="row"), known.residents.drop(columns="row")
    )
    kept = meanings_of(json.loads(json.dumps(told.as_data())), tmp_path / "mapping.json")
    assert kept == told


@pytest.mark.parametrize(
    "told", [{"headers": []}, {"headers": {"residents": "a"}}, {"headers": {"residents": [1]}}]
)
def test_headers_that_are_no_rows_are_refused(tmp_path, told):
    with pytest.raises(BadInput, match="mapping_unreadable"):
        meanings_of(told, tmp_path / "mapping.json")


def test_the_first_rows_are_there_to_be_seen(tmp_path):
    folder = headed(tmp_path / "data", [EXAMPLE])
    top = read_folder(folder).tops["residents"]
    assert top.header_row == 2
    assert [row for row, _ in top.rows] == [1, 2, 3, 4, 5]
    assert top.rows[1][1][0] == "代号甲"
