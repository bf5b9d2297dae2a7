"""Why nobody serves a person, and the nearest provider that might."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.derive import Eligibility
from matcher.eligibility.households import reason_numbers, waiting_together
from matcher.eligibility.pairs import BLOCK_CELLS, Groups
from matcher.tables import OUTPUTS, UNSERVED_REASONS
from matcher.travel.distance import TravelModel

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def unserved_table(eligibility: Eligibility, slot: Ints) -> pd.DataFrame:
    """People without a provider, by resident id.

    The reasons are asked in this order: who lives at home and waits for a care home takes no place (`waiting`);
    without a position no distance can be told (`no_location`); no open provider of an admitted kind offers all that
    is required (`no_qualified_provider`); there is one, but the travel table says of each that no way leads there
    (`no_way`); none is within the limit (`beyond_limit`); one is, but its places go where they gain more
    (`capacity_full`).
    Where households stay together they are asked of the household, as if it were one person with the needs of all.

    Parameters
    ----------
    eligibility : Eligibility
    slot : (n_residents,)
        Slot of each person, −1 for unserved.

    Returns
    -------
    DataFrame
        Columns of ``OUTPUTS["unserved"]``; the nearest provider is the cheapest admissible one, limit or not.
    """
    left = np.flatnonzero(slot < 0)
    left = left[np.argsort(eligibility.household[left], kind="stable")]
    groups, back = np.unique(eligibility.groups.member[left], return_inverse=True)
    nearest, nearest_km = nearest_admissible(eligibility.groups, groups)
    reason, provider, km = _reasons(eligibility, groups, nearest)[back], nearest[back], nearest_km[back]
    together = eligibility.household[left] >= 0
    if together.any():
        reason[together], provider[together], km[together] = waiting_together(eligibility, left[together])
    people = eligibility.people.iloc[left]
    ids = np.append(eligibility.groups.provider_ids.to_numpy(dtype=object), np.nan)
    table = pd.DataFrame(
        {
            "resident_id": people["resident_id"].to_numpy(),
            "mode": people["mode"].to_numpy(),
            "tier": people["tier"].to_numpy(),
            "reason": np.array(UNSERVED_REASONS, dtype=object)[reason],
            "nearest_provider_id": ids[provider],
            "nearest_distance_km": km,
        },
        columns=list(OUTPUTS["unserved"]),
    ).astype({"resident_id": "str", "mode": "str", "reason": "str", "nearest_provider_id": "str"})
    return table.sort_values("resident_id", ignore_index=True)


def _reasons(eligibility: Eligibility, group: Ints, nearest: Ints) -> Ints:
    """Why nobody serves each of some groups, `nearest` being its nearest admissible provider or −1."""
    groups, profile = eligibility.groups, eligibility.groups.profile[group]
    within = np.diff(eligibility.pairs.start)[group] > 0
    admitted = groups.admitted[profile].any(axis=1)
    reasons = {
        "waiting": groups.profiles["waiting"].to_numpy(bool)[profile],
        "no_location": ~within & np.isnan(groups.travel.origins[groups.location[group], 0]),
        "no_qualified_provider": ~admitted,
        "no_way": np.zeros(len(group), bool),
        "beyond_limit": ~within,
    }
    unreached = np.flatnonzero(admitted & (nearest < 0))
    reasons["no_way"][unreached] = _no_way(groups, group[unreached])
    return reason_numbers(reasons)


def _no_way(groups: Groups, group: Ints) -> Bools:
    """Whether the travel table says of every admissible provider that no way leads there."""
    step = max(1, BLOCK_CELLS // max(1, len(groups.provider_ids)))
    every = np.arange(len(groups.provider_ids))
    found = [
        groups.travel.shut_between(groups.location[some], every) | ~groups.admitted[groups.profile[some]]
        for some in (group[begin : begin + step] for begin in range(0, len(group), step))
    ]
    return np.concatenate([np.zeros(0, bool), *(shut.all(axis=1) for shut in found)])


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
    profile, location = groups.profile[wanted[first]], groups.location[wanted[first]]
    provider = np.full(len(first), -1, np.int64)
    km = np.full(len(first), np.nan)
    for alike in np.unique(profile):
        columns = np.flatnonzero(groups.admitted[alike])
        rows = np.flatnonzero(profile == alike)
        step = max(1, BLOCK_CELLS // max(1, len(columns)))
        for begin in range(0, len(rows) if len(columns) else 0, step):
            some = rows[begin : begin + step]
            provider[some], km[some] = _cheapest(groups.travel, location[some], columns)
    return provider[back], km[back]


def _cheapest(travel: TravelModel, location: Ints, columns: Ints) -> tuple[Ints, npt.NDArray[np.float64]]:
    """Cheapest of the providers `columns` for each location, and its kilometres; −1 and NaN where none is known."""
    shape = (len(location), len(columns))
    km, cost = travel.measure(np.repeat(location, shape[1]), np.tile(columns, shape[0]))
    unknown = np.iinfo(np.int64).max
    best = np.where(cost < 0, unknown, cost).reshape(shape).argmin(axis=1)
    at = np.arange(shape[0]) * shape[1] + best
    return np.where(cost[at] < 0, -1, columns[best]), np.where(cost[at] < 0, np.nan, km[at])
