"""Outlines and the areas of townships drawn from them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from matcher.errors import BadInput
from matcher.geography.areas import township_areas
from matcher.geography.outlines import inside, outline_of, read_outlines
from matcher.inputs import typed_frame

#: A county like a horseshoe, open to the north: one straight cut can leave two pieces of it.
HORSESHOE = [[0, 0], [3, 0], [3, 3], [2, 3], [2, 1], [1, 1], [1, 3], [0, 3], [0, 0]]
#: A square county around a square lake.
LAKE = [[[0, 0], [3, 0], [3, 3], [0, 3], [0, 0]], [[1, 1], [1, 2], [2, 2], [2, 1], [1, 1]]]


def towns(*positions: tuple[float, float], county: str = "C1") -> pd.DataFrame:
    """Townships T00, T01 … of one county at (lon, lat)."""
    return typed_frame(
        "places",
        [
            {"place_code": f"T{k:02d}", "name": f"{k}", "level": "township", "parent_code": county}
            | {"lon": lon, "lat": lat}
            for k, (lon, lat) in enumerate(positions)
        ],
    )


def polygon(*rings: object) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": list(rings)}


def area(feature: dict) -> float:
    return outline_of(feature["geometry"]).area if feature["geometry"] else 0.0


def test_a_position_in_the_bay_of_a_horseshoe_is_outside() -> None:
    found = inside(
        outline_of(polygon(HORSESHOE)), np.array([0.5, 1.5, 2.5, 1.5]), np.array([2.0, 2.0, 2.0, 0.5])
    )
    assert found.tolist() == [True, False, True, True]


@pytest.mark.parametrize("turned", [1, -1])
def test_areas_turn_as_rfc_7946_wants_whatever_the_file_says(turned: int) -> None:
    """Outer rings counter-clockwise, holes clockwise."""
    county = outline_of(polygon(*(ring[::turned] for ring in LAKE)))
    (whole,) = township_areas(towns((0.5, 0.5)), {"C1": county})["features"]
    (rings,) = whole["geometry"]["coordinates"]
    assert [shapely.LinearRing(ring).is_ccw for ring in rings] == [True, False]


def test_an_outline_whose_lines_cross_is_what_they_enclose() -> None:
    """A bow tie is two triangles; it is drawn and never fails."""
    tie = outline_of(polygon([[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]))
    assert inside(tie, np.array([0.2, 1.8, 1.0]), np.array([1.0, 1.0, 0.2])).tolist() == [True, True, False]
    assert sum(map(area, township_areas(towns((0.5, 1.0), (1.5, 1.0)), {"C1": tie})["features"])) == 2.0


def test_townships_in_one_line_share_the_county_too() -> None:
    """No triangle can be drawn between them."""
    county = outline_of(polygon([[0, 0], [3, 0], [3, 1], [0, 1], [0, 0]]))
    features = township_areas(towns((0.5, 0.5), (1.5, 0.5), (2.5, 0.5)), {"C1": county})["features"]
    assert [round(area(feature), 6) for feature in features] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("county", [[HORSESHOE], LAKE])
@given(
    positions=st.lists(
        st.tuples(st.integers(1, 29), st.integers(1, 29)), min_size=1, max_size=8, unique=True
    ),
    seed=st.integers(0, 9),
)
def test_the_areas_partition_the_county_by_the_nearest_centre(county, positions, seed) -> None:
    """Areas add up to the county's, and a random position lies in the area of its nearest township only."""
    region = outline_of(polygon(*county))
    centres = np.array(positions) / 10
    features = township_areas(towns(*centres.tolist()), {"C1": region})["features"]
    assert sum(map(area, features)) == pytest.approx(region.area, abs=1e-4)

    points = np.random.default_rng(seed).uniform(0, 3, (200, 2))
    points = points[inside(region, *points.T)]
    apart = (points[:, None] - centres) * [np.cos(np.radians(centres[:, 1].mean())), 1]
    distance = np.hypot(apart[..., 0], apart[..., 1])
    nearest = np.sort(distance, axis=1)
    clear = np.ones(len(points), bool) if len(centres) == 1 else nearest[:, 1] - nearest[:, 0] > 1e-4
    holds = [
        inside(outline_of(feature["geometry"]), *points.T)
        if feature["geometry"]
        else np.zeros(len(points), bool)
        for feature in features
    ]
    expected = np.arange(len(centres))[:, None] == distance.argmin(axis=1)
    assert (np.array(holds) == expected)[:, clear].all()


def test_a_cut_through_a_horseshoe_leaves_two_pieces() -> None:
    north, south = township_areas(towns((0.5, 2.5), (0.5, 1.5)), {"C1": outline_of(polygon(HORSESHOE))})[
        "features"
    ]
    assert len(north["geometry"]["coordinates"]) == 2
    assert len(south["geometry"]["coordinates"]) == 1
    assert area(north) == pytest.approx(2.0)


def test_a_lake_stays_a_hole() -> None:
    (whole,) = township_areas(towns((0.5, 0.5)), {"C1": outline_of(polygon(*LAKE))})["features"]
    assert [len(rings) for rings in whole["geometry"]["coordinates"]] == [2]
    assert area(whole) == pytest.approx(8.0)


def test_without_an_outline_each_centre_lies_in_its_own_area_of_a_widened_hull() -> None:
    centres = [(101.7, 26.5), (101.8, 26.5), (101.7, 26.7)]
    features = township_areas(towns(*centres))["features"]
    for k, (lon, lat) in enumerate(centres):
        holds = [inside(outline_of(f["geometry"]), np.array([lon]), np.array([lat])).item() for f in features]
        assert holds == [k == 0, k == 1, k == 2]


def test_what_cannot_be_drawn_is_listed_without_geometry() -> None:
    """A township without position, or at the very place of another, keeps its feature and says nothing."""
    places = towns((101.7, 26.5), (101.7, 26.5), (np.nan, np.nan))
    features = township_areas(places)["features"]
    assert [feature["geometry"] is None for feature in features] == [False, True, True]
    assert all(feature["properties"]["synthetic"] for feature in features)
    assert township_areas(places.iloc[:0])["features"] == []


def test_outlines_are_optional_and_read_by_place_code(tmp_path: Path) -> None:
    assert read_outlines(tmp_path) == {}
    feature = {"type": "Feature", "properties": {"place_code": "C1"}, "geometry": polygon(HORSESHOE)}
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    (tmp_path / "outlines.geojson").write_text(text, encoding="utf-8")
    assert read_outlines(tmp_path)["C1"].area == 7.0


@pytest.mark.parametrize(
    "feature",
    [
        None,
        {"properties": {}, "geometry": polygon(HORSESHOE)},
        {"properties": {"place_code": "C1"}, "geometry": {"type": "Point", "coordinates": [1, 2]}},
        {"properties": {"place_code": "C1"}, "geometry": polygon([])},
        {"properties": {"place_code": "C1"}, "geometry": polygon([[0, 0], [1, 0], [0, 0]])},
        {"properties": {"place_code": "C1"}, "geometry": polygon([[0, 0], [1, 0], [2, 0], [0, 0]])},
        {
            "properties": {"place_code": "C1"},
            "geometry": polygon([[0, 0], [1, 0], [1, float("nan")], [0, 0]]),
        },
        {"properties": {"place_code": "C1"}, "geometry": polygon([["x", 0], [1, 0], [1, 1], [0, 0]])},
        {"properties": {"place_code": "C1"}, "geometry": polygon([[0], [1, 0], [1, 1], [0, 0]])},
        {"properties": {"place_code": "C1"}, "geometry": {"type": "Polygon"}},
    ],
)
def test_a_file_that_is_no_outline_is_refused_by_name(tmp_path: Path, feature: object) -> None:
    (tmp_path / "outlines.geojson").write_text(json.dumps({"features": [feature]}), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_outlines(tmp_path)
    assert caught.value.code == "outlines_unreadable"
    assert "outlines.geojson" in str(caught.value)
