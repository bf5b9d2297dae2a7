"""Travel between locations and providers: great-circle kilometres, listed journeys, integer cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.policy import Policy

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Mean radius of the earth in kilometres, the one that geopy uses.
EARTH_RADIUS_KM = 6371.009


def unit_vectors(lat: Floats, lon: Floats) -> Floats:
    """Points of the unit sphere.

    Parameters
    ----------
    lat, lon : (n,) arrays
        Degrees, WGS-84; NaN gives NaN.

    Returns
    -------
    (n, 3) array
    """
    phi, theta = np.radians(lat), np.radians(lon)
    return np.column_stack((np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)))


def great_circle_km(a: Floats, b: Floats) -> Floats:
    """Great-circle distance between paired unit vectors.

    The angle comes from the chord, ``2·asin(|a − b| / 2)``: exact to a micrometre at the distances of a city (the
    arc cosine of the scalar product is not) and several times cheaper than the haversine, whose sines and cosines
    would be taken for each pair.

    Parameters
    ----------
    a, b : (n, 3) arrays

    Returns
    -------
    (n,) array
        Kilometres.
    """
    half_chord = np.sqrt(np.square(a - b).sum(axis=1)) / 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(half_chord, 1.0)))


def to_cost(amount: Floats, per_unit: int) -> Ints:
    """Round half up to integers: ``floor(per_unit · amount + 0.5)`` (metres of km, seconds of minutes)."""
    return np.floor(per_unit * amount + 0.5).astype(np.int64)


def limit_cost(policy: Policy, mode: str) -> int:
    """Highest cost at which a pair of this mode is eligible (the boundary counts)."""
    if policy.cost == "time":
        return int(to_cost(np.array([policy.limit_minutes[mode]]), 60)[0])
    return int(to_cost(np.array([policy.limit_km[mode]]), 1000)[0])


@dataclass(frozen=True)
class Journeys:
    """Listed journeys (`travel` table) by origin key, ready for lookup.

    Parameters
    ----------
    keys : dict
        ``from_code`` to row of `listed`.
    listed : (n_keys, n_providers) bool
    code : (n,) sorted ``key · n_providers + provider``
    km, minutes : (n,) arrays, NaN where the table has none
    """

    keys: dict[str, int]
    listed: Bools
    code: Ints
    km: Floats
    minutes: Floats

    def lookup(self, key: Ints, provider: Ints) -> tuple[Bools, Floats, Floats]:
        """Whether each (key, provider) is listed, its kilometres and its minutes; key −1 is listed nowhere."""
        found = (key >= 0) & self.listed[key, provider] if len(self.keys) else np.zeros(len(key), bool)
        km = np.full(len(key), np.nan)
        minutes = np.full(len(key), np.nan)
        at = np.searchsorted(self.code, key[found] * self.listed.shape[1] + provider[found])
        km[found], minutes[found] = self.km[at], self.minutes[at]
        return found, km, minutes


def read_journeys(travel: pd.DataFrame, provider_ids: pd.Index) -> Journeys:
    """The `travel` table by number; rows of providers that are not in `provider_ids` are left out."""
    provider = provider_ids.get_indexer(pd.Index(travel["provider_id"]))
    rows = travel[provider >= 0]
    provider = provider[provider >= 0].astype(np.int64)
    key, names = pd.factorize(rows["from_code"].to_numpy(dtype=object), sort=True)
    code = key.astype(np.int64) * max(len(provider_ids), 1) + provider
    order = np.argsort(code)
    listed = np.zeros((len(names), len(provider_ids)), bool)
    listed[key, provider] = True
    return Journeys(
        keys={str(name): i for i, name in enumerate(names)},
        listed=listed,
        code=code[order],
        km=rows["km"].to_numpy(np.float64)[order],
        minutes=rows["minutes"].to_numpy(np.float64)[order],
    )


@dataclass(frozen=True)
class TravelModel:
    """What a journey from a location to a provider takes; a listed journey replaces the computed one.

    A journey listed for the person comes before one listed for the person's place.

    Parameters
    ----------
    origins : (n_locations, 3) unit vectors, NaN where unknown
    targets : (n_providers, 3) unit vectors
    journeys : Journeys
    origin_keys : (n_locations, 2) key of the place and of the person in `journeys`, −1 for none
    detour_factor, speed_kmh : float
    by_time : bool
        Cost in seconds instead of metres.
    """

    origins: Floats
    targets: Floats
    journeys: Journeys
    origin_keys: Ints
    detour_factor: float
    speed_kmh: float
    by_time: bool

    def measure(self, location: Ints, provider: Ints) -> tuple[Floats, Ints]:
        """Kilometres and integer cost of pairs; NaN and −1 where nothing is known.

        Parameters
        ----------
        location, provider : (n,) index arrays
        """
        km = great_circle_km(self.origins[location], self.targets[provider]) * self.detour_factor
        minutes = km / self.speed_kmh * 60
        if self.journeys.keys:
            for column in range(self.origin_keys.shape[1]):
                found, listed_km, listed_minutes = self.journeys.lookup(
                    self.origin_keys[location, column], provider
                )
                km = np.where(found & ~np.isnan(listed_km), listed_km, km)
                minutes = np.where(found, km / self.speed_kmh * 60, minutes)
                minutes = np.where(found & ~np.isnan(listed_minutes), listed_minutes, minutes)
        known = ~np.isnan(minutes if self.by_time else km)
        cost = np.full(len(km), -1, np.int64)
        cost[known] = to_cost(minutes[known], 60) if self.by_time else to_cost(km[known], 1000)
        return km, cost

    def within_reach(self, location: Ints, provider: Ints, limit: int) -> Bools:
        """Pairs that may cost at most `limit`: none that does is missing, the exact cost is still to be taken.

        Returns
        -------
        (n_locations, n_providers) bool
        """
        limit_km = limit / 3600 * self.speed_kmh if self.by_time else limit / 1000
        angle = min((limit_km + 0.002) / self.detour_factor / EARTH_RADIUS_KM, np.pi)
        near = self.origins[location] @ self.targets[provider].T >= np.cos(angle) - 1e-12
        if self.journeys.keys:
            for column in range(self.origin_keys.shape[1]):
                key = self.origin_keys[location, column]
                listed = self.journeys.listed[np.ix_(np.maximum(key, 0), provider)]
                near |= listed & (key >= 0)[:, None]
        return np.asarray(near)


def travel_model(
    origins: pd.DataFrame, providers: pd.DataFrame, travel: pd.DataFrame, policy: Policy
) -> TravelModel:
    """Build the model.

    Parameters
    ----------
    origins : DataFrame[lat, lon, place_key, person_key]
        Distinct locations; keys are ``from_code`` values or NaN.
    providers : DataFrame[provider_id, lat, lon]
        In the order that provider indices follow.
    travel : DataFrame
        The input table.
    policy : Policy
        Gives detour factor, speed and whether cost is distance or time.
    """
    journeys = read_journeys(travel, pd.Index(providers["provider_id"]))
    keys = np.column_stack(
        [
            origins[column].map(journeys.keys).fillna(-1).to_numpy(np.int64)
            for column in ("place_key", "person_key")
        ]
    )
    return TravelModel(
        origins=unit_vectors(origins["lat"].to_numpy(np.float64), origins["lon"].to_numpy(np.float64)),
        targets=unit_vectors(providers["lat"].to_numpy(np.float64), providers["lon"].to_numpy(np.float64)),
        journeys=journeys,
        origin_keys=keys.astype(np.int64),
        detour_factor=policy.detour_factor,
        speed_kmh=policy.speed_kmh,
        by_time=policy.cost == "time",
    )
