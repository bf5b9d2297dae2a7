"""Totals: what adds up still does, nothing small is told, and the sample's are what they were."""

from __future__ import annotations

import pandas as pd
import pytest

from matcher.geography.locate import locate
from matcher.plan.figures import ALL
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.results.suppression import LEAST
from matcher.results.totals import in_words, totals
from matcher.tables import MODES
from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.builders import CITY, COUNTY, make_inputs, provider, resident

#: Two townships of one county, twenty and three kilometres apart from the providers.
PLACES = (
    CITY,
    COUNTY,
    *(
        {
            "place_code": f"T{n}",
            "name": name,
            "level": "township",
            "parent_code": COUNTY["place_code"],
            "lat": 26.5,
            "lon": 101.7,
        }
        for n, name in ((1, "甲镇"), (2, "乙镇"))
    ),
)


def planned(first, second, capacity):
    people = [
        resident(f"R{town}{n}", place_code=f"T{town}")
        for town, number in ((1, first), (2, second))
        for n in range(number)
    ]
    inputs = make_inputs(people, [provider("P1", capacity_home=capacity, place_code="T1")], places=PLACES)
    return match(locate(inputs), load_policy())


def row(table, code, mode=ALL):
    (found,) = table[(table["place_code"] == code) & (table["mode"] == mode)].to_dict("records")
    return found


def test_where_nothing_is_small_all_is_told_and_adds_up():
    table = totals(planned(20, 30, 40))
    assert not table[["residents", "served", "unserved"]].isna().any().any()
    assert row(table, "CITY")["served"] == 40
    assert row(table, "T1")["residents"] + row(table, "T2")["residents"] == row(table, "CITY")["residents"]
    assert set(table.loc[table["level"] == "city", "mode"]) == {ALL, *MODES}
    assert set(table.loc[table["level"] == "township", "mode"]) == {ALL}
    assert row(table, "CITY")["share"] == 0.8


def test_a_small_count_is_withheld_with_what_would_give_it_away():
    table = totals(planned(20, 30, 47))
    city = row(table, "CITY")
    assert pd.isna(city["unserved"])
    assert pd.isna(city["served"])
    assert pd.isna(city["share"])
    assert city["residents"] == 50
    small = table[["residents", "served", "unserved"]].stack()
    assert not ((small > 0) & (small < LEAST)).any()


def test_a_place_of_three_shows_in_no_difference():
    table = totals(planned(3, 30, 99))
    assert pd.isna(row(table, "T1")["residents"])
    assert pd.isna(row(table, "T2")["residents"])
    assert row(table, "CITY")["residents"] == 33


def test_who_lives_in_no_township_is_not_told_by_what_is_left_over():
    """Three live in the county and in none of its townships: county less townships would tell."""
    people = [
        *(resident(f"A{n}", place_code="T1") for n in range(20)),
        *(resident(f"B{n}", place_code="T2") for n in range(30)),
        *(resident(f"C{n}", place_code=COUNTY["place_code"]) for n in range(3)),
    ]
    inputs = make_inputs(people, [provider("P1", capacity_home=99, place_code="T1")], places=PLACES)
    table = totals(match(locate(inputs), load_policy()))
    county, first, second = (row(table, code)["residents"] for code in (COUNTY["place_code"], "T1", "T2"))
    assert pd.isna(county) or pd.isna(first) or pd.isna(second)
    assert not table["name"].str.startswith("rest").any()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_table_can_be_read(lang):
    told = in_words(totals(planned(20, 30, 40)), lang)
    assert t("column.totals.share", lang) in told
    assert not told.astype(str).apply(lambda column: column.str.contains("T1|app[.]")).any().any()
