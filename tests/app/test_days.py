"""Days of the people who use the app, walked in a browser from the start page: what they ask, and that it is true."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest

from matcher.intake.check import load_inputs
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.results.overview import place_shares
from matcher.words.catalogues import t
from tests import ROOT
from tests.helpers.app_server import browser, served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium():
    with browser() as chromium:
        yield chromium


@pytest.fixture
def page(chromium):
    """The start page of a fresh app on the sample."""
    with served() as address:
        context = chromium.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(address)
        page.locator(".lm-map[data-ready]").wait_for()
        still(page)
        yield page
        context.close()


def still(page):
    """Until the script has run."""
    page.wait_for_timeout(300)
    for _ in range(600):
        if page.locator("[data-testid=stApp][data-test-script-state=notRunning]").count():
            page.wait_for_timeout(300)
            return
        page.wait_for_timeout(100)
    raise TimeoutError


def go(page, name):
    page.get_by_role("link", name=t(f"app.{name}.title"), exact=True).click()
    page.locator("h1", has_text=t(f"app.{name}.title")).wait_for()
    still(page)


def press(page, key):
    page.locator(f".st-key-{key} button").first.click()
    still(page)


def click_map(page, right, down):
    """A click at a part of the map's width and height."""
    page.locator(".lm-map[data-ready]").wait_for()
    box = page.locator(".lm-map").bounding_box()
    page.mouse.click(box["x"] + right * box["width"], box["y"] + down * box["height"])
    still(page)


def test_mondays_figures(page):
    """The worst township, why, and the list of its unserved people, in four clicks: as many rows as the page says."""
    plan = match(load_inputs(ROOT / "sample_data"), load_policy())
    worst = place_shares(plan, "township").iloc[0]
    table = page.locator(".st-key-card_places [data-testid=stDataFrame]").bounding_box()
    page.mouse.click(table["x"] + 14, table["y"] + 52)  # the box before the first row
    still(page)
    panel = page.locator(".st-key-card_places")
    panel.get_by_text(str(worst["name"]), exact=True).first.wait_for()
    assert t("code.reason.capacity_full") in panel.inner_text()
    title = page.locator(".st-key-card_unserved h2").inner_text()
    assert int(re.sub(r"\D", "", title)) == worst["unserved"]
    with page.expect_download() as download:
        page.locator(".st-key-inside_download button").click()
    sheet = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes())).active
    people = [row for row in sheet.iter_rows(values_only=True) if re.fullmatch(r"R\d+", str(row[0]))]
    assert len(people) == worst["unserved"]


def test_where_the_clinic_goes(page):
    """Click, read who is in reach, solve, drag on, compare, ask for the best sites: the scenario keeps the promise."""
    go(page, "siting")
    click_map(page, 0.47, 0.22)
    panel = page.locator(".st-key-card_forms")
    panel.get_by_text(t("app.siting.reach")).wait_for()
    press(page, "trial_solve")
    promised = panel.locator(".note.good").inner_text()
    press(page, "trial_keep")
    click_map(page, 0.45, 0.3)
    press(page, "trial_solve")
    press(page, "trial_keep")
    assert page.locator(".st-key-card_kept tbody tr").count() == 2
    press(page, "trial_sweep")
    panel.get_by_text(t("app.siting.places", number=100)).wait_for()
    first = page.locator(".st-key-card_kept tbody tr").first.inner_text()
    assert re.findall(r"\d+", promised)[1] in first
    page.get_by_text(t("app.siting.task_place"), exact=True).click()
    still(page)
    page.get_by_text(t("app.siting.by_budget"), exact=True).click()
    still(page)
    press(page, "place_ask")
    page.locator(".st-key-place_to_scenario button").wait_for(timeout=120_000)
    proof = page.locator(".st-key-card_forms").inner_text()
    served = int(re.search(r"→ (\d+)", proof)[1])
    press(page, "place_to_scenario")
    go(page, "what_if")
    press(page, "compute")
    result = page.locator(".st-key-card_comparison")
    result.wait_for()
    row = result.locator("tr", has_text=t("app.figure.served")).first.inner_text()
    assert f"{served:,}" in row
