"""One person's card: who serves them, and what of every nearer provider keeps them away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from matcher.eligibility.qualify import why_not
from matcher.results.exchange import Exchange, exchange

if TYPE_CHECKING:
    from matcher.plan.plan import Plan

#: So many providers that are nearer, or near for who has none, are told.
MOST_NEARER = 6
#: What keeps somebody away beside `qualify.WHY_NOT`.
FULL, TOO_FAR, PASSED_OVER = "full", "too_far", "passed_over"


@dataclass(frozen=True)
class Nearer:
    """A provider that is nearer than the one who serves the person.

    Parameters
    ----------
    provider_id, name : str
    km : float
    because : str
        `FULL`, `TOO_FAR`, `PASSED_OVER`, or a code of ``qualify.WHY_NOT``.
    exchange : Exchange or None
        Of a full one: what would change if the person went there all the same.
    """

    provider_id: str
    name: str
    km: float
    because: str
    exchange: Exchange | None


def nearer_providers(plan: Plan, row: int) -> list[Nearer]:
    """The providers that are nearer than the person's own, the nearest first; without one, those that are nearest.

    Parameters
    ----------
    plan : Plan
        Of everybody.
    row : int
        Of the person in ``plan.people``.

    Returns
    -------
    list of Nearer
        At most `MOST_NEARER`; providers to which no way is known are left out.
    """
    groups = plan.eligibility.groups
    providers = plan.inputs.providers.set_index("provider_id", drop=False).reindex(groups.provider_ids)
    every = np.arange(len(providers))
    location = np.full(len(every), groups.location[groups.member[row]])
    km, cost = groups.travel.measure(location, every)
    person = plan.people.iloc[row]
    own = np.inf
    if isinstance(person["provider_id"], str):
        own = float(cost[groups.provider_ids.get_loc(person["provider_id"])])
    near = np.flatnonzero((cost >= 0) & (cost < own))
    near = near[np.argsort(cost[near], kind="stable")][:MOST_NEARER]
    reasons = why_not(person, providers.iloc[near].reset_index(drop=True), plan.inputs.sites, plan.policy)
    limit = int(groups.limits[groups.mode[groups.member[row]]])
    return [
        _told(
            plan, row, str(groups.provider_ids[int(at)]), providers["name"].iloc[at], float(km[at]), because
        )
        for at, because in zip(near, _with_limit(reasons, cost[near], limit), strict=True)
    ]


def _with_limit(reasons: pd.Series[str], cost: np.ndarray, limit: int) -> list[str]:
    return [code or (TOO_FAR if far > limit else FULL) for code, far in zip(reasons, cost, strict=True)]


def _told(plan: Plan, row: int, provider_id: str, name: object, km: float, because: str) -> Nearer:
    changed = exchange(plan, row, provider_id) if because == FULL else None
    if because == FULL and changed is None and plan.certificate.proof is not None:
        no_place = not _has_places(plan, row, provider_id)
        because = FULL if no_place else PASSED_OVER
    return Nearer(provider_id, name if isinstance(name, str) else provider_id, km, because, changed)


def _has_places(plan: Plan, row: int, provider_id: str) -> bool:
    mode = plan.people["mode"].iloc[row]
    there = plan.loads[(plan.loads["provider_id"] == provider_id) & (plan.loads["mode"] == mode)]
    return bool(there["capacity"].sum() > 0)
