"""Stays of synthetic people in homes: of those who live there, with a break for some, and of some who went home."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.sample.draw import Ints, assumptions, choose, iso, pick_within
from matcher.sample.sites import HOMES


def make_stays(
    rng: np.random.Generator, people: pd.DataFrame, sites: pd.DataFrame, as_of: str
) -> pd.DataFrame:
    """Stays until the day `as_of`, none before its home opened.

    Parameters
    ----------
    rng : Generator
    people, sites : DataFrame
        As `make_residents` and `make_sites` give them.
    as_of : str

    Returns
    -------
    DataFrame
        Columns of the stays table, by resident and day.
    """
    rates = assumptions("care")["stays"]
    today = np.datetime64(as_of, "D")
    homes = sites[sites["kind"].isin(HOMES)]
    living = people[people["site_id"].isin(homes["site_id"])]
    begin = _days_before(rng, living["site_id"], homes, today)
    since = today - begin.astype(np.int64)
    broken = (rng.random(len(living)) < rates["gap"]) & (begin > sum(rates["gap_days"]))
    away = rng.integers(rates["gap_days"][0], rates["gap_days"][1] + 1, len(living))
    left = since + np.floor(rng.random(len(living)) * (begin - away) * 0.8).astype(np.int64) + 1
    parts = [
        _rows(rng, living, since, np.where(broken, iso(left), "")),
        _rows(rng, living, left + away + 1, np.full(len(living), ""))[broken],
        _before(rng, people, homes, today),
    ]
    table: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return table.sort_values(["resident_id", "from"], kind="stable", ignore_index=True)


def _days_before(
    rng: np.random.Generator, site: pd.Series, homes: pd.DataFrame, today: np.datetime64
) -> Ints:
    """How many days before `today` each stay began: the home was open."""
    opened = site.map(homes.set_index("site_id")["opened_on"]).to_numpy(dtype="datetime64[D]")
    drawn = rng.exponential(assumptions("care")["stays"]["mean_days"], len(site))
    days: Ints = np.minimum(np.floor(drawn), (today - opened).astype(np.int64)).astype(np.int64)
    return days


def _before(
    rng: np.random.Generator, people: pd.DataFrame, homes: pd.DataFrame, today: np.datetime64
) -> pd.DataFrame:
    """Stays in the own county of some who live at home again."""
    rates = assumptions("care")["stays"]
    at_home = (people["origin"] == "local") & (people["living_setting"] == "own_home")
    weight = at_home & (people["ability_grade"].isin(["1", "2", "3", "4"]))
    who = people.iloc[choose(rng, weight, round(weight.sum() * rates["moved_home"]))]
    county = pd.factorize(pd.concat([who["place_code"], homes["place_code"]]).str[:6])[0]
    found = pick_within(rng, county[: len(who)], county[len(who) :])
    who = who.assign(site_id=homes["site_id"].to_numpy(dtype=object)[found])[found >= 0]
    begin = _days_before(rng, who["site_id"], homes, today)
    until = np.floor(begin * rng.uniform(0.1, 0.9, len(who))).astype(np.int64)
    return _rows(rng, who, today - begin, iso(today - until))


def _rows(rng: np.random.Generator, who: pd.DataFrame, since: np.ndarray, until: np.ndarray) -> pd.DataFrame:
    told = rng.random(len(who)) < assumptions("care")["stays"]["as_graded"]
    return pd.DataFrame(
        {
            "resident_id": who["resident_id"].to_numpy(),
            "site_id": who["site_id"].to_numpy(),
            "from": iso(since),
            "until": until,
            "grade": np.where(told, who["ability_grade"], ""),
            "scheme": np.where(told, who["ability_scheme"], ""),
        }
    )
