"""What a spreadsheet shows is what counts: titles, two-row headers, totals, merged ranges, hidden rows, formats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from matcher.intake.rawtable import RawTable
from matcher.intake.read import read_folder
from tests.helpers.folders import checked, told, write_folder

HEADER = ["编号", "姓名", "年龄", "地区代码", "住址"]
ANNE = ["R1", "甲", 70, "V1", "一组"]
BERT = ["R2", "乙", 71, "V1", "二组"]
Rows = Sequence[Sequence[object]]


def workbook_of(
    folder: Path, rows: Rows, more: Callable[[Any, Any], object] | None = None, table: str = "residents"
) -> Path:
    """A sound folder with one table as a workbook of these cells, to which `more` (book, sheet) may be done."""
    write_folder(folder)
    (folder / f"{table}.csv").unlink()
    with xlsxwriter.Workbook(folder / f"{table}.xlsx") as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if more:
            more(book, sheet)
    return folder


def text_of(folder: Path, text: str, table: str = "residents") -> Path:
    """A sound folder with one table as this text."""
    write_folder(folder)
    (folder / f"{table}.csv").write_text(text, encoding="utf-8", newline="")
    return folder


def table_of(folder: Path, table: str = "residents") -> RawTable:
    """The table as it was read."""
    return read_folder(folder).tables[table]


def cells_of(folder: Path, column: str, table: str = "residents") -> list[tuple[int, str | None]]:
    """Row in the file and text of each cell of a column."""
    read = table_of(folder, table)
    return list(zip(read.row.tolist(), read.cells[column].to_pylist(), strict=True))


def warned(folder: Path, code: str) -> tuple[int, str]:
    """First row and value of the one warning with this code."""
    problems = checked(folder).problems
    (line,) = problems[problems["code"] == code].to_dict("records")
    return int(line["row"]), line["value"]


def test_titles_above_the_header_are_no_header(tmp_path):
    """Rows count as Excel shows them: the person stands in row 4."""
    folder = workbook_of(tmp_path, [["甲镇老年人花名册"], ["填报单位：甲镇", "", "单位：人"], HEADER, ANNE])
    assert cells_of(folder, "resident_id") == [(4, "R1")]
    assert warned(folder, "title_row") == (1, "1–2")


@pytest.mark.parametrize("title", ["花名册", "花名册,,,,", "\n花名册"])
def test_a_title_in_a_text_file_does_not_make_every_row_ragged(tmp_path, title):
    """The header decides how many cells a row has, not the title."""
    lines = [title, ",".join(HEADER), "R1,甲,70,V1,一组"]
    folder = text_of(tmp_path, "\n".join(lines) + "\n")
    assert [text for _, text in cells_of(folder, "resident_id")] == ["R1"]
    assert {code for *_, code in told(checked(folder).problems)} == {"title_row"}


PROVIDERS = [
    ["机构编号", "名称", "机构类型", "地区代码", "机构服务能力", "", ""],
    ["", "", "", "", "机构", "社区", "居家"],
    ["P1", "甲镇卫生院", "乡镇卫生院", "V1", 5, 6, 7],
]


def capacities(folder: Path) -> list[Any]:
    """The three capacities of the first provider."""
    provider = checked(folder).inputs.providers.iloc[0]
    return [provider[f"capacity_{mode}"] for mode in ("institutional", "community", "home")]


def test_a_header_of_two_rows_names_the_columns_of_its_groups(tmp_path):
    """机构 below 服务能力 is the capacity for institutions."""

    def merge(_: Any, sheet: Any) -> None:
        sheet.merge_range(0, 4, 0, 6, "机构服务能力")
        for column in range(4):
            sheet.merge_range(0, column, 1, column, PROVIDERS[0][column])

    folder = workbook_of(tmp_path, PROVIDERS, merge, "providers")
    assert capacities(folder) == [5, 6, 7]
    assert cells_of(folder, "provider_id", "providers") == [(3, "P1")]


def test_a_header_of_two_rows_without_merged_cells_is_understood_too(tmp_path):
    """As a text file keeps it."""
    lines = [",".join(map(str, row)) for row in PROVIDERS]
    assert capacities(text_of(tmp_path, "\n".join(lines), "providers")) == [5, 6, 7]


FOOTERS = [
    (["合计", "2人"], "total_row"),
    (["合  计", "", 141], "total_row"),
    (["", "小计：2人"], "total_row"),
    (["", "总计", 141], "total_row"),
    (["共2人"], "total_row"),
    (["3", "合计", 141], "total_row"),
    (["Total", "", 141], "total_row"),
    (["制表人：王五", "", "", "审核人：赵六"], "footer_row"),
    (["填表日期：2026年1月1日"], "footer_row"),
    (["注：本表数据截至2025年底。"], "footer_row"),
    (["", "", "", "", "单位（盖章）"], "footer_row"),
    (["红星村"], "heading_row"),
    (HEADER, "header_again"),
]


#: A workbook is read by the same code once its cells are there, in a process of its own that takes seconds.
EACH = [("csv", *one) for one in FOOTERS] + [("xlsx", *FOOTERS[0]), ("xlsx", *FOOTERS[-1])]


@pytest.mark.parametrize(("kind", "row", "code"), EACH, ids=[str(number) for number in range(len(EACH))])
def test_a_total_or_a_footer_is_nobody(tmp_path, kind, row, code):
    """It is told with its row, and no resident is made of it, wherever it stands."""
    rows = [HEADER, ANNE, [*row, *[""] * (5 - len(row))], BERT]
    if kind == "csv":
        folder = text_of(tmp_path, "\n".join(",".join(map(str, cells)) for cells in rows))
    else:
        folder = workbook_of(tmp_path, rows)
    assert cells_of(folder, "resident_id") == [(2, "R1"), (4, "R2")]
    assert warned(folder, code) == (3, "3")
    assert "王五" not in checked(folder).problems.to_string()


def test_a_footer_with_fewer_cells_is_not_a_ragged_row(tmp_path):
    """A footer typed below a text file has no commas."""
    folder = text_of(tmp_path, ",".join(HEADER) + "\nR1,甲,70,V1,一组\n合计,1人\n制表人：王五\n")
    assert {(row, code) for _, row, _, code in told(checked(folder).problems)} == {
        (3, "total_row"),
        (4, "footer_row"),
    }


@pytest.mark.parametrize("name", ["合计红", "共和", "汇总街道办", "注明", "张总"])
def test_names_that_only_look_like_totals_are_people(tmp_path, name):
    """Nobody is lost because of a character in the name."""
    folder = text_of(tmp_path, ",".join(HEADER) + f"\nR1,{name},70,V1,说明：东头第三家\n")
    assert [text for _, text in cells_of(folder, "name")] == [name]


def test_a_row_of_column_numbers_below_the_header_is_nobody(tmp_path):
    """Printed forms number their columns."""
    folder = workbook_of(tmp_path, [HEADER, [1, 2, 3, 4, 5], ANNE])
    assert cells_of(folder, "resident_id") == [(3, "R1")]


def test_the_value_of_a_merged_range_counts_for_all_its_rows(tmp_path):
    """Four people share one merged cell with their village."""
    rows = [HEADER, ANNE, BERT, ["R3", "丙", 72, "", "三组"]]
    folder = workbook_of(tmp_path, rows, lambda _, sheet: sheet.merge_range("D2:D4", "V1"))
    assert cells_of(folder, "place_code") == [(2, "V1"), (3, "V1"), (4, "V1")]
    assert warned(folder, "merged_cells") == (3, "3–4")


def test_a_merged_range_that_reaches_below_the_table_makes_nobody(tmp_path):
    """Blank rows stay blank."""
    folder = workbook_of(tmp_path, [HEADER, ANNE, BERT], lambda _, sheet: sheet.merge_range("D2:D99", "V1"))
    assert cells_of(folder, "place_code") == [(2, "V1"), (3, "V1")]


def test_a_number_merged_over_two_providers_is_refused(tmp_path):
    """Ten places for two of them are neither ten each nor none."""
    rows = [
        ["机构编号", "机构类型", "地区代码", "家庭容量"],
        ["P1", "村卫生室", "V1", ""],
        ["P2", "村卫生室", "V1", ""],
    ]
    folder = workbook_of(tmp_path, rows, lambda _, sheet: sheet.merge_range("D2:D3", 10), "providers")
    assert ("providers.xlsx", 3, "家庭容量", "merged_amount") in told(checked(folder).problems)


def test_a_cell_merged_over_several_columns_is_told(tmp_path):
    """Its value counts for the first column."""
    folder = workbook_of(tmp_path, [HEADER, ANNE], lambda _, sheet: sheet.merge_range("D2:E2", "V1"))
    assert cells_of(folder, "address") == [(2, None)]
    assert warned(folder, "merged_across")[0] == 2


def test_hidden_rows_and_columns_are_read_and_told(tmp_path):
    """Whoever hides rows may not know that the program sees them."""

    def hide(_: Any, sheet: Any) -> None:
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column("C:C", None, None, {"hidden": True})

    folder = workbook_of(tmp_path, [HEADER, ANNE, BERT], hide)
    assert cells_of(folder, "resident_id") == [(2, "R1"), (3, "R2")]
    assert warned(folder, "hidden_rows") == (3, "3")
    assert warned(folder, "hidden_columns")[1] == "C 年龄"


def test_rows_that_a_filter_hides_are_read_and_told(tmp_path):
    """A filter left on must not lose a township."""

    def filtered(_: Any, sheet: Any) -> None:
        sheet.autofilter("A1:E3")
        sheet.filter_column("A", "x == R1")
        sheet.set_row(2, None, None, {"hidden": True})

    folder = workbook_of(tmp_path, [HEADER, ANNE, BERT], filtered)
    assert len(cells_of(folder, "resident_id")) == 2
    assert warned(folder, "filtered_rows") == (3, "3")


def test_a_hidden_sheet_is_read_only_where_no_other_holds_the_table(tmp_path):
    """The sheet that is shown goes first, and the other is told."""

    def second(book: Any, sheet: Any) -> None:
        shown = book.add_worksheet("名单")
        shown.write_row(0, 0, HEADER)
        shown.write_row(1, 0, BERT)
        shown.activate()
        shown.set_first_sheet()
        sheet.hide()

    folder = workbook_of(tmp_path, [HEADER, ANNE], second)
    assert cells_of(folder, "resident_id") == [(2, "R2")]
    assert {code for *_, code in told(checked(folder).problems)} == {"sheet_ignored"}


def test_a_sheet_of_notes_in_front_is_passed_over(tmp_path):
    """The first sheet that names columns of the table is it."""

    def second(book: Any, _: Any) -> None:
        sheet = book.add_worksheet("名单")
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ANNE)

    folder = workbook_of(tmp_path, [["填表说明"], ["请逐行填写"]], second)
    assert cells_of(folder, "resident_id") == [(2, "R1")]


def test_a_true_of_excel_is_no_capacity_of_one(tmp_path):
    """It is a flag, and refused where a number belongs."""
    rows = [["机构编号", "机构类型", "地区代码", "家庭容量", "医保"], ["P1", "村卫生室", "V1", True, True]]
    folder = workbook_of(tmp_path, rows, table="providers")
    assert told(checked(folder).problems) == {("providers.xlsx", 2, "capacity_home", "not_a_number")}


def test_a_percentage_is_no_number_of_places(tmp_path):
    """Excel shows 50% where the cell holds 0.5."""

    def percent(book: Any, sheet: Any) -> None:
        sheet.write_number("D2", 1, book.add_format({"num_format": "0%"}))

    rows = [["机构编号", "机构类型", "地区代码", "家庭容量"], ["P1", "村卫生室", "V1"]]
    folder = workbook_of(tmp_path, rows, percent, "providers")
    assert warned(folder, "not_a_number") == (2, "100%")


def test_zeros_that_only_the_format_shows_are_told_in_an_id(tmp_path):
    """The problem names the cell as Excel shows it; a number is still no id."""

    def zeros(book: Any, sheet: Any) -> None:
        sheet.write_number("D2", 990101, book.add_format({"num_format": "000000000000"}))

    folder = workbook_of(tmp_path, [HEADER, ["R1", "甲", 70]], zeros)
    assert warned(folder, "numeric_id") == (2, "000000990101")


def test_empty_rows_that_only_have_a_format_are_nothing(tmp_path):
    """A thousand coloured rows below the table are no people."""

    def colour(book: Any, sheet: Any) -> None:
        grey = book.add_format({"bg_color": "#dddddd"})
        for row in range(2, 1000):
            sheet.write_blank(row, 0, None, grey)

    assert cells_of(workbook_of(tmp_path, [HEADER, ANNE], colour), "resident_id") == [(2, "R1")]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators_are_understood_and_told(tmp_path, separator):
    """Programs abroad and pasted tables separate otherwise."""
    folder = text_of(tmp_path, "\n".join(separator.join(map(str, row)) for row in (HEADER, ANNE)))
    assert cells_of(folder, "address") == [(2, "一组")]
    assert {code for *_, code in told(checked(folder).problems)} == {"separator"}


def test_the_line_that_names_the_separator_is_no_row(tmp_path):
    """Excel takes it for itself: its row 1 is the header."""
    folder = text_of(tmp_path, "sep=;\r\n编号;姓名;年龄\r\nR1;甲;70\r\n")
    assert cells_of(folder, "age") == [(2, "70")]


def test_a_header_with_a_line_break_in_quotes_is_one_row(tmp_path):
    """So that rows count as Excel shows them."""
    folder = text_of(tmp_path, '花名册\n编号,"出生\n日期",年龄\nR1,1950-01-05,\n')
    assert cells_of(folder, "birth_date") == [(3, "1950-01-05")]


def test_text_in_two_encodings_is_told_with_the_row_where_the_second_begins(tmp_path):
    """Read as GB18030, the first part would be nonsense that nobody notices."""
    write_folder(tmp_path)
    good = "编号,姓名,年龄\nR1,张三丰,70\n".encode()
    (tmp_path / "residents.csv").write_bytes(good + "R2,李四,71\n".encode("gb18030"))
    assert told(checked(tmp_path).problems) == {("residents.csv", 3, "", "unknown_encoding")}
