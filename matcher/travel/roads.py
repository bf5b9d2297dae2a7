"""A travel table from the roads of an OpenStreetMap extract, without any server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import BadInput
from matcher.inputs import Inputs
from matcher.policy.documents import Policy
from matcher.progress import track
from matcher.travel.network import network
from matcher.travel.osm import Roads, read_roads
from matcher.travel.snapping import FARTHEST_KM, Spots, leading_on, spots
from matcher.travel.table import Ends, ends_of, pairs_within_limits

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Unknown ways that an error names at most.
_NAMED = 5


@dataclass(frozen=True)
class RoadJourneys:
    """Journeys by road.

    Parameters
    ----------
    table : DataFrame[from_code, provider_id, minutes, km, reachable]
        As `table.travel_table` gives it; ends without a road within ``snapping.FARTHEST_KM`` are not listed.
    off_road : (n,) array
        Metres of each journey off the roads, at both ends together.
    places, providers : tuple of int
        How many have a road near, and how many were asked for.
    """

    table: pd.DataFrame
    off_road: Floats
    places: tuple[int, int]
    providers: tuple[int, int]


def road_journeys(
    inputs: Inputs, policy: Policy, file: Path, closed: Sequence[int] = (), *, progress: bool = False
) -> RoadJourneys:
    """Journeys from every place where somebody lives to every provider and candidate it might be matched to.

    Parameters
    ----------
    inputs : Inputs
        Located; its `travel` table is not used.
    policy : Policy
        Its limits tell which pairs cannot matter, and its ``roads`` how fast a car goes.
    file : Path
        OpenStreetMap extract.
    closed : sequence of int
        Ways of it that nobody may use; who lives along them starts at the next road.
    progress : bool
        Show bars on a terminal.

    Raises
    ------
    BadInput
        What `osm.read_roads` raises; ``osm_unknown_way`` when a closed way is no road of the extract;
        ``osm_elsewhere`` when no place, or no provider, has a road near.
    """
    roads = read_roads(file, policy.roads.kmh, progress=progress)
    return journeys_on(roads, inputs, policy, file, closed, progress=progress)


def journeys_on(
    roads: Roads,
    inputs: Inputs,
    policy: Policy,
    file: Path,
    closed: Sequence[int] = (),
    *,
    progress: bool = False,
) -> RoadJourneys:
    """As `road_journeys`, on roads that are read; `file` is named in errors."""
    shut = np.isin(roads.way, _known_ways(roads, closed, file))
    ends = ends_of(inputs)
    # What is closed moves nobody across a river: roads that it cuts off are still where journeys begin.
    usable = leading_on(roads) & ~shut
    near = [spots(roads, points, usable) for points in ends.points()]
    known = [at.piece >= 0 for at in near]
    for there in known:
        if len(there) and not there.any():
            raise BadInput("osm_elsewhere", file=file, allowed=f"{FARTHEST_KM:g}")
    near = [
        Spots(at.piece[there], at.cm[there], at.off_m[there]) for at, there in zip(near, known, strict=True)
    ]
    ends = Ends(ends.places[known[0]], ends.providers[known[1]])
    origin, target = pairs_within_limits(ends.places, ends.providers, policy)
    seconds, metres = _by_road(roads, near, ~shut, origin, target, progress)
    off = near[0].off_m[origin] + near[1].off_m[target]
    places, providers = ends.points()
    same = (np.round(places[origin], 6) == np.round(providers[target], 6)).all(axis=1)
    off[same] = seconds[same] = metres[same] = 0.0  # who is there already makes no way
    seconds, metres = seconds + off / policy.roads.off_road * 3.6, metres + off
    counts = [(int(there.sum()), len(there)) for there in known]
    return RoadJourneys(ends.table(origin, target, seconds, metres), off, counts[0], counts[1])


def _known_ways(roads: Roads, closed: Sequence[int], file: Path) -> Ints:
    ways = np.unique(np.array(closed, np.int64))
    unknown = ways[~np.isin(ways, roads.way)].tolist()
    if unknown:
        told = ", ".join(str(way) for way in unknown[:_NAMED])
        raise BadInput("osm_unknown_way", file=file, found=told, number=len(unknown))
    return ways


def _by_road(
    roads: Roads,
    near: list[Spots],
    passable: npt.NDArray[np.bool_],
    origin: Ints,
    target: Ints,
    progress: bool,
) -> tuple[Floats, Floats]:
    """Seconds and metres of pairs of spots along roads; NaN where no way leads."""
    places, providers = (len(at.piece) for at in near)
    every = Spots(*(np.concatenate([getattr(at, name) for at in near]) for name in ("piece", "cm", "off_m")))
    net = network(roads, every, passable)
    seconds, metres = np.full(len(origin), np.nan), np.full(len(origin), np.nan)
    order = np.argsort(target, kind="stable")
    bounds = np.searchsorted(target[order], np.arange(providers + 1))
    asked = np.flatnonzero(np.diff(bounds))
    found = net.reach(places + asked, np.arange(places))
    for rows, block_s, block_m in track(found, progress, "progress.roads"):
        for at, row in enumerate(asked[rows].tolist()):
            pairs = order[bounds[row] : bounds[row + 1]]
            seconds[pairs], metres[pairs] = block_s[at, origin[pairs]], block_m[at, origin[pairs]]
    return seconds, metres
