"""Outlines are checked like every table, by the number of the feature; those of other makers are understood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from matcher.geography.outlines import read_outlines
from tests.helpers.folders import DATASET, checked, told, write_folder

SQUARE = [[101.6, 26.4], [101.8, 26.4], [101.8, 26.6], [101.6, 26.6], [101.6, 26.4]]


def feature(code: str | int | None = "T1", ring: Any = SQUARE, key: str = "place_code") -> dict[str, Any]:
    """A feature of one ring."""
    geometry = None if ring is None else {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {} if code is None else {key: code}, "geometry": geometry}


def outlines(folder: Path, *features: object, dataset: str = DATASET, text: str | None = None) -> Path:
    """A sound folder with these outlines."""
    write_folder(folder, dataset=dataset)
    content = json.dumps({"type": "FeatureCollection", "features": features}) if text is None else text
    (folder / "outlines.geojson").write_text(content, encoding="utf-8")
    return folder


def problems(folder: Path) -> set[tuple[int, str]]:
    """Feature and code of what is wrong with the outlines."""
    return {
        (row, code) for file, row, _, code in told(checked(folder).problems) if file == "outlines.geojson"
    }


def test_sound_outlines_are_no_problem(tmp_path: Path) -> None:
    assert problems(outlines(tmp_path, feature())) == set()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (feature(None), "outline_no_code"),
        (feature("T1", None), "outline_empty"),
        (feature("T1", [[y, x] for x, y in SQUARE]), "outline_swapped"),
        (feature("T1", [[101.6, 26.4], [101.8, 26.4]]), "outline_bad"),
        (feature("T1", [["x", 26.4], *SQUARE]), "outline_bad"),
        (
            {"properties": {"place_code": "T1"}, "geometry": {"type": "Point", "coordinates": [1, 2]}},
            "outline_bad",
        ),
        (None, "outline_bad"),
        (feature("X9"), "outline_unknown"),
    ],
)
def test_a_wrong_feature_is_told_by_its_number(tmp_path: Path, wrong: object, code: str) -> None:
    assert problems(outlines(tmp_path, feature(), wrong)) == {(2, code)}


@pytest.mark.parametrize(
    ("text", "row", "code"),
    [
        ("[]", 0, "outlines_form"),
        ('{"type": "FeatureCollection"}', 0, "outlines_form"),
        ("{\n,", 2, "unreadable_setting"),
        ("[" * 5_000, 1, "unreadable_setting"),
        ('{"features": [],\n"features": []}', 2, "unreadable_setting"),
    ],
)
def test_a_file_that_is_no_geojson_is_told_once(tmp_path: Path, text: str, row: int, code: str) -> None:
    assert problems(outlines(tmp_path, text=text)) == {(row, code)}


@pytest.mark.parametrize("key", ["adcode", "行政区划代码", "code"])
def test_codes_under_other_names_are_understood(tmp_path: Path, key: str) -> None:
    """DataV gives six digits as a number; the table has twelve."""
    folder = outlines(tmp_path, feature(510402, key=key), dataset=DATASET.replace("wgs84", "gcj02"))
    place = {"place_code": "510402000000", "name": "东区", "level": "county"}
    write_folder(folder, {"places": [place]}, DATASET.replace("wgs84", "gcj02"))
    assert problems(folder) == set()
    assert list(read_outlines(folder, "gcj02", ["510402000000"])) == ["510402000000"]


def test_outlines_of_datav_in_another_datum_than_gcj02_are_told(tmp_path: Path) -> None:
    assert problems(outlines(tmp_path, feature("T1", key="adcode"))) == {(0, "outline_datum")}
    declared = DATASET.replace('datum = "wgs84"', "") + '[datum]\ndefault = "wgs84"\noutlines = "gcj02"\n'
    assert problems(outlines(tmp_path, feature("T1", key="adcode"), dataset=declared)) == set()


def test_outlines_are_drawn_where_their_datum_puts_them(tmp_path: Path) -> None:
    """GCJ-02 lies some hundred metres east of WGS-84 here."""
    folder = outlines(tmp_path, feature())
    there, here = read_outlines(folder, "gcj02")["T1"], read_outlines(folder)["T1"]
    shift = here.centroid.x - there.centroid.x
    assert 0.001 < shift < 0.004
