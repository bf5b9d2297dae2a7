"""Who is served by whom, with the journey and what decided: by person, and as the table ``assignments``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.derive import Eligibility
from matcher.eligibility.pairs import ranks
from matcher.geography.locate import precisions
from matcher.tables import DISTANCE_SOURCES, OUTPUTS

Ints = npt.NDArray[np.int64]


def people_with_providers(eligibility: Eligibility, slot: Ints) -> pd.DataFrame:
    """The classified people, in their order, with `served`, `provider_id` and `distance_km`.

    Parameters
    ----------
    eligibility, slot
        As in `assignment_table`.

    Returns
    -------
    DataFrame
        `provider_id` and `distance_km` are missing for the unserved.
    """
    served = np.flatnonzero(slot >= 0)
    provider = eligibility.problem.slot_provider[slot[served]]
    km = np.full(len(slot), np.nan)
    km[served] = _journey(eligibility, served, provider)[0]
    chosen = np.full(len(slot), -1)
    chosen[served] = provider
    ids = eligibility.groups.provider_ids.array.take(chosen, allow_fill=True)
    return eligibility.people.assign(served=slot >= 0, provider_id=ids, distance_km=km)


def _journey(eligibility: Eligibility, person: Ints, provider: Ints) -> tuple[npt.NDArray[np.float64], Ints]:
    """Kilometres and cost of each person's way to a provider, before any price for switching."""
    groups = eligibility.groups
    return groups.travel.measure(groups.location[groups.member[person]], provider)


def assignment_table(eligibility: Eligibility, slot: Ints) -> pd.DataFrame:
    """The served, by resident id.

    Parameters
    ----------
    eligibility : Eligibility
    slot : (n_residents,)
        Slot of each person, −1 for unserved.

    Returns
    -------
    DataFrame
        Columns of ``OUTPUTS["assignments"]``.
    """
    groups = eligibility.groups
    served = np.flatnonzero(slot >= 0)
    group = groups.member[served]
    provider = eligibility.problem.slot_provider[slot[served]]
    km, cost = _journey(eligibility, served, provider)
    leaves = (groups.current[group] >= 0) & (groups.current[group] != provider)
    listed = groups.travel.listed(groups.location[group], provider)
    people = eligibility.people.iloc[served]
    table = pd.DataFrame(
        {
            **{name: people[name].array for name in ("resident_id", "mode", "mode_rule", "tier")},
            "provider_id": groups.provider_ids.array.take(provider),
            "distance_km": km,
            "cost_m": cost + eligibility.switching_m * leaves,
            "rank": ranks(eligibility.pairs, group, cost),
            "distance_source": pd.array(DISTANCE_SOURCES, dtype="str").take(np.where(listed, 0, 1)),
            "position": precisions(people).array,
        },
        columns=list(OUTPUTS["assignments"]),
    )
    return table.sort_values("resident_id", ignore_index=True)
