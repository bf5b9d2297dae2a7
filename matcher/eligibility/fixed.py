"""People whose provider was decided by somebody: an override, or a match that is frozen.

They keep their place whatever others gain: it is taken out before anything is solved, see ``held.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.tables import DECIDED

if TYPE_CHECKING:
    from matcher.inputs import Inputs

Ints = npt.NDArray[np.int64]


def decisions(corrections: pd.DataFrame) -> pd.DataFrame:
    """The corrections that name a provider, one a person, by resident id."""
    rows = corrections[corrections["what"].isin(DECIDED)]
    rows = rows.sort_values(["resident_id", "what"], kind="stable")  # the order of `DECIDED`
    return rows.drop_duplicates("resident_id", ignore_index=True)


def without_decisions(inputs: Inputs) -> Inputs:
    """Inputs in which nobody's provider is decided on: for what asks how places could be used best."""
    open_to_all = ~inputs.corrections["what"].isin(DECIDED)
    return inputs if open_to_all.all() else inputs.replace(corrections=inputs.corrections[open_to_all])


def wished(people: pd.DataFrame, provider_ids: pd.Index, corrections: pd.DataFrame) -> Ints:
    """The provider decided on for each person.

    Parameters
    ----------
    people : DataFrame[resident_id]
    provider_ids : index
    corrections : DataFrame[resident_id, what, value]

    Returns
    -------
    (n_residents,) array
        Its number, −1 for none.
    """
    wish = np.full(len(people), -1, np.int64)
    rows = decisions(corrections)
    if len(rows):
        person = pd.Index(people["resident_id"]).get_indexer(pd.Index(rows["resident_id"]))
        provider = provider_ids.get_indexer(pd.Index(rows["value"]))
        wish[person[person >= 0]] = provider[person >= 0]
    return wish
