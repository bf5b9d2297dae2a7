"""Synthetic care sites: homes, day care, hotels and farmstays at address points of real villages."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.sample.draw import Bools, Floats, Ints, Texts, apportion, assumptions, choose, grown, pick_within
from matcher.sample.geography import Geography
from matcher.sample.naming import brands, named, short_names

HOMES = ("care_home", "welfare_home", "wellness_home")
DAY_SITES = ("day_care", "happiness_home", "service_complex")
GUEST_SITES = ("hotel", "farmstay")


def make_sites(rng: np.random.Generator, ground: Geography, residents: int) -> pd.DataFrame:
    """Sites of a city of `residents`.

    Returns
    -------
    DataFrame
        Columns of the sites table but for ``operator_provider_id`` and ``agreement_provider_id`` (see
        `link_sites`), and ``village``, ``county``, ``point``: what they stand on.
    """
    kinds = assumptions("sites")["kind"]
    sites = pd.concat([_kind(rng, ground, kind, residents) for kind in kinds], ignore_index=True)
    sites.insert(0, "site_id", [f"S{n:03d}" for n in range(1, len(sites) + 1)])
    beds = assumptions("sites")["beds"]
    for use in ("home", "guest"):
        weight = sites.pop(use).to_numpy()
        sites.loc[weight > 0, "beds"] = apportion(residents * beds[use], weight)[weight > 0]
    home = sites["kind"].isin(HOMES)
    for use in ("nursing", "rehab", "hospice"):
        sites.loc[home, f"beds_{use}"] = np.floor(sites.loc[home, "beds"] * beds[use])
    return sites


def _kind(rng: np.random.Generator, ground: Geography, kind: str, residents: int) -> pd.DataFrame:
    spec = assumptions("sites")["kind"][kind]
    villages = ground.villages
    urban = villages["urban"].to_numpy(dtype=np.bool_)
    fits = {"population": urban | ~urban, "urban": urban, "rural": ~urban}[spec["at"]]
    village = choose(rng, villages["share"].to_numpy() * fits, grown(spec["count"], residents))
    point = pick_within(rng, village, ground.points["village"].to_numpy())
    size = rng.lognormal(0.0, 0.5, len(village))
    here = villages.loc[village].reset_index(drop=True)
    return pd.DataFrame(
        {
            "name": named(spec["name"], place=short_names(here["name"]), brand=brands(rng, len(village))),
            "kind": kind,
            "ownership": np.where(rng.random(len(village)) < spec["private"], "private", "public"),
            "place_code": here["place_code"],
            "lat": ground.points["lat"].to_numpy()[point],
            "lon": ground.points["lon"].to_numpy()[point],
            "home": spec.get("home", 0.0) * size / size.sum(),
            "guest": spec.get("guest", 0.0) * size / size.sum(),
            "village": village,
            "county": here["county"],
            "point": point,
        }
    )


def link_sites(rng: np.random.Generator, sites: pd.DataFrame, providers: pd.DataFrame) -> pd.DataFrame:
    """Add the hospital that runs a site and the health centre it has an agreement with, for some of them."""
    kinds = assumptions("sites")["kind"]
    county, _ = pd.factorize(pd.concat([sites["county"], providers["county"]]))
    hospital = providers["kind"].str.endswith("_hospital").to_numpy()
    centre = providers["kind"].str.endswith("_health_centre").to_numpy()
    township = pd.concat([sites["place_code"], providers["place_code"]]).str[:9]
    wanted: tuple[tuple[str, str, Ints, Bools], ...] = (
        ("operator_provider_id", "operated", county, hospital),
        ("agreement_provider_id", "agreement", pd.factorize(township)[0], centre),
    )
    sites = sites.copy()
    for column, rate, area, able in wanted:
        found = pick_within(rng, area[: len(sites)], area[len(sites) :], able)
        chance: Floats = sites["kind"].map({kind: spec[rate] for kind, spec in kinds.items()}).to_numpy()
        linked = (rng.random(len(sites)) < chance) & (found >= 0)
        ids: Texts = providers["provider_id"].to_numpy(dtype=object)
        sites[column] = np.where(linked, ids[found], "")
    return sites


def with_room(sites: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Sites with a bed for everybody who may live there: people were drawn by the beds, some more than there are."""
    living = people.loc[people["living_setting"].isin(["care_home", ""]), "site_id"].value_counts()
    home = sites["kind"].isin(HOMES)
    needed = sites["site_id"].map(living).fillna(0.0)
    return sites.assign(beds=sites["beds"].where(~home, np.maximum(sites["beds"], needed)))
