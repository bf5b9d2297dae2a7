"""County outlines: read ``outlines.geojson``, tell which positions lie inside."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import shape

from matcher.errors import BadInput
from matcher.geography.datum import to_wgs84
from matcher.readers import parse_json

#: What a county covers, (lon, lat).
Outline: TypeAlias = shapely.MultiPolygon

FILE_NAME = "outlines.geojson"
#: Properties that hold the code of a place, the first that is there: ours, DataV's, those of official surveys.
CODE_KEYS = ("place_code", "adcode", "地区代码", "行政区划代码", "区划代码", "XZQDM", "PAC", "code")
#: Degrees between which China lies; where the first number of a position is a latitude, the axes are swapped.
_CHINA_LAT, _CHINA_LON = (3.0, 54.0), (73.0, 136.0)


@dataclass(frozen=True)
class Feature:
    """What one feature of a file says.

    Parameters
    ----------
    number : int
        From 1.
    code : str
        Of the place; empty where the feature names none.
    key : str
        The property that holds the code.
    outline : MultiPolygon or None
        In the datum of the file.
    trouble : str
        Key of ``problem``; empty where nothing is wrong.
    detail : str
        What was found instead.
    """

    number: int
    code: str
    key: str = ""
    outline: Outline | None = None
    trouble: str = ""
    detail: str = ""


def read_outlines(folder: Path, datum: str = "wgs84", codes: Iterable[str] = ()) -> dict[str, Outline]:
    """Outlines of a data folder by ``place_code``, WGS-84; empty when the folder has no such file.

    Parameters
    ----------
    folder : Path
        May hold ``outlines.geojson``: features with a (Multi)Polygon and one of the properties `CODE_KEYS`. A feature
        without geometry is left out.
    datum : str
        Of the positions in the file.
    codes : iterable of str
        Codes of the places; a shorter or longer form of one, zeros at the end aside, is taken for it.

    Raises
    ------
    BadInput
        When the file is not GeoJSON of that form.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return {}
    try:
        features = list(features_of(path.read_bytes()))
    except (ValueError, OSError) as error:
        raise BadInput("outlines_unreadable", file=str(path), found=str(error)) from error
    known = set(codes)
    found: dict[str, Outline] = {}
    for feature in features:
        if feature.trouble not in ("", "outline_empty"):
            raise BadInput("outlines_unreadable", file=str(path), found=f"{feature.number}: {feature.detail}")
        if feature.outline is not None:
            found[place_of(feature.code, known) or feature.code] = in_wgs84(feature.outline, datum)
    return found


def parse_outlines(text: str) -> dict[str, Outline]:
    """Outlines by place from the text of a GeoJSON FeatureCollection that is known to be right."""
    return {feature.code: feature.outline for feature in features_of(text) if feature.outline is not None}


def features_of(content: bytes | str) -> Iterator[Feature]:
    """The features of a GeoJSON FeatureCollection, each with what is wrong with it.

    Raises
    ------
    ValueError
        When it is no such collection.
    """
    document = parse_json(content)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise ValueError("no FeatureCollection")
    for number, feature in enumerate(features, start=1):
        yield _feature(number, feature)


def _feature(number: int, feature: object) -> Feature:
    if not isinstance(feature, dict):
        return Feature(number, "", trouble="outline_bad", detail=type(feature).__name__)
    properties = feature.get("properties")
    told = properties if isinstance(properties, dict) else {}
    key = next((key for key in CODE_KEYS if isinstance(told.get(key), str | int)), "")
    code = str(told[key]).strip() if key else ""
    if not code:
        return Feature(number, "", trouble="outline_no_code", detail=", ".join(map(str, list(told)[:8])))
    geometry = feature.get("geometry")
    if geometry is None:
        return Feature(number, code, key, trouble="outline_empty")
    try:
        outline = outline_of(geometry)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        return Feature(number, code, key, trouble="outline_bad", detail=str(error))
    west, south, east, north = outline.bounds
    if west >= _CHINA_LAT[0] and east <= _CHINA_LAT[1] and south >= _CHINA_LON[0] and north <= _CHINA_LON[1]:
        return Feature(number, code, key, trouble="outline_swapped", detail=f"{west:g}, {south:g}")
    return Feature(number, code, key, outline)


def in_wgs84(outline: Outline, datum: str) -> Outline:
    """The outline with its positions taken from another datum."""
    if datum == "wgs84":
        return outline

    def moved(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        lat, lon = to_wgs84(points[:, 1], points[:, 0], datum)
        return np.column_stack((lon, lat))

    drawn: Outline = shapely.transform(outline, moved)
    return drawn


def place_of(code: str, codes: Collection[str]) -> str | None:
    """The place that a code of another length means: 510402, 510402000 and 510402000000 are one county."""
    stem = re.sub("(000|000000)$", "", code) if re.fullmatch("[0-9]{9}|[0-9]{12}", code) else code
    forms = (code, stem, f"{stem:0<9}", f"{stem:0<12}") if stem.isascii() and stem.isdigit() else (code,)
    return next((form for form in forms if form in codes), None)


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
