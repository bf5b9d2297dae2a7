"""A travel table from a routing server: which pairs can matter, in which requests, kept from run to run.

Only `travel_table` calls the server, and only where ``dataset.toml`` names one. It is told points of places and of
providers, never of people.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import BadInput
from matcher.geography.sphere import EARTH_RADIUS_KM, unit_vectors
from matcher.inputs import Inputs, Routing
from matcher.policy.documents import Policy
from matcher.policy.roads import FASTEST_KMH
from matcher.progress import track
from matcher.tables import CAPACITY_COLUMNS, MODES
from matcher.travel.cache import open_cache
from matcher.travel.server import PAUSES_S, MatrixServer

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: What a journey may fall short of the great circle, since servers start at their nearest road and not on a sphere.
SLACK_KM, SLACK_SHARE = 1.0, 0.01
#: A way off the roads, at both ends together, from which on it is told.
FAR_OFF_ROAD_M = 1000.0
#: Side, in degrees, of the squares by which points are sorted, so that a request holds neighbours.
_SQUARE = 0.1
#: Cells of a (places × providers) block looked at together: bounds the memory, not the answer.
_BLOCK_CELLS = 4_000_000


@dataclass(frozen=True)
class Answers:
    """What is known about some pairs of points.

    Parameters
    ----------
    seconds, metres : (n_pairs,) arrays
        From door to door; NaN where there is no way.
    off_road : (n_pairs,) array
        Metres of it off the roads, at both ends together; NaN where the server says it of neither.
    requests : int
        Requests sent to the server, further attempts included.
    cached : int
        Pairs of distinct points that an earlier run had asked.
    """

    seconds: Floats
    metres: Floats
    off_road: Floats
    requests: int
    cached: int


@dataclass(frozen=True)
class RoutingTable:
    """Journeys between points, from the cache where known, else from the server.

    Parameters
    ----------
    routing : Routing
    cache : Path
        SQLite file. Every answer is kept there at once: a run that broke off goes on where it ended.
    off_road_kmh : float
        How fast people walk between a door and the nearest road that the server knows.
    pauses_s : tuple of float
        Seconds before each further attempt.
    """

    routing: Routing
    cache: Path
    off_road_kmh: float = 4.0
    pauses_s: tuple[float, ...] = PAUSES_S

    def measure(
        self, origins: Floats, targets: Floats, origin: Ints, target: Ints, *, progress: bool = False
    ) -> Answers:
        """Journeys of pairs of points.

        Parameters
        ----------
        origins, targets : (n, 2) arrays
            Latitude and longitude, WGS-84; told apart to six decimals (a decimetre).
        origin, target : (n_pairs,)
            Rows of `origins` and `targets`.
        progress : bool
            Show a bar on a terminal.

        Raises
        ------
        RoutingError
            When the server or the disk fails; what was told until then is kept.
        BadInput
            When the cache is some other file.
        """
        starts, start = _distinct(origins)
        ends, end = _distinct(targets)
        code, back = np.unique(start[origin] * len(ends) + end[target], return_inverse=True)
        sheet = _Sheet(code, len(ends))
        if not len(code):
            return Answers(sheet.seconds, sheet.metres, sheet.metres, 0, 0)
        server = MatrixServer(self.routing, self.pauses_s)
        with closing(server), open_cache(self.cache, self.routing) as cache:
            start_ids, end_ids = cache.ids(starts), cache.ids(ends)
            for row, column, seconds, metres in cache.known(start_ids, end_ids):
                sheet.fill(row, column, seconds, metres)
            cached = len(code) - int(sheet.open.sum())
            for rows, columns in track(self._requests(sheet), progress, "progress.travel"):
                matrix = server.ask(starts[rows], ends[columns])
                cache.keep(start_ids[rows], end_ids[columns], matrix)
                row, column = np.repeat(rows, len(columns)), np.tile(columns, len(rows))
                sheet.fill(row, column, matrix.seconds.ravel(), matrix.metres.ravel())
            there = cache.off_road(start_ids)[start[origin]], cache.off_road(end_ids)[end[target]]
        walk = np.nan_to_num(there[0]) + np.nan_to_num(there[1])
        off = np.where(np.isnan(there[0]) & np.isnan(there[1]), np.nan, walk)
        seconds = sheet.seconds[back] + walk / self.off_road_kmh * 3.6
        return Answers(seconds, sheet.metres[back] + walk, off, server.requests, cached)

    def _requests(self, sheet: _Sheet) -> list[tuple[Ints, Ints]]:
        """Rows and columns to ask for together, so that every open pair is in one of them."""
        row, column = np.divmod(sheet.code[sheet.open], sheet.width)
        rows, first = np.unique(row, return_index=True)
        bounds = np.append(first, len(row))
        requests = []
        for begin in range(0, len(rows), self.routing.chunk_origins):
            end = min(begin + self.routing.chunk_origins, len(rows))
            columns = np.unique(column[bounds[begin] : bounds[end]])
            for left in range(0, len(columns), self.routing.chunk_providers):
                requests.append((rows[begin:end], columns[left : left + self.routing.chunk_providers]))
        return requests


class _Sheet:
    """The pairs asked for, as sorted numbers ``row · width + column``, with what is known of each."""

    def __init__(self, code: Ints, width: int) -> None:
        self.code, self.width = code, width
        self.seconds, self.metres = np.full(len(code), np.nan), np.full(len(code), np.nan)
        self.open = np.ones(len(code), bool)

    def fill(self, row: Ints, column: Ints, seconds: Floats, metres: Floats) -> None:
        """Note some journeys; those that nobody asked for are left out."""
        code = row * self.width + column
        at = np.minimum(np.searchsorted(self.code, code), len(self.code) - 1)
        asked = self.code[at] == code
        self.seconds[at[asked]], self.metres[at[asked]] = seconds[asked], metres[asked]
        self.open[at[asked]] = False


def _distinct(points: Floats) -> tuple[Floats, Ints]:
    """Distinct points to six decimals, neighbours together, and the number of each given point."""
    exact = np.round(points, 6)
    square = np.floor(exact / _SQUARE)
    order = np.lexsort((exact[:, 1], exact[:, 0], square[:, 1], square[:, 0]))
    new = np.ones(len(points), bool)
    new[1:] = (exact[order[1:]] != exact[order[:-1]]).any(axis=1)
    number = np.empty(len(points), np.int64)
    number[order] = np.cumsum(new) - 1
    return exact[order[new]], number


def travel_table(
    inputs: Inputs, policy: Policy, cache: Path, *, progress: bool = False
) -> tuple[pd.DataFrame, Answers]:
    """Journeys from every place where somebody lives to every provider and candidate it might be matched to.

    Parameters
    ----------
    inputs : Inputs
        Located; its `travel` table is not used.
    policy : Policy
        Its limits tell which pairs cannot matter.
    cache : Path
        See `RoutingTable`.
    progress : bool

    Returns
    -------
    table : DataFrame[from_code, provider_id, minutes, km, reachable]
        Sorted by ids, candidates among the providers. ``reachable`` is 0 and the journey empty where the server knows
        no way. Pairs that lie too far apart for any limit are not listed; nor are ends without a position.
    answers : Answers
        In the same order.

    Raises
    ------
    BadInput
        ``no_routing`` when the data set names no server; ``routing_cache`` when `cache` is some other file.
    RoutingError
    """
    if inputs.dataset.routing is None:
        raise BadInput("no_routing")
    ends = ends_of(inputs)
    origin, target = pairs_within_limits(ends.places, ends.providers, policy)
    asked = RoutingTable(inputs.dataset.routing, cache, policy.roads.off_road)
    answers = asked.measure(*ends.points(), origin, target, progress=progress)
    return ends.table(origin, target, answers.seconds, answers.metres), answers


@dataclass(frozen=True)
class Ends:
    """Where journeys begin and end.

    Parameters
    ----------
    places : DataFrame[place_code, lat, lon, …]
    providers : DataFrame[provider_id, lat, lon, capacity_home, …]
    """

    places: pd.DataFrame
    providers: pd.DataFrame

    def points(self) -> tuple[Floats, Floats]:
        """Latitude and longitude of the places and of the providers."""
        places, providers = (
            table[["lat", "lon"]].to_numpy(np.float64) for table in (self.places, self.providers)
        )
        return places, providers

    def table(self, origin: Ints, target: Ints, seconds: Floats, metres: Floats) -> pd.DataFrame:
        """Journeys as a travel table; see `travel_table`.

        Parameters
        ----------
        origin, target : (n,)
            Rows of `places` and `providers`.
        seconds, metres : (n,)
            Both NaN where there is no way.
        """
        unreached = np.isnan(seconds)
        return pd.DataFrame(
            {
                "from_code": self.places["place_code"].array.take(origin),
                "provider_id": self.providers["provider_id"].array.take(target),
                "minutes": seconds / 60,
                "km": metres / 1000,
                "reachable": pd.Series(0, index=range(len(origin)), dtype="Int64").where(unreached),
            }
        )


def ends_of(inputs: Inputs) -> Ends:
    """The places where somebody lives, providers and candidates: those with a position, by id."""
    lived_in = inputs.places["place_code"].isin(inputs.residents["place_code"].dropna())
    places = inputs.places[lived_in & inputs.places["lat"].notna()]
    columns = ["provider_id", "lat", "lon", *CAPACITY_COLUMNS]
    providers = pd.concat([inputs.providers[columns], inputs.candidates[columns]])
    providers = providers[providers["lat"].notna()]
    return Ends(places.sort_values("place_code"), providers.sort_values("provider_id"))


def pairs_within_limits(places: pd.DataFrame, providers: pd.DataFrame, policy: Policy) -> tuple[Ints, Ints]:
    """Pairs whose great circle leaves room for a journey within the widest limit of the provider's modes.

    Parameters
    ----------
    places, providers : DataFrame[lat, lon, …]
    policy : Policy

    Returns
    -------
    (n_pairs,), (n_pairs,)
        Positions in `places` and `providers`, in that order.
    """
    limit = {mode: policy.limit_km[mode] for mode in MODES}
    if policy.cost == "time":
        limit = {mode: policy.limit_minutes[mode] / 60 * FASTEST_KMH for mode in MODES}
    reach = np.full(len(providers), -np.inf)
    for mode in MODES:
        offered = providers[f"capacity_{mode}"].notna().to_numpy()
        reach[offered] = np.maximum(reach[offered], limit[mode] * (1 + SLACK_SHARE) + SLACK_KM)
    angle = np.clip(reach / EARTH_RADIUS_KM, 0, np.pi)
    least = np.where(reach < 0, np.inf, np.cos(angle) - 1e-12)
    a, b = (unit_vectors(table["lat"].to_numpy(), table["lon"].to_numpy()) for table in (places, providers))
    step = max(1, _BLOCK_CELLS // max(1, len(b)))
    found = [np.nonzero(a[at : at + step] @ b.T >= least) for at in range(0, len(a), step)]
    rows = [row + at for (row, _), at in zip(found, range(0, len(a), step), strict=True)]
    none = np.zeros(0, np.int64)
    return np.concatenate([none, *rows]), np.concatenate([none, *(column for _, column in found)])
