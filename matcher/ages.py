"""Completed years of age on a day."""

from __future__ import annotations

import datetime as dt

import pandas as pd


def age_on(birth: pd.Series, day: dt.date) -> pd.Series:
    """Completed years from `birth` to `day`.

    The year is complete on the birthday. Who was born on 29 February completes it on 1 March in a common year.

    Parameters
    ----------
    birth : Series of datetime64
        Missing gives missing.
    day : datetime.date

    Returns
    -------
    Series of Int64
        Negative for a birth after `day`.
    """
    before_birthday = (birth.dt.month * 100 + birth.dt.day) > day.month * 100 + day.day
    years: pd.Series = (day.year - birth.dt.year - before_birthday).astype("Int64")
    return years
