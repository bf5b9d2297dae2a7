"""Assessments of ability: who is to be assessed again, and which hours long-term care insurance grants by the grade."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd

from matcher.eligibility.classify import classify
from matcher.inputs import Inputs
from matcher.plan.coverage import UNKNOWN_PLACE, home_place, place_within
from matcher.policy.documents import Policy
from matcher.tables import INSURANCE_SCHEME

REASSESS_COLUMNS = ("resident_id", "place_code", "scheme", "grade", "assessed_on", "due_on", "state")
HOURS_COLUMNS = ("place_code", "grade", "where", "people", "hours_each", "hours_month")
#: Levels of place for which hours are told, from the smallest.
LEVELS = ("county", "city", "province")


def due_dates(inputs: Inputs, policy: Policy) -> pd.Series:
    """The day on which the assessment of each resident is over; missing without grade or day."""
    people = inputs.residents
    days = people["assessed_on"].where(people["ability_grade"].notna())
    return days + pd.DateOffset(months=policy.reassess_months)


def reassessment_table(inputs: Inputs, policy: Policy) -> pd.DataFrame:
    """Everybody who has a grade, with the day on which it is to be assessed again.

    Returns
    -------
    DataFrame
        `REASSESS_COLUMNS`, who is due first at the top. ``due_on`` is ``assessed_on`` and the policy's
        ``reassess_months``; ``state`` is ``overdue`` after it, ``due`` in the policy's days before it, else ``ok``;
        who has no ``assessed_on`` is ``not_measured``.
    """
    people, day = inputs.residents, pd.Timestamp(inputs.dataset.as_of)
    due = due_dates(inputs, policy)
    soon = due <= day + pd.Timedelta(days=policy.visiting.window_days)
    table = pd.DataFrame(
        {
            "resident_id": people["resident_id"],
            "place_code": home_place(people, inputs.sites),
            "scheme": people["ability_scheme"].fillna(policy.default_scheme),
            "grade": people["ability_grade"],
            "assessed_on": people["assessed_on"],
            "due_on": due,
            "state": np.select([due.isna(), due < day, soon], ["not_measured", "overdue", "due"], "ok"),
        }
    )
    table = table[table["grade"].notna()].sort_values(["due_on", "resident_id"], ignore_index=True)
    for name in ("assessed_on", "due_on"):
        table[name] = table[name].dt.strftime("%Y-%m-%d")
    return table


def care_hours_table(inputs: Inputs, policy: Policy) -> pd.DataFrame:
    """People entitled to long-term care, and their hours, by place, grade and where they live.

    Returns
    -------
    DataFrame
        `HOURS_COLUMNS`, for each county, city and province; an empty place for who is in no county. ``grade`` is of
        `INSURANCE_SCHEME`, missing for a grade of another scheme, which is never turned into one. ``where`` is
        ``institution`` for who lives in a care home, else ``home``. ``hours_each`` is what the policy grants,
        ``hours_month`` that times ``people``; both are missing where it grants nothing for the grade.
    """
    people = classify(inputs, policy)
    people = people[people["ltc_entitled"].fillna(False).to_numpy(bool)]
    insured = (people["ability_scheme"] == INSURANCE_SCHEME).to_numpy(bool)
    rows = pd.DataFrame(
        {
            "home": home_place(people, inputs.sites),
            "grade": people["ability_grade"].where(insured),
            "where": np.where(people["setting"] == "care_home", "institution", "home"),
        }
    )
    parts = []
    for level in LEVELS:
        place = rows["home"].map(place_within(inputs.places, level)).astype("str")
        # Who is in no county has a row of its own, once.
        placed = rows.assign(place_code=place.fillna(UNKNOWN_PLACE) if level == LEVELS[0] else place)
        parts.append(placed.dropna(subset="place_code"))
    keys = ["place_code", "grade", "where"]
    table = pd.concat(parts).groupby(keys, dropna=False).size().reset_index(name="people")
    granted = {
        (grade, rule.where): Fraction(repr(rule.hours_month))
        for rule in policy.care_hours
        for grade in rule.grades
    }
    each = [
        None if pd.isna(grade) else granted.get((int(grade), where))
        for grade, where in zip(table["grade"], table["where"], strict=True)
    ]
    total = [None if one is None else one * int(n) for one, n in zip(each, table["people"], strict=True)]
    table["hours_each"] = pd.Series(each, dtype="object").astype("float64")
    table["hours_month"] = pd.Series(total, dtype="object").astype("float64")
    table["place_code"] = table["place_code"].replace(UNKNOWN_PLACE, np.nan)
    return table.astype({"grade": "Int64"})[list(HOURS_COLUMNS)]
