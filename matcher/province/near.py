"""Of all providers of a province those that the people of one county may reach."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.geography.sphere import KM_PER_DEGREE
from matcher.inputs import Inputs
from matcher.policy.documents import Policy
from matcher.tables import MODES
from matcher.travel.distance import crow_limit_km

Bools = npt.NDArray[np.bool_]

#: Degrees are told by a rounded radius, and costs are rounded: so much farther is looked.
MARGIN = 1.02


def near_providers(inputs: Inputs, policy: Policy) -> Inputs:
    """Inputs with the providers that may be within the limit of any resident; no eligible pair is lost.

    A provider stays that offers a mode and lies no farther from the box around all residents than the limit of that
    mode; one to which a journey is listed for any of them or their places; and, where leaving one costs something,
    one that a resident has now.

    Parameters
    ----------
    inputs : Inputs
        Located, with the residents of one part.
    policy : Policy
    """
    providers, people = inputs.providers, inputs.residents
    kept = np.zeros(len(providers), bool)
    for mode in MODES:
        offers = providers[f"capacity_{mode}"].notna().to_numpy(bool)
        kept |= offers & _near_box(people, providers, crow_limit_km(policy, mode) * MARGIN)
    if len(inputs.travel):
        codes = pd.concat([people["resident_id"], people["place_code"]])
        listed = inputs.travel.loc[inputs.travel["from_code"].isin(codes), "provider_id"]
        kept |= providers["provider_id"].isin(listed).to_numpy(bool)
    if policy.switching_m > 0:
        kept |= providers["provider_id"].isin(people["current_provider_id"].dropna()).to_numpy(bool)
    return inputs.replace(providers=providers[kept].reset_index(drop=True))


def _near_box(people: pd.DataFrame, providers: pd.DataFrame, km: float) -> Bools:
    """Providers whose way as the crow flies to the box around the people may be so short."""
    lat, lon = people["lat"].to_numpy(np.float64), people["lon"].to_numpy(np.float64)
    if np.isnan(lat).all():
        return np.zeros(len(providers), bool)
    south, north = np.nanmin(lat) - km / KM_PER_DEGREE, np.nanmax(lat) + km / KM_PER_DEGREE
    wide = km / KM_PER_DEGREE / np.cos(np.radians(min(max(abs(south), abs(north)), 89.0)))
    there_lat = providers["lat"].to_numpy(np.float64)
    there_lon = providers["lon"].to_numpy(np.float64)
    return np.asarray(
        (there_lat >= south)
        & (there_lat <= north)
        & (there_lon >= np.nanmin(lon) - wide)
        & (there_lon <= np.nanmax(lon) + wide)
    )
