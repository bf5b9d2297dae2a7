"""Areas of townships for the coverage map: the part of the county that is nearest to each township's centre.

No open outlines of townships exist, so these are drawn, not surveyed, and every feature says ``synthetic``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from matcher.outlines import Floats, Rings, inside, signed_area

#: A county without an outline is drawn as far as this around its outermost townships.
MARGIN_KM = 5.0
KM_PER_DEGREE = 111.195
#: Square degrees; smaller slivers (about ten square metres) come from rounding.
SLIVER = 1e-9


def township_areas(places: pd.DataFrame, outlines: Mapping[str, Rings] | None = None) -> dict[str, Any]:
    """GeoJSON of the townships' areas, a partition of their counties.

    Parameters
    ----------
    places : DataFrame
        ``place_code, name, level, parent_code, lat, lon`` (WGS-84).
    outlines : mapping of place_code to rings, optional
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
        geometries |= _partition(group, outlines.get(str(code)))
    features = [
        {
            "type": "Feature",
            "properties": {"place_code": code, "name": None if pd.isna(name) else name, "synthetic": True},
            "geometry": geometries.get(code),
        }
        for code, name in zip(towns["place_code"], towns["name"], strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _partition(towns: pd.DataFrame, outline: Rings | None) -> dict[str, dict[str, Any] | None]:
    """Geometry of each township's cell within one outline, worked out on a local plane."""
    scale = np.array([np.cos(np.radians(towns["lat"].mean())), 1.0])
    centres = towns[["lon", "lat"]].to_numpy(dtype=np.float64) * scale
    region = [ring * scale for ring in outline] if outline else [_hull(centres, MARGIN_KM / KM_PER_DEGREE)]
    cells = [_cell(region, centres, i) for i in range(len(centres))]
    codes = towns["place_code"].tolist()
    return {code: _geometry([ring / scale for ring in cell]) for code, cell in zip(codes, cells, strict=True)}


def _cell(region: Rings, centres: Floats, i: int) -> Rings:
    """The part of `region` that is nearer to centre `i` than to any other."""
    away = np.hypot(*(centres - centres[i]).T)
    rings = region
    for j in np.argsort(away, kind="stable"):
        if not rings or j == i:
            continue
        if away[j] == 0:
            if j < i:
                return []
            continue
        reach = max(float(np.hypot(*(ring - centres[i]).T).max()) for ring in rings)
        if away[j] / 2 > reach:
            break
        rings = _clip(rings, (centres[i] + centres[j]) / 2, (centres[j] - centres[i]) / away[j])
    return rings


def _clip(rings: Rings, point: Floats, normal: Floats) -> Rings:
    """Cut away what lies beyond the line through `point` on the side of `normal`.

    Outlines are not convex, so one cut may leave several pieces: the places where the rings leave the kept
    side and those where they come back, both sorted along the line, belong together pair by pair.
    """
    along = np.array([-normal[1], normal[0]])
    kept: Rings = []
    chains: list[Floats] = []
    for ring in rings:
        beyond = (ring - point) @ normal
        if (beyond <= 0).all():
            kept.append(ring)
        elif not (beyond > 0).all():
            chains += _chains(ring, beyond)
    leave = np.argsort([float((chain[-1] - point) @ along) for chain in chains], kind="stable")
    back = np.argsort([float((chain[0] - point) @ along) for chain in chains], kind="stable")
    follows = dict(zip(leave.tolist(), back.tolist(), strict=True))
    while follows:
        start, following = follows.popitem()
        loop = [start]
        while following != start:
            loop.append(following)
            following = follows.pop(following)
        kept.append(np.concatenate([chains[k] for k in loop]))
    return [ring for ring in kept if abs(signed_area(ring)) > SLIVER]


def _chains(ring: Floats, beyond: Floats) -> list[Floats]:
    """The stretches of a ring with ``beyond <= 0``, each from its first to its last point on the line."""
    start = int(np.argmax(beyond > 0))
    ring, beyond = np.roll(ring, -start, axis=0), np.roll(beyond, -start)
    following, then = np.roll(ring, -1, axis=0), np.roll(beyond, -1)
    gap = np.where(beyond == then, 1.0, beyond - then)
    crossing = ring + (beyond / gap)[:, None] * (following - ring)
    turns_in = np.flatnonzero((beyond > 0) & (then <= 0))
    turns_out = np.flatnonzero((beyond <= 0) & (then > 0))
    return [
        np.concatenate([crossing[a : a + 1], ring[a + 1 : b + 1], crossing[b : b + 1]])
        for a, b in zip(turns_in, turns_out, strict=True)
    ]


def _hull(centres: Floats, margin: float) -> Floats:
    """Convex hull of circles of radius `margin` around the centres, counter-clockwise (monotone chain)."""
    angle = np.arange(16) * (np.pi / 8)
    circle = margin * np.column_stack([np.cos(angle), np.sin(angle)])
    points = np.unique((centres[:, None, :] + circle).reshape(-1, 2), axis=0)
    halves = [_chain(points), _chain(points[::-1])]
    return np.array([point for half in halves for point in half[:-1]])


def _chain(points: Floats) -> list[Floats]:
    hull: list[Floats] = []
    for point in points:
        while len(hull) > 1 and _turn(hull[-2], hull[-1], point) <= 0:
            hull.pop()
        hull.append(point)
    return hull


def _turn(a: Floats, b: Floats, c: Floats) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def _geometry(rings: Rings) -> dict[str, Any] | None:
    """GeoJSON MultiPolygon of oriented rings, each hole with the outer ring around it; null for none."""
    outer = [ring for ring in rings if signed_area(ring) > 0]
    holes = [ring for ring in rings if signed_area(ring) < 0]
    polygons = [
        [_closed(ring), *(_closed(hole) for hole in holes if inside([ring], *hole[:1].T).all())]
        for ring in outer
    ]
    return {"type": "MultiPolygon", "coordinates": polygons} if polygons else None


def _closed(ring: Floats) -> list[list[float]]:
    points: list[list[float]] = np.round(ring, 6).tolist()
    return [*points, points[0]]
