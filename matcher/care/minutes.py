"""Minutes from people and providers to providers: of the travel table, else kilometres by the policy's speed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.arrays import numbered
from matcher.eligibility.pairs import distinct_origins
from matcher.policy.documents import Policy
from matcher.travel.distance import TravelModel, read_journeys, travel_model

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: In place of a provider's number: none is known.
NOBODY = -1
#: Stands for a time that is not known.
_FAR = np.iinfo(np.int64).max
#: Cells of a block of (origins × providers) looked at together: bounds the memory, not the answer.
_BLOCK_CELLS = 4_000_000


def from_people(
    people: pd.DataFrame, providers: pd.DataFrame, travel: pd.DataFrame, policy: Policy
) -> tuple[TravelModel, Ints]:
    """Seconds and kilometres from where people are, and the number of each person's origin.

    Parameters
    ----------
    people : DataFrame[resident_id, place_code, lat, lon]
    providers : DataFrame[provider_id, lat, lon]
        Sorted by id: a provider's number is its row.
    travel : DataFrame
        The input table.
    """
    journeys = read_journeys(travel, pd.Index(providers["provider_id"]))
    origins, location = distinct_origins(people, journeys)
    return travel_model(origins, providers, journeys, replace(policy, cost="time")), location


def from_providers(
    starts: pd.DataFrame, providers: pd.DataFrame, travel: pd.DataFrame, policy: Policy
) -> TravelModel:
    """Seconds and kilometres from providers, with the journeys that are listed for their places."""
    journeys = read_journeys(travel, pd.Index(providers["provider_id"]))
    origins = starts[["lat", "lon"]].assign(
        place_key=numbered(starts["place_code"], journeys.keys), person_key=-1
    )
    return travel_model(origins, providers, journeys, replace(policy, cost="time"))


def nearest(
    model: TravelModel, location: Ints, columns: Ints, allowed: npt.NDArray[np.bool_]
) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """The nearest provider of each origin by whole seconds, then by number.

    Parameters
    ----------
    model : TravelModel
        Of time.
    location : (n,)
        Origins of the model.
    columns : (m,)
        Providers, ascending.
    allowed : (n, m) or (1, m)
        Which of them may take the origin's people.

    Returns
    -------
    provider : (n,)
        `NOBODY` where no time is known.
    seconds : (n,)
        −1 there.
    shut : (n,)
        To none of those allowed there is a way, as the travel table says.
    """
    provider, seconds = np.full(len(location), NOBODY, np.int64), np.full(len(location), -1, np.int64)
    shut = np.zeros(len(location), bool)
    step = max(1, _BLOCK_CELLS // max(1, len(columns)))
    for begin in range(0, len(location) if len(columns) else 0, step):
        block = slice(begin, begin + step)
        here = location[block]
        may = np.broadcast_to(allowed[block] if len(allowed) > 1 else allowed, (len(here), len(columns)))
        _, cost = model.measure(np.repeat(here, len(columns)), np.tile(columns, len(here)))
        cost = cost.reshape(may.shape)
        cost[(cost < 0) | ~may] = _FAR
        first = cost.argmin(axis=1)
        least = cost[np.arange(len(here)), first]
        provider[block] = np.where(least < _FAR, columns[first], NOBODY)
        seconds[block] = np.where(least < _FAR, least, -1)
        shut[block] = (model.shut_between(here, columns) | ~may).all(axis=1)
    return provider, seconds, shut
