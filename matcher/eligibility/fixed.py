"""People whose provider was decided by somebody: an override, or a match that is frozen.

They keep their place whatever others gain: it is taken out before anything is solved. A decision that cannot be kept is
set aside, and the person is matched like everybody else: the provider does not qualify under the policy, is closed, or
has too few places for all that were decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.tables import CAPACITY_COLUMNS

if TYPE_CHECKING:
    from matcher.eligibility.pairs import Groups, Pairs
    from matcher.inputs import Inputs

Ints = npt.NDArray[np.int64]

#: Corrections that name a provider; where both are there, the first holds.
DECIDED = ("frozen", "override")


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


def held(groups: Groups, pairs: Pairs, providers: pd.DataFrame, people: pd.DataFrame) -> Ints:
    """Which of the wishes are kept: eligible, and there are places; first come by resident id.

    Parameters
    ----------
    groups : Groups
        Whose ``fixed`` are wishes, each of a group of one person.
    pairs : Pairs
    providers : DataFrame
        The input table.
    people : DataFrame[resident_id]

    Returns
    -------
    (n_groups,) array
        Number of the provider, −1 for none.
    """
    kept = np.full(len(groups.size), -1, np.int64)
    wishing = np.flatnonzero(groups.fixed >= 0)
    if not len(wishing):
        return kept
    eligible = np.zeros(len(groups.size), bool)
    eligible[pairs.group[groups.fixed[pairs.group] == pairs.provider]] = True
    ordered = providers.set_index("provider_id").reindex(groups.provider_ids)
    places = ordered[list(CAPACITY_COLUMNS)].fillna(0).to_numpy(np.int64)
    total = ordered["capacity_total"].fillna(places.sum()).to_numpy(np.int64)
    person = np.full(len(groups.size), -1, np.int64)
    person[groups.member] = np.arange(len(groups.member))
    ids = people["resident_id"].to_numpy(dtype=object)
    for group in sorted(wishing[eligible[wishing]].tolist(), key=lambda one: str(ids[person[one]])):
        to, mode = groups.fixed[group], groups.mode[group]
        if places[to, mode] > 0 and total[to] > 0:
            places[to, mode] -= 1
            total[to] -= 1
            kept[group] = to
    return kept
