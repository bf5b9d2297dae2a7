"""Synthetic providers: a health centre in every township, clinics and hospitals, short of capacity in places."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from matcher.sample.draw import (
    Bools,
    Floats,
    Texts,
    apportion,
    assumptions,
    choose,
    join_codes,
    pick,
    pick_within,
    rated,
)
from matcher.sample.geography import Geography
from matcher.sample.links import nearest
from matcher.sample.naming import brands, named, short_names
from matcher.sample.sites import HOMES, counted
from matcher.tables import MODES


def make_providers(
    rng: np.random.Generator,
    offering: np.random.Generator,
    ground: Geography,
    sites: pd.DataFrame,
    residents: int,
) -> pd.DataFrame:
    """Providers for `residents` people.

    Parameters
    ----------
    rng, offering : Generator
        By the second one is drawn what providers offer, by the first where they are and everything else.
    ground : Geography
    sites : DataFrame
        As `make_sites` gives them.
    residents : int

    Returns
    -------
    DataFrame
        Columns of the providers table and ``county``.
    """
    kinds = assumptions("providers")["kind"]
    frames = [_kind(rng, ground, sites, kind, residents) for kind in kinds]
    providers = pd.concat(frames, ignore_index=True)
    providers.insert(0, "provider_id", [f"P{n:03d}" for n in range(1, len(providers) + 1)])
    providers["services"] = _services(offering, providers)
    insured = {kind: spec["insured"] for kind, spec in kinds.items()}
    paid = (providers["ownership"] == "public") | (
        offering.random(len(providers)) < rated(insured, providers["kind"])
    )
    providers["insurance"] = np.where(paid, "1", "0")
    providers["status"] = _status(rng, providers["kind"], providers.pop("seat").eq(True))
    able = providers["hospital_level"].isin(["2", "3"]) & (providers["status"] == "open")
    providers["parent_provider_id"] = _parents(offering, providers, able.to_numpy())
    providers["max_downstream"] = _downstream(providers)
    _add_capacities(rng, providers, residents)
    return providers


def _kind(
    rng: np.random.Generator, ground: Geography, sites: pd.DataFrame, kind: str, residents: int
) -> pd.DataFrame:
    """All providers of one kind, where they are; ``near`` is how many people they are for."""
    spec = assumptions("providers")["kind"][kind]
    at = _located(rng, ground, sites, spec, counted(_area(spec), ground, residents))
    count = len(at)
    levels = spec.get("level", [["", 1]])
    level = np.array([str(level) for level, _ in levels], dtype=object)
    words = {"place": at.pop("place"), "site": at.pop("site")}
    drawn = level[pick(rng, [weight for _, weight in levels], count)]
    private = rng.random(count) < spec.get("private", 0.0)
    seat = at["seat"].eq(True).to_numpy()
    facts = pd.DataFrame(
        {
            "name": named(
                spec["name"], brand=brands(rng, count), **{k: v.to_numpy() for k, v in words.items()}
            ),
            "kind": kind,
            # The hospital of a county is public and of level 2 at least.
            "hospital_level": np.where(seat & (drawn == "1"), "2", drawn),
            "ownership": np.where(private & ~seat, "private", "public"),
        }
    )
    return pd.concat([facts, at], axis=1)


def _located(
    rng: np.random.Generator, ground: Geography, sites: pd.DataFrame, spec: dict[str, Any], count: int
) -> pd.DataFrame:
    """Where the providers of one kind stand: ``place_code, lat, lon, county, place, site, site_id, near, seat``."""
    if spec["at"] == "township":
        found = _townships(ground, spec["urban"])
    elif spec["at"] == "site":
        homes = sites[sites["kind"].isin(HOMES)].nlargest(count, "beds")
        found = homes.assign(place="", site=homes["name"], near=homes["beds"])
    else:
        found = _villages(rng, ground, spec, count)
    columns = ["place_code", "lat", "lon", "county", "place", "site", "site_id", "near", "seat"]
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
    found = villages.loc[chosen].assign(near=1.0, seat=sure[chosen])
    point = pick_within(rng, chosen, ground.points["village"].to_numpy())
    found[["lat", "lon"]] = ground.points.loc[point, ["lat", "lon"]].to_numpy()
    return found


def _area(spec: dict[str, Any]) -> dict[str, Any]:
    """The kind's count, by the people among whom it stands."""
    urban = spec.get("urban")
    return {"count": spec["count"], "at": "population" if urban is None else "urban" if urban else "rural"}


def _services(rng: np.random.Generator, providers: pd.DataFrame) -> Texts:
    """What each provider offers, by its kind and its level."""
    kinds = assumptions("providers")["kind"]
    level = pd.to_numeric(providers["hospital_level"]).fillna(1).astype(int).to_numpy() - 1
    codes = sorted({code for spec in kinds.values() for code in (*spec["services"], *spec["sometimes"])})
    flags: dict[str, Bools] = {}
    for code in codes:
        chance = np.zeros(len(providers))
        for kind, spec in kinds.items():
            rate = 1.0 if code in spec["services"] else spec["sometimes"].get(code, 0.0)
            by_level = np.broadcast_to(np.asarray(rate, dtype=np.float64), 3)
            chance = np.where(providers["kind"] == kind, by_level[level], chance)
        flags[code] = rng.random(len(providers)) < chance
    return join_codes(flags, len(providers))


def _parents(rng: np.random.Generator, providers: pd.DataFrame, able: Bools) -> Texts:
    """The nearest open general or TCM hospital of level 2 or 3, where a provider names one."""
    kinds = assumptions("providers")["kind"]
    general = able & providers["kind"].isin(["general_hospital", "tcm_hospital"]).to_numpy()
    found = nearest(providers, providers, general)
    named_one = rng.random(len(providers)) < rated(
        {kind: spec.get("upstream", 0.0) for kind, spec in kinds.items()}, providers["kind"]
    )
    ids: Texts = np.append(providers["provider_id"].to_numpy(dtype=object), "")
    return np.asarray(ids[np.where(named_one, found, -1)], dtype=object)


def _downstream(providers: pd.DataFrame) -> Floats:
    """How many providers each hospital of level 2 and 3 can look after."""
    kinds = assumptions("providers")["kind"]
    most = np.full(len(providers), np.nan)
    for kind, spec in kinds.items():
        for level, number in zip(("2", "3"), spec.get("downstream", []), strict=False):
            most[(providers["kind"] == kind) & (providers["hospital_level"] == level)] = number
    return most


def _status(rng: np.random.Generator, kind: pd.Series, seat: pd.Series) -> Texts:
    """Mostly open; every township keeps its health centre, every county its hospitals."""
    rates = assumptions("providers")["status"]
    may_change = ~(kind.str.endswith("_health_centre") | seat).to_numpy()
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
        offering = {
            kind: (providers["kind"] == kind).to_numpy() & (rng.random(count) < spec["offers"].get(mode, 0.0))
            for kind, spec in settings["kind"].items()
        }
        part = {kind: spec["part"].get(mode, 0.0) for kind, spec in settings["kind"].items()}
        # What kinds that are not there would have, the others have.
        there = sum(part[kind] for kind, offers in offering.items() if offers.any())
        total = residents * settings["capacity"][mode] * sum(part.values()) / (there or 1.0)
        for kind, offers in offering.items():
            capacity[offers] = np.where(full[offers], 0, apportion(total * part[kind], weight[offers]))
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
