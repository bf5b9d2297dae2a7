"""Rules on residents: id numbers, births and ages, ability grades, seasons."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from matcher.ages import age_on
from matcher.intake.idnumber import IdNumbers, read_ids
from matcher.intake.links import check_unique
from matcher.intake.problems import Mask, Reporter
from matcher.tables import ABILITY_GRADES

_OLDEST = 120
_ELDERLY_FROM = 60
_DEFAULT_SCHEME = next(iter(ABILITY_GRADES))


def check_people(residents: pd.DataFrame, as_of: dt.date | None, report: Reporter) -> pd.DataFrame:
    """Check everything that is said of a person.

    Parameters
    ----------
    residents : DataFrame
        Typed columns.
    as_of : datetime.date or None
        None leaves out what needs ages.
    report : Reporter

    Returns
    -------
    DataFrame
        `residents` with capital X in id numbers, and with the birth date of the id number where none is given.
    """
    check_ability(residents, report)
    check_season(report)
    if not report.empty("id_number").all():
        residents = residents.assign(id_number=residents["id_number"].str.upper())
        check_unique(residents, ["id_number"], "duplicate_id_number", report)
        ids = read_ids(residents["id_number"])
        usable = check_ids(residents, ids, as_of, report)
        residents = residents.assign(birth_date=_births(residents, ids, usable))
    if as_of is not None:
        check_ages(residents, as_of, report)
    return residents


def check_ability(residents: pd.DataFrame, report: Reporter) -> None:
    """A grade is one of its scheme's; without scheme the policy's default is assumed, and that is told."""
    grade, scheme = residents["ability_grade"], residents["ability_scheme"]
    for name, grades in ABILITY_GRADES.items():
        strange = (scheme == name) & grade.notna() & ~grade.isin(grades)
        allowed = ", ".join(str(number) for number in grades)
        report("grade_not_in_scheme", "ability_grade", _mask(strange), scheme=name, grades=allowed)
    unnamed = _mask(grade.notna()) & report.empty("ability_scheme")
    report("scheme_assumed", "ability_scheme", unnamed, vocabulary="ability_scheme", assumed=_DEFAULT_SCHEME)


def check_season(report: Reporter) -> None:
    """A season has both its months."""
    no_start, no_end = report.empty("season_from"), report.empty("season_to")
    report("half_season", "season_from", no_start & ~no_end)
    report("half_season", "season_to", no_end & ~no_start)


def check_ids(residents: pd.DataFrame, ids: IdNumbers, as_of: dt.date | None, report: Reporter) -> Mask:
    """Form, date, check character and area of the id numbers, and whether they agree with the birth date.

    A doubtful number of an old person is common and stops nothing: it is told, and no birth date is taken from it.

    Returns
    -------
    bool array of shape (n,)
        Whose birth date may be taken from the id number.
    """
    given = _mask(residents["id_number"].notna())
    real = ids.form & ~np.isnat(ids.birth) & ~_impossible(ids, as_of)
    report("bad_id_form", "id_number", given & ~ids.form)
    report("bad_id_date", "id_number", ids.form & ~real)
    report("bad_id_checksum", "id_number", real & ~ids.checked)
    report("unknown_area", "id_number", real & ids.checked & ~ids.area)
    told = residents["birth_date"].to_numpy()
    usable: Mask = real & ids.checked
    report("id_contradicts_birth", "id_number", usable & ~np.isnat(told) & (told != ids.birth))
    return usable


def _impossible(ids: IdNumbers, as_of: dt.date | None) -> Mask:
    """Births that lie after `as_of` or more than 120 years before."""
    if as_of is None:
        return np.zeros(len(ids.birth), dtype=bool)
    ages = age_on(pd.Series(ids.birth), as_of)
    return _mask((ages < 0) | (ages > _OLDEST))


def _births(residents: pd.DataFrame, ids: IdNumbers, usable: Mask) -> pd.Series:
    good = pd.Series(np.where(usable, ids.birth, np.datetime64("NaT", "D")), index=residents.index)
    return residents["birth_date"].fillna(good.astype("datetime64[s]"))


def check_ages(residents: pd.DataFrame, as_of: dt.date, report: Reporter) -> None:
    """Births and ages that cannot be, contradict each other, or are missing."""
    counted, told = age_on(residents["birth_date"], as_of), residents["age"]
    written = ~report.empty("birth_date")
    report("future_birth", "birth_date", _mask(counted < 0) & written)
    report("age_over_120", "birth_date", _mask(counted > _OLDEST) & written)
    possible = _mask(counted.between(0, _OLDEST))
    report("age_contradicts_birth", "age", possible & _mask(told != counted))
    nothing = report.empty("age") & report.empty("birth_date") & _mask(residents["birth_date"].isna())
    report("no_age", "age", nothing)
    age = counted.where(possible).fillna(told)
    young = _mask((age < _ELDERLY_FROM) & (residents["origin"].fillna("local") == "local"))
    for column, where in (("birth_date", young & written), ("age", young & ~written)):
        report("under_60", column, where, [str(years) for years in age[where]])


def _mask(answers: Any) -> Mask:
    """Answers as a NumPy mask, in which unknown is False."""
    return np.asarray(pd.array(answers, dtype="boolean").fillna(False), dtype=bool)
