"""Synthetic providers: a health centre in every township, clinics and hospitals, short of capacity in places."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from matcher.sample.draw import (
    Floats,
    Texts,
    apportion,
    assumptions,
    choose,
    grown,
    join_codes,
    pick,
    pick_within,
)
from matcher.sample.geography import Geography
from matcher.sample.naming import brands, named, short_names
from matcher.sample.sites import HOMES
from matcher.tables import MODES

SOMETIMES = 0.45
INSURED = 0.9


def make_providers(
    rng: np.random.Generator, ground: Geography, sites: pd.DataFrame, residents: int
) -> pd.DataFrame:
    """Providers of a city of `residents`.

    Returns
    -------
    DataFrame
        Columns of the providers table and ``county``.
    """
    kinds = assumptions("providers")["kind"]
    frames = [_kind(rng, ground, sites, kind, residents) for kind in kinds]
    providers = pd.concat(frames, ignore_index=True)
    providers.insert(0, "provider_id", [f"P{n:03d}" for n in range(1, len(providers) + 1)])
    providers["parent_provider_id"] = _parents(rng, providers)
    providers["insurance"] = np.where(rng.random(len(providers)) < INSURED, "1", "0")
    providers["status"] = _status(rng, providers["kind"])
    _add_capacities(rng, providers, residents)
    return providers


def _kind(
    rng: np.random.Generator, ground: Geography, sites: pd.DataFrame, kind: str, residents: int
) -> pd.DataFrame:
    """All providers of one kind, without ids and capacities; ``near`` is how many people they are for."""
    spec = assumptions("providers")["kind"][kind]
    at = _located(rng, ground, sites, spec, grown(spec["count"], residents))
    count = len(at)
    levels = spec.get("level", [["", 1]])
    level = np.array([str(level) for level, _ in levels], dtype=object)
    words = {"place": at.pop("place"), "site": at.pop("site")}
    services = {code: np.ones(count, dtype=np.bool_) for code in spec["services"]}
    services |= {code: rng.random(count) < SOMETIMES for code in spec["sometimes"]}
    facts = pd.DataFrame(
        {
            "name": named(
                spec["name"], brand=brands(rng, count), **{k: v.to_numpy() for k, v in words.items()}
            ),
            "kind": kind,
            "hospital_level": level[pick(rng, [weight for _, weight in levels], count)],
            "ownership": np.where(rng.random(count) < spec.get("private", 0.0), "private", "public"),
            "services": join_codes(services, count),
        }
    )
    return pd.concat([facts, at], axis=1)


def _located(
    rng: np.random.Generator, ground: Geography, sites: pd.DataFrame, spec: dict[str, Any], count: int
) -> pd.DataFrame:
    """Where the providers of one kind stand: ``place_code, lat, lon, county, place, site, site_id, near``."""
    if spec["at"] == "township":
        found = _townships(ground, spec["urban"])
    elif spec["at"] == "site":
        homes = sites[sites["kind"].isin(HOMES)].nlargest(count, "beds")
        found = homes.assign(place="", site=homes["name"], near=homes["beds"])
    else:
        found = _villages(rng, ground, spec, count)
    columns = ["place_code", "lat", "lon", "county", "place", "site", "site_id", "near"]
    return found.reindex(columns=columns, fill_value="").reset_index(drop=True)


def _townships(ground: Geography, urban: bool) -> pd.DataFrame:
    """Streets or rural townships, each with the share of people who live there."""
    towns = ground.places[(ground.places["level"] == "township") & (ground.places["urban"] == urban)]
    near = towns["place_code"].map(ground.villages.groupby("township")["share"].sum())
    return towns.assign(place=towns["name"], county=towns["parent_code"], near=near)


def _villages(rng: np.random.Generator, ground: Geography, spec: dict[str, Any], count: int) -> pd.DataFrame:
    """Villages drawn by population: in their middle those for the village, at some address the others."""
    villages = ground.villages.assign(place=short_names(ground.villages["name"]))
    share = villages["share"].to_numpy()
    if spec["at"] == "village":
        chosen = choose(rng, np.sqrt(share) * (villages["urban"] == spec["urban"]), count)
        return villages.loc[chosen].assign(near=share[chosen])
    largest = (villages["share"] == villages.groupby("county")["share"].transform("max")).to_numpy()
    sure = largest & (spec["at"] == "county")
    chosen = choose(rng, np.where(sure, 1e9, share), count)
    found = villages.loc[chosen].assign(near=1.0)
    point = pick_within(rng, chosen, ground.points["village"].to_numpy())
    found[["lat", "lon"]] = ground.points.loc[point, ["lat", "lon"]].to_numpy()
    return found


def _parents(rng: np.random.Generator, providers: pd.DataFrame) -> Texts:
    """A hospital of level 2 or 3 in the same county for whoever is no hospital."""
    hospital = providers["kind"].str.endswith("_hospital").to_numpy()
    able = hospital & providers["hospital_level"].isin(["2", "3"]).to_numpy()
    county, _ = pd.factorize(providers["county"])
    found = pick_within(rng, county, county, able)
    ids: Texts = providers["provider_id"].to_numpy(dtype=object)
    return np.where(hospital | (found < 0), "", ids[found])


def _status(rng: np.random.Generator, kind: pd.Series) -> Texts:
    """Mostly open; every township keeps its health centre."""
    rates = assumptions("providers")["status"]
    may_change = ~kind.str.endswith("_health_centre").to_numpy()
    status = np.full(len(kind), "open", dtype=object)
    for code in ("planned", "closed"):
        chosen = choose(rng, may_change & (status == "open"), round(len(kind) * rates[code]))
        status[chosen] = code
    return status


def _add_capacities(rng: np.random.Generator, providers: pd.DataFrame, residents: int) -> None:
    """Share out the city's capacity of each mode among kinds, then by people nearby, unevenly by township."""
    settings = assumptions("providers")
    rates, count = settings["status"], len(providers)
    weight = providers.pop("near").to_numpy() * _luck(rng, providers["place_code"], rates["uneven"])
    full = np.zeros(count, dtype=np.bool_)
    full[choose(rng, providers["status"] == "open", round(count * rates["full"]))] = True
    for mode in MODES:
        capacity = np.full(count, np.nan)
        for kind, spec in settings["kind"].items():
            chance = spec["offers"].get(mode, 0.0)
            offers = (providers["kind"] == kind).to_numpy() & (rng.random(count) < chance)
            total = residents * settings["capacity"][mode] * spec["part"].get(mode, 0.0)
            capacity[offers] = np.where(full[offers], 0, apportion(total, weight[offers]))
        providers[f"capacity_{mode}"] = capacity
    modes = providers[[f"capacity_{mode}" for mode in MODES]]
    limited = (rng.random(count) < rates["limited"]) & (modes.notna().sum(axis=1) > 1)
    total = np.floor(modes.sum(axis=1) * rates["total_of_modes"])
    providers["capacity_total"] = np.where(limited, total, np.nan)


def _luck(rng: np.random.Generator, place_code: pd.Series, uneven: float) -> Floats:
    """How well each provider is off: mostly its township's fortune, a little its own."""
    townships, member = np.unique(place_code.str[:9].to_numpy(dtype=object), return_inverse=True)
    shared = rng.lognormal(0.0, uneven, len(townships))
    luck: Floats = shared[member] * rng.lognormal(0.0, 0.2, len(member))
    return luck
