"""Scenarios of people: more or fewer of them, older ones, those of a month; the same people on every run."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.ages import age_on
from matcher.geography.locate import locate
from matcher.policy.documents import load_policy
from matcher.scenario.ageing import aged
from matcher.scenario.applying import apply
from matcher.scenario.draws import draws
from matcher.scenario.edits import Ageing, ChangeDemand, Scenario, Season
from tests.helpers.builders import PLACES, make_inputs, resident

POLICY = load_policy()
GB, MZ = "GB/T 42195-2022", "MZ/T 039-2013"
OTHER_VILLAGE = {"place_code": "V2", "level": "village", "parent_code": "T1", "lat": 26.6, "lon": 101.7}


def applied(inputs, *edits, seed=1):
    return apply(Scenario("s", edits, seed=seed), inputs, POLICY)


def crowd(count, **more):
    return [resident(f"R{number:03}", **more) for number in range(count)]


def ids(inputs):
    return set(inputs.residents["resident_id"])


@pytest.mark.parametrize(
    ("factor", "residents"),
    [(0, 0), (0.29, 15), (0.5, 25), (0.99, 50), (1, 50), (1.01, 51), (1.5, 75), (2, 100), (3.5, 175)],
)
def test_a_factor_gives_that_many_residents_rounded_half_up_and_tells_who_came_and_left(factor, residents):
    before = make_inputs(crowd(50))
    told = applied(before, ChangeDemand(factor))
    (effect,) = told.effects
    assert len(told.inputs.residents) == residents == 50 + effect.came - effect.left
    assert told.inputs.residents["resident_id"].is_unique
    assert (told.inputs is before) == (residents == 50)


def test_a_demand_of_a_place_concerns_the_places_in_it_and_who_stays_at_a_site_there():
    people = [
        resident("A", place_code="V1"),
        resident("B", place_code="V2"),
        resident("C", place_code=None, site_id="S1"),
        resident("D", place_code=None),
    ]
    sites = [{"site_id": "S1", "place_code": "V1"}]
    before = make_inputs(people, sites=sites, places=[*PLACES, OTHER_VILLAGE])
    assert ids(applied(before, ChangeDemand(0, place_code="V1")).inputs) == {"B", "D"}
    assert ids(applied(before, ChangeDemand(0, place_code="C1")).inputs) == {"D"}


def test_a_demand_of_a_mode_concerns_the_people_of_that_mode():
    people = [resident("A"), resident("B", living_setting="hotel", origin="visitor"), resident("C")]
    told = applied(locate(make_inputs(people)), ChangeDemand(0, mode="home"))
    assert ids(told.inputs) == {"B"}
    assert told.effects[0].left == 2


def test_who_comes_or_leaves_depends_on_the_seed_and_not_on_the_order_of_rows():
    before = make_inputs(crowd(60))
    turned = before.replace(residents=before.residents[::-1].reset_index(drop=True))
    half = ChangeDemand(0.5)
    assert ids(applied(before, half).inputs) == ids(applied(turned, half).inputs)
    assert ids(applied(before, half).inputs) != ids(applied(before, half, seed=2).inputs)


def test_a_synthetic_resident_has_needs_and_home_of_the_original_and_nothing_personal():
    personal = {"name": "王小明", "phone": "13800000000", "id_number": "x", "household_id": "H1"}
    person = resident("R1", needs=["tcm"], lives_alone=True, current_provider_id="P1", **personal)
    travel = [
        {"from_code": "R1", "provider_id": "P1", "km": 2.0},
        {"from_code": "V1", "provider_id": "P1", "km": 5.0},
    ]
    after = applied(make_inputs([person], travel=travel), ChangeDemand(3)).inputs
    assert after.residents["resident_id"].tolist() == ["R1", "SYN1-000001", "SYN1-000002"]
    copy = after.residents.iloc[2]
    assert (copy["needs"], copy["lives_alone"], copy["lat"], copy["row"]) == ("tcm", True, 26.5, 0)
    assert copy[[*personal, "current_provider_id"]].isna().all()
    assert sorted(after.travel["from_code"]) == ["R1", "SYN1-000001", "SYN1-000002", "V1"]
    assert after.travel.dtypes.equals(make_inputs().travel.dtypes)
    assert after.residents.dtypes.equals(make_inputs().residents.dtypes)


def test_who_leaves_takes_listed_journeys_along_and_a_place_of_the_same_code_keeps_its_own():
    people = [resident("R1"), resident("V1")]
    travel = [{"from_code": code, "provider_id": "P1", "km": 2.0} for code in ("R1", "V1")]
    after = applied(make_inputs(people, travel=travel), ChangeDemand(0)).inputs
    assert after.travel["from_code"].tolist() == ["V1"]


def test_demand_changes_upon_each_other_and_ids_stay_unique():
    after = applied(make_inputs(crowd(10)), ChangeDemand(2), ChangeDemand(2)).inputs
    assert len(ids(after)) == len(after.residents) == 40
    assert sum(id_.startswith("SYN1-") for id_ in ids(after)) == 10


@pytest.mark.parametrize(
    ("first", "last", "there"),
    [
        (11, 3, {11, 12, 1, 2, 3}),
        (5, 5, {5}),
        (4, 9, {4, 5, 6, 7, 8, 9}),
        (None, None, set(range(1, 13))),
        (11, None, set(range(1, 13))),
        (None, 3, set(range(1, 13))),
    ],
)
def test_a_visitor_is_there_in_the_months_of_the_season_which_may_reach_over_new_year(first, last, there):
    person = resident("R1", origin="visitor", season_from=first, season_to=last)
    before = make_inputs([person])
    told = {month for month in range(1, 13) if len(applied(before, Season(month)).inputs.residents)}
    assert told == there


def test_local_people_are_there_all_year_whatever_their_season_says():
    before = make_inputs([resident("R1", season_from=11, season_to=3)])
    assert applied(before, Season(7)).inputs is before


def test_ageing_makes_everybody_older_by_birth_date_or_age_and_leaves_the_day_alone():
    people = [
        resident("A", age=70),
        resident("B", age=None, birth_date=pd.Timestamp("1950-06-30")),
        resident("C", age=None),
    ]
    before = make_inputs(people)
    after = applied(before, Ageing(5)).inputs
    assert after.residents["age"].tolist()[0] == 75
    assert pd.isna(after.residents["age"][2])
    assert after.residents["birth_date"][1] == pd.Timestamp("1945-06-30")
    assert pd.isna(after.residents["birth_date"][2])
    assert after.dataset is before.dataset
    assert after.residents.dtypes.equals(before.residents.dtypes)


@given(
    birth=st.dates(dt.date(1900, 1, 1), dt.date(1980, 12, 31)) | st.sampled_from([dt.date(1952, 2, 29)]),
    day=st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)) | st.sampled_from([dt.date(2024, 2, 29)]),
    years=st.integers(1, 50),
)
def test_completed_years_are_exactly_so_many_more_on_every_day(birth, day, years):
    people = make_inputs([resident("R1", age=None, birth_date=pd.Timestamp(birth))], as_of=day).residents
    older = aged(people, years, day, POLICY, "key")
    assert age_on(older["birth_date"], day)[0] == age_on(people["birth_date"], day)[0] + years


def with_odds(scheme, rows):
    """The default policy with other odds of ageing in one scheme."""
    return replace(POLICY, ageing=dict(POLICY.ageing) | {scheme: tuple(map(tuple, rows))})


def graded(scheme, grades):
    people = [resident(f"R{i}", ability_scheme=scheme, ability_grade=grade) for i, grade in enumerate(grades)]
    return make_inputs(people)


def test_grades_move_by_the_rows_of_their_own_scheme_and_never_by_another():
    up = [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1]]
    people = pd.concat([graded(MZ, [0, 1, 2, 3]).residents, graded(GB, [0, 1, 2, 3, 4]).residents])
    people = people.assign(resident_id=[f"R{i}" for i in range(9)]).reset_index(drop=True)
    stay = np.eye(5).tolist()
    policy = replace(with_odds(MZ, up), ageing={MZ: tuple(map(tuple, up)), GB: tuple(map(tuple, stay))})
    older = aged(people, 2, dt.date(2026, 1, 1), policy, "key")
    assert older["ability_grade"].tolist() == [2, 3, 3, 3, 0, 1, 2, 3, 4]
    assert older["ability_scheme"].equals(people["ability_scheme"])


def test_missing_grades_and_grades_that_the_scheme_lacks_stay_and_a_missing_scheme_is_the_default():
    up = [[0, 1, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1]]
    people = [
        resident("A", ability_scheme=GB, ability_grade=None),
        resident("B", ability_scheme=MZ, ability_grade=4),
        resident("C", ability_scheme=None, ability_grade=0),
    ]
    older = aged(make_inputs(people).residents, 1, dt.date(2026, 1, 1), with_odds(GB, up), "key")
    assert older["ability_grade"].isna().tolist() == [True, False, False]
    assert older["ability_grade"].tolist()[1:] == [4, 1]


def test_ability_after_years_is_the_same_in_every_row_order_and_another_for_another_seed():
    before = graded(GB, [0, 1, 2, 3] * 100)
    turned = before.replace(residents=before.residents[::-1].reset_index(drop=True))
    grades = [
        applied(one, Ageing(3), seed=seed).inputs.residents.set_index("resident_id")["ability_grade"]
        for one, seed in ((before, 1), (turned, 1), (before, 2))
    ]
    assert grades[0].equals(grades[1].reindex(grades[0].index))
    assert not grades[0].equals(grades[2])


def test_as_many_change_as_the_odds_say_and_the_effect_counts_them():
    told = applied(graded(GB, [0] * 20_000), Ageing(1))
    shares = told.inputs.residents["ability_grade"].value_counts(normalize=True)
    assert shares[0] == pytest.approx(0.94, abs=0.01)
    assert shares[4] == pytest.approx(0.003, abs=0.002)
    assert told.effects[0].changed == round(20_000 * (1 - shares[0]))


def test_draws_are_even_and_differ_by_key():
    people = pd.Series([f"R{number}" for number in range(10_000)])
    numbers = draws(people, "1")
    assert 0 <= numbers.min() < numbers.max() < 1
    assert np.histogram(numbers, 10, (0, 1))[0] == pytest.approx(np.full(10, 1000), abs=150)
    assert not (numbers == draws(people, "2")).any()
