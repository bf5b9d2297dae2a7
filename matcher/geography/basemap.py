"""What a map shows for orientation: rivers, roads and the like, from an optional ``basemap.geojson``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import shape

from matcher.errors import BadInput
from matcher.geography.datum import to_wgs84
from matcher.readers import parse_json

FILE_NAME = "basemap.geojson"
#: What a feature may be, by its property ``class``.
CLASSES = ("river", "water", "road", "rail", "boundary", "seat")
#: Vertices that a page can draw at once on an old computer.
MOST_VERTICES = 50_000
#: Degrees between which China lies; where the first number of a position is a latitude, the axes are swapped.
_CHINA_LAT, _CHINA_LON = (3.0, 54.0), (73.0, 136.0)


@dataclass(frozen=True)
class Ground:
    """One feature.

    Parameters
    ----------
    number : int
        From 1.
    kind : str
        One of `CLASSES`; what was found where it is none.
    name : str
        Empty where it has none.
    geometry : shapely.Geometry or None
        (lon, lat); None where it cannot be drawn.
    trouble : {"", "basemap_class", "basemap_bad"}
        Why it is left out.
    detail : str
    """

    number: int
    kind: str
    name: str
    geometry: shapely.Geometry | None
    trouble: str = ""
    detail: str = ""


def read_basemap(folder: Path, datum: str = "wgs84") -> list[Ground]:
    """The features of a data folder that can be drawn, WGS-84; none where it has no such file.

    Parameters
    ----------
    folder : Path
    datum : str
        Of the positions in the file.

    Raises
    ------
    BadInput
        ``basemap_unreadable``
    """
    path = folder / FILE_NAME
    if not path.exists():
        return []
    try:
        features = list(ground_of(path.read_bytes()))
    except (ValueError, OSError) as error:
        raise BadInput("basemap_unreadable", file=FILE_NAME) from error
    return [
        Ground(one.number, one.kind, one.name, _in_wgs84(one.geometry, datum))
        for one in features
        if one.geometry is not None and not one.trouble
    ]


def ground_of(content: bytes) -> Iterator[Ground]:
    """The features of a GeoJSON FeatureCollection, each with what is wrong with it.

    Raises
    ------
    ValueError
        When it is no such collection, or too large to be drawn.
    """
    document = parse_json(content)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise ValueError("no FeatureCollection")
    vertices = 0
    for number, feature in enumerate(features, start=1):
        one = _ground(number, feature)
        vertices += 0 if one.geometry is None else int(shapely.get_num_coordinates(one.geometry))
        if vertices > MOST_VERTICES:
            raise ValueError("too many vertices")
        yield one


def _ground(number: int, feature: object) -> Ground:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    told = properties if isinstance(properties, dict) else {}
    kind, name = str(told.get("class") or ""), str(told.get("name") or "")
    if kind not in CLASSES:
        return Ground(number, kind, name, None, "basemap_class", kind)
    try:
        geometry = shape(feature["geometry"])  # type: ignore[index]
        west, south, east, north = geometry.bounds
    except Exception as error:  # shapely raises what it likes for what is no geometry
        return Ground(number, kind, name, None, "basemap_bad", type(error).__name__)
    inside = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    swapped = (
        _CHINA_LAT[0] <= west and east <= _CHINA_LAT[1] and _CHINA_LON[0] <= south and north <= _CHINA_LON[1]
    )
    if not inside or swapped:
        return Ground(number, kind, name, None, "basemap_bad", f"{west:g}, {south:g}")
    return Ground(number, kind, name, geometry)


def _in_wgs84(geometry: shapely.Geometry, datum: str) -> shapely.Geometry:
    if datum == "wgs84":
        return geometry

    def moved(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        lat, lon = to_wgs84(points[:, 1], points[:, 0], datum)
        return np.column_stack((lon, lat))

    return shapely.transform(shapely.force_2d(geometry), moved)
