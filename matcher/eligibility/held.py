"""Which decisions on people's providers can be kept.

One that cannot is set aside, and the person is matched like everybody else: the provider does not qualify under the
policy, is closed, or has too few places for all that were decided.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.pairs import Groups, Pairs
from matcher.tables import CAPACITY_COLUMNS

Ints = npt.NDArray[np.int64]


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
