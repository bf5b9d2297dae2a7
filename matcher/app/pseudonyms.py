"""Ids of residents that are id numbers: an HMAC of each in its place, the number itself among what is sealed.

The same number has the same pseudonym in each version of the data, so a person is found again without the number.
"""

from __future__ import annotations

import pandas as pd

from matcher.inputs import Inputs
from matcher.masking import id_number_mask
from matcher.store.pseudonym import FIRST, pseudonyms
from matcher.tables import TABLES

#: Columns that may hold a person's id beside those that refer to residents.
ALSO = ("from_code",)
#: Ids that some registers make from a member's.
_OWN = ("resident_id", "household_id")


def has_id_numbers(inputs: Inputs) -> bool:
    """Whether residents go by id numbers."""
    return any(bool(id_number_mask(inputs.residents[name]).any()) for name in _OWN)


def with_pseudonyms(inputs: Inputs) -> Inputs:
    """Inputs in which nobody goes by an id number.

    Parameters
    ----------
    inputs : Inputs

    Returns
    -------
    Inputs
        With pseudonyms in each column that tells a resident or a household, and the number in
        ``residents.id_number``.
    """
    if not has_id_numbers(inputs):
        return inputs
    residents = inputs.residents
    numbers = residents["resident_id"].where(id_number_mask(residents["resident_id"]))
    households = residents["household_id"]
    shaped = pd.unique(pd.concat([numbers, households[id_number_mask(households)]]).dropna())
    known = pd.Series(pseudonyms(list(shaped)), index=shaped, dtype="str")
    changed = {}
    for name, columns in TABLES.items():
        table = getattr(inputs, name)
        own = [one.name for one in columns if one.refers == "residents" or one.name in ALSO]
        own += _OWN if name == "residents" else []
        new = {column: _exchanged(table[column], known) for column in own if len(table)}
        if new:
            changed[name] = table.assign(**new)
    changed["residents"]["id_number"] = numbers.fillna(residents["id_number"]).astype("str")
    return inputs.replace(**changed)


def as_they_came(ids: pd.Series[str], residents: pd.DataFrame) -> pd.Series[str]:
    """Ids as a folder has them whose inputs were given pseudonyms."""
    hidden = residents[residents["resident_id"].str.startswith(FIRST)]
    numbers = hidden.set_index("resident_id")["id_number"].dropna()
    return _exchanged(ids, numbers[id_number_mask(numbers)])


def _exchanged(column: pd.Series[str], known: pd.Series[str]) -> pd.Series[str]:
    return column.map(known).astype("str").fillna(column)
