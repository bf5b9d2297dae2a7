"""Corrections: what was decided about a person since the data were made, put into the residents before they are used.

=========  ======================  ==============================================================================
what       value                   what it does
=========  ======================  ==============================================================================
died       –                       the person is left out
left       –                       the person is left out: they live elsewhere now
place      a place code            they live at home there now; their position and address are not known any more
phone      a phone number          it is theirs
grade      a grade of ability      it is theirs, under the scheme of the row
override   a provider id           that provider serves them, see ``eligibility/held.py``
frozen     a provider id           likewise: a match that was agreed on
=========  ======================  ==============================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
import pandas as pd

from matcher.inputs import Inputs
from matcher.intake.problems import Reporter
from matcher.tables import ABILITY_GRADES, DECIDED

#: Corrections after which a person is no longer matched.
GONE = ("died", "left")
#: Scheme and grade of every grade that there is.
_GRADES = frozenset(f"{scheme} {grade}" for scheme, grades in ABILITY_GRADES.items() for grade in grades)
_DEFAULT_SCHEME = next(iter(ABILITY_GRADES))
Frames: TypeAlias = Mapping[str, pd.DataFrame]


def check_corrections(frames: Mapping[str, pd.DataFrame], report: Reporter) -> None:
    """Every correction has the value that it needs."""
    table = frames["corrections"]
    for what, right in _RIGHT.items():
        wrong = (table["what"] == what).fillna(False) & ~right(table, frames)
        if wrong.any():
            report("correction_value", "value", np.flatnonzero(wrong.to_numpy(bool)))


def _names(table: str, key: str) -> Callable[[pd.DataFrame, Frames], pd.Series]:
    return lambda rows, frames: rows["value"].isin(frames[table][key].dropna())


def _is_grade(rows: pd.DataFrame, frames: Frames) -> pd.Series:
    """A grade of the scheme by which the person was assessed."""
    people = frames["residents"].drop_duplicates("resident_id").set_index("resident_id")["ability_scheme"]
    scheme = rows["resident_id"].map(people).fillna(_DEFAULT_SCHEME)
    return (scheme + " " + rows["value"].fillna("")).isin(_GRADES)


#: What a value must be, by what is corrected.
_RIGHT: dict[str, Callable[[pd.DataFrame, Frames], pd.Series]] = {
    "died": lambda rows, _: rows["value"].isna(),
    "left": lambda rows, _: rows["value"].isna(),
    "place": _names("places", "place_code"),
    "phone": lambda rows, _: rows["value"].notna(),
    "grade": _is_grade,
    **dict.fromkeys(DECIDED, _names("providers", "provider_id")),
}


def with_decisions(inputs: Inputs, decisions: pd.DataFrame) -> Inputs:
    """Inputs with further corrections, which take the place of the data's own.

    Parameters
    ----------
    inputs : Inputs
        Not yet corrected.
    decisions : DataFrame
        Columns of ``tables.CORRECTIONS``. What these data do not know, a person, place or provider, rests.
    """
    frames = {"places": inputs.places, "providers": inputs.providers, "residents": inputs.residents}
    fits = decisions["resident_id"].isin(inputs.residents["resident_id"])
    for what, right in _RIGHT.items():
        fits &= (decisions["what"] != what) | right(decisions, frames)
    table = pd.concat([inputs.corrections, decisions[fits]], ignore_index=True)
    return inputs.replace(corrections=table.drop_duplicates(["resident_id", "what"], keep="last"))


def corrected(inputs: Inputs) -> Inputs:
    """Inputs, not yet located, with their corrections put into the residents.

    Whom a correction names and nobody knows is passed over: the next data may know them again.
    """
    table = inputs.corrections
    if table.empty:
        return inputs
    residents = inputs.residents.set_index("resident_id", drop=False)
    told = {what: rows.set_index("resident_id")["value"] for what, rows in table.groupby("what")}
    told = {what: values[values.index.isin(residents.index)] for what, values in told.items()}
    if "place" in told:
        moved = told["place"].index
        residents.loc[moved, "place_code"] = told["place"]
        residents.loc[moved, ["lat", "lon"]] = np.nan
        residents.loc[moved, ["address", "site_id"]] = None
        residents.loc[moved, "living_setting"] = "own_home"
    if "phone" in told:
        residents.loc[told["phone"].index, "phone"] = told["phone"]
    if "grade" in told:
        residents.loc[told["grade"].index, "ability_grade"] = told["grade"].astype("Int64")
    gone = [id for what in GONE for id in told.get(what, pd.Series()).index]
    residents = residents[~residents.index.isin(gone)].reset_index(drop=True)
    return inputs.replace(residents=residents)
