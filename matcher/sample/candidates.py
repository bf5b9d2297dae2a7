"""Synthetic candidates: idle buildings, hospitals to convert and new ground, with invented capacities and costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from matcher.sample.draw import assumptions, choose, join_codes, pick
from matcher.sample.geography import Geography
from matcher.sample.naming import named, short_names
from matcher.sample.sites import HOMES

#: Share of the new beds that are special ones.
SPECIAL = 0.2


def make_candidates(
    rng: np.random.Generator,
    ground: Geography,
    sites: pd.DataFrame,
    providers: pd.DataFrame,
    residents: int,
) -> pd.DataFrame:
    """Candidates for a city of `residents`.

    Returns
    -------
    DataFrame
        Columns of the candidates table.
    """
    kinds = assumptions("candidates")["kind"]
    frames = [_kind(rng, ground, sites, providers, kind, spec, residents) for kind, spec in kinds.items()]
    candidates = pd.concat(frames, ignore_index=True)
    candidates.insert(0, "provider_id", [f"C{n:03d}" for n in range(1, len(candidates) + 1)])
    return candidates


def _kind(
    rng: np.random.Generator,
    ground: Geography,
    sites: pd.DataFrame,
    providers: pd.DataFrame,
    kind: str,
    spec: dict[str, Any],
    residents: int,
) -> pd.DataFrame:
    """All candidates of one kind; capacities grow with the city, costs do not."""
    at = _located(rng, ground, sites, providers, kind, spec)
    count = len(at)
    premises = [name for name, _ in spec["premises"]]
    facts: dict[str, Any] = {
        "name": named(spec["name"], place=at.pop("place").to_numpy(dtype=object)),
        "kind": kind,
        "hospital_level": spec["level"],
        "ownership": "public",
        "services": join_codes({code: np.ones(count, np.bool_) for code in spec["services"]}, count),
    }
    for mode, (least, most) in spec["offers"].items():
        drawn = rng.uniform(least, most, count) * residents / 10_000
        facts[f"capacity_{mode}"] = np.maximum(np.round(drawn), 1.0)
    facts["fixed_cost"] = np.round(rng.uniform(spec["fixed"][0], spec["fixed"][1], count) / 1_000) * 1_000
    facts["cost_per_slot"] = (
        np.round(rng.uniform(spec["per_place"][0], spec["per_place"][1], count) / 100) * 100
    )
    weights = [weight for _, weight in spec["premises"]]
    facts["premises"] = np.array(premises, dtype=object)[pick(rng, weights, count)]
    if "institutional" in spec["offers"]:
        special = np.round(facts["capacity_institutional"] * SPECIAL)
        facts |= {"new_beds": facts["capacity_institutional"] - special, "special_beds": special}
    return pd.concat([pd.DataFrame(facts), at], axis=1)


def _located(
    rng: np.random.Generator,
    ground: Geography,
    sites: pd.DataFrame,
    providers: pd.DataFrame,
    kind: str,
    spec: dict[str, Any],
) -> pd.DataFrame:
    """Where the candidates of one kind stand: ``place_code, lat, lon, place``."""
    count = max(1, round(spec["count"] * ground.parts["population"]))
    villages = ground.villages.assign(place=short_names(ground.villages["name"]))
    if spec["at"] == "home":
        homes = sites[sites["kind"].isin(HOMES)]
        chosen = choose(rng, np.ones(len(homes)), count)
        at = homes.iloc[chosen]
        at = at.assign(place=at["place_code"].map(villages.set_index("place_code")["place"]))
        # A few hundred metres from the home, beside it or across the road.
        at["lat"] = at["lat"].astype(float) + rng.normal(0, 0.002, len(at))
        at["lon"] = at["lon"].astype(float) + rng.normal(0, 0.002, len(at))
    else:
        has = villages["place_code"].isin(providers.loc[providers["kind"] == kind, "place_code"])
        chosen = choose(rng, np.sqrt(villages["share"].to_numpy()) * ~has.to_numpy(), count)
        at = villages.iloc[chosen]
    return at[["place_code", "lat", "lon", "place"]].reset_index(drop=True)
