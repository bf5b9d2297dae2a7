"""Providers by offered mode: how full they are, and what one more place would bring."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.derive import Eligibility
from matcher.solve.prices import Proof
from matcher.solve.problem import Problem
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
    assigned = np.bincount(slot[slot >= 0], minlength=len(problem.capacity))
    price = proof.prices.slot if proof else None
    return loads_of(problem, eligibility.groups.provider_ids, eligibility.places, assigned, price)


def loads_of(
    problem: Problem, provider_ids: pd.Index, places: Ints, assigned: Ints, price: Ints | None
) -> pd.DataFrame:
    """As `load_table`.

    Parameters
    ----------
    problem : Problem
        Of which the slots are read.
    provider_ids : Index
        In its order.
    places, assigned : (n_slots,)
    price : (n_slots,) array or None
        The least ones.
    """
    table = pd.DataFrame(
        {
            "provider_id": provider_ids.to_numpy()[problem.slot_provider],
            "mode": np.array(MODES, dtype=object)[problem.slot_mode],
            "capacity": places,
            "assigned": assigned,
        }
    )
    served, tier, metres = slot_values(problem, price)
    table["slot_value_served"] = served
    table["slot_value_tier"] = tier
    table["slot_value_m"] = metres
    table = table[list(OUTPUTS["providers"])].astype({"provider_id": "str", "mode": "str"})
    return table.sort_values(["provider_id", "mode"], ignore_index=True)
