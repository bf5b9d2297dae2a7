"""A place looked into: the list of unserved people has as many rows as every figure beside it says."""

from __future__ import annotations

import io

import openpyxl
import pytest

from matcher.errors import BadInput
from matcher.plan.figures import ALL
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.results.inside import (
    UNSERVED,
    comes_from,
    in_words,
    inside,
    offers,
    unserved_people,
    workbook,
)
from matcher.results.overview import place_shares
from matcher.tables import MODES
from matcher.words.catalogues import LANGUAGES
from tests.helpers.builders import COUNTY, PLACES, TOWNSHIP, VILLAGE, make_inputs, provider, resident

#: A second township with a village of its own beside the first.
ELSEWHERE = (
    TOWNSHIP | {"place_code": "T2", "name": "丁镇"},
    VILLAGE | {"place_code": "V2", "name": "二村", "parent_code": "T2"},
)
ID_NUMBER = "510402195001050016"


@pytest.fixture(scope="module")
def plan():
    people = [
        resident("R1", name="张三"),
        resident("R2", 1.0, name="李四", ability_scheme="GB/T 42195-2022", ability_grade=3),
        resident("R3", 90.0, name="王五"),
        resident(ID_NUMBER, 0.5, name="赵六", place_code="V2"),
    ]
    inputs = make_inputs(
        people, [provider("P1", name="甲镇卫生院", place_code="V1")], places=(*PLACES, *ELSEWHERE)
    )
    return match(inputs, load_policy())


@pytest.mark.parametrize("mode", [ALL, *MODES])
@pytest.mark.parametrize("code", ["CITY", "C1", "T1", "V1", "T2", "V2"])
def test_the_list_has_as_many_rows_as_the_page_says(plan, code, mode):
    """Reasons, tiers, modes, coverage and list count the same people."""
    told = inside(plan, code, mode)
    level = plan.inputs.places.set_index("place_code").at[code, "level"]
    row = place_shares(plan, level, mode).set_index("place_code").loc[code]
    unserved = len(unserved_people(plan, code, mode))
    assert unserved == told.figures.unserved == told.by_reason.sum() == row["unserved"]
    for table in (told.by_mode, told.by_tier):
        assert (table["residents"] - table["served"]).sum() == unserved
        assert table["residents"].sum() == row["residents"]
    assert told.goes_to["persons"].sum() == told.figures.served


def test_who_lives_in_a_place_within_counts_and_who_lives_elsewhere_does_not(plan):
    assert inside(plan, "T1").figures.residents == 3
    assert inside(plan, "T2").figures.residents == 1
    assert inside(plan, "C1").figures.residents == 4
    assert (inside(plan, "V2").name, inside(plan, "V2").parent_name) == ("二村", "丁镇")
    assert inside(plan, "CITY").parent_name == ""
    assert COUNTY["parent_code"] == "CITY"


def test_names_are_masked_and_so_are_ids_that_are_id_numbers(plan):
    """First tier first; who is nearest is told where somebody is qualified."""
    rows = unserved_people(plan)
    assert tuple(rows.columns) == UNSERVED
    assert rows["tier"].is_monotonic_increasing
    assert set(rows["name"]) <= {"张*", "李*", "王*", "赵*"}
    assert ID_NUMBER not in rows.to_csv()
    assert set(rows["nearest_provider"].dropna()) <= {"甲镇卫生院"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_holds_the_same_rows_and_what_they_come_from(plan, lang):
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(plan, lang, "T1"))).active
    cells = [row for row in sheet.iter_rows(values_only=True) if row[0] is not None]
    header = list(in_words(unserved_people(plan, "T1"), lang).columns)
    at = next(i for i, row in enumerate(cells) if list(row[: len(header)]) == header)
    people = [row for row in cells[at + 1 :] if str(row[0]).startswith("R")]
    assert len(people) == inside(plan, "T1").figures.unserved
    assert any(plan.outcome.fingerprint in str(cell) for row in cells for cell in row)


def test_a_provider_tells_what_it_offers_and_whom_it_serves(plan):
    (row,) = offers(plan, "P1").to_dict("records")
    assert (row["mode"], row["capacity"], row["assigned"], row["slot_value_served"]) == ("home", 1, 1, 1)
    people = comes_from(plan, "P1")
    assert people["persons"].sum() == 1
    assert comes_from(plan, "P1", "community").empty


@pytest.mark.parametrize("ask", [lambda plan: inside(plan, "V7"), lambda plan: unserved_people(plan, "V7")])
def test_an_unknown_place_is_named_with_the_nearest(plan, ask):
    with pytest.raises(BadInput) as caught:
        ask(plan)
    assert caught.value.code == "unknown_place"
    assert "V1" in caught.value.values["nearest"]


def test_an_unknown_provider_is_refused(plan):
    with pytest.raises(BadInput) as caught:
        offers(plan, "P7")
    assert caught.value.code == "unknown_provider"
