"""The coverage map as SVG: townships in the colour of their share, with names where there is room."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from math import cos, radians
from typing import TYPE_CHECKING, Any

import numpy as np

from matcher.geography.areas import township_areas
from matcher.report.shades import SHARE_BOUNDS, SHARE_COLOURS, colour
from matcher.results.overview import place_shares

if TYPE_CHECKING:
    from matcher.geography.outlines import Outline
    from matcher.plan.plan import Plan

WIDTH, MARGIN = 900, 12
#: Height of the drawing of a place without extent, and at most how many times as high as wide.
_LEAST, _TALLEST = 300, 1.45
_FONT = 21

Point = tuple[float, float]
Box = tuple[float, float, float, float]


def coverage_map(plan: Plan, outlines: Mapping[str, Outline]) -> str:
    """The map.

    Parameters
    ----------
    plan : Plan
    outlines : mapping of place_code to MultiPolygon
        Of counties, as ``geography.outlines`` gives them; may be empty.

    Returns
    -------
    str
        An SVG document; it says nothing of anybody and names no font but the reader's own.
    """
    areas = township_areas(plan.inputs.places, outlines)
    shapes = {
        feature["properties"]["place_code"]: list(_rings(feature["geometry"]["coordinates"]))
        for feature in areas["features"]
        if feature["geometry"]
    }
    counties = [np.asarray(ring) for outline in outlines.values() for ring in _outer(outline)]
    frame = _Frame([ring for rings in shapes.values() for ring in rings] + counties)
    places = place_shares(plan, "township").sort_values("residents", ascending=False, kind="stable")
    rows = [row for row in places.to_dict("records") if row["place_code"] in shapes]
    drawn = [
        _path(frame, shapes[row["place_code"]], colour(row["share"], SHARE_BOUNDS, SHARE_COLOURS))
        for row in rows
    ]
    drawn += [_path(frame, [ring], "none", "#7f929a", 1.4) for ring in counties]
    labels = _labels(frame, rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {frame.height:.0f}" '
        f'width="{WIDTH}" height="{frame.height:.0f}">{"".join(drawn)}{"".join(labels)}</svg>'
    )


class _Frame:
    """From degrees to the drawing: a plane that is true in the middle."""

    def __init__(self, rings: Iterable[np.ndarray[Any, Any]]) -> None:
        points = np.concatenate([np.asarray(ring, np.float64) for ring in rings] or [np.zeros((1, 2))])
        (self.west, south), (east, self.north) = points.min(axis=0), points.max(axis=0)
        self.narrowing = cos(radians((south + self.north) / 2))
        wide, high = max((east - self.west) * self.narrowing, 1e-6), max(self.north - south, 1e-6)
        inner = WIDTH - 2 * MARGIN
        self.scale = min(inner / wide, inner * _TALLEST / high)
        self.left = MARGIN + (inner - wide * self.scale) / 2
        self.height = max(high * self.scale + 2 * MARGIN, _LEAST)

    def at(self, lon: float, lat: float) -> Point:
        """Where a position is drawn."""
        return (
            self.left + (lon - self.west) * self.narrowing * self.scale,
            MARGIN + (self.north - lat) * self.scale,
        )


def _rings(coordinates: Any) -> Iterator[np.ndarray[Any, Any]]:
    """All rings of a polygon or of several, as GeoJSON nests them."""
    if isinstance(coordinates[0][0], int | float):
        yield np.asarray(coordinates, np.float64)
    else:
        for part in coordinates:
            yield from _rings(part)


def _outer(outline: Outline) -> Iterator[np.ndarray[Any, Any]]:
    for polygon in outline.geoms:
        yield np.asarray(polygon.exterior.coords, np.float64)[:, :2]


def _path(
    frame: _Frame,
    rings: Iterable[np.ndarray[Any, Any]],
    fill: str,
    line: str = "#ffffff",
    width: float = 1.0,
) -> str:
    parts = []
    for ring in rings:
        corners = " L".join(f"{x:.1f} {y:.1f}" for x, y in (frame.at(lon, lat) for lon, lat in ring[:, :2]))
        parts.append(f"M{corners} Z")
    return f'<path d="{" ".join(parts)}" fill="{fill}" fill-rule="evenodd" stroke="{line}" stroke-width="{width}"/>'


def _labels(frame: _Frame, rows: Iterable[Mapping[Any, Any]]) -> Iterator[str]:
    """Names of townships, those with more people first, where none covers another."""
    taken: list[Box] = []
    for row in rows:
        if row["lat"] != row["lat"] or row["lon"] != row["lon"]:
            continue
        x, y = frame.at(row["lon"], row["lat"])
        name = str(row["name"])
        half = _FONT * sum(1.0 if unicodedata.east_asian_width(sign) in "WF" else 0.56 for sign in name) / 2
        box = (x - half - 3, y - _FONT * 0.8, x + half + 3, y + _FONT * 0.5)
        if box[0] < 0 or box[2] > WIDTH or any(_meet(box, other) for other in taken):
            continue
        taken.append(box)
        yield (
            f'<rect x="{box[0]:.1f}" y="{box[1]:.1f}" width="{box[2] - box[0]:.1f}" '
            f'height="{box[3] - box[1]:.1f}" rx="3" fill="#ffffff" fill-opacity="0.85"/>'
            f'<text x="{x:.1f}" y="{y + _FONT * 0.25:.1f}" font-size="{_FONT}" text-anchor="middle" '
            f'fill="#1c2b33">{escape(name)}</text>'
        )


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
