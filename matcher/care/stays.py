"""Stays at sites as spells without a break, and their full months."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

#: Wider than any two days of a calendar are apart.
_SPAN = 2**24


def spells(stays: pd.DataFrame, as_of: dt.date, most_gap_days: int) -> pd.DataFrame:
    """Rows of `stays` with the spell that each belongs to, in the order of sites, people and days.

    A person's next stay at the same site goes on with the spell when at most `most_gap_days` days lie between.
    Both days of a stay count; one that is not over runs to `as_of`, and none runs beyond it.

    Parameters
    ----------
    stays : DataFrame[resident_id, site_id, from, until]
    as_of : datetime.date
    most_gap_days : int

    Returns
    -------
    DataFrame
        The rows that have begun, with ``spell`` (0, 1, …) and the spell's ``begin`` and ``end``.
    """
    today = pd.Timestamp(as_of)
    rows = stays[stays["from"] <= today].copy()
    rows["until"] = rows["until"].where(rows["until"] <= today, today)
    rows = rows.sort_values(["site_id", "resident_id", "from", "until"], kind="stable", ignore_index=True)
    person = rows.groupby(["site_id", "resident_id"], sort=False).ngroup()
    reached = rows["until"].groupby(person, sort=False).cummax()
    before = reached.groupby(person, sort=False).shift()
    between = (rows["from"] - before).dt.days - 1
    rows["spell"] = (~(between <= most_gap_days)).cumsum() - 1
    whole = rows.groupby("spell", sort=False)
    return rows.assign(begin=whole["from"].transform("min"), end=whole["until"].transform("max"))


def full_months(begin: Days, end: Days) -> Ints:
    """Full months from the first day to the last, both included: from 15 January to 14 February is one."""
    after = end.astype("datetime64[D]") + 1
    months = (after.astype("datetime64[M]") - begin.astype("datetime64[M]")).astype(np.int64)
    full: Ints = np.maximum(months - (months_later(begin, months) > after), 0)
    return full


def months_later(start: Days, months: Ints) -> Days:
    """The same day so many months later; the month's last where it has no such day."""
    first = start.astype("datetime64[M]")
    number = start.astype("datetime64[D]") - first.astype("datetime64[D]")
    there = first + months
    last = (there + 1).astype("datetime64[D]") - 1
    day: Days = np.minimum(there.astype("datetime64[D]") + number, last)
    return day


def row_on(rows: pd.DataFrame, spell: Ints, day: Days) -> Ints:
    """Position in `spells` of the row of each spell that had begun last on each day."""
    begun = rows["spell"].to_numpy(np.int64) * _SPAN + _number(rows["from"].to_numpy())
    return np.searchsorted(begun, spell * _SPAN + _number(day), side="right") - 1


def _number(day: Days) -> Ints:
    return day.astype("datetime64[D]").astype(np.int64) + _SPAN // 2
