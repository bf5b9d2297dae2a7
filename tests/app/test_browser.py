"""The app in a real browser: it asks no other host, draws its maps, takes a click, and is nowhere cut off."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
import zipfile

import pytest

from matcher.words.catalogues import t
from tests.helpers import app_server
from tests.helpers.app_data import SMALL, write_tables
from tests.helpers.app_server import browser, served
from tests.helpers.builders import provider, resident
from tests.helpers.page_visits import MAP, PAGES, still, until, visiting

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=window.hacked=1>"
#: The field for the latitude of a new provider, whatever edits there are already.
LAT = "[class*=st-key-new_lat_] input"


@pytest.fixture(scope="module")
def hostile(chromium, tmp_path_factory):
    """A small data set whose every name is markup, with a home where somebody lives."""
    hospital = provider("H1", 20, kind="general_hospital", hospital_level=2, services="green_channel")
    home = {"site_id": "S1", "kind": "care_home", "place_code": "V1", "beds": 10, "lat": 26.5, "lon": 101.7}
    people = [*SMALL["residents"], resident("R4", site_id="S1", living_setting="care_home")]
    tables = {
        "residents": [row | {"name": HOSTILE} for row in people],
        "sites": [home | {"name": HOSTILE}],
        "providers": [
            row | {"name": f"{row['provider_id']} {HOSTILE}"} for row in (*SMALL["providers"], hospital)
        ],
        "places": [row | {"name": f"{row['place_code']} {HOSTILE}"} for row in SMALL["places"]],
    }
    with served(write_tables(tmp_path_factory.mktemp("hostile"), tables)) as address:
        yield address


@pytest.fixture
def visit(chromium):
    """A function that opens a page in a tab of this test's own, see `Visit`."""
    with visiting(chromium) as visit:
        yield visit


def seen_by(page, expression):
    """What JavaScript makes of the map's state."""
    return page.evaluate(f"(() => {{ const state = ({MAP}).careMap; return {expression}; }})()")


def test_a_roster_is_downloaded_once_under_the_content_policy_and_never_cached(visit, sample, tmp_path):
    page = visit(sample, "roster")
    with page.expect_download() as download:
        page.locator(".st-key-roster_download a").click()
    file = tmp_path / "roster.xlsx"
    download.value.save_as(file)
    assert zipfile.is_zipfile(file)
    with pytest.raises(urllib.error.HTTPError) as again:  # it serves once
        urllib.request.urlopen(download.value.url)
    assert again.value.code == 410
    assert again.value.headers["Cache-Control"] == "no-store"


def test_files_are_uploaded_under_the_content_policy(visit, sample, tmp_path):
    page = visit(sample, "data")
    folder = write_tables(tmp_path / "data", SMALL)
    page.locator("[data-testid=stFileUploader] input").set_input_files(sorted(folder.iterdir()))
    page.get_by_text("residents.csv").wait_for()
    page.locator(".st-key-upload_check button").click()
    page.locator(".st-key-upload_use button").wait_for()


def test_a_table_is_saved_and_enlarged_under_the_content_policy(visit, sample):
    """What Streamlit offers beside a table by itself."""
    page = visit(sample, "roster")
    page.evaluate("window.showSaveFilePicker = undefined")  # a dialog of the system, out of reach
    table = page.locator("[data-testid=stDataFrame]")
    table.hover()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    table.hover()
    page.get_by_role("button", name="Fullscreen").click()
    page.get_by_role("button", name="Close fullscreen").wait_for()


def test_the_page_says_its_language_and_prints_without_the_sidebar(visit, sample):
    for lang, told in (("zh", "zh-CN"), ("en", "en")):
        page = visit(sample, "proof", lang)
        until(page, f"document.documentElement.lang === '{told}'")
    page.emulate_media(media="print")
    assert not page.locator("section[data-testid=stSidebar]").is_visible()
    assert page.locator("h1").is_visible()
    page.emulate_media(media="screen")


def test_the_overview_draws_townships_villages_and_providers_with_a_legend(visit, sample):
    page = visit(sample)
    map_ = page.locator(".lm-map")
    assert seen_by(page, "[...state.layers.keys()]") == [
        "counties",
        "townships",
        "villages",
        "ground",
        "providers",
    ]
    assert map_.locator(".lm-legend").inner_text().count("%") == 5
    map_.get_by_text(t("app.map.providers"), exact=True).click()
    assert map_.locator(".lm-legend").inner_text().count("%") > 5
    assert map_.locator(".lm-label:not(.lm-hidden)").count() > 10
    map_.get_by_text(t("app.map.villages")).click()
    assert seen_by(page, "state.map.hasLayer(state.layers.get('villages').group)")
    assert not seen_by(page, "state.map.hasLayer(state.layers.get('townships').group)")


def test_no_label_of_the_map_covers_another(visit, sample):
    page = visit(sample)
    boxes = [label.bounding_box() for label in page.locator(".lm-label:not(.lm-hidden) span").all()]
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            apart_x = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
            apart_y = a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]
            assert apart_x or apart_y


def test_the_map_keeps_its_section_when_the_page_runs_again(visit, sample):
    page = visit(sample)
    seen_by(page, "state.map.setView([26.6, 101.7], 12, { animate: false }) && 1")
    page.get_by_text(t("code.mode.home"), exact=True).first.click()
    page.wait_for_timeout(500)
    still(page)
    assert seen_by(page, "state.map.getZoom()") == 12


def test_a_click_on_the_map_places_a_provider_that_can_be_matched(visit, sample):
    page = visit(sample, "what_if")
    seen_by(page, "state.map.setView([26.6, 101.7], 11, { animate: false }) && 1")
    page.locator(".lm-map").click(position={"x": 120, "y": 420})
    clicked = seen_by(page, "state.map.containerPointToLatLng([120, 420])")
    latitude = page.locator(LAT)
    for axis in ("lat", "lon"):  # the fields are filled one after the other
        until(page, f"!!document.querySelector('.st-key-new_{axis}_0 input')?.value")
    assert float(latitude.input_value()) == pytest.approx(clicked["lat"], abs=1e-3)
    longitude = page.locator(".st-key-new_lon_0 input").input_value()
    assert float(longitude) == pytest.approx(clicked["lng"], abs=1e-3)
    page.locator(".st-key-add button").click()
    page.locator(".st-key-remove_1").wait_for()
    page.locator(".st-key-compute button").click()
    page.get_by_text(t("app.what_if.comparison")).wait_for(timeout=60_000)


def test_a_click_on_a_provider_chooses_it(visit, sample):
    page = visit(sample, "what_if")
    id_, x, y = seen_by(
        page,
        """(() => {
            const [id, circle] = [...state.layers.get('providers').byId].at(-1);
            state.map.setView(circle.getLatLng(), 14, { animate: false });
            const point = state.map.latLngToContainerPoint(circle.getLatLng());
            return [id, point.x, point.y];
        })()""",
    )
    page.locator(".lm-map").click(position={"x": x, "y": y})
    chosen = page.locator(".st-key-edit_provider input")
    chosen.wait_for()
    assert id_ in page.locator(".st-key-edit_provider").inner_text() + chosen.input_value()


def test_the_keyboard_places_a_provider_in_the_middle(visit, sample):
    page = visit(sample, "what_if")
    page.locator(".lm-map").focus()
    page.keyboard.press("Enter")
    until(page, f"!!document.querySelector('{LAT}')?.value")
    middle = seen_by(page, "state.map.getCenter().lat")
    assert float(page.locator(LAT).input_value()) == pytest.approx(middle, abs=1e-3)


@pytest.mark.parametrize("name", PAGES)
def test_names_are_shown_as_text_never_as_markup(visit, hostile, name):
    page = visit(hostile, name)
    for x in range(60, 500, 40):
        if page.locator(".lm-map").count():
            page.locator(".lm-map").hover(position={"x": x, "y": 280})
    assert page.evaluate("window.hacked") is None
    assert not [url for url in visit.asked if re.search(r"/x$", url)]
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_without_a_browser_these_tests_skip_but_fail_in_ci(monkeypatch, ci, outcome):
    monkeypatch.setattr(app_server, "find_browser", lambda: None)
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="Chromium"), browser():
        pass
