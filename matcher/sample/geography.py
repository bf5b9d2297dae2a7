"""The ground: real names, codes, outlines and county totals; positions drawn once, the same for every seed and size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from io import StringIO

import numpy as np
import pandas as pd

from matcher.errors import BadInput
from matcher.geography.outlines import Outline, inside, parse_outlines
from matcher.geography.sphere import KM_PER_DEGREE
from matcher.sample.draw import Floats, Ints, apportion, assumptions, choose, generator, shipped

#: Not the user's seed: maps stay the same.
GEOGRAPHY_SEED = 5104
#: Length of a place code by level (NBS statistical codes).
LEVELS = {4: "city", 6: "county", 9: "township", 12: "village"}
#: Positions drawn in the box around a county, before those outside are left out.
CLOUD = 16_000


@dataclass(frozen=True)
class Geography:
    """What residents, sites and providers are put upon.

    Attributes
    ----------
    places : DataFrame
        The table of the sample, sorted by ``place_code``.
    villages : DataFrame
        ``place_code, name, township, county, urban, lat, lon`` and ``share`` of the city's people, numbered
        from 0.
    points : DataFrame
        Address points: ``village`` (number), ``number`` within it, ``lat, lon``; sorted by village.
    outlines : dict
        County outlines by code.
    parts : dict
        Share of the city's people, of those in urban and of those in rural villages who live here.
    """

    places: pd.DataFrame
    villages: pd.DataFrame
    points: pd.DataFrame
    outlines: dict[str, Outline]
    parts: dict[str, float]

    @property
    def name(self) -> str:
        """The county's name, or the city's."""
        level = "city" if self.parts == WHOLE else "county"
        return str(self.places.loc[self.places["level"] == level, "name"].iloc[0])

    @property
    def elderly(self) -> int:
        """Local people of 60 and older who really live here, by the census."""
        villages = self.places[self.places["level"] == "village"]
        return int(villages["pop60"].sum())

    @property
    def everybody(self) -> int:
        """Residents where nobody is left out: the elderly of the census, and visitors."""
        visitors: float = assumptions("residents")["visitors"]["share"]
        return round(self.elderly / (1 - visitors))


#: The whole city.
WHOLE = {"population": 1.0, "urban": 1.0, "rural": 1.0}


@cache
def geography() -> Geography:
    """The city of Panzhihua as the sample knows it."""
    places = pd.read_csv(StringIO(shipped("places.csv")), dtype={"place_code": str})
    places["level"] = places["place_code"].str.len().map(LEVELS)
    outlines = parse_outlines(shipped("counties.geojson"))
    rng = generator(GEOGRAPHY_SEED)
    places["people"] = _people(rng, places)
    return settled(rng, places, outlines, WHOLE)


def settled(
    rng: np.random.Generator, places: pd.DataFrame, outlines: dict[str, Outline], parts: dict[str, float]
) -> Geography:
    """Draw where the townships and villages of counties are, and their address points.

    Parameters
    ----------
    rng : Generator
    places : DataFrame
        ``place_code, name, level, urban, lat, lon, people``: positions of county seats, and of townships where they are
        known; people of villages. The others are filled in.
    outlines : dict
        Of every county in it.
    parts : dict
        As of `Geography`.
    """
    points = pd.concat([_settle(rng, places, code, outlines[code]) for code in sorted(outlines)])
    villages = _villages(places)
    points["village"] = points["place_code"].map(pd.Series(villages.index, villages["place_code"]))
    points = points.drop(columns="place_code").sort_values(["village", "number"], ignore_index=True)
    return Geography(_finish(places), villages, points, outlines, parts)


def county_of(ground: Geography, county: str) -> Geography:
    """One county of the city, in its own places; the city stands above it, without its people of elsewhere.

    Raises
    ------
    BadInput
        When the city has no such county.
    """
    if county not in ground.outlines:
        names = ground.places.set_index("place_code")["name"]
        allowed = ", ".join(f"{code} {names[code]}" for code in sorted(ground.outlines))
        raise BadInput("sample_county", found=county, allowed=allowed)
    return counties_of(ground, (county,))


def counties_of(ground: Geography, counties: tuple[str, ...]) -> Geography:
    """Some counties of the city, as `county_of` gives one."""
    places = ground.places[ground.places["place_code"].str.startswith(counties)]
    above = ground.places[ground.places["level"] == "city"].astype({"pop60": "Int64", "pop65": "Int64"})
    above[["pop60", "pop65"]] = pd.NA
    everywhere = ground.villages
    villages = everywhere[everywhere["county"].isin(counties)]
    number = pd.Series(np.arange(len(villages)), villages.index)
    points = ground.points[ground.points["village"].isin(villages.index)]
    weights = {
        "population": everywhere["share"],
        "urban": everywhere["share"].where(everywhere["urban"], 0.0),
        "rural": everywhere["share"].mask(everywhere["urban"], 0.0),
    }
    return Geography(
        places=pd.concat([above, places], ignore_index=True),
        villages=villages.assign(share=villages["share"] / villages["share"].sum()).reset_index(drop=True),
        points=points.assign(village=points["village"].map(number)).reset_index(drop=True),
        outlines={code: ground.outlines[code] for code in counties},
        parts={kind: float(share[villages.index].sum() / share.sum()) for kind, share in weights.items()},
    )


def _people(rng: np.random.Generator, places: pd.DataFrame) -> Floats:
    """People of each village; the census gives counties and some townships, the rest is shared out."""
    village = places[places["level"] == "village"]
    towns = np.where(village["urban"] == 1, assumptions("residents")["population"]["urban_weight"], 1.0)
    weight = pd.Series(towns * rng.lognormal(0.0, 0.35, len(village)), village.index)
    known = places.set_index("place_code")["population"]
    township = village["place_code"].str[:9]
    people = weight / weight.groupby(township).transform("sum") * township.map(known)
    county = village["place_code"].str[:6]
    left = county.map(known) - people.groupby(county).transform("sum")
    unknown = weight.where(people.isna(), 0.0)
    people = people.fillna(unknown / unknown.groupby(county).transform("sum") * left)
    return people.reindex(places.index).to_numpy(dtype=np.float64)


def _settle(rng: np.random.Generator, places: pd.DataFrame, county: str, outline: Outline) -> pd.DataFrame:
    """Put the county's townships and villages inside its outline (into `places`); give its address points.

    A cloud of points that fills the county is parted among townships, their shares among villages, and those of a
    village thinned out to its address points: so everything lies in its own township and county.
    """
    cloud = _cloud(rng, outline)
    seat = places.loc[places["place_code"] == county, ["lon", "lat"]].to_numpy(dtype=np.float64)
    scale = KM_PER_DEGREE * np.array([np.cos(np.radians(seat[0, 1])), 1.0])
    km = (cloud - seat) * scale
    towns = places[(places["level"] == "township") & places["place_code"].str.startswith(county)]
    centres = _centres(
        rng, km, (towns[["lon", "lat"]].to_numpy(dtype=np.float64) - seat) * scale, towns["urban"] == 1
    )
    places.loc[towns.index, ["lon", "lat"]] = centres / scale + seat
    nearest = _nearest(km, centres)
    settled = []
    for t, code in enumerate(towns["place_code"]):
        villages = places[(places["level"] == "village") & places["place_code"].str.startswith(code)]
        mine = np.flatnonzero(nearest == t)
        reach = 1.0 if towns["urban"].iloc[t] else 3.5
        weight = 0.04 + np.exp(-np.hypot(*(km[mine] - centres[t]).T) / reach)
        middle = _spread(rng, km[mine], weight, len(villages))
        middle = middle[np.argsort(np.hypot(*(middle - centres[t]).T), kind="stable")]
        order = villages.sort_values(["urban", "place_code"], ascending=[False, True])
        places.loc[order.index, ["lon", "lat"]] = middle / scale + seat
        settled.append(_addresses(rng, order, km[mine], middle, cloud[mine]))
    return pd.concat(settled)


def _cloud(rng: np.random.Generator, outline: Outline) -> Floats:
    """Random positions (lon, lat) all over the inside of an outline, to six decimals."""
    west, south, east, north = outline.bounds
    cloud = np.round(rng.uniform((west, south), (east, north), (CLOUD, 2)), 6)
    return np.unique(cloud[inside(outline, cloud[:, 0], cloud[:, 1])], axis=0)


def _centres(rng: np.random.Generator, km: Floats, known: Floats, urban: pd.Series) -> Floats:
    """Centres of a county's townships, kilometres from the seat: known ones stay, streets come near the seat."""
    fixed = np.flatnonzero(np.isfinite(known[:, 0]))
    weight = 0.15 + np.exp(-np.hypot(*km.T) / 8.0)
    drawn = _spread(rng, km, weight, len(known), known[fixed])[len(fixed) :]
    drawn = drawn[np.argsort(np.hypot(*drawn.T), kind="stable")]
    free = np.flatnonzero(~np.isfinite(known[:, 0]))
    centres = known.copy()
    centres[free[np.argsort(~urban.to_numpy()[free], kind="stable")]] = drawn
    return centres


def _spread(
    rng: np.random.Generator, km: Floats, weight: Floats, count: int, fixed: Floats | None = None
) -> Floats:
    """`count` points of a cloud, spread evenly over its weight (k-means), the `fixed` ones first and unmoved."""
    fixed = np.empty((0, 2)) if fixed is None else fixed
    centres = np.vstack([fixed, km[choose(rng, weight, count - len(fixed))]])
    for _ in range(12):
        nearest = _nearest(km, centres)
        total = np.bincount(nearest, weight, minlength=count)
        means = [
            np.bincount(nearest, weight * axis, minlength=count) / np.maximum(total, 1e-12) for axis in km.T
        ]
        moved = np.where(total[:, None] > 0, np.column_stack(means), centres)
        centres = np.vstack([fixed, moved[len(fixed) :]])
    snapped = km[_nearest(centres, km)]
    return np.vstack([fixed, snapped[len(fixed) :]])


def _nearest(points: Floats, centres: Floats) -> Ints:
    """Number of the centre nearest to each point."""
    x, y = (np.subtract.outer(points[:, k], centres[:, k]) for k in (0, 1))
    nearest: Ints = np.argmin(x * x + y * y, axis=1)
    return nearest


def _addresses(
    rng: np.random.Generator, villages: pd.DataFrame, km: Floats, middle: Floats, cloud: Floats
) -> pd.DataFrame:
    """Address points of one township's villages: those of its cloud, thinned out away from each village's middle."""
    nearest = _nearest(km, middle)
    people_each = assumptions("residents")["population"]["people_per_point"]
    frames = []
    for v, (code, urban, people) in enumerate(villages[["place_code", "urban", "people"]].to_numpy()):
        mine = np.flatnonzero(nearest == v)
        weight = 1e-3 + np.exp(-np.hypot(*(km[mine] - middle[v]).T) / (0.4 if urban else 1.2))
        lon, lat = cloud[mine[choose(rng, weight, max(2, round(people / people_each)))]].T
        number = np.arange(1, len(lon) + 1)
        frames.append(pd.DataFrame({"place_code": code, "number": number, "lat": lat, "lon": lon}))
    return pd.concat(frames)


def _villages(places: pd.DataFrame) -> pd.DataFrame:
    """Villages with the codes of what they belong to and their share of the city's people."""
    villages = places[places["level"] == "village"].sort_values("place_code", ignore_index=True)
    villages["township"] = villages["place_code"].str[:9]
    villages["county"] = villages["place_code"].str[:6]
    villages["urban"] = villages["urban"] == 1
    villages["share"] = villages["people"] / villages["people"].sum()
    villages[["lat", "lon"]] = villages[["lat", "lon"]].round(6)
    return villages[["place_code", "name", "township", "county", "urban", "lat", "lon", "share"]]


def _finish(places: pd.DataFrame) -> pd.DataFrame:
    """The table of the sample: elderly people summed upward from the villages, parents named."""
    places = places.sort_values("place_code", ignore_index=True)
    rates = assumptions("residents")["population"]
    people = places["people"].fillna(0.0)
    pop60 = pd.Series(apportion(float(people.sum()) * rates["share60"], people))
    pop65 = (pop60 * (rates["share65"] / rates["share60"])).round().astype("int64")
    code = places["place_code"]
    for name, counts in (("pop60", pop60), ("pop65", pop65)):
        sums = pd.concat([counts.groupby(code.str[:n].where(code.str.len() == 12)).sum() for n in LEVELS])
        places[name] = code.map(sums)
    places["parent_code"] = code.str[:9].where(
        code.str.len() == 12, code.str[:6].where(code.str.len() == 9, "5104")
    )
    places.loc[places["level"] == "city", "parent_code"] = ""
    places[["lat", "lon"]] = places[["lat", "lon"]].round(6)
    return places[["place_code", "name", "level", "parent_code", "urban", "lat", "lon", "pop60", "pop65"]]
