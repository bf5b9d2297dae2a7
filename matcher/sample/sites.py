"""Synthetic care sites: homes, day care, hotels and farmstays at address points of real villages."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.sample.draw import apportion, assumptions, choose_or_more, grown, iso, pick, pick_within
from matcher.sample.geography import Geography
from matcher.sample.naming import brands, named, short_names

HOMES = ("care_home", "welfare_home", "wellness_home")
#: Where people go by day.
DAY_SITES = ("day_care", "happiness_home", "service_complex", "mutual_aid_centre")
#: From where people are looked after at home.
HOME_SITES = ("home_care_centre",)
GUEST_SITES = ("hotel", "farmstay")


def make_sites(rng: np.random.Generator, ground: Geography, residents: int) -> pd.DataFrame:
    """Sites for `residents` people.

    Returns
    -------
    DataFrame
        Columns of the sites table but for what `links.link_sites` adds, and ``village``, ``county``, ``point``: what
        they stand on.
    """
    kinds = assumptions("sites")["kind"]
    sites = pd.concat([_kind(rng, ground, kind, residents) for kind in kinds], ignore_index=True)
    width = max(3, len(str(len(sites))))
    sites.insert(0, "site_id", [f"S{n:0{width}d}" for n in range(1, len(sites) + 1)])
    beds = assumptions("sites")["beds"]
    for use in ("home", "guest"):
        weight = sites.pop(use).to_numpy()
        sites.loc[weight > 0, "beds"] = apportion(residents * beds[use], weight)[weight > 0]
    home = sites["kind"].isin(HOMES)
    least, most = _limits(ground, residents, int(home.sum()))
    sites.loc[home, "beds"] = np.clip(sites.loc[home, "beds"], least, most)
    of_home = sites.loc[home, "beds"]
    for use in ("nursing", "rehab"):
        sites.loc[home, f"beds_{use}"] = np.floor(of_home * beds[use])
    # So few that the small homes have none.
    sites.loc[home, "beds_hospice"] = apportion(of_home.sum() * beds["hospice"], of_home)
    years, chance = zip(*assumptions("sites")["opened"]["years"], strict=True)
    opened = np.array(years, dtype=str).astype("datetime64[D]")[pick(rng, chance, len(sites))]
    return sites.assign(opened_on=iso(opened + rng.integers(0, 365, len(sites))))


def _limits(ground: Geography, residents: int, homes: int) -> tuple[int, int]:
    """Fewest and most beds of a home: what is real, for so many people to a home as there really are."""
    kinds = assumptions("sites")["kind"]
    real = sum(counted(kinds[kind], ground, ground.everybody) for kind in HOMES)
    scale = residents / ground.everybody * real / homes
    least, most = assumptions("sites")["beds"]["home_limits"]
    return int(np.ceil(least * scale)), int(np.floor(most * scale))


def counted(spec: dict[str, object], ground: Geography, residents: int) -> int:
    """How many of a kind there are: at least one."""
    count: list[int] = spec["count"]  # type: ignore[assignment]
    at = str(spec["at"])
    part = ground.parts.get(at, ground.parts["population"])
    return max(1, round(grown(count, round(residents / ground.parts["population"])) * part))


def _kind(rng: np.random.Generator, ground: Geography, kind: str, residents: int) -> pd.DataFrame:
    spec = assumptions("sites")["kind"][kind]
    villages = ground.villages
    urban = villages["urban"].to_numpy(dtype=np.bool_)
    fits = {"population": urban | ~urban, "urban": urban, "rural": ~urban}[spec["at"]]
    village = choose_or_more(rng, villages["share"].to_numpy() * fits, counted(spec, ground, residents))
    point = pick_within(rng, village, ground.points["village"].to_numpy())
    size = np.clip(rng.lognormal(0.0, 0.4, len(village)), 0.5, 2.0)
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
