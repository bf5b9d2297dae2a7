"""What offices write into cells is understood as it is meant, or told; never taken for something else in silence."""

from __future__ import annotations

import pandas as pd
import pytest

from matcher.columns import Column
from matcher.intake import values
from tests.helpers.folders import PROVIDER, RESIDENT, checked, told, write_folder


def person(tmp_path, **cells: str):
    """The second resident with these cells, and what is told of the row."""
    result = checked(write_folder(tmp_path, {"residents": [{**RESIDENT, "resident_id": "R2", **cells}]}))
    codes = set(result.problems["code"])
    return (None if result.inputs is None else result.inputs.residents.iloc[1]), codes


DATES = [
    "1950-3-5", "1950/3/5", "1950.3.5", "1950.03.05", "1950. 3. 5", "1950年3月5日", "1950年03月05日",
    "1950 年 3 月 5 日",
    "1950年3月5号", "19500305", "19500305.0", "1950/3/5 0:00", "1950-03-05 00:00:00",
    "1950-03-05T00:00:00.000",
    "1950/3/5  0:00:00", "1950年3月5日 0:00",
]  # fmt: skip


@pytest.mark.parametrize("text", DATES)
def test_a_day_with_the_year_first_is_read_in_any_form(tmp_path, text):
    """All of these are the fifth of March 1950, and nothing is to be told of them."""
    row, codes = person(tmp_path, birth_date=text)
    assert row["birth_date"] == pd.Timestamp("1950-03-05")
    assert codes == set()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1950-03", "incomplete_date"), ("1950.3", "incomplete_date"), ("1950年3月", "incomplete_date"),
        ("195003", "incomplete_date"),
        ("1950", "incomplete_date"), ("1950年", "incomplete_date"), ("1950.0", "incomplete_date"),
        ("50-3-5", "unclear_date"),
        ("50年3月5日", "unclear_date"), ("3/5/50", "unclear_date"), ("18327", "excel_serial"),
        ("18327.0", "excel_serial"),
        ("1950-02-30", "bad_date"), ("1950.13.1", "bad_date"), ("1950-3/5", "bad_date"),
        ("3/5/1950", "unclear_date"),
        ("1949-12-31T16:00:00Z", "bad_date"), ("农历三月初五", "bad_date"),
    ],
)  # fmt: skip
def test_a_date_that_has_lost_something_is_told_by_what_it_lost(tmp_path, text, code):
    """No day is made up for a month, a serial number or a year of two digits."""
    row, codes = person(tmp_path, birth_date=text)
    assert row is None
    assert codes == {code}


def test_a_serial_number_is_shown_with_the_day_that_it_means(tmp_path):
    """18327 days after 1899-12-30 is the fifth of March 1950."""
    rows = [{**RESIDENT, "resident_id": "R2", "birth_date": "18327"}]
    assert "1950-03-05" in checked(write_folder(tmp_path, {"residents": rows})).problems["value"][0]


@pytest.mark.parametrize("text", ["1", "1.0", "是", "有", "Y", "yes", "TRUE", "√", "✓", "独居"])
def test_words_and_marks_for_yes(tmp_path, text):
    """Each is a plain yes."""
    row, codes = person(tmp_path, lives_alone=text)
    assert bool(row["lives_alone"]) is True
    assert codes == set()


@pytest.mark.parametrize("text", ["0", "0.0", "否", "无", "没有", "N", "no", "False", "×", "✗", "非独居"])
def test_words_and_marks_for_no(tmp_path, text):
    """Each is a plain no; 无 is no placeholder in a column of yes and no."""
    row, codes = person(tmp_path, lives_alone=text)
    assert bool(row["lives_alone"]) is False
    assert codes == set()


@pytest.mark.parametrize(
    ("text", "sex"),
    [("男", "M"), ("女", "F"), ("1", "M"), ("2", "F"), ("2.0", "F"), ("m", "M"), ("男性", "M")],
)
def test_the_sex_by_word_letter_and_national_code(tmp_path, text, sex):
    """1 and 2 stand for men and women in the national standard."""
    row, codes = person(tmp_path, sex=text)
    assert (row["sex"], codes) == (sex, set())


@pytest.mark.parametrize("text", ["76", "76.0", "76岁", "76 周岁", " 76 岁"])
def test_a_number_may_carry_the_unit_of_its_column(tmp_path, text):
    """Years of age with or without the word for years."""
    row, codes = person(tmp_path, birth_date="", age=text)
    assert (row["age"], codes) == (76, set())


@pytest.mark.parametrize(
    ("text", "persons"), [("1,200", 1200), ("1，200人", 1200), ("50张", 50), ("50人", 50)]
)
def test_separators_of_thousands_and_units_of_persons(tmp_path, text, persons):
    """A capacity as an office writes it."""
    rows = [{**PROVIDER, "provider_id": "P2", "capacity_home": text}]
    result = checked(write_folder(tmp_path, {"providers": rows}))
    assert result.inputs.providers["capacity_home"][1] == persons
    assert told(result.problems) == set()


@pytest.mark.parametrize("text", ["76分钟", "1,20", "约50", "50-60", "1.2万", "五十"])
def test_a_number_with_another_unit_or_in_doubt_is_refused(tmp_path, text):
    """Minutes are no people, and a comma in another place may be a decimal one."""
    rows = [{**PROVIDER, "provider_id": "P2", "capacity_home": text}]
    assert set(checked(write_folder(tmp_path, {"providers": rows})).problems["code"]) == {"not_a_number"}


@pytest.mark.parametrize(("text", "level"), [("三级甲等", 3), ("二甲", 2), ("1级", 1), ("2.0", 2)])
def test_the_level_of_a_hospital_in_its_usual_words(tmp_path, text, level):
    """甲 and 乙 are ranks inside a level."""
    rows = [{**PROVIDER, "provider_id": "P2", "hospital_level": text}]
    result = checked(write_folder(tmp_path, {"providers": rows}))
    assert result.inputs.providers["hospital_level"][1] == level


CONDITIONS = [
    ("高血压病", "hypertension"), ("高血压 糖尿病", "diabetes;hypertension"),
    ("高血压/糖尿病", "diabetes;hypertension"),
    ("高血压|糖尿病", "diabetes;hypertension"), ("高血压，糖尿病", "diabetes;hypertension"),
    ("高血压；糖尿病", "diabetes;hypertension"),
    ("高血压、糖尿病", "diabetes;hypertension"), ("高血压\n糖尿病", "diabetes;hypertension"),
    ("高血压　糖尿病", "diabetes;hypertension"), ("2型糖尿病", "diabetes"), ("II型糖尿病", "diabetes"),
    ("糖尿病（2型）", "diabetes"),
    ("高血压3级", "hypertension"), ("高血压Ⅲ级（极高危）", "hypertension"),
    ("原发性高血压病史10年", "hypertension"),
    ("老年痴呆", "dementia"), ("阿尔茨海默病", "dementia"), ("中风", "stroke"), ("脑梗死后遗症", "stroke"),
    ("精神病", "severe_mental_disorder"),
    ("精神分裂症", "severe_mental_disorder"), ("慢性阻塞性肺疾病", "copd"),
    ("冠心病，高血压", "coronary_heart_disease;hypertension"),
    ("肺癌", "cancer"), ("股骨颈骨折", "fracture"), ("Type 2 diabetes", "diabetes"), ("无", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "codes"), CONDITIONS)
def test_usual_words_for_an_illness_become_its_code(tmp_path, text, codes):
    """Rosters name illnesses as doctors do; nothing of them is lost, and nothing stops the run."""
    row, problems = person(tmp_path, conditions=text)
    assert row["conditions"] == codes
    assert problems <= {"code_understood"}


@pytest.mark.parametrize(
    "text", ["无高血压", "否认糖尿病", "糖尿病家族史", "良性肿瘤", "疑似肺癌", "肺动脉高压", "痛风"]
)
def test_a_word_that_says_otherwise_is_no_illness_of_the_list(tmp_path, text):
    """It stays as it is written and is told with what follows: no rule reads it."""
    row, problems = person(tmp_path, conditions=text)
    assert row["conditions"] == text
    assert problems == {"unlisted_code"}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("特困人员", "destitute"),
        ("低保户 空巢老人", "empty_nest;low_income"),
        ("肢体残疾二级", "disabled"),
        ("五保", "destitute"),
    ],
)
def test_usual_words_for_a_group(tmp_path, text, codes):
    """A household under 五保 is today's 特困."""
    row, problems = person(tmp_path, groups=text)
    assert row["groups"] == codes
    assert problems <= {"code_understood"}


def test_an_own_code_of_several_words_stays_one(tmp_path):
    """A blank divides only words of which one is known."""
    row, _ = person(tmp_path, conditions="Rare own disease")
    assert row["conditions"] == "rare own disease"


@pytest.mark.parametrize("text", ["0", "无", "-", "－", "/", "空", "N/A", "null", "待定", "不详"])
def test_a_placeholder_is_no_household(tmp_path, text):
    """Strangers who have no household number share none, and that is told."""
    row, codes = person(tmp_path, household_id=text)
    assert pd.isna(row["household_id"])
    assert codes == {"placeholder"}


def test_a_table_numbered_from_zero_has_an_id_zero(tmp_path):
    """0 stands for nothing only where ids do not count 0, 1, 2 …"""
    rows = [{**RESIDENT, "resident_id": str(number)} for number in range(3)]
    result = checked(write_folder(tmp_path, {"residents": rows}))
    assert told(result.problems) == set()
    assert list(result.inputs.residents["resident_id"]) == ["R1", "0", "1", "2"]


def test_ids_that_differ_by_what_nobody_sees_are_the_same(tmp_path):
    """R1 and R1 with a zero-width blank: two rows of one id, refused, and the character is shown."""
    problems = checked(
        write_folder(tmp_path, {"residents": [{**RESIDENT, "resident_id": "R1\u200b"}]})
    ).problems
    assert set(problems["code"]) == {"duplicate_id", "invisible_characters"}
    assert "R1\\u200b" in set(problems["value"])


@pytest.mark.parametrize(
    "character", ["\u200b", "\ufeff", "\u00ad", "\u202e", "\u2060", "\x01", "\x7f", "\u3164", "\u00a0", "\t"]
)
def test_a_reference_is_found_in_spite_of_unseen_characters(tmp_path, character):
    """The village is V1 whatever clings to it."""
    row, codes = person(tmp_path, place_code=f"V{character}1")
    assert row["place_code"] == "V1"
    assert codes == {"invisible_characters"}


@pytest.mark.parametrize(
    ("least", "most", "text"), [(None, None, ""), (None, 9, "≤ 9"), (0, None, "≥ 0"), (0, 9, "0–9")]
)
def test_bounds_are_told_where_there_are_any(least, most, text):
    """A column without any, as what an office attests, can be read too."""
    assert values.bounds(Column("value", "number", minimum=least, maximum=most)) == text
