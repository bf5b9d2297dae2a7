"""With which family doctor's team synthetic people have signed: since when, until when, and how often before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from matcher.sample.draw import DAYS_A_YEAR, Bools, Floats, Ints, assumptions, iso, pick
from matcher.sample.visits import ages, regular_providers, township_luck

OLD = 65
MONTHS = 12


def make_signings(
    rng: np.random.Generator, people: pd.DataFrame, providers: pd.DataFrame, visits: pd.DataFrame, as_of: str
) -> pd.DataFrame:
    """Signings of local people until the day `as_of`, a row for each renewal; some ran out and were not renewed.

    Parameters
    ----------
    rng : Generator
    people, providers, visits : DataFrame
        As `make_residents`, `make_providers` and `make_visits` give them.
    as_of : str

    Returns
    -------
    DataFrame
        Columns of the signings table, by resident and day.
    """
    rates = assumptions("care")["signings"]
    doctors = providers[providers["kind"].isin(rates["doctors"])]
    team = regular_providers(people, doctors)
    # Who names a family doctor has signed; whether others have, differs by who they are.
    sure = people["current_provider_id"].to_numpy(dtype=object) == team
    drawn = rng.random(len(people)) < _chances(rng, people, visits, as_of)
    who = np.flatnonzero((people["origin"] == "local").to_numpy() & (team != "") & (sure | drawn))

    rows = _rows(rng, who, rates, as_of).sort_values(["row", "signed_on"], ignore_index=True)
    return pd.DataFrame(
        {
            "resident_id": people["resident_id"].to_numpy(dtype=object)[rows["row"]],
            "provider_id": team[rows["row"]],
            "signed_on": iso(rows["signed_on"].to_numpy()),
            "until": rows["until"],
        }
    )


def _rows(rng: np.random.Generator, who: Ints, rates: dict[str, Any], as_of: str) -> pd.DataFrame:
    """The last signing of each person, and for some the one before, until the day before."""
    length, weight = (np.array(values) for values in zip(*rates["years"], strict=True))
    years = length[pick(rng, weight, len(who))]
    yearly = years == 1
    lapsed = yearly & (rng.random(len(who)) < rates["lapsed"])
    past = np.floor(rng.random(len(who)) * np.where(years > 0, years, rates["open_ended_since"]))
    signed = _working(_days(rng, len(who), as_of) - DAYS_A_YEAR * (past.astype(np.int64) + lapsed))
    until = np.where(years > 0, iso(signed + DAYS_A_YEAR * years - 1), "")
    table = {"row": who, "signed_on": signed, "until": until}
    earlier = yearly & (rng.random(len(who)) < rates["renewed"])
    before = {"row": who, "signed_on": _working(signed - DAYS_A_YEAR), "until": iso(signed - 1)}
    rows: pd.DataFrame = pd.concat([pd.DataFrame(table), pd.DataFrame(before)[earlier]], ignore_index=True)
    return rows


def _chances(rng: np.random.Generator, people: pd.DataFrame, visits: pd.DataFrame, as_of: str) -> Floats:
    """How likely each person is to have signed: by age, by what makes them come first, by being looked after."""
    share = assumptions("care")["signings"]["share"]
    first = _any_of(people["conditions"], share["conditions"]) | _any_of(people["groups"], share["groups"])
    old = ages(people, as_of) >= OLD
    chance = np.select([first, old], [share["first"], share["old"]], share["other"])
    seen = people["resident_id"].isin(visits["resident_id"]).to_numpy()
    return np.asarray(
        chance * np.where(seen, 1.0, share["unseen"]) + township_luck(rng, people["place_code"])
    )


def _any_of(codes: pd.Series, wanted: list[str]) -> Bools:
    return codes.str.contains("|".join(wanted)).to_numpy(dtype=np.bool_)


def _days(rng: np.random.Generator, count: int, as_of: str) -> np.ndarray:
    """Days of the year until `as_of`, most of them in the months in which teams sign."""
    today = np.datetime64(as_of, "D")
    month: Ints = pick(rng, assumptions("care")["signings"]["months"], count)
    this_year = today.astype("datetime64[Y]").astype("datetime64[M]") + month
    nth = rng.integers(0, 28, count)
    day = this_year.astype("datetime64[D]") + nth
    last_year = (this_year - MONTHS).astype("datetime64[D]") + nth
    past: np.ndarray = np.where(day <= today, day, last_year)
    return past


def _working(days: np.ndarray) -> np.ndarray:
    """The days, or the Friday before where they are on a weekend."""
    working: np.ndarray = np.busday_offset(days, 0, roll="backward")
    return working
