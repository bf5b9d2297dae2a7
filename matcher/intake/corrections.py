"""Corrections: what was decided about a person since the data were made, put into the residents before they are used.

=========  ======================  ==============================================================================
what       value                   what it does
=========  ======================  ==============================================================================
died       –                       the person is left out
left       –                       the person is left out: they live elsewhere now
place      a place code            they live there now; their position and address are not known any more
phone      a phone number          it is theirs
grade      a grade of ability      it is theirs, under the scheme of the row
override   a provider id           that provider serves them, see ``eligibility/fixed.py``
frozen     a provider id           likewise: a match that was agreed on
=========  ======================  ==============================================================================
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from matcher.inputs import Inputs
from matcher.intake.problems import Reporter
from matcher.tables import ABILITY_GRADES

#: Corrections after which a person is no longer matched.
GONE = ("died", "left")
#: Whose value is the code of a row in another table.
_NAMES = {"place": ("places", "place_code")} | dict.fromkeys(
    ("override", "frozen"), ("providers", "provider_id")
)
_GRADES = sorted({str(grade) for grades in ABILITY_GRADES.values() for grade in grades})


def check_corrections(frames: Mapping[str, pd.DataFrame], report: Reporter) -> None:
    """Every correction has the value that it needs."""
    table = frames["corrections"]
    what, value = table["what"], table["value"]
    for kind, (target, key) in _NAMES.items():
        known = set(frames[target][key].dropna())
        wrong = (what == kind).fillna(False) & ~value.isin(known)
        _tell(report, wrong, value, f"{target}.{key}")
    wrong = (what == "grade").fillna(False) & ~value.isin(_GRADES)
    _tell(report, wrong, value, ", ".join(_GRADES))
    wrong = (what == "phone").fillna(False) & value.isna()
    _tell(report, wrong, value, "phone")


def _tell(report: Reporter, wrong: pd.Series, value: pd.Series, allowed: str) -> None:
    where = np.flatnonzero(wrong.to_numpy(bool))
    if len(where):
        report("correction_value", "value", where, value.iloc[where].fillna("").tolist(), allowed=allowed)


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
    if "phone" in told:
        residents.loc[told["phone"].index, "phone"] = told["phone"]
    if "grade" in told:
        residents.loc[told["grade"].index, "ability_grade"] = told["grade"].astype("Int64")
    gone = [id for what in GONE for id in told.get(what, pd.Series()).index]
    residents = residents[~residents.index.isin(gone)].reset_index(drop=True)
    return inputs.replace(residents=residents)
