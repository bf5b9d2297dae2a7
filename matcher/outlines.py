"""County outlines: read ``outlines.geojson``, tell which positions lie inside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.errors import BadInput

Floats: TypeAlias = npt.NDArray[np.float64]
#: Closed lines of (lon, lat), last point not repeated; outer ones counter-clockwise, holes clockwise.
Rings: TypeAlias = list[Floats]

FILE_NAME = "outlines.geojson"


def read_outlines(folder: Path) -> dict[str, Rings]:
    """Outlines of a data folder by ``place_code``, WGS-84; empty when the folder has no such file.

    Parameters
    ----------
    folder : Path
        May hold ``outlines.geojson``: features with the property ``place_code`` and a (Multi)Polygon.

    Raises
    ------
    BadInput
        When the file is not GeoJSON of that form.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return {}
    try:
        return parse_outlines(path.read_text(encoding="utf-8-sig"))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise BadInput("outlines_unreadable", file=str(path), found=repr(error)) from error


def parse_outlines(text: str) -> dict[str, Rings]:
    """Outlines by ``place_code`` from the text of a GeoJSON FeatureCollection."""
    features = json.loads(text)["features"]
    return {str(feature["properties"]["place_code"]): rings_of(feature["geometry"]) for feature in features}


def rings_of(geometry: Mapping[str, object]) -> Rings:
    """Rings of a GeoJSON Polygon or MultiPolygon, turned the way RFC 7946 wants them.

    Raises
    ------
    ValueError
        For another kind of geometry, or a ring that is not three or more finite positions.
    """
    kinds = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}
    if geometry["type"] not in kinds:
        raise ValueError(f"{geometry['type']} is neither Polygon nor MultiPolygon")
    polygons: Iterable[Iterable[object]] = kinds[str(geometry["type"])]  # type: ignore[assignment]
    return [_ring(points, hole=k > 0) for polygon in polygons for k, points in enumerate(polygon)]


def _ring(points: object, hole: bool) -> Floats:
    ring = np.array(points, dtype=np.float64)[:, :2]
    if np.array_equal(ring[0], ring[-1]):
        ring = ring[:-1]
    if len(ring) < 3 or not np.isfinite(ring).all():
        raise ValueError("a ring needs three or more finite positions")
    return ring[::-1] if (signed_area(ring) < 0) != hole else ring


def signed_area(ring: Floats) -> float:
    """Area of a ring in its own units squared, positive when it runs counter-clockwise."""
    x, y = (ring - ring[0]).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def inside(rings: Rings, lon: Floats, lat: Floats) -> npt.NDArray[np.bool_]:
    """Which positions lie inside the outline (an odd number of edges to their east).

    Parameters
    ----------
    rings : list of ndarray
        Each of shape (n, 2).
    lon : ndarray
        Degrees, shape (m,).
    lat : ndarray
        Degrees, shape (m,).

    Returns
    -------
    ndarray of bool
        Shape (m,).
    """
    odd = np.zeros(len(lon), dtype=np.bool_)
    for ring in rings:
        for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            if y0 != y1:
                odd ^= ((y0 > lat) != (y1 > lat)) & (lon < x0 + (x1 - x0) * (lat - y0) / (y1 - y0))
    return odd
