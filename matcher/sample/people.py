"""Synthetic people: age, sex, ability, conditions and groups, by the rates in ``data/residents.toml``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.sample.draw import Bools, Ints, Texts, assumptions, iso, join_codes, pick

#: Years by which a wife is younger than her husband, at most.
SPOUSE_YEARS = 6


def draw_people(rng: np.random.Generator, count: int, visitor: bool) -> pd.DataFrame:
    """People and their health, not yet where they live.

    Returns
    -------
    DataFrame
        ``visitor, female, age, couple`` (number of the couple, -1 for none), ``grade`` (true ability, 0 to 4),
        ``ability_scheme, ability_grade, conditions`` as the table shows them, a column of bool for each group.
    """
    rates = assumptions("residents")
    if visitor:
        ages = rates["visitors"]
        age = _ages(rng, ages["from"], ages["to"], ages["by_age"], count)
        couple = np.full(count, -1)
    else:
        age = _ages(rng, rates["age"]["from"], rates["age"]["oldest"], rates["age"]["share"], count)
        couples = round(count * rates["household"]["couples"] / 2)
        couple = np.where(np.arange(count) < 2 * couples, np.arange(count) // 2, -1)
    band = age_band(age)
    female = rng.random(count) < np.array(rates["age"]["female"])[band]
    paired = np.flatnonzero(couple >= 0)
    husband, wife = paired[0::2], paired[1::2]
    female[husband], female[wife] = False, True
    age[wife] = np.maximum(age[husband] - rng.integers(-1, SPOUSE_YEARS, len(wife)), rates["age"]["from"][0])
    people = pd.DataFrame({"visitor": visitor, "female": female, "age": age, "couple": couple})
    return pd.concat([people, _health(rng, people["age"].to_numpy(), visitor)], axis=1)


def _ages(rng: np.random.Generator, start: list[int], end: int, share: list[float], count: int) -> Ints:
    band = pick(rng, share, count)
    low, high = np.array(start)[band], np.array([*start[1:], end])[band]
    # The older, the fewer, within a band too.
    age: Ints = (low + np.floor((high - low) * rng.random(count) ** 1.25)).astype(np.int64)
    return age


def age_band(age: Ints) -> Ints:
    """Number of the age band of ``residents.toml``; whoever is younger than the first counts as of the first."""
    start = np.array(assumptions("residents")["age"]["from"])
    return np.maximum(np.searchsorted(start, age, side="right") - 1, 0)


def _health(rng: np.random.Generator, age: Ints, visitor: bool) -> pd.DataFrame:
    rates = assumptions("residents")
    count, band = len(age), age_band(age)
    limits = np.cumsum(np.array(rates["ability"]["share"]), axis=1)[band, :-1]
    grade = (rng.random(count)[:, None] >= limits).sum(axis=1)
    conditions = chances(rng, rates["conditions"], band)
    grade = np.minimum(grade + conditions["dementia"], 4)
    groups = chances(rng, rates["groups"], band) | chances(rng, rates["groups_by_grade"], grade)
    missing = 1 - rates["visitors"]["assessed"] if visitor else rates["ability"]["not_assessed"]
    scheme, shown = _assessment(rng, grade, missing)
    return pd.DataFrame(
        {
            "grade": grade,
            "ability_scheme": scheme,
            "ability_grade": shown,
            "conditions": join_codes(conditions, count),
            **groups,
        }
    )


def chances(rng: np.random.Generator, rates: dict[str, list[float]], row: Ints) -> dict[str, Bools]:
    """For each code a yes or no for everyone, by the rate that stands at the person's band or grade."""
    return {code: rng.random(len(row)) < np.array(rate)[row] for code, rate in rates.items()}


def _assessment(rng: np.random.Generator, grade: Ints, missing: float) -> tuple[Texts, Texts]:
    """Scheme and grade on record: both empty where nobody assessed, the older scheme for some."""
    older_share = assumptions("residents")["ability"]["older_scheme"]
    unknown = rng.random(len(grade)) < missing
    older = rng.random(len(grade)) < older_share
    scheme: Texts = np.where(older, "MZ/T 039-2013", "GB/T 42195-2022").astype(object)
    shown = np.where(older, np.minimum(grade, 3), grade).astype(str).astype(object)
    scheme[unknown], shown[unknown] = "", ""
    return scheme, shown


def birth_dates(rng: np.random.Generator, age: Ints, as_of: str) -> Texts:
    """ISO dates of birth of people who are `age` years old on the day `as_of`."""
    birthday = np.datetime64(as_of, "D") - rng.integers(0, 365, len(age))
    month = birthday.astype("datetime64[M]")
    born = (month - 12 * age).astype("datetime64[D]") + (birthday - month.astype("datetime64[D]"))
    return iso(born)
