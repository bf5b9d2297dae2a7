"""Files and sheets under the names that offices give them; what a name leaves open is asked of nobody."""

from __future__ import annotations

import openpyxl
import pytest

from matcher.intake.check import check
from matcher.intake.naming import table_of, tables_in
from matcher.intake.read import read_folder, read_upload
from tests.helpers.folders import DATASET, GOOD, checked, told, write_folder


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("residents", "residents"),
        ("Residents", "residents"),
        ("居民", "residents"),
        ("老年人", "residents"),
        ("老人花名册2026", "residents"),
        ("2026年老年人名单（终版）", "residents"),
        ("医疗机构", "providers"),
        ("医疗卫生机构信息表", "providers"),
        ("行政区划", "places"),
        ("养老机构", "sites"),
        ("老人机构2026", None),
        ("Sheet1", None),
        ("说明", None),
        ("", None),
    ],
)
def test_a_name_says_which_table_it_is_or_nothing(name, table):
    assert table_of(name) == table


def workbook(path, sheets, above=()):
    """A workbook of several tables, each below the rows `above`."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        header = list(dict.fromkeys(column for row in rows for column in row))
        for cells in (*above, header, *([row.get(column) for column in header] for row in rows)):
            sheet.append(list(cells))
    book.save(path)
    return path


SHEETS = {"老年人": GOOD["residents"], "医疗机构": GOOD["providers"], "行政区划": GOOD["places"]}


def test_one_workbook_of_any_name_holds_several_tables(tmp_path):
    """老人机构2026.xlsx, with a title above each header and a sheet of notes, which alone is told."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "dataset.toml").write_text(DATASET, encoding="utf-8")
    notes = {"说明": [{"填表须知": "勿改"}]}
    workbook(folder / "老人机构2026.xlsx", SHEETS | notes, above=[["某县2026年情况"]])
    result = checked(folder)
    assert result.inputs is not None
    assert len(result.inputs.residents) == len(GOOD["residents"])
    files = {file for file, *_, code in told(result.problems) if code == "title_row"}
    assert files == {f"老人机构2026.xlsx · {sheet}" for sheet in SHEETS}
    upload = [(path.name, path.read_bytes()) for path in folder.iterdir()]
    assert check(read_upload(upload)).inputs is not None


def test_a_problem_in_a_shared_workbook_names_its_sheet(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "dataset.toml").write_text(DATASET, encoding="utf-8")
    wrong = [*GOOD["residents"], {**GOOD["residents"][0], "resident_id": "R9", "age": "abc"}]
    workbook(folder / "县.xlsx", SHEETS | {"老年人": wrong})
    assert ("县.xlsx · 老年人", 3, "age", "not_a_number") in told(checked(folder).problems)


def test_a_file_of_its_own_goes_before_a_sheet_and_the_sheet_is_told(tmp_path):
    folder = write_folder(tmp_path)
    workbook(folder / "县.xlsx", {"医疗机构": GOOD["providers"]})
    assert told(checked(folder).problems) == {("县.xlsx", 0, "", "sheet_ignored")}


def test_two_workbooks_with_the_same_table_are_refused(tmp_path):
    folder = write_folder(tmp_path)
    (folder / "residents.csv").unlink()
    for name in ("甲.xlsx", "乙.xlsx"):
        workbook(folder / name, {"老年人": GOOD["residents"]})
    assert {code for *_, code in told(checked(folder).problems)} == {"table_twice"}


def test_files_under_chinese_names(tmp_path):
    folder = write_folder(tmp_path)
    (folder / "residents.csv").rename(folder / "老年人名单.csv")
    result = check(read_folder(folder))
    assert result.inputs is not None
    assert result.problems.empty


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no workbook"])
def test_what_is_no_workbook_holds_no_table(tmp_path, content):
    file = tmp_path / "x.xlsx"
    file.write_bytes(content)
    assert tables_in(file) == {}
