"""County outlines: read ``outlines.geojson``, tell which positions lie inside."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import shape

from matcher.errors import BadInput
from matcher.readers import parse_json

#: What a county covers, (lon, lat).
Outline: TypeAlias = shapely.MultiPolygon

FILE_NAME = "outlines.geojson"


def read_outlines(folder: Path) -> dict[str, Outline]:
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
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput("outlines_unreadable", file=str(path), found=repr(error)) from error


def parse_outlines(text: str) -> dict[str, Outline]:
    """Outlines by ``place_code`` from the text of a GeoJSON FeatureCollection."""
    features = parse_json(text)["features"]
    return {str(feature["properties"]["place_code"]): outline_of(feature["geometry"]) for feature in features}


def outline_of(geometry: dict[str, Any]) -> Outline:
    """A GeoJSON Polygon or MultiPolygon; where its lines cross, what they enclose an odd number of times.

    Raises
    ------
    ValueError
        For another kind of geometry, a position that is not finite, or what encloses nothing.
    """
    if geometry["type"] not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"{geometry['type']} is neither Polygon nor MultiPolygon")
    try:
        with np.errstate(invalid="ignore"):
            drawn = shapely.force_2d(shape(geometry))
        if not np.isfinite(shapely.get_coordinates(drawn)).all():
            raise ValueError("a position is not finite")
        outline = polygons_of(shapely.make_valid(drawn))
    except shapely.errors.ShapelyError as error:
        raise ValueError(str(error)) from error
    if outline.is_empty:
        raise ValueError("it encloses nothing")
    return outline


def polygons_of(drawn: shapely.Geometry) -> Outline:
    """The polygons of a geometry, without the points and lines that clipping and mending leave."""
    parts = shapely.get_parts(shapely.get_parts(drawn))
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon" and part.area > 0])


def inside(
    outline: Outline, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Which positions lie inside the outline.

    Parameters
    ----------
    outline : MultiPolygon
    lon, lat : ndarray of shape (m,)
        Degrees.

    Returns
    -------
    ndarray of bool
        Shape (m,).
    """
    shapely.prepare(outline)
    return np.asarray(shapely.contains_xy(outline, lon, lat))
