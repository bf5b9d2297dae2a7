"""No page keeps people with disabilities out: axe-core finds no violation of level A or AA."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from matcher.words.catalogues import LANGUAGES, t
from tests.app.test_browser import NAMES, PAGES, WITHOUT_MAP
from tests.helpers.app_server import browser, served

pytestmark = pytest.mark.browser

#: Whether nothing fades any more: Streamlit pales what it draws anew, which is no contrast to be measured.
AT_REST = """() => {
  const still =
    document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning" &&
    !document.querySelector("[data-stale=true]") &&
    document.getAnimations().every((one) => one.playState !== "running");
  window.restingSince = still ? (window.restingSince ?? performance.now()) : undefined;
  return still && performance.now() - window.restingSince > 500;
}"""
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


@pytest.fixture(scope="module")
def address():
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def chromium():
    with browser() as chromium:
        yield chromium


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(chromium, address, name, lang):
    """The script is evaluated by the debugger, which the page's content policy does not bind."""
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{address}/{PAGES[name]}?language={NAMES[lang]}")
    page.get_by_text(t(f"app.{name}.title", lang)).locator("visible=true").last.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=60_000)
    if name not in WITHOUT_MAP:
        page.locator(".lm-map[data-ready]").wait_for()
    page.locator("[data-testid=stSidebarNavItems][role=presentation]").wait_for()
    page.wait_for_function(AT_REST, timeout=60_000)
    page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
    told = page.evaluate("levels => axe.run(document, { runOnly: { type: 'tag', values: levels } })", LEVELS)
    context.close()
    found = [
        (one["id"], node["target"], node["html"][:160]) for one in told["violations"] for node in one["nodes"]
    ]
    assert found == []
