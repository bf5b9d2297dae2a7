"""Where points meet the roads: the nearest road that leads on, and how far off it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from matcher.geography.sphere import EARTH_RADIUS_KM, great_circle_km, unit_vectors
from matcher.travel.osm import Roads

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: A point farther than this from every road is not covered by the extract.
FARTHEST_KM = 10.0
#: Roads from each of which each other one can be reached, and that are together shorter, are no start of a journey:
#: a yard, a drawing error, a road that the edge of the extract cuts off.
ISLAND_KM = 1.0
_CM_PER_KM = 100_000


@dataclass(frozen=True)
class Spots:
    """Where points meet the roads.

    Parameters
    ----------
    piece : (n,) int
        Of `Roads`; -1 where no road is within `FARTHEST_KM`.
    cm : (n,) int
        From the start of the piece.
    off_m : (n,) float
        Metres between the point and the road, as the crow flies; NaN without a road.
    """

    piece: Ints
    cm: Ints
    off_m: Floats


def spots(roads: Roads, points: Floats, usable: Bools) -> Spots:
    """The nearest spot on a usable road.

    Parameters
    ----------
    roads : Roads
    points : (n, 2) array
        Latitude and longitude, WGS-84.
    usable : (n_pieces,) bool
    """
    piece, cm, off = (
        np.full(len(points), -1, np.int64),
        np.zeros(len(points), np.int64),
        np.full(len(points), np.nan),
    )
    if not len(points):
        return Spots(piece, cm, off)
    # A plane on which a kilometre is as long in all directions; within a city its error is far below a metre.
    middle = float(np.median(points[:, 0]))
    stretch = np.radians(1) * EARTH_RADIUS_KM * np.array([np.cos(np.radians(middle)), 1.0])
    ends = [np.column_stack((roads.lon[at], roads.lat[at])) * stretch for at in (roads.start, roads.end)]
    here = points[:, ::-1] * stretch
    pieces = np.flatnonzero(usable & _about(here, *ends))
    lines = np.asarray(shapely.linestrings(np.stack([end[pieces] for end in ends], axis=1)))
    tree = shapely.STRtree(lines)
    pairs = tree.query_nearest(shapely.points(here), max_distance=FARTHEST_KM * 1.01, all_matches=True)
    # Of roads that are equally near, as all those that meet at a crossing, the first of the file.
    point, first = np.unique(pairs[0], return_index=True)
    best = np.minimum.reduceat(pairs[1], first) if len(first) else first
    chosen = pieces[best]
    a, b = ends[0][chosen], ends[1][chosen]
    along = ((here[point] - a) * (b - a)).sum(axis=1) / np.maximum(np.square(b - a).sum(axis=1), 1e-18)
    share = np.clip(along, 0.0, 1.0)
    foot = (a + share[:, None] * (b - a)) / stretch
    km = great_circle_km(unit_vectors(*points[point].T), unit_vectors(foot[:, 1], foot[:, 0]))
    near = km <= FARTHEST_KM
    piece[point[near]] = chosen[near]
    cm[point[near]] = np.rint(share[near] * roads.cm[chosen[near]]).astype(np.int64)
    off[point[near]] = km[near] * 1000
    return Spots(piece, cm, off)


def _about(here: Floats, a: Floats, b: Floats) -> Bools:
    """Pieces that reach into the rectangle around all points: of a province's roads, those of the county."""
    low, high = here.min(axis=0) - FARTHEST_KM, here.max(axis=0) + FARTHEST_KM
    return np.asarray(((np.maximum(a, b) >= low) & (np.minimum(a, b) <= high)).all(axis=1))


def leading_on(roads: Roads) -> Bools:
    """Pieces of road from which, and to which, a way leads: those of parts of `ISLAND_KM` at least.

    Returns
    -------
    (n_pieces,) bool
    """
    ways = [(roads.start, roads.end, roads.forward), (roads.end, roads.start, roads.backward)]
    start, end = (np.concatenate([way[side][way[2]] for way in ways]) for side in (0, 1))
    size = len(roads.lat)
    graph = csr_array((np.ones(len(start)), (start, end)), shape=(size, size))
    _, part = connected_components(graph, directed=True, connection="strong")
    within = part[roads.start] == part[roads.end]
    length = np.bincount(part[roads.start[within]], roads.cm[within], minlength=size)
    return np.asarray(within & (length[part[roads.start]] >= ISLAND_KM * _CM_PER_KM))
