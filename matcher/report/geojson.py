"""Coverage as GeoJSON: townships as drawn areas, villages as points, each with its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matcher.geography.areas import township_areas
from matcher.results.export import plan_facts
from matcher.results.overview import place_shares

if TYPE_CHECKING:
    from matcher.geography.outlines import Outline
    from matcher.plan.plan import Plan

_COLUMNS = ("place_code", "name", "residents", "served", "unserved", "share", "median_km", "p90_km")


def coverage_features(plan: Plan, outlines: Mapping[str, Outline]) -> dict[str, Any]:
    """The FeatureCollection, WGS-84.

    Parameters
    ----------
    plan : Plan
    outlines : mapping of place_code to MultiPolygon

    Returns
    -------
    dict
        Features with `level` (township, village), ``place_code, name, residents, served, unserved, share, median_km,
        p90_km`` (null where not known) and `synthetic`, true where the area was drawn by distance; ``plan`` beside
        the features tells what it was made from.
    """
    areas = township_areas(plan.inputs.places, outlines)["features"]
    shapes = {feature["properties"]["place_code"]: feature["geometry"] for feature in areas}
    features = []
    for level in ("township", "village"):
        for row in place_shares(plan, level).to_dict("records"):
            known = row["lat"] == row["lat"] and row["lon"] == row["lon"]
            point = {"type": "Point", "coordinates": [row["lon"], row["lat"]]} if known else None
            area = shapes.get(row["place_code"])
            told = {name: None if row[name] != row[name] else row[name] for name in _COLUMNS}
            features.append(
                {
                    "type": "Feature",
                    "geometry": area or point,
                    "properties": {"level": level, **told, "synthetic": area is not None},
                }
            )
    return {"type": "FeatureCollection", "plan": plan_facts(plan), "features": features}
