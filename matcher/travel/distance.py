"""Travel between locations and providers: great-circle kilometres, listed journeys, integer cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.arrays import numbered
from matcher.geography.sphere import EARTH_RADIUS_KM, great_circle_km, unit_vectors
from matcher.policy.documents import Policy

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def to_cost(amount: Floats, per_unit: int) -> Ints:
    """Round half up to integers: ``floor(per_unit · amount + 0.5)`` (metres of km, seconds of minutes)."""
    return np.floor(per_unit * amount + 0.5).astype(np.int64)


def limit_cost(policy: Policy, mode: str) -> int:
    """Highest cost at which a pair of this mode is eligible (the boundary counts)."""
    if policy.cost == "time":
        return int(to_cost(np.array([policy.limit_minutes[mode]]), 60)[0])
    return int(to_cost(np.array([policy.limit_km[mode]]), 1000)[0])


def crow_limit_km(policy: Policy, mode: str) -> float:
    """How far apart the ends of an eligible pair may lie, as the crow flies, where no journey is listed."""
    km = _limit_km(limit_cost(policy, mode), policy.cost == "time", policy.speed_kmh)
    return (km + 0.001) / policy.detour_factor


def _limit_km(limit: int, by_time: bool, speed_kmh: float) -> float:
    """Kilometres by road that may cost at most `limit`."""
    # A cost is rounded: what takes up to half a unit more than the limit may still cost just the limit.
    return (limit + 0.5) / 3600 * speed_kmh if by_time else (limit + 0.5) / 1000


@dataclass(frozen=True)
class Journeys:
    """Listed journeys (`travel` table) by number, ready for lookup.

    Parameters
    ----------
    keys : Index
        Distinct ``from_code``, sorted; its positions number the origins.
    providers : int
        How many providers are numbered.
    code : (n,) sorted ``key · providers + provider``
    km, minutes : (n,) arrays, NaN where the table has none
    shut : (n,) bool, where the table says that there is no way
    """

    keys: pd.Index
    providers: int
    code: Ints
    km: Floats
    minutes: Floats
    shut: Bools

    def find(self, key: Ints, provider: Ints) -> tuple[Ints, Ints]:
        """Positions of the pairs (key, provider) that are listed, and their journeys; key −1 is listed nowhere."""
        asked = np.flatnonzero(key >= 0) if len(self.code) else np.zeros(0, np.int64)
        wanted = key[asked] * self.providers + provider[asked]
        at = np.searchsorted(self.code, wanted)
        at[at == len(self.code)] = 0
        found = self.code[at] == wanted
        return asked[found], at[found]

    def of_origins(self, key: Ints) -> tuple[Ints, Ints]:
        """Every listed journey of some origins: position in `key`, and journey; key −1 has none."""
        begin = np.searchsorted(self.code, key * self.providers)
        end = np.searchsorted(self.code, (key + 1) * self.providers)
        count = np.where(key >= 0, end - begin, 0)
        position = np.repeat(np.arange(len(key)), count)
        return position, np.arange(len(position)) - np.repeat(np.cumsum(count) - count - begin, count)


def read_journeys(travel: pd.DataFrame, provider_ids: pd.Index) -> Journeys:
    """The `travel` table by number; rows of providers that are not in `provider_ids` are left out."""
    provider = numbered(travel["provider_id"], provider_ids)
    key, names = pd.factorize(travel["from_code"], sort=True)
    providers = max(len(provider_ids), 1)
    code = key.astype(np.int64) * providers + provider
    order = np.argsort(code, kind="stable")
    order = order[provider[order] >= 0]
    return Journeys(
        keys=pd.Index(names),
        providers=providers,
        code=code[order],
        km=travel["km"].to_numpy(np.float64)[order],
        minutes=travel["minutes"].to_numpy(np.float64)[order],
        shut=travel["reachable"].eq(False).fillna(False).to_numpy(bool)[order],
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
        """Kilometres and integer cost of pairs; NaN and −1 where nothing is known, or there is no way.

        Parameters
        ----------
        location, provider : (n,) index arrays
        """
        computed = great_circle_km(self.origins[location], self.targets[provider]) * self.detour_factor
        if not len(self.journeys.code):
            return computed, self._cost(computed, None)
        km = computed.copy()
        minutes = km / self.speed_kmh * 60
        shut = np.zeros(len(km), bool)
        for key in self.origin_keys.T:
            pair, row = self.journeys.find(key[location], provider)
            listed_km, listed_minutes = self.journeys.km[row], self.journeys.minutes[row]
            km[pair] = np.where(np.isnan(listed_km), computed[pair], listed_km)
            by_speed = km[pair] / self.speed_kmh * 60
            minutes[pair] = np.where(np.isnan(listed_minutes), by_speed, listed_minutes)
            shut[pair] = self.journeys.shut[row]
        km[shut] = minutes[shut] = np.nan
        return km, self._cost(km, minutes)

    def _cost(self, km: Floats, minutes: Floats | None) -> Ints:
        """Integer cost of journeys; minutes by speed where none are told, −1 where nothing is known."""
        if self.by_time and minutes is None:
            minutes = km / self.speed_kmh * 60
        amount, unit = (minutes, 60) if self.by_time and minutes is not None else (km, 1000)
        unknown = np.isnan(amount)
        if not unknown.any():
            return to_cost(amount, unit)
        cost = np.full(len(amount), -1, np.int64)
        cost[~unknown] = to_cost(amount[~unknown], unit)
        return cost

    def listed(self, location: Ints, provider: Ints) -> Bools:
        """Pairs whose cost comes from a listed journey: its kilometres, or also its minutes where time is the cost."""
        told = ~np.isnan(self.journeys.km)
        if self.by_time:
            told |= ~np.isnan(self.journeys.minutes)
        found = np.zeros(len(location), bool)
        for key in self.origin_keys.T:
            pair, row = self.journeys.find(key[location], provider)
            found[pair] = told[row]
        return found

    def shut_between(self, location: Ints, provider: Ints) -> Bools:
        """Pairs of which the table says that there is no way.

        Returns
        -------
        (n_locations, n_providers) bool
        """
        shut = np.zeros((len(location), len(provider)), bool)
        column = np.full(len(self.targets), -1, np.int64)
        column[provider] = np.arange(len(provider))
        for key in self.origin_keys.T:
            origin, journey = self.journeys.of_origins(key[location])
            there = column[self.journeys.code[journey] % self.journeys.providers]
            shut[origin[there >= 0], there[there >= 0]] = self.journeys.shut[journey[there >= 0]]
        return shut

    def near_band(self, location: Ints, provider: Ints, limit: int) -> Bools:
        """Providers that lie between the parallels around some locations, or to which a journey is listed for them.

        No pair of `within_reach` is lost.

        Returns
        -------
        (n_providers,) bool
        """
        height, there = self.origins[location, 2], self.targets[provider, 2]
        near = np.zeros(len(provider), bool)
        if not np.isnan(height).all():
            angle = self._angle(limit)
            south = np.arcsin(np.clip(np.nanmin(height), -1, 1)) - angle
            north = np.arcsin(np.clip(np.nanmax(height), -1, 1)) + angle
            near = (there >= np.sin(max(south, -np.pi / 2)) - 1e-12) & (
                there <= np.sin(min(north, np.pi / 2)) + 1e-12
            )
        if len(self.journeys.code):
            for key in self.origin_keys.T:
                _, journey = self.journeys.of_origins(np.unique(key[location]))
                near |= np.isin(provider, self.journeys.code[journey] % self.journeys.providers)
        return near

    def _angle(self, limit: int) -> float:
        """How far apart on the sphere the ends of a journey may lie that costs at most `limit`."""
        limit_km = _limit_km(limit, self.by_time, self.speed_kmh)
        return float(min((limit_km + 0.001) / self.detour_factor / EARTH_RADIUS_KM, np.pi))

    def within_reach(self, location: Ints, provider: Ints, limit: int) -> Bools:
        """Pairs that may cost at most `limit`: none that does is missing, the exact cost is still to be taken.

        Returns
        -------
        (n_locations, n_providers) bool
        """
        limit_km = _limit_km(limit, self.by_time, self.speed_kmh)
        near = self.origins[location] @ self.targets[provider].T >= np.cos(self._angle(limit)) - 1e-12
        column = np.full(len(self.targets), -1, np.int64)
        column[provider] = np.arange(len(provider))
        for key in self.origin_keys.T:
            origin, journey = self.journeys.of_origins(key[location])
            least_km = self.journeys.km[journey]
            if self.by_time:
                least_km = np.fmin(least_km, self.journeys.minutes[journey] / 60 * self.speed_kmh)
            there = column[self.journeys.code[journey] % self.journeys.providers]
            # What a journey does not tell comes from another one or from the positions, which have their own turn.
            wanted = (there >= 0) & (least_km <= limit_km + 0.001)
            near[origin[wanted], there[wanted]] = True
        return np.asarray(near)


def travel_model(
    origins: pd.DataFrame, providers: pd.DataFrame, journeys: Journeys, policy: Policy
) -> TravelModel:
    """Build the model.

    Parameters
    ----------
    origins : DataFrame[lat, lon, place_key, person_key]
        Distinct locations; keys are positions in ``journeys.keys``, −1 for none.
    providers : DataFrame[provider_id, lat, lon]
        In the order that provider indices follow.
    journeys : Journeys
    policy : Policy
        Gives detour factor, speed and whether cost is distance or time.
    """
    return TravelModel(
        origins=unit_vectors(origins["lat"].to_numpy(np.float64), origins["lon"].to_numpy(np.float64)),
        targets=unit_vectors(providers["lat"].to_numpy(np.float64), providers["lon"].to_numpy(np.float64)),
        journeys=journeys,
        origin_keys=origins[["place_key", "person_key"]].to_numpy(np.int64),
        detour_factor=policy.detour_factor,
        speed_kmh=policy.speed_kmh,
        by_time=policy.cost == "time",
    )
