"""Areas of townships for the coverage map: the part of the county that is nearest to each township's centre.

No open outlines of townships exist, so these are drawn, not surveyed, and every feature says ``synthetic``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from matcher.geography.outlines import Outline, polygons_of
from matcher.geography.sphere import KM_PER_DEGREE

#: A county without an outline is drawn as far as this around its outermost townships.
MARGIN_KM = 5.0
#: Square degrees; smaller slivers (about ten square metres) come from rounding.
SLIVER = 1e-9


def township_areas(places: pd.DataFrame, outlines: Mapping[str, Outline] | None = None) -> dict[str, Any]:
    """GeoJSON of the townships' areas, a partition of their counties.

    Parameters
    ----------
    places : DataFrame
        ``place_code, name, level, parent_code, lat, lon`` (WGS-84).
    outlines : mapping of place_code to MultiPolygon, optional
        Counties as `outlines.read_outlines` gives them. Townships of all counties that lack one share
        the convex hull of their centres, widened by `MARGIN_KM`.

    Returns
    -------
    dict
        FeatureCollection, one feature a township in the order of ``place_code`` with ``place_code``,
        ``name`` and ``synthetic``. The geometry is null where the township has no position, shares it with
        one before, or its cell lies wholly outside its county.
    """
    outlines = outlines or {}
    towns = places[places["level"] == "township"].sort_values("place_code")
    located = towns[towns["lat"].notna() & towns["lon"].notna()]
    county = located["parent_code"].where(located["parent_code"].isin(list(outlines)), "")
    geometries: dict[str, dict[str, Any] | None] = {}
    for code, group in located.groupby(county):
        geometries |= _partition(group.drop_duplicates(["lat", "lon"]), outlines.get(str(code)))
    features = [
        {
            "type": "Feature",
            "properties": {"place_code": code, "name": None if pd.isna(name) else name, "synthetic": True},
            "geometry": geometries.get(code),
        }
        for code, name in zip(towns["place_code"], towns["name"], strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _partition(towns: pd.DataFrame, outline: Outline | None) -> dict[str, dict[str, Any] | None]:
    """Geometry of each township's cell within one outline, worked out on a local plane."""
    scale = np.array([np.cos(np.radians(towns["lat"].mean())), 1.0])
    centres = shapely.MultiPoint(towns[["lon", "lat"]].to_numpy(dtype=np.float64) * scale)
    if outline is None:
        region = centres.buffer(MARGIN_KM / KM_PER_DEGREE, quad_segs=4).convex_hull
    else:
        region = shapely.transform(outline, lambda points: points * scale)
    cells = shapely.intersection(_nearest(centres, region), region)
    return {code: _geometry(cell, scale) for code, cell in zip(towns["place_code"], cells, strict=True)}


def _nearest(centres: shapely.MultiPoint, region: shapely.Geometry) -> npt.NDArray[np.object_]:
    """Of each centre, all that is nearer to it than to any other, at least as far as `region` goes."""
    if len(centres.geoms) == 1:
        return np.array([region], dtype=object)
    return shapely.get_parts(shapely.voronoi_polygons(centres, extend_to=region, ordered=True))


def _geometry(cell: shapely.Geometry, scale: npt.NDArray[np.float64]) -> dict[str, Any] | None:
    """GeoJSON MultiPolygon, turned the way RFC 7946 wants it; null for nothing but slivers."""
    parts = [part for part in polygons_of(cell).geoms if part.area > SLIVER]
    if not parts:
        return None
    drawn = shapely.transform(shapely.MultiPolygon(parts), lambda points: np.round(points / scale, 6))
    told: dict[str, Any] = json.loads(shapely.to_geojson(shapely.orient_polygons(drawn)))
    return told
