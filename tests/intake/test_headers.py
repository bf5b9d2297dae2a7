"""Headers as offices write them stand for the columns they mean, and for nothing else."""

from __future__ import annotations

from fractions import Fraction

import pytest

from matcher.intake.check import check
from matcher.intake.headers import UNDER, column_letters, header_columns, header_key, meaning
from matcher.intake.rawtable import MOST_HINTS
from matcher.intake.read import read_folder
from matcher.tables import TABLES
from tests.helpers.folders import checked, write_folder

DECORATED = [
    ("residents", "姓    名", "name"),
    ("residents", "出生\n日期", "birth_date"),
    ("residents", "*地区代码", "place_code"),
    ("residents", "地区代码＊", "place_code"),
    ("residents", "年龄（岁）", "age"),
    ("residents", "年龄(周岁)", "age"),
    ("residents", "3、性别", "sex"),
    ("residents", "（一）姓名", "name"),
    ("residents", "身份证号码【必填】：", "id_number"),
    ("residents", "是否独居（是/否）", "lives_alone"),
    ("residents", "姓名/Name", "name"),
    ("residents", "Birth Date", "birth_date"),
    ("residents", "\ufeff编号", "resident_id"),
    ("sites", "床位数（张）", "beds"),
    ("providers", f"机构服务能力{UNDER}居家", "capacity_home"),
    ("providers", f"服务能力（人）{UNDER}合计", "capacity_total"),
    ("providers", f"上级机构{UNDER}编号", "parent_provider_id"),
    ("sites", f"床位数{UNDER}护理型", "beds_nursing"),
    ("residents", f"基本信息{UNDER}姓名", "name"),
]
NOT_MEANT = [
    ("residents", "年龄（虚岁）"),
    ("residents", "出生日期（农历）"),
    ("residents", f"联系人{UNDER}姓名"),
    ("residents", "姓名（监护人）"),
    ("providers", "总容量（万人）"),
    ("residents", "经度/纬度"),
    ("residents", ""),
]


@pytest.mark.parametrize(("table", "header", "column"), DECORATED)
def test_decoration_does_not_hide_a_column(table, header, column):
    """Blanks, line breaks, stars, numbers, units, hints and group headings are understood."""
    found = meaning(table, header)
    assert found is not None
    assert (found.column, found.unit) == (column, 1)


@pytest.mark.parametrize(("table", "header"), NOT_MEANT)
def test_what_changes_the_meaning_is_not_decoration(table, header):
    """Another person's name, a lunar date or a count in ten thousands is no column of ours."""
    assert meaning(table, header) is None


@pytest.mark.parametrize(
    ("header", "column", "unit"),
    [
        ("距离（米）", "km", Fraction(1, 1000)),
        ("时间（小时）", "minutes", Fraction(60)),
        ("公里(km)", "km", 1),
    ],
)
def test_a_unit_in_brackets_converts_the_numbers(header, column, unit):
    """A journey in metres is not read as so many kilometres."""
    found = meaning("travel", header)
    assert found is not None
    assert (found.column, found.unit) == (column, unit)


def test_metres_reach_the_table_as_kilometres(tmp_path):
    """1500 below 距离（米） are 1.5 km."""
    write_folder(tmp_path)
    (tmp_path / "travel.csv").write_text("起点,机构编号,距离（米）\nV1,P1,1500\n", encoding="utf-8")
    assert checked(tmp_path).inputs.travel["km"].tolist() == [1.5]


@pytest.mark.parametrize("table", TABLES)
def test_no_two_columns_look_alike_without_decoration(table):
    """Leaving blanks and underscores out of headers makes no two of them one."""
    seen: dict[str, str] = {}
    for word, column in header_columns(table).items():
        assert seen.setdefault(header_key(word), column) == column


def test_hints_stop_after_a_hundred_strange_columns(tmp_path):
    """One line counts the rest."""
    write_folder(tmp_path)
    strange = [f"column{number}" for number in range(MOST_HINTS + 50)]
    text = ",".join(["resident_id", "place_code", "age", *strange]) + "\nR1,V1,70" + "," * len(strange) + "\n"
    (tmp_path / "residents.csv").write_text(text, encoding="utf-8")
    problems = check(read_folder(tmp_path)).problems
    assert problems["code"].tolist() == ["unknown_column"] * (MOST_HINTS + 1)
    assert "+50" in problems["value"].tolist()


@pytest.mark.parametrize(("position", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (16383, "XFD")])
def test_columns_have_the_letters_of_a_spreadsheet(position, letters):
    """So that a column without header can be found."""
    assert column_letters(position) == letters
