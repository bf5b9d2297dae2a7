"""Visits that synthetic providers made: who is looked after, how regularly, and with what outcome."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from matcher.ages import age_on
from matcher.sample.draw import DAYS_A_YEAR, Bools, Floats, Ints, Texts, assumptions, iso

#: Of a visit that is late: so many times the usual days have gone by, at most.
LONGEST = 2.5
#: Services whose last visit may go badly.
FOLLOW_UPS = ("chronic_care", "mental_follow_up")


def make_visits(
    rng: np.random.Generator, people: pd.DataFrame, providers: pd.DataFrame, as_of: str
) -> pd.DataFrame:
    """The last visits to local people until the day `as_of`, on working days, by their provider.

    Parameters
    ----------
    rng : Generator
    people, providers : DataFrame
        As `make_residents` and `make_providers` give them.
    as_of : str

    Returns
    -------
    DataFrame
        Columns of the visits table, in order of days.
    """
    regular = regular_providers(people, providers)
    age = ages(people, as_of)
    luck = township_luck(rng, people["place_code"])
    frames = [
        _of_service(rng, people, regular, spec, as_of, _meant(people, age, spec["of"]), luck).assign(
            service=service
        )
        for service, spec in assumptions("care")["visits"].items()
    ]
    visits = pd.concat(frames, ignore_index=True)
    visits["outcome"] = _outcomes(rng, visits)
    visits = visits.sort_values(["on", "resident_id", "service"], kind="stable", ignore_index=True)
    width = max(5, len(str(len(visits))))
    visits.insert(0, "visit_id", [f"V{n:0{width}d}" for n in range(1, len(visits) + 1)])
    return visits.drop(columns="last")


def regular_providers(people: pd.DataFrame, providers: pd.DataFrame) -> Texts:
    """Who looks after each person: the provider signed with, if open, else the health centre of the township."""
    open_ = providers[providers["status"] == "open"]
    centres = open_[open_["kind"].str.endswith("_health_centre")]
    by_township = centres.drop_duplicates("place_code").set_index("place_code")["provider_id"]
    signed = people["current_provider_id"].isin(open_["provider_id"])
    centre = people["place_code"].str[:9].map(by_township).fillna("")
    return np.asarray(people["current_provider_id"].where(signed, centre), dtype=object)


def ages(people: pd.DataFrame, as_of: str) -> Ints:
    born = pd.to_datetime(people["birth_date"])
    return age_on(born, pd.Timestamp(as_of).date()).to_numpy(dtype=np.int64)


def _meant(people: pd.DataFrame, age: Ints, of: dict[str, Any]) -> Bools:
    """Local people of an age, with one of some conditions, or of one of some groups."""
    meant = (people["origin"] == "local").to_numpy(dtype=np.bool_, copy=True)
    meant &= (age >= of.get("from_age", 0)) & (age <= of.get("to_age", 200))
    for column in ("conditions", "groups"):
        if column in of:
            meant &= people[column].str.contains("|".join(of[column])).to_numpy(dtype=np.bool_)
    return meant


def township_luck(rng: np.random.Generator, place_code: pd.Series) -> Floats:
    """By how much more or fewer people are looked after in each person's township."""
    townships, member = np.unique(place_code.str[:9].to_numpy(dtype=object), return_inverse=True)
    luck: Floats = rng.normal(0.0, assumptions("care")["outcomes"]["uneven"], len(townships))[member]
    return luck


def _of_service(
    rng: np.random.Generator,
    people: pd.DataFrame,
    regular: Texts,
    spec: dict[str, Any],
    as_of: str,
    meant: Bools,
    luck: Floats,
) -> pd.DataFrame:
    """Visits of one service: the last one of each person, and those before at about the usual distance."""
    who = np.flatnonzero(meant & (rng.random(len(people)) < spec["covered"] + luck))
    step = DAYS_A_YEAR // spec["times"]
    late = rng.random(len(who)) < spec["late"]
    ago = rng.random(len(who)) * step * np.where(late, LONGEST - 1, 1.0) + np.where(late, step, 0.0)
    days = [np.floor(ago)]
    for _ in range(spec["kept"] - 1):
        days.append(days[-1] + np.floor(step * rng.uniform(0.8, 1.25, len(who))))
    day = np.datetime64(as_of, "D") - np.concatenate(days).astype(np.int64)
    day = np.busday_offset(day, 0, roll="backward")
    row = np.tile(who, spec["kept"])
    return pd.DataFrame(
        {
            "resident_id": people["resident_id"].to_numpy(dtype=object)[row],
            "provider_id": regular[row],
            "on": iso(day),
            "last": np.arange(len(row)) < len(who),
        }
    )


def _outcomes(rng: np.random.Generator, visits: pd.DataFrame) -> Texts:
    """Mostly well; of the last follow-ups some badly."""
    rates = assumptions("care")["outcomes"]
    drawn = rng.random(len(visits))
    may = visits["last"].to_numpy() & visits["service"].isin(FOLLOW_UPS).to_numpy()
    urgent = may & (drawn < rates["urgent_referral"])
    poor = may & (drawn < rates["urgent_referral"] + rates["poor_control"])
    found: Texts = np.select([urgent, poor], ["urgent_referral", "poor_control"], "ok").astype(object)
    return found
