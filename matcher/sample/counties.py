"""The counties of a synthetic province: codes and names made up, villages of Panzhihua, each on a tile of the map."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import shapely

from matcher.geography.outlines import Outline
from matcher.sample.draw import Floats, apportion, assumptions, generator
from matcher.sample.geography import Geography, counties_of, geography, settled

PROVINCE = "510000"
#: Digits of the first city, from which on no real one of Sichuan has a number, and counties of a city, at most.
FIRST_CITY, OF_CITY = 41, 9
#: Everybody in a county, on average: 18 million in 183 counties.
EVERYBODY = 18_000_000 / 183
#: Spread between counties, standard deviations of the logarithm: of their people, and of capacity for so many people.
UNEVEN_PEOPLE, UNEVEN_ROOM = 0.6, 0.2
#: Capacity for so many people in the middle of the counties, where that of the sample city is 1.
ROOM = 1.1


@dataclass(frozen=True)
class Tile:
    """A rectangle of the map, degrees."""

    west: float
    south: float
    east: float
    north: float

    @property
    def area(self) -> float:
        """Square degrees."""
        return (self.east - self.west) * (self.north - self.south)

    @property
    def outline(self) -> Outline:
        """What a county covers that fills the tile."""
        return shapely.MultiPolygon([shapely.box(self.west, self.south, self.east, self.north)])

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The position (lon, lat) at a share of its width and of its height."""
        lon, lat = self.west + x * (self.east - self.west), self.south + y * (self.north - self.south)
        return round(lon, 6), round(lat, 6)

    def shrunk(self, area: float) -> Tile:
        """The tile around the same middle that has this area, or this one where that would be larger."""
        edge = (1 - min(1.0, area / self.area) ** 0.5) / 2
        return Tile(*self.at(edge, edge), *self.at(1 - edge, 1 - edge))


#: The rectangle around Sichuan.
EXTENT = Tile(97.3, 26.0, 108.6, 34.3)


def split(tile: Tile, areas: Floats) -> list[Tile]:
    """Tiles that fill one, in proportion to their areas: it is halved across its longer side, and so is each half."""
    if len(areas) == 1:
        return [tile]
    total = np.cumsum(areas)
    half = int(np.clip(np.searchsorted(total, total[-1] / 2), 1, len(areas) - 1))
    part = float(total[half - 1] / total[-1])
    lon, lat = tile.at(part, part)
    if (tile.east - tile.west) * np.cos(np.radians(lat)) > tile.north - tile.south:
        first, second = (
            Tile(tile.west, tile.south, lon, tile.north),
            Tile(lon, tile.south, tile.east, tile.north),
        )
    else:
        first, second = (
            Tile(tile.west, tile.south, tile.east, lat),
            Tile(tile.west, lat, tile.east, tile.north),
        )
    return [*split(first, areas[:half]), *split(second, areas[half:])]


@dataclass(frozen=True)
class County:
    """A county of the province.

    Attributes
    ----------
    code : str
        Six digits.
    name : str
    like : tuple of str
        Counties of Panzhihua whose townships and villages it has.
    tile : Tile
        Where it lies.
    everybody, residents : int
        People by the census, visitors included, and those that are drawn.
    room : float
        Its providers have capacities for so many times its residents as those of the sample city have.
    """

    code: str
    name: str
    like: tuple[str, ...]
    tile: Tile
    everybody: int
    residents: int
    room: float


def lay_out(residents: int, seed: int, count: int) -> list[County]:
    """`count` counties with so many residents in all, side by side on the map, nine or fewer to a city."""
    rng = generator(seed, 20)
    outlines = geography().outlines
    pairs = list(combinations(sorted(outlines), 2))
    like = [pairs[number] for number in rng.integers(0, len(pairs), count)]
    weight = rng.lognormal(0.0, UNEVEN_PEOPLE, count)
    room = ROOM * rng.lognormal(0.0, UNEVEN_ROOM, count)
    villages = geography().villages["county"].value_counts()
    area = sum(outlines[code].area for pair in like for code in pair)
    tiles = split(EXTENT.shrunk(area), np.array([villages[[*pair]].sum() for pair in like]))
    everybody, drawn = apportion(EVERYBODY * count, weight), apportion(residents, weight)
    codes = [f"51{FIRST_CITY + n // OF_CITY}{1 + n % OF_CITY:02d}" for n in range(count)]
    name = assumptions("names")["province"]["county"]
    return [
        County(
            codes[n],
            name.format(n=codes[n][2:]),
            like[n],
            tiles[n],
            int(everybody[n]),
            int(drawn[n]),
            float(room[n]),
        )
        for n in range(count)
    ]


def ground_of(county: County, seed: int) -> Geography:
    """Townships, villages and address points of a county, drawn anew within its tile."""
    rng = generator(seed, 21, int(county.code))
    like = counties_of(geography(), county.like)
    towns = sorted(set(like.villages["township"]))
    codes = {town: f"{county.code}{number:03d}" for number, town in enumerate(towns, start=1)}
    old = like.places["place_code"]
    places = like.places[old.str[:9].isin(codes)]
    places = places.assign(place_code=places["place_code"].str[:9].map(codes) + places["place_code"].str[9:])
    places[["lon", "lat"]] = np.nan
    rates = assumptions("residents")
    people = county.everybody * (1 - rates["visitors"]["share"]) / rates["population"]["share60"]
    share = like.villages.set_index("place_code")["share"]
    places["people"] = old.map(share)[places.index] * people
    lon, lat = county.tile.at(*rng.uniform(0.35, 0.65, 2))
    seat = {"place_code": county.code, "name": county.name, "level": "county", "lon": lon, "lat": lat}
    places = pd.concat([pd.DataFrame([seat]), places], ignore_index=True)
    scale = county.everybody / geography().everybody / like.parts["population"]
    parts = {kind: part * scale for kind, part in like.parts.items()}
    return settled(rng, places, {county.code: county.tile.outline}, parts)


def places_of(counties: list[pd.DataFrame]) -> pd.DataFrame:
    """The places of the province: it and its cities, in the middle of what they hold, and those of its counties."""
    words = assumptions("names")["province"]
    places = pd.concat(counties, ignore_index=True)
    city = places["place_code"].str[:4] + "00"
    places["parent_code"] = places["parent_code"].mask(places["level"] == "county", city)
    held = {"lat": "mean", "lon": "mean", "pop60": "sum", "pop65": "sum"}
    cities = places[places["level"] == "county"].groupby("parent_code", as_index=False).agg(held)
    cities = cities.rename(columns={"parent_code": "place_code"}).assign(level="city", parent_code=PROVINCE)
    cities["name"] = [words["city"].format(n=code[2:4]) for code in cities["place_code"]]
    province = cities.groupby("parent_code", as_index=False).agg(held)
    province = province.rename(columns={"parent_code": "place_code"}).assign(
        level="province", parent_code="", name=words["name"]
    )
    above = pd.concat([province, cities], ignore_index=True).round({"lat": 6, "lon": 6})
    return pd.concat([above, places]).sort_values("place_code", kind="stable", ignore_index=True)
