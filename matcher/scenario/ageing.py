"""People some years older: birth dates go back, ability grades move by the odds of the policy."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.policy.documents import Policy
from matcher.scenario.draws import draws


def aged(residents: pd.DataFrame, years: int, as_of: date, policy: Policy, key: str) -> pd.DataFrame:
    """Residents as they would be after some years, seen on the same day.

    Parameters
    ----------
    residents : DataFrame
        The input table.
    years : int
    as_of : date
        On which ages count.
    policy : Policy
        Its ``ageing`` and ``default_scheme``.
    key : str
        Seed and purpose; who ages by more years goes through the same first years.

    Returns
    -------
    DataFrame
        With other ``birth_date``, ``age`` and ``ability_grade``. A missing grade, and one that its scheme does not
        have, stays; a grade without scheme moves as one of the default scheme.
    """
    return residents.assign(
        birth_date=_earlier(residents["birth_date"], years, as_of),
        age=residents["age"] + years,
        ability_grade=_later_grades(residents, years, policy, key),
    )


def _earlier(birth: pd.Series, years: int, as_of: date) -> pd.Series:
    """Births so many years before that completed age on the day is exactly so many more.

    29 February becomes 1 March of a common year, as birthdays do there; seen on a 29 February, it becomes the 28th.
    """
    day = birth.to_numpy("datetime64[D]")
    month = day.astype("datetime64[M]")
    target = month - 12 * years
    moved = target.astype("datetime64[D]") + (day - month.astype("datetime64[D]"))
    if (as_of.month, as_of.day) == (2, 29):
        moved = np.where(moved.astype("datetime64[M]") == target, moved, moved - np.timedelta64(1, "D"))
    return pd.Series(moved, index=birth.index).astype(birth.dtype)


def _later_grades(residents: pd.DataFrame, years: int, policy: Policy, key: str) -> pd.Series:
    """Each grade after so many draws from the rows of its own scheme."""
    grades = residents["ability_grade"].copy()
    schemes = residents["ability_scheme"].fillna(policy.default_scheme)
    for scheme, rows in policy.ageing.items():
        concerned = (schemes == scheme) & grades.lt(len(rows)).fillna(False)
        ids = residents.loc[concerned, "resident_id"]
        if len(ids):
            now = grades[concerned].to_numpy(np.int64)
            grades[concerned] = _walk(now, np.array(rows), years, ids, key)
    return grades


def _walk(
    grade: npt.NDArray[np.int64], odds: npt.NDArray[np.float64], years: int, ids: pd.Series, key: str
) -> npt.NDArray[np.int64]:
    bounds = odds.cumsum(axis=1)
    # The last grade that can be reached takes what rounding leaves of 1.
    last = odds.shape[1] - 1 - (odds[:, ::-1] > 0).argmax(axis=1)
    for year in range(years):
        number = draws(ids, f"{key}\n{year}")
        following = (number[:, None] >= bounds[grade]).sum(axis=1)
        grade = np.minimum(following, last[grade])
    return grade
