"""Who is served by whom, with the journey and what decided: the table ``assignments``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.derive import Eligibility
from matcher.geography.locate import precisions
from matcher.tables import DISTANCE_SOURCES, OUTPUTS

Ints = npt.NDArray[np.int64]


def assignment_table(known: Eligibility, slot: Ints) -> pd.DataFrame:
    """The served, by resident id.

    Parameters
    ----------
    known : Eligibility
    slot : (n_residents,)
        Slot of each person, −1 for unserved.

    Returns
    -------
    DataFrame
        Columns of ``OUTPUTS["assignments"]``.
    """
    served = np.flatnonzero(slot >= 0)
    group = known.groups.member[served]
    provider = known.problem.slot_provider[slot[served]]
    km, cost = known.groups.travel.measure(known.groups.location[group], provider)
    leaves = (known.groups.current[group] >= 0) & (known.groups.current[group] != provider)
    people = known.people.iloc[served]
    table = pd.DataFrame(
        {
            "resident_id": people["resident_id"].to_numpy(),
            "mode": people["mode"].to_numpy(),
            "mode_rule": people["mode_rule"].to_numpy(),
            "tier": people["tier"].to_numpy(),
            "provider_id": known.groups.provider_ids.to_numpy()[provider],
            "distance_km": km,
            "cost_m": cost + known.switching_m * leaves,
            "rank": _ranks(known, group, cost),
            "distance_source": np.where(
                known.groups.travel.listed(known.groups.location[group], provider), *DISTANCE_SOURCES
            ),
            "position": precisions(people).to_numpy(),
        },
        columns=list(OUTPUTS["assignments"]),
    )
    return table.sort_values("resident_id", ignore_index=True)


def _ranks(known: Eligibility, group: Ints, cost: Ints) -> Ints:
    """1 + eligible providers strictly cheaper, before any price for switching.

    Costs ascend within a group, so one search among (group, cost) numbers finds them all.
    """
    width = int(known.pairs.cost.max(initial=0)) + 1
    keys = known.pairs.group * width + known.pairs.cost
    return np.asarray(np.searchsorted(keys, group * width + cost) - known.pairs.start[group] + 1, np.int64)
