"""The report: one page whatever the data hold, and every number of it from the functions that the app shows."""

from __future__ import annotations

import io
import json
import re

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from shapely.geometry import shape

from matcher.cli import main
from matcher.geography.outlines import read_outlines
from matcher.intake.check import load_inputs
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.report.actions import Action, Actions, actions
from matcher.report.content import Past, page_of
from matcher.report.drawn import coverage_map
from matcher.report.geojson import coverage_features
from matcher.report.lights import Light, lights
from matcher.report.pdf import picture, set_page
from matcher.results.overview import figures, place_shares
from matcher.sample.shipped import sample_folder
from matcher.tables import OUTPUTS
from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.builders import CITY, COUNTY, TOWNSHIP, VILLAGE, make_inputs, provider, resident

NOTHING = Actions((), "none")


@pytest.fixture(scope="module")
def sample():
    return match(load_inputs(sample_folder()), load_policy())


@pytest.fixture(scope="module")
def outlines(sample):
    return read_outlines(sample_folder(), "wgs84", sample.inputs.places["place_code"])


def small(name="甲镇", **tables):
    """Three people in one township; one place."""
    places = (CITY, COUNTY, TOWNSHIP | {"name": name}, VILLAGE)
    people = [resident("R1"), resident("R2", 1.0), resident("R3", 90.0)]
    inputs = make_inputs(people, [provider("P1", name=name)], places=places, **tables)
    return match(inputs, load_policy())


def text_of(pdf):
    """The words of the only page, without the spaces that typesetting puts between signs."""
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    return re.sub(r"\s+", "", page.extract_text())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_of_the_sample_stands_on_one_page(sample, outlines, lang):
    """Figures, places, reasons and targets, as the functions behind the app give them."""
    page = page_of(sample, NOTHING, lang, Past(figures(sample), "2025"))
    told = text_of(set_page(page, coverage_map(sample, outlines), lang))
    all_ = figures(sample)
    numbers = [f"{all_.residents:,}", f"{all_.share:.1%}", f"{all_.unserved:,}", f"{all_.median_km:.1f}"]
    for row in place_shares(sample, "township").head(10).to_dict("records"):
        numbers += [str(row["name"]), f"{row['unserved']:,}", f"{row['share']:.1%}"]
    numbers += [f"{light.actual:.1%}" for light in lights(sample)]
    assert [number for number in numbers if number not in told] == []
    assert sample.outcome.fingerprint in told


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "name",
    [
        '#eval("1+1") *fett* $x$ _a_ @b <c> `d` \\ "e"',
        "名" * 300,
        "甲\n乙\r\n丙\u2028丁",
        "\u202eזבוד ابجد",
        "<script>alert(1)</script>",
        "㐂𠮷",
        "",
    ],
)
def test_whatever_a_name_holds_it_is_text_and_the_page_is_one(name, lang):
    """Markup of typst, of SVG and of HTML, long names, line breaks, other ways to write, rare signs."""
    plan = small(name)
    action = Action("site", name, "", 12, 9, 1234.5)
    page = page_of(plan, Actions((action,) * 3, "proven"), lang, Past(figures(plan), name))
    told = text_of(set_page(page, coverage_map(plan, {}), lang))
    assert f"{figures(plan).residents:,}" in told
    if name.startswith("#eval"):
        assert '#eval("1+1")*fett*$x$_' in told


def test_a_change_is_that_of_the_figures_shown_and_none_is_no_zero():
    """Without earlier data there are no changes, and the page says so."""
    plan = small()
    alone = page_of(plan, NOTHING, "zh")
    assert [one["change"] for one in alone.figures] == ["", "", "", ""]
    assert alone.against == t("report.no_past")
    told = page_of(plan, NOTHING, "zh", Past(figures(plan), "去年"))
    assert told.figures[0]["change"] == "±0"
    assert "去年" in told.against


@pytest.mark.parametrize(
    ("actual", "colour"),
    [(0.91, "green"), (0.9104, "green"), (0.9106, "amber"), (0.93, "amber"), (0.8694, "red")],
)
def test_a_light_follows_the_figures_as_they_are_shown(monkeypatch, sample, actual, colour):
    """Planned 90%: 91.0% is one point off, 91.1% is more; 87.0% is three, 86.9% or less is more."""
    rows = pd.DataFrame(
        {"mode": ["home"], "target_share": [0.9], "local_residents": [1], "actual_share": [actual]}
    )
    monkeypatch.setattr("matcher.report.lights.actual_shares", lambda *_: rows)
    assert lights(sample) == [Light("home", 0.9, actual, colour)]


def test_nobody_local_is_no_light(sample, monkeypatch):
    rows = pd.DataFrame(
        {"mode": ["home"], "target_share": [0.9], "local_residents": [0], "actual_share": [float("nan")]}
    )
    monkeypatch.setattr("matcher.report.lights.actual_shares", lambda *_: rows)
    assert lights(sample)[0].colour == "unknown"


def test_without_candidates_the_best_enlargements_are_told_without_a_cost():
    """One place, two people at hand: ten more places serve one more."""
    found = actions(small())
    assert found.standing == "each"
    assert [(one.name, one.mode, one.served, one.cost_yuan) for one in found.actions] == [
        ("甲镇", "home", 1, None)
    ]
    assert t("report.no_cost") in page_of(small(), found, "zh").actions[0]["cost"]


def test_with_candidates_the_best_sites_are_told_with_their_cost():
    """The one candidate serves the one person at hand whom nobody serves."""
    site = provider("C1", 1.0, name="候选", capacity_home=5, fixed_cost=1000, cost_per_slot=10)
    found = actions(small(candidates=[site]))
    assert found.standing == "proven"
    assert [(one.name, one.places, one.served, one.cost_yuan) for one in found.actions] == [
        ("候选", 1, 1, 1010.0)
    ]


def test_where_everybody_is_served_nothing_is_said_to_help():
    plan = match(make_inputs([resident("R1")], [provider("P1")]), load_policy())
    assert actions(plan) == Actions((), "none")
    page = page_of(plan, actions(plan), "zh")
    assert page.places == []
    assert len(set_page(page, coverage_map(plan, {}), "zh")) > 1000


def test_nobody_at_all_is_a_page_too():
    plan = match(make_inputs([], [], places=[]), load_policy())
    page = page_of(plan, actions(plan), "zh")
    assert page.figures[1]["value"] == t("summary.none")
    assert text_of(set_page(page, coverage_map(plan, {}), "zh"))


@settings(max_examples=20)
@given(st.lists(st.tuples(st.floats(20, 40), st.floats(80, 120)), max_size=5))
def test_a_map_of_any_positions_is_a_drawing(positions):
    """Townships anywhere, also several at one point."""
    towns = [
        TOWNSHIP | {"place_code": f"T{number}", "lat": lat, "lon": lon}
        for number, (lat, lon) in enumerate(positions)
    ]
    plan = match(make_inputs([], [], places=[CITY, COUNTY, *towns]), load_policy())
    assert picture(coverage_map(plan, {})).startswith(b"\x89PNG")


def test_geojson_reads_as_shapes_with_the_figures_of_coverage(sample, outlines):
    told = json.loads(json.dumps(coverage_features(sample, outlines), allow_nan=False))
    assert told["plan"]["fingerprint"] == sample.outcome.fingerprint
    by_code = {one["properties"]["place_code"]: one for one in told["features"]}
    for level, kinds in (("township", {"Polygon", "MultiPolygon", "Point"}), ("village", {"Point"})):
        for row in place_shares(sample, level).to_dict("records"):
            feature = by_code[row["place_code"]]
            assert feature["properties"]["served"] == row["served"]
            if feature["geometry"]:
                assert shape(feature["geometry"]).geom_type in kinds


def test_the_command_writes_every_file_with_the_fingerprint(tmp_path, capsys):
    out = tmp_path / "out"
    data = tmp_path / "data"
    assert main(["sample", str(data), "--residents", "300", "--seed", "2"]) == 0
    assert main(["report", str(data), "--out", str(out), "--against", str(data), "--lang", "en"]) == 0
    assert {file.name for file in out.iterdir()} == {
        "report.pdf",
        "map.svg",
        "map.png",
        "coverage.geojson",
        *(f"{name}.parquet" for name in OUTPUTS),
    }
    fingerprint = json.loads((out / "coverage.geojson").read_text(encoding="utf-8"))["plan"]["fingerprint"]
    assert fingerprint in text_of((out / "report.pdf").read_bytes())
    for name, columns in OUTPUTS.items():
        table = pq.read_table(out / f"{name}.parquet")
        assert table.schema.metadata[b"matcher.fingerprint"].decode() == fingerprint
        assert table.column_names == list(columns)
    assert "±0" in capsys.readouterr().out


def test_a_report_never_goes_among_the_data(tmp_path):
    data = tmp_path / "data"
    assert main(["sample", str(data), "--residents", "50", "--seed", "2"]) == 0
    before = sorted(file.name for file in data.iterdir())
    assert main(["report", str(data), "--out", str(data)]) == 1
    assert sorted(file.name for file in data.iterdir()) == before
