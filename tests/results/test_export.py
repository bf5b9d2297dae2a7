"""What stands in an exported workbook, read back by another library."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pandas as pd
import pytest

from matcher.errors import BadInput, Failure
from matcher.results import export
from matcher.results.export import excel_bytes, safe_text

FRAME = pd.DataFrame(
    {
        "姓名": ["张*", "=cmd|' /C calc'!A0", None],
        "年龄": pd.array([70, None, 81], dtype="Int64"),
        "距离（公里）": [1.25, float("nan"), 12.0],
    }
)
META = {"fingerprint": "abc123", "policy": "panzhihua-2016", "as_of": "2026-01-01"}


def opened(frame=FRAME, title="甲卫生院名册", lang="zh", meta=META, **options):
    """The only sheet of the exported book."""
    book = openpyxl.load_workbook(io.BytesIO(excel_bytes(frame, title, lang, meta, **options)))
    assert len(book.sheetnames) == 1
    return book.active


def test_rows_come_back_as_written_and_missing_stays_empty():
    """Text as text, numbers as numbers, nothing turns into 0."""
    cells = [[cell.value for cell in row] for row in opened()["A2:C5"]]
    assert cells == [
        ["姓名", "年龄", "距离（公里）"],
        ["张*", 70, 1.25],
        ["'=cmd|' /C calc'!A0", None, None],
        [None, 81, 12],
    ]


def test_a_sheet_has_a_filter_a_fixed_header_and_wide_enough_columns():
    """A Chinese character takes two places."""
    sheet = opened()
    assert sheet.auto_filter.ref == "A2:C5"
    assert sheet.freeze_panes == "A3"
    assert sheet.column_dimensions["C"].width >= 12


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        ("zh", ["数据日期: 2026-01-01", "政策: panzhihua-2016", "方案指纹: abc123"]),
        ("en", ["Data of: 2026-01-01", "Policy: panzhihua-2016", "Plan fingerprint: abc123"]),
    ],
)
def test_the_closing_lines_say_where_the_rows_come_from(lang, lines):
    """Below the rows, after one empty line, in the reader's language."""
    column = [cell.value for cell in opened(lang=lang)["A"]]
    assert column[5:] == [None, *lines]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_what_looks_like_a_formula_is_stored_as_text(start):
    """No cell of a hostile name becomes a formula, also not a header."""
    sheet = opened(pd.DataFrame({f"{start}1+1": [f"{start}1+1"]}))
    for cell in (sheet["A2"], sheet["A3"]):
        assert cell.data_type == "s"
        assert cell.value.startswith("'")


def test_harmless_text_is_left_alone():
    """A link or a number in a text column stays the text that it is."""
    for text in ("https://example.org", "0123", "张*", ""):
        assert safe_text(text) == text
    assert opened(pd.DataFrame({"a": ["0123"]}))["A3"].value == "0123"


def test_every_export_carries_its_own_number_in_the_first_line():
    """Two exports of the same rows differ in their bytes, and in the part that a cache samples: the end."""
    first, second = (excel_bytes(FRAME, "t", "zh", META) for _ in range(2))
    assert first != second
    assert first[-4096:] != second[-4096:]
    assert opened(export_id="E7")["A1"].value == "甲卫生院名册 · 导出编号 E7"


def test_an_empty_roster_is_a_header():
    """No rows: the headers and the closing lines remain."""
    sheet = opened(FRAME.iloc[:0])
    assert [cell.value for cell in sheet[2]] == ["姓名", "年龄", "距离（公里）"]
    assert sheet["A4"].value == "数据日期: 2026-01-01"


@pytest.mark.parametrize("title", ["甲/乙[1]:*?\\卫生院", "'quoted'", "很长" * 30, "[]"])
def test_any_provider_name_makes_a_sheet_name(title):
    """Excel refuses some characters and more than 31 of them."""
    name = opened(title=title).title
    assert 0 < len(name) <= 31
    assert not set(name) & set("[]:*?/\\'")


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch):
    """Rather no file than a file that lacks its last rows."""
    monkeypatch.setattr(export, "MAX_ROWS", 2)
    with pytest.raises(BadInput, match="too_many_rows"):
        excel_bytes(FRAME, "t", "zh", META)


def test_a_cell_that_excel_cannot_hold_is_a_failure():
    """The writing library would drop a text of more than 32,767 characters without a word."""
    with pytest.raises(Failure, match="column 1"):
        excel_bytes(pd.DataFrame({"a": ["x" * 40_000]}), "t", "zh", META)


def test_an_unknown_closing_line_is_refused():
    """A misspelt key would otherwise lose the line."""
    with pytest.raises(KeyError, match="finger"):
        excel_bytes(FRAME, "t", "zh", {"finger": "x"})


def test_the_file_is_a_sound_archive():
    """Every member's checksum holds."""
    assert zipfile.ZipFile(io.BytesIO(excel_bytes(FRAME, "t", "en", META))).testzip() is None


def test_each_value_of_a_column_gets_a_sheet_with_its_rows():
    """Names of villages that differ in case, or in what Excel refuses, get sheets of their own."""
    frame = pd.DataFrame(
        {"村": ["甲", "乙", "甲", "A/B", "a?b", "", "长" * 40], "人": ["1", "2", "3", "4", "5", "6", "7"]}
    )
    book = openpyxl.load_workbook(io.BytesIO(excel_bytes(frame, "名册", "zh", {}, by="村")))
    rows = {sheet.title: [row[1] for row in sheet.iter_rows(3, values_only=True) if row[1]] for sheet in book}
    assert rows == {
        "名册": ["1", "2", "3", "4", "5", "6", "7"],
        "A B": ["4"],
        "a b 2": ["5"],
        "乙": ["2"],
        "甲": ["1", "3"],
        "长" * 31: ["7"],
    }
    assert {sheet["A1"].value for sheet in book} == {book.active["A1"].value}
