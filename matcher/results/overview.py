"""The figures of a plan that a planner reads first: how many, how far, where not, and who is full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from matcher.plan.figures import ALL, Figures, count_by, count_people, share
from matcher.plan.once import once_per_plan
from matcher.tables import CAPACITY_COLUMNS, MODES, UNSERVED_REASONS

if TYPE_CHECKING:
    from matcher.plan.plan import Plan


@once_per_plan
def figures(plan: Plan, mode: str = ALL) -> Figures:
    """The figures of everybody, or of one mode."""
    return count_people(_of_mode(plan.people, mode))


@once_per_plan
def by_mode(plan: Plan) -> pd.DataFrame:
    """The figures of each mode, in the order of ``tables.MODES``.

    Returns
    -------
    DataFrame[mode, residents, served, share, …]
        As `figures.count_by`.
    """
    return count_by(plan.people, "mode", MODES)


@once_per_plan
def by_tier(plan: Plan, mode: str = ALL) -> pd.DataFrame:
    """The figures of each tier.

    Returns
    -------
    DataFrame[tier, residents, served, share, …]
        As `figures.count_by`.
    """
    return count_by(_of_mode(plan.people, mode), "tier", range(1, plan.policy.tier_count + 1))


def crowded_tiers(plan: Plan) -> list[int]:
    """Tiers that hold more than half of all people, so that they rank hardly anybody; the last, of all others, may."""
    return crowded(by_tier(plan))


def crowded(tiers: pd.DataFrame) -> list[int]:
    """As `crowded_tiers`, of `by_tier`."""
    most = tiers.loc[2 * tiers["residents"] > tiers["residents"].sum(), "tier"]
    return [int(tier) for tier in most if tier < tiers["tier"].max()]


@once_per_plan
def by_reason(plan: Plan, mode: str = ALL) -> pd.Series[int]:
    """Unserved persons by reason, every reason listed."""
    counts = _of_mode(plan.unserved, mode)["reason"].value_counts()
    return counts.reindex(list(UNSERVED_REASONS), fill_value=0)


@once_per_plan
def within_distance(plan: Plan, mode: str = ALL, steps: int = 60) -> pd.DataFrame:
    """How many of the served are within how many kilometres: a cumulative curve.

    Parameters
    ----------
    plan : Plan
    mode : str
    steps : int
        Points of the curve after its start.

    Returns
    -------
    DataFrame[km, persons, share]
        From 0 km to the farthest, evenly; `share` of the served whose distance is known. Empty where there is none.
    """
    km = np.sort(_of_mode(plan.people, mode)["distance_km"].dropna().to_numpy(np.float64))
    if not len(km):
        return pd.DataFrame({"km": [], "persons": [], "share": []})
    at = np.linspace(0.0, km[-1], steps + 1)
    persons = np.searchsorted(km, at, side="right")
    return pd.DataFrame({"km": at, "persons": persons, "share": persons / len(km)})


def load_classes(loads: pd.DataFrame, bounds: Sequence[float]) -> pd.Series[int]:
    """How many providers are how full.

    Parameters
    ----------
    loads : DataFrame[load, …]
        From `provider_loads`; without a load (no place to give) a provider is in no class.
    bounds : sequence of float
        Lower bounds of the classes, ascending from 0.

    Returns
    -------
    Series of int
        By number of the class.
    """
    known = loads["load"].dropna().to_numpy(np.float64)
    classes = np.searchsorted(np.asarray(bounds), known, side="right") - 1
    return pd.Series(np.bincount(classes, minlength=len(bounds)))


@once_per_plan
def place_shares(plan: Plan, level: str, mode: str = ALL) -> pd.DataFrame:
    """Coverage of the places of one level, with their names and positions.

    Parameters
    ----------
    plan : Plan
        The whole of it: children and parents are looked up.
    level : str
        One of ``tables.PLACE_LEVELS``.
    mode : str
        One of ``tables.MODES``, or `ALL`.

    Returns
    -------
    DataFrame[place_code, name, parent_name, lat, lon, residents, served, unserved, share, median_km, p90_km]
        ``name`` is the code where the place has none; most unserved first, then by code.
    """
    places = plan.inputs.places
    wanted = places.loc[places["level"] == level, ["place_code", "name", "parent_code", "lat", "lon"]]
    names = places.set_index("place_code")["name"]
    table = wanted.merge(plan.coverage[plan.coverage["mode"] == mode], on="place_code")
    table["name"] = table["name"].fillna(table["place_code"])
    table["parent_name"] = table["parent_code"].map(names)
    table["unserved"] = table["residents"] - table["served"]
    table = table.sort_values(["unserved", "place_code"], ascending=[False, True], ignore_index=True)
    return table.drop(columns=["parent_code", "mode"])


@once_per_plan
def provider_loads(plan: Plan, mode: str = ALL) -> pd.DataFrame:
    """What each provider may and does serve, in one mode or over all.

    Returns
    -------
    DataFrame[provider_id, name, kind, ownership, place_name, lat, lon, capacity, assigned, load, wanted, waiting]
        Providers that offer the mode; ``capacity`` in persons, at most ``capacity_total``; ``load`` is
        assigned / capacity, NaN where the capacity is 0; ``wanted`` is True where one more place would serve
        one person more; ``waiting`` counts the unserved of the plan whose nearest qualified provider this is. Where
        most wait first, then fullest, largest, by id.
    """
    chosen = _of_mode(plan.loads, mode)
    summed = chosen.groupby("provider_id").agg(
        capacity=("capacity", "sum"), assigned=("assigned", "sum"), wanted=("slot_value_served", "max")
    )
    table = plan.inputs.providers.merge(summed, on="provider_id")
    table["capacity"] = np.fmin(
        table["capacity"].to_numpy(dtype=np.float64),
        table["capacity_total"].to_numpy(dtype=np.float64, na_value=np.nan),
    ).astype(np.int64)
    table["load"] = share(table["assigned"], table["capacity"])
    table["wanted"] = table["wanted"].fillna(0) > 0
    table["name"] = table["name"].fillna(table["provider_id"])
    table["place_name"] = table["place_code"].map(plan.inputs.places.set_index("place_code")["name"])
    waiting = _of_mode(plan.unserved, mode)["nearest_provider_id"].value_counts()
    table["waiting"] = table["provider_id"].map(waiting).fillna(0).astype(np.int64)
    order = ["waiting", "load", "capacity", "provider_id"]
    table = table.sort_values(order, ascending=[False, False, False, True], ignore_index=True)
    columns = ["provider_id", "name", "kind", "ownership", "place_name", "lat", "lon"]
    return table[[*columns, "capacity", "assigned", "load", "wanted", "waiting"]]


def capacities(providers: pd.DataFrame, provider_id: str) -> dict[str, int]:
    """Capacity in persons of each mode that a provider offers; a mode that it doesn't offer is not listed."""
    row = providers.loc[providers["provider_id"] == provider_id, list(CAPACITY_COLUMNS)].iloc[0]
    named = zip(MODES, row, strict=True)
    return {mode: int(capacity) for mode, capacity in named if pd.notna(capacity)}


def _of_mode(table: pd.DataFrame, mode: str) -> pd.DataFrame:
    return table if mode == ALL else table[table["mode"] == mode]
