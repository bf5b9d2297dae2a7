"""The basemap: what can be drawn is drawn, what cannot is told by its number, and a file that is none stops."""

from __future__ import annotations

import json

import numpy as np
import pytest

from matcher.errors import BadInput
from matcher.geography.basemap import CLASSES, FILE_NAME, read_basemap
from matcher.geography.datum import to_wgs84
from matcher.intake.basemapfile import check_basemap
from matcher.intake.check import check
from matcher.intake.read import read_folder
from matcher.sample.shipped import sample_folder
from tests.helpers.app_data import SMALL, write_tables

LINE = {"type": "LineString", "coordinates": [[101.7, 26.5], [101.8, 26.6]]}


def feature(kind="river", geometry=LINE, **more):
    return {"type": "Feature", "properties": {"class": kind, **more}, "geometry": geometry}


def write(folder, *features):
    told = {"type": "FeatureCollection", "features": list(features)}
    (folder / FILE_NAME).write_text(json.dumps(told), encoding="utf-8")


def test_the_sample_has_rivers_and_the_seats_of_its_five_counties():
    found = read_basemap(sample_folder())
    assert {one.kind for one in found} == {"river", "seat"}
    assert sum(one.kind == "seat" for one in found) == 5
    assert {"金沙江", "雅砻江"} <= {one.name for one in found}


def test_a_folder_without_one_has_none(tmp_path):
    assert read_basemap(tmp_path) == []
    assert list(check_basemap(tmp_path)) == []


@pytest.mark.parametrize("kind", CLASSES)
def test_every_class_is_read(tmp_path, kind):
    write(tmp_path, feature(kind, name="甲"))
    assert [(one.kind, one.name) for one in read_basemap(tmp_path)] == [(kind, "甲")]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (feature("highway"), "basemap_class"),
        (feature(geometry=None), "basemap_bad"),
        (feature(geometry={"type": "LineString", "coordinates": "x"}), "basemap_bad"),
        (
            feature(geometry={"type": "LineString", "coordinates": [[26.5, 101.7], [26.6, 101.8]]}),
            "basemap_bad",
        ),
        (feature(geometry={"type": "Point", "coordinates": []}), "basemap_bad"),
        ("text", "basemap_class"),
    ],
)
def test_a_feature_that_cannot_be_drawn_is_left_out_and_told_by_its_number(tmp_path, wrong, code):
    write(tmp_path, feature(), wrong)
    (finding,) = check_basemap(tmp_path)
    assert (finding.code, list(finding.rows)) == (code, [2])
    assert len(read_basemap(tmp_path)) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"features": 3}', b"\xff\xfe"])
def test_a_file_that_is_no_basemap_is_an_error_of_the_data(tmp_path, content):
    folder = write_tables(tmp_path / "data", SMALL)
    (folder / FILE_NAME).write_bytes(content)
    checked = check(read_folder(folder))
    assert checked.inputs is None
    assert checked.problems["code"].tolist() == ["basemap_form"]
    with pytest.raises(BadInput):
        read_basemap(folder)


def test_one_that_is_too_large_to_draw_is_told(tmp_path):
    many = {"type": "LineString", "coordinates": [[101.7, 26 + n / 1e5] for n in range(50_001)]}
    write(tmp_path, feature(geometry=many))
    assert [one.code for one in check_basemap(tmp_path)] == ["basemap_form"]


def test_positions_are_taken_from_their_datum(tmp_path):
    write(tmp_path, feature())
    (one,) = read_basemap(tmp_path, "gcj02")
    lat, lon = to_wgs84(np.array([26.5]), np.array([101.7]), "gcj02")
    assert one.geometry.coords[0] == pytest.approx((lon[0], lat[0]))
