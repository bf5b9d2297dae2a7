"""Who is here in a month: visitors come for a season, everybody else is here all year."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.inputs import Inputs

Bools: TypeAlias = npt.NDArray[np.bool_]

MONTHS = tuple(range(1, 13))


def present(residents: pd.DataFrame, month: int) -> Bools:
    """Whether each person is here in a month (1–12).

    A visitor is here from ``season_from`` to ``season_to``, which may reach over New Year; without both, all year.
    """
    first, last = residents["season_from"], residents["season_to"]
    within = (first <= month) & (month <= last)
    over_new_year = (month >= first) | (month <= last)
    there = within.where(first <= last, over_new_year)
    return ~seasonal(residents) | there.fillna(True).to_numpy(bool)


def season_unknown(residents: pd.DataFrame) -> Bools:
    """Who counts as here all year only because nobody says when: not known to be local, and without a whole season."""
    return (residents["origin"] != "local").to_numpy(bool) & ~seasonal(residents)


def only(inputs: Inputs, stays: Bools) -> Inputs:
    """Without some residents, and without journeys listed for them; the very same inputs when all stay."""
    if stays.all():
        return inputs
    left = inputs.residents.loc[~stays, "resident_id"]
    gone = journeys_of_people(inputs) & inputs.travel["from_code"].isin(left)
    travel = inputs.travel[~gone].reset_index(drop=True) if gone.any() else inputs.travel
    return inputs.replace(residents=inputs.residents[stays].reset_index(drop=True), travel=travel)


def journeys_of_people(inputs: Inputs) -> pd.Series[bool]:
    """Rows of the travel table that begin at a person; a code that is also a place's begins there."""
    return ~inputs.travel["from_code"].isin(inputs.places["place_code"])


def seasonal(residents: pd.DataFrame) -> Bools:
    """Visitors who say from when to when they are here."""
    whole = residents["season_from"].notna() & residents["season_to"].notna()
    return ((residents["origin"] == "visitor") & whole).to_numpy(bool)
