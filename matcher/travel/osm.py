"""The roads of an OpenStreetMap extract, as straight pieces between neighbouring points of the map."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from matcher.errors import BadInput
from matcher.geography.sphere import great_circle_km, unit_vectors
from matcher.progress import track

if TYPE_CHECKING:
    from osmium.osm import Way

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: The most special of these tags that a road bears says whether cars may use it, and these values that they may not.
_ACCESS_TAGS = ("motorcar", "motor_vehicle", "vehicle", "access")
_CLOSED = frozenset({"no", "private", "agricultural", "forestry"})
_ONEWAY = {"yes": 1, "true": 1, "1": 1, "-1": -1, "reverse": -1, "no": 0, "false": 0, "0": 0}
#: One-way where nothing else is said.
_ROUND = ("roundabout", "circular")
#: OSM counts in ten-millionths of a degree.
_PER_DEGREE = 10_000_000
_CM_PER_KM = 100_000


@dataclass(frozen=True)
class Roads:
    """Pieces of road and the points between which they lie.

    Parameters
    ----------
    lat, lon : (n_points,) float
        Degrees, WGS-84.
    start, end : (n,) int
        Points of each piece, in the direction of its way.
    way : (n,) int
        OSM's id of the way.
    cm : (n,) int
        Length, at least 1.
    kmh : (n,) float
    forward, backward : (n,) bool
        Whether cars may go from start to end, and from end to start; one of both at least.
    """

    lat: Floats
    lon: Floats
    start: Ints
    end: Ints
    way: Ints
    cm: Ints
    kmh: Floats
    forward: Bools
    backward: Bools

    def __len__(self) -> int:
        return len(self.start)


def read_roads(file: Path, kmh: Mapping[str, float], *, progress: bool = False) -> Roads:
    """The roads that cars may use.

    Parameters
    ----------
    file : Path
        ``.osm.pbf``, or ``.osm``, also ``.gz`` or ``.bz2``.
    kmh : mapping of class of road to float
        Roads of other classes are left out.
    progress : bool
        Show a bar on a terminal.

    Returns
    -------
    Roads
        A way goes on without the points of it that the extract does not hold.

    Raises
    ------
    BadInput
        ``no_osmium`` when the package that reads such files is not installed; ``no_file``; ``osm_unreadable`` when the
        file is something else, or damaged; ``osm_empty`` when no road is in it.
    """
    try:
        import osmium
        from osmium.filter import EntityFilter, KeyFilter
    except ImportError:
        raise BadInput("no_osmium") from None
    if not file.is_file():
        raise BadInput("no_file", file=file)
    ways = osmium.FileProcessor(str(file), osmium.osm.NODE | osmium.osm.WAY).with_locations()
    ways = ways.with_filter(EntityFilter(osmium.osm.WAY)).with_filter(KeyFilter("highway"))
    found = _Found()
    try:
        for way in track(ways, progress, "progress.osm"):
            if isinstance(way, osmium.osm.Way):
                found.take(way, kmh)
    except (RuntimeError, ValueError) as error:  # all that libosmium raises on a file that is none
        raise BadInput("osm_unreadable", file=file, detail=str(error)) from None
    if not found.runs:
        raise BadInput("osm_empty", file=file, allowed=", ".join(kmh))
    return found.roads()


class _Found:
    """Points and runs of ways, as they come out of the file."""

    def __init__(self) -> None:
        self.refs, self.x, self.y = array("q"), array("q"), array("q")
        #: Way, speed, direction (1, -1, 0 for both) and number of points of each unbroken run.
        self.runs: list[tuple[int, float, int, int]] = []

    def take(self, way: Way, kmh: Mapping[str, float]) -> None:
        """Note a way that cars may use."""
        tags = {tag.k: tag.v for tag in way.tags}
        speed = kmh.get(tags.get("highway", ""))
        if speed is None or tags.get("area") == "yes" or not _open_to_cars(tags):
            return
        direction = _direction(tags)
        for run in _runs(way):
            for ref, x, y in run:
                self.refs.append(ref)
                self.x.append(x)
                self.y.append(y)
            self.runs.append((way.id, speed, direction, len(run)))

    def roads(self) -> Roads:
        """All pieces, points numbered."""
        _, first, point = np.unique(np.array(self.refs), return_index=True, return_inverse=True)
        lat, lon = (np.array(told, np.float64)[first] / _PER_DEGREE for told in (self.y, self.x))
        way, kmh, direction, count = (np.array(column) for column in zip(*self.runs, strict=True))
        inside = np.ones(len(point), bool)
        inside[np.cumsum(count) - 1] = False  # a run has one piece less than points
        start = np.flatnonzero(inside)
        run = np.repeat(np.arange(len(count)), count)[start]
        points = unit_vectors(lat, lon)
        km = great_circle_km(points[point[start]], points[point[start + 1]])
        return Roads(
            lat=lat,
            lon=lon,
            start=point[start].astype(np.int64),
            end=point[start + 1].astype(np.int64),
            way=way[run].astype(np.int64),
            cm=np.maximum(np.rint(km * _CM_PER_KM).astype(np.int64), 1),
            kmh=kmh[run].astype(np.float64),
            forward=direction[run] >= 0,
            backward=direction[run] <= 0,
        )


def _open_to_cars(tags: Mapping[str, str]) -> bool:
    told = (tags.get(name) for name in _ACCESS_TAGS)
    return next((value for value in told if value), "yes") not in _CLOSED


def _direction(tags: Mapping[str, str]) -> int:
    """1 along the way alone, -1 against it, 0 for both."""
    implied = int(tags.get("junction") in _ROUND or tags.get("highway") == "motorway")
    return _ONEWAY.get(tags.get("oneway", ""), implied)


def _runs(way: Way) -> Iterator[list[tuple[int, int, int]]]:
    """Point, x and y of a way, broken where a point is not in the extract; a run has two points at least."""
    run: list[tuple[int, int, int]] = []
    for node in way.nodes:
        if node.location.valid():
            if not run or run[-1][0] != node.ref:
                run.append((node.ref, node.x, node.y))
            continue
        if len(run) > 1:
            yield run
        run = []
    if len(run) > 1:
        yield run
