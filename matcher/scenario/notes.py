"""What can be done and is hardly meant: a provider without places or without people, a road that nobody takes."""

from __future__ import annotations

import numpy as np

from matcher.geography.sphere import great_circle_km, unit_vectors
from matcher.inputs import Inputs
from matcher.policy.documents import Policy
from matcher.scenario.edits import AddProvider, ChangeCapacity, CloseRoad, Edit, MoveProvider, OpenPlanned
from matcher.tables import MODES

#: Notes on an edit, as `note_of` gives them.
NOTES = ("no_capacity", "nobody_in_reach", "no_way_there")


def note_of(edit: Edit, before: Inputs, inputs: Inputs, policy: Policy) -> str:
    """Why an edit of a provider or a road changes nothing for anybody; "" for all others.

    Parameters
    ----------
    edit : Edit
    before, inputs : Inputs
        Before and after the edit.
    policy : Policy

    Returns
    -------
    str
        ``no_capacity`` when no mode has a place; ``nobody_in_reach`` when no listed journey leads there and nobody
        lives within the limits of its modes as the crow flies; ``no_way_there`` when no journey led over the road.
    """
    if isinstance(edit, CloseRoad):
        return "no_way_there" if inputs.travel is before.travel else ""
    if isinstance(edit, AddProvider):
        provider_id = str(edit.values["provider_id"])
    elif isinstance(edit, ChangeCapacity | MoveProvider | OpenPlanned):
        provider_id = edit.provider_id
    else:
        return ""
    row = inputs.providers[inputs.providers["provider_id"] == provider_id].iloc[0]
    places = row[[f"capacity_{mode}" for mode in MODES]].fillna(0).tolist()
    offered = [mode for mode, count in zip(MODES, places, strict=True) if count > 0]
    if not offered or row[["capacity_total"]].eq(0).any():
        return "no_capacity"
    if (inputs.travel["provider_id"] == provider_id).any():
        return ""
    reach = max(_limit_km(policy, mode) for mode in offered)
    people = inputs.residents[["lat", "lon"]].to_numpy(np.float64)
    here = unit_vectors(np.array([row["lat"]], np.float64), np.array([row["lon"]], np.float64))
    away = great_circle_km(unit_vectors(people[:, 0], people[:, 1]), here) * policy.detour_factor
    return "" if (away <= reach).any() else "nobody_in_reach"


def _limit_km(policy: Policy, mode: str) -> float:
    if policy.cost == "time":
        return policy.limit_minutes[mode] / 60 * policy.speed_kmh
    return policy.limit_km[mode]
