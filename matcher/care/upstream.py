"""The consortium: the hospital upstream of every provider that is no hospital of level 2 or above."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.care.minutes import from_providers
from matcher.eligibility.qualify import is_open
from matcher.inputs import Inputs
from matcher.policy.documents import Policy
from matcher.solve.flow import solve_flow
from matcher.solve.least import least_slots
from matcher.solve.problem import Problem, weight_unit
from matcher.tables import HOSPITAL_KINDS, UPSTREAM_LEVEL
from matcher.travel.distance import to_cost

Ints = npt.NDArray[np.int64]

UPSTREAM_COLUMNS = ("provider_id", "upstream_id", "given", "minutes", "km")


def upstream_table(inputs: Inputs, policy: Policy) -> pd.DataFrame:
    """The hospital upstream of each open provider that is not known as a hospital of level 2 or above.

    It is the provider's ``parent_provider_id`` where that is an open hospital of level 2 or above. All others are given
    the nearest such hospital with room: as many as possible have one (``max_downstream`` bounds those of a hospital,
    those given included; empty: no bound), then the sum of the policy's cost is least, then the ids of the hospitals in
    order of the providers are least.

    Returns
    -------
    DataFrame[provider_id, upstream_id, given, minutes, km]
        By provider. ``given`` is 1 for a parent named by the data. Minutes are whole seconds ÷ 60, of the travel table
        for the provider's place, else km by the policy's speed. Without a hospital that can be reached and has room,
        the hospital is missing, with minutes and km; these also where a position is not known.

    Raises
    ------
    SolverError
        When the solver fails, or its answer is not proven by prices.
    """
    providers = inputs.providers[is_open(inputs.providers)].sort_values("provider_id", ignore_index=True)
    able = upstream_hospitals(providers)
    hospitals, below = providers[able].reset_index(drop=True), providers[~able].reset_index(drop=True)
    km, seconds = _journeys(below, hospitals, inputs, policy)
    upstream = pd.Index(hospitals["provider_id"]).get_indexer(pd.Index(below["parent_provider_id"]))
    given = upstream >= 0
    if len(hospitals) and not given.all():
        problem = _problem(hospitals, km[~given], seconds[~given], np.bincount(upstream[given]), policy)
        upstream[~given] = least_slots(problem, solve_flow(problem).seats)
    found = upstream >= 0
    row, column = np.flatnonzero(found), upstream[found]
    table = pd.DataFrame(
        {
            "provider_id": below["provider_id"],
            "upstream_id": hospitals["provider_id"].array.take(upstream, allow_fill=True),
            "given": given.astype(np.int64),
        }
    )
    for name, amount in (("minutes", _minutes(seconds)), ("km", km)):
        table[name] = np.nan
        table.loc[row, name] = amount[row, column]
    return table


def upstream_hospitals(providers: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which providers are hospitals of level 2 or above; a missing level is below any."""
    level = (providers["hospital_level"] >= UPSTREAM_LEVEL).fillna(False)
    return np.asarray(providers["kind"].isin(HOSPITAL_KINDS) & level, bool)


def _journeys(
    below: pd.DataFrame, hospitals: pd.DataFrame, inputs: Inputs, policy: Policy
) -> tuple[npt.NDArray[np.float64], Ints]:
    """Kilometres and seconds from each provider to each hospital; NaN and −1 where unknown."""
    model = from_providers(below, hospitals, inputs.travel, policy)
    shape = len(below), len(hospitals)
    origin, target = np.divmod(np.arange(shape[0] * shape[1]), max(shape[1], 1))
    km, seconds = model.measure(origin, target)
    return km.reshape(shape), seconds.reshape(shape)


def _minutes(seconds: Ints) -> npt.NDArray[np.float64]:
    return np.where(seconds >= 0, seconds / 60, np.nan)


def _problem(
    hospitals: pd.DataFrame, km: npt.NDArray[np.float64], seconds: Ints, given: Ints, policy: Policy
) -> Problem:
    """Providers without a parent as groups of one, hospitals as slots with the room that is left."""
    providers, slots = km.shape
    left = hospitals["max_downstream"].astype("Int64") - np.pad(given, (0, slots - len(given)))
    capacity = np.asarray(left.clip(lower=0).fillna(providers), np.int64)
    known = seconds >= 0 if policy.cost == "time" else ~np.isnan(km)
    group, slot = np.nonzero(known)
    cost = seconds[known] if policy.cost == "time" else to_cost(km[known], 1000)
    order = np.lexsort((slot, cost, group))
    return Problem(
        size=np.ones(providers, np.int64),
        tier=np.ones(providers, np.int64),
        start=np.concatenate(([0], np.cumsum(known.sum(axis=1)))).astype(np.int64),
        slot=slot[order].astype(np.int64),
        cost=cost[order],
        capacity=capacity,
        slot_provider=np.arange(slots),
        slot_mode=np.zeros(slots, np.int64),
        total=np.full(slots, -1, np.int64),
        tiers=1,
        unit=weight_unit(cost, slots, slots),
    )
