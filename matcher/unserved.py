"""Why nobody serves a person, and the nearest provider that might."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.candidates import Groups
from matcher.solve.verify import Eligibility
from matcher.tables import OUTPUTS, UNSERVED_REASONS

Ints = npt.NDArray[np.int64]


def unserved_table(known: Eligibility, slot: Ints) -> pd.DataFrame:
    """People without a provider, by resident id.

    The reasons are asked in this order: without a position no distance can be told (`no_location`); no open provider
    of an admitted kind offers all that is required (`no_qualified_provider`); there is one, but none within the
    limit (`beyond_limit`); there is one within the limit, but its places go where they gain more (`capacity_full`).

    Parameters
    ----------
    known : Eligibility
    slot : (n_residents,)
        Slot of each person, −1 for unserved.

    Returns
    -------
    DataFrame
        Columns of ``OUTPUTS["unserved"]``; the nearest provider is the cheapest admissible one, limit or not.
    """
    waiting = np.flatnonzero(slot < 0)
    groups, back = np.unique(known.groups.member[waiting], return_inverse=True)
    located = known.groups.located[groups]
    admitted = known.groups.admitted[known.groups.profile[groups]].any(axis=1)
    within = np.diff(known.pairs.start)[groups] > 0
    reason = np.select([~located, ~admitted, ~within], [0, 1, 2], 3)
    provider, km = nearest_admissible(known.groups, groups)
    people = known.people.iloc[waiting]
    ids = np.append(known.groups.provider_ids.to_numpy(dtype=object), np.nan)
    table = pd.DataFrame(
        {
            "resident_id": people["resident_id"].to_numpy(),
            "mode": people["mode"].to_numpy(),
            "tier": people["tier"].to_numpy(),
            "reason": np.array(UNSERVED_REASONS, dtype=object)[reason[back]],
            "nearest_provider_id": ids[provider[back]],
            "nearest_distance_km": km[back],
        },
        columns=list(OUTPUTS["unserved"]),
    ).astype({"resident_id": "str", "mode": "str", "reason": "str", "nearest_provider_id": "str"})
    return table.sort_values("resident_id", ignore_index=True)


def nearest_admissible(groups: Groups, wanted: Ints) -> tuple[Ints, npt.NDArray[np.float64]]:
    """Cheapest admissible provider of each group, whatever the limit; −1 and NaN where there is none.

    Parameters
    ----------
    groups : Groups
    wanted : (n,)
        Groups asked for.
    """
    kind = groups.profile[wanted] * (len(groups.travel.origins) + 1) + groups.location[wanted]
    _, first, back = np.unique(kind, return_index=True, return_inverse=True)
    provider = np.full(len(first), -1, np.int64)
    km = np.full(len(first), np.nan)
    for i, group in enumerate(wanted[first]):
        columns = np.flatnonzero(groups.admitted[groups.profile[group]])
        if not len(columns):
            continue
        location = np.full(len(columns), groups.location[group])
        distance, cost = groups.travel.measure(location, columns)
        known = np.flatnonzero(cost >= 0)
        if len(known):
            best = known[int(cost[known].argmin())]
            provider[i], km[i] = columns[best], distance[best]
    return provider[back], km[back]
