"""When the ability of synthetic people was assessed, and to whom long-term care insurance grants care by it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.sample.draw import DAYS_A_YEAR, Texts, assumptions, iso, rated
from matcher.tables import INSURANCE_SCHEME

#: People are assessed as elderly from this age on.
ELDERLY = 60


def make_assessments(rng: np.random.Generator, people: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Days of assessment and entitlements of who has a grade; what is not known of a visitor stays empty.

    Parameters
    ----------
    rng : Generator
    people : DataFrame
        As `make_residents` gives it.
    as_of : str

    Returns
    -------
    DataFrame
        Columns ``assessed_on`` and ``ltc_entitled``, in order of `people`. Nobody was assessed before 60;
        who is entitled was assessed lately.
    """
    rates = assumptions("care")["assessed"]
    graded = (people["ability_grade"] != "").to_numpy()
    entitled = rng.random(len(people)) < rated(rates["entitled"], people["ability_grade"])
    entitled &= graded & (people["origin"] == "local").to_numpy()
    told = graded & (entitled | (rng.random(len(people)) >= rates["undated"]))
    overdue = ~entitled & (rng.random(len(people)) < rated(rates["overdue"], people["ability_scheme"]))
    least, most = rates["years"]
    ago = np.where(overdue, least + (most - least) * rng.random(len(people)), least * rng.random(len(people)))
    today = np.datetime64(as_of, "D")
    born = people["birth_date"].to_numpy(dtype="datetime64[D]")
    elderly = (today - born).astype(np.int64) - np.ceil(ELDERLY * 365.25)
    days = np.minimum(np.floor(ago * DAYS_A_YEAR), np.floor(elderly * rng.random(len(people))))
    # Visitors may be younger.
    days = np.where(elderly > 0, days, 0).astype(np.int64)
    assessed: Texts = iso(np.busday_offset(today - days, 0, roll="backward"))
    known = told & (people["origin"] == "local").to_numpy()
    return pd.DataFrame(
        {
            "assessed_on": np.where(told, assessed, ""),
            "ltc_entitled": np.where(known, np.where(entitled, "1", "0"), ""),
        },
        index=people.index,
    )


def as_insured(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """The same people, who is entitled to long-term care with the grade by which the insurance grants it.

    Parameters
    ----------
    rng : Generator
    people : DataFrame
        With the columns of `make_assessments`.
    """
    rates = assumptions("care")["assessed"]["insured"]
    entitled = people["ltc_entitled"] == "1"
    # What another scheme calls severe or complete is one of three grades here.
    higher = rng.random(len(people)) < rated(rates["higher"], people["ability_grade"])
    grade = rated(rates["grade"], people["ability_grade"]).astype(np.int64) + higher
    return people.assign(
        ability_scheme=people["ability_scheme"].mask(entitled, INSURANCE_SCHEME),
        ability_grade=people["ability_grade"].mask(entitled, pd.Series(grade, people.index).astype("str")),
    )
