"""Providers by offered mode: how full they are, and what one more place would bring."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.derive import Eligibility
from matcher.solve.prices import Proof
from matcher.solve.slots import slot_values
from matcher.tables import MODES, OUTPUTS

Ints = npt.NDArray[np.int64]


def load_table(eligibility: Eligibility, slot: Ints, proof: Proof | None) -> pd.DataFrame:
    """Providers by offered mode: capacity, persons assigned, and what one more place would bring.

    Parameters
    ----------
    eligibility, slot
        As in `assignment_table`.
    proof : Proof or None
        Without one the slot values are missing.

    Returns
    -------
    DataFrame
        Columns of ``OUTPUTS["providers"]``; `slot_value_tier` is missing where one more place serves nobody more,
        `slot_value_m` is metres (seconds with ``cost = "time"``) saved, negative where the person gained travels
        farther than others save.
    """
    problem = eligibility.problem
    table = pd.DataFrame(
        {
            "provider_id": eligibility.groups.provider_ids.to_numpy()[problem.slot_provider],
            "mode": np.array(MODES, dtype=object)[problem.slot_mode],
            "capacity": eligibility.places,
            "assigned": np.bincount(slot[slot >= 0], minlength=len(problem.capacity)),
        }
    )
    served, tier, metres = slot_values(problem, proof.prices if proof else None)
    table["slot_value_served"] = served
    table["slot_value_tier"] = tier
    table["slot_value_m"] = metres
    table = table[list(OUTPUTS["providers"])].astype({"provider_id": "str", "mode": "str"})
    return table.sort_values(["provider_id", "mode"], ignore_index=True)
