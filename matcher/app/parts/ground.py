"""Rivers, roads and county seats on the maps, in quiet colours, for orientation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import shapely

from matcher.app.parts import state
from matcher.app.parts.words import t
from matcher.geography.basemap import Ground

#: Colour and width of lines, by class.
_LINES = {
    "river": ("#5b9fc0", 1.6),
    "water": ("#5b9fc0", 1.0),
    "road": ("#9a8f7d", 1.2),
    "rail": ("#6f6f78", 1.2),
    "boundary": ("#8ba0a8", 1.0),
    "seat": ("#33474f", 1.0),
}


def ground_layer() -> dict[str, Any]:
    """The basemap of the data as a layer; without one it is empty, and its title says so."""
    features = state.basemap()
    paths, points = [], []
    for one in features:
        colour, width = _LINES[one.kind]
        for line in _lines(one):
            told = [[round(lat, 5), round(lon, 5)] for lon, lat, *_ in line]
            paths.append({"line": told, "colour": colour, "width": width, "tip": _tip(one)})
        if isinstance(one.geometry, shapely.Point):
            at = [one.geometry.y, one.geometry.x]
            points.append({"at": at, "radius": 3, "colour": "#ffffff", "line": colour, "tip": _tip(one)})
    return {
        "id": "ground",
        "title": t("app.map.ground" if features else "app.map.no_ground"),
        "version": repr((len(paths), len(points), t("app.map.ground"))) + repr(paths[:1]),
        "base": False,
        "shown": bool(features),
        "paths": paths,
        "points": points,
    }


def _lines(one: Ground) -> Iterator[Any]:
    """Lines of a line, and the edges of an area."""
    for part in shapely.get_parts(one.geometry):
        if part.geom_type == "LineString":
            yield part.coords
        elif part.geom_type == "Polygon":
            yield part.exterior.coords


def _tip(one: Ground) -> list[str]:
    return [one.name] if one.name else []
