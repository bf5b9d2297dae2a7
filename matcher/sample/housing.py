"""Where synthetic people live: at address points of villages, in homes, hotels and farmstays."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.geography.outlines import inside
from matcher.geography.sphere import KM_PER_DEGREE
from matcher.sample.draw import Bools, Floats, Ints, Texts, assumptions, choose, dealt, pick, pick_within
from matcher.sample.geography import Geography
from matcher.sample.people import age_band
from matcher.sample.sites import DAY_SITES, GUEST_SITES, HOME_SITES, HOMES

#: How far from its address point a person may live when everyone has coordinates of their own, km.
REACH_URBAN, REACH_RURAL = 0.12, 0.5
#: Steps of the sixth decimal in a degree.
MICRO = 1_000_000


def house_locals(
    rng: np.random.Generator, ground: Geography, sites: pd.DataFrame, people: pd.DataFrame
) -> pd.DataFrame:
    """Add ``village, point, site`` (row numbers, site -1 for none) and ``setting``; couples share an address."""
    rates = assumptions("residents")["living"]
    villages = ground.villages
    count, couple = len(people), people["couple"].to_numpy()
    first = np.where(couple >= 0, 2 * couple, np.arange(count))
    village = pick(rng, villages["share"], count)[first]
    point = pick_within(rng, village, ground.points["village"].to_numpy())[first]
    setting = np.full(count, "own_home", dtype=object)

    moved, home = _in_homes(rng, ground, sites, village, people["grade"].to_numpy())
    setting[moved] = "care_home"
    site = np.full(count, -1)
    site[moved] = home
    at_home = setting == "own_home"
    for kinds, fit, rate, code in (
        (DAY_SITES, at_home & (people["grade"] <= 2).to_numpy(), rates["day_care"], "day_care"),
        (HOME_SITES, at_home, rates["home_care"], "own_home"),
    ):
        users, used = _users(rng, ground, sites, village, fit & (site < 0), kinds, round(count * rate))
        setting[users], site[users] = code, used
    village[moved] = sites["village"].to_numpy()[home]
    point[moved] = sites["point"].to_numpy()[home]
    return people.assign(village=village, point=point, site=site, setting=setting)


def _in_homes(
    rng: np.random.Generator, ground: Geography, sites: pd.DataFrame, village: Ints, grade: Ints
) -> tuple[Ints, Ints]:
    """Who moved into which home of the own county (row numbers): a bed for each, nobody where there is none."""
    rates = assumptions("residents")["living"]
    county = pd.factorize(ground.villages["county"])[0]
    beds = _beds(rng, sites, HOMES)
    weight = np.array(rates["care_home_weight"])[grade]
    moved = rng.permutation(choose(rng, weight, round(len(village) * rates["care_home"])))
    bed = dealt(county[village[moved]], county[sites["village"].to_numpy()[beds]])
    return moved[bed >= 0], beds[bed[bed >= 0]]


def _beds(rng: np.random.Generator, sites: pd.DataFrame, kinds: tuple[str, ...]) -> Ints:
    """The site of every bed in the order in which beds are taken: one of each site first, then by its renown."""
    number = (sites["beds"].fillna(0.0) * sites["kind"].isin(kinds)).astype(int).to_numpy()
    beds = np.repeat(np.arange(len(sites)), number)
    renown = rng.lognormal(0.0, assumptions("residents")["living"]["renown"], len(sites))
    taken = rng.exponential(size=len(beds)) / renown[beds]
    first = np.unique(beds, return_index=True)[1]
    taken[first] = -1.0
    return np.asarray(beds[np.argsort(taken, kind="stable")], dtype=np.int64)


def _users(
    rng: np.random.Generator,
    ground: Geography,
    sites: pd.DataFrame,
    village: Ints,
    fit: Bools,
    kinds: tuple[str, ...],
    count: int,
) -> tuple[Ints, Ints]:
    """Who uses which site of these kinds in the own township (row numbers); each site has somebody, if it can."""
    township = pd.factorize(ground.villages["township"])[0]
    rows = np.flatnonzero(sites["kind"].isin(kinds))
    there = township[sites["village"].to_numpy()[rows]]
    users = rng.permutation(choose(rng, fit & np.isin(township[village], there), count))
    first = dealt(township[village[users]], there)
    other = pick_within(rng, township[village[users]], there)
    return users, rows[np.where(first >= 0, first, other)]


def house_visitors(
    rng: np.random.Generator, ground: Geography, sites: pd.DataFrame, people: pd.DataFrame
) -> pd.DataFrame:
    """The same for visitors: a bed of a hotel or farmstay for most, some rent a flat in a village."""
    beds = _beds(rng, sites, GUEST_SITES)
    renting = rng.random(len(people)) >= assumptions("residents")["visitors"]["at_site"]
    renting |= (np.cumsum(~renting) - 1) >= len(beds)
    bed = np.where(renting, 0, np.cumsum(~renting) - 1)
    site = np.append(beds, -1)[bed]
    rented_village = pick(rng, ground.villages["share"], len(people))
    rented_point = pick_within(rng, rented_village, ground.points["village"].to_numpy())
    return people.assign(
        village=np.where(renting, rented_village, sites["village"].to_numpy()[site]),
        point=np.where(renting, rented_point, sites["point"].to_numpy()[site]),
        site=np.where(renting, -1, site),
        setting=np.where(renting, "own_home", sites["kind"].to_numpy(dtype=object)[site]),
    )


def households(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """``household_id, lives_alone, empty_nest``: couples under one roof, and others at home who live alone."""
    rates = assumptions("residents")["household"]
    couple = people["couple"].where(~people["visitor"] & (people["setting"] != "care_home"), -1)
    together = ((couple >= 0) & couple.duplicated(keep=False)).to_numpy()
    own_roof = ~people["visitor"].to_numpy() & (people["setting"] != "care_home").to_numpy()
    chance = np.array(rates["alone"])[age_band(people["age"].to_numpy())]
    alone = own_roof & ~together & (rng.random(len(people)) < chance)
    nest = np.where(together, rates["empty_nest_couple"], np.where(alone, rates["empty_nest_alone"], 0.0))
    number = pd.factorize(couple.where(together))[0] + 1
    return pd.DataFrame(
        {
            "household_id": np.where(together, "H" + pd.Series(number).astype(str).str.zfill(6), ""),
            "lives_alone": np.where(own_roof, np.where(alone, "1", "0"), ""),
            "empty_nest": rng.random(len(people)) < nest,
        }
    )


def scattered(
    rng: np.random.Generator, ground: Geography, point: Ints, village: Ints
) -> tuple[Floats, Floats]:
    """Coordinates near each person's address point, all different and all inside the county."""
    middle = np.rint(ground.points[["lat", "lon"]].to_numpy()[point] * MICRO).astype(np.int64)
    reach_km = np.where(ground.villages["urban"].to_numpy()[village], REACH_URBAN, REACH_RURAL)
    stretch = np.column_stack([np.ones(len(point)), 1 / np.cos(np.radians(middle[:, 0] / MICRO))])
    at = middle.copy()
    wrong = np.arange(len(point))
    while len(wrong):
        offset = rng.uniform(-1, 1, (len(wrong), 2)) * (reach_km[wrong] / KM_PER_DEGREE * MICRO)[:, None]
        at[wrong] = middle[wrong] + np.rint(offset * stretch[wrong]).astype(np.int64)
        single = np.zeros(len(point), dtype=np.bool_)
        single[np.unique(at[:, 0] * 1_000 * MICRO + at[:, 1], return_index=True)[1]] = True
        outside = wrong[~_in_county(ground, at[wrong] / MICRO, village[wrong])]
        single[outside] = False
        wrong = np.flatnonzero(~single)
        # Whoever found no room comes nearer to the address point, which is inside.
        reach_km[outside] /= 2
    return at[:, 0] / MICRO, at[:, 1] / MICRO


def _in_county(ground: Geography, at: Floats, village: Ints) -> Bools:
    county: Texts = ground.villages["county"].to_numpy(dtype=object)[village]
    found = np.zeros(len(at), dtype=np.bool_)
    for code, outline in ground.outlines.items():
        here = county == code
        found[here] = inside(outline, at[here, 1], at[here, 0])
    return found
