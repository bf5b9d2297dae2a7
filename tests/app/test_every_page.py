"""Each page in each language, opened once in a real browser, and all that must hold for every page."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Page

from matcher.app.guard import headers
from matcher.words.catalogues import LANGUAGES
from tests.helpers.page_visits import PAGES, visiting

pytestmark = pytest.mark.browser

#: What may not be wider than its own place.
_CUT = """Array.from(document.querySelectorAll('[data-testid=stMain],[class*=st-key-card],.figure,.scroll,.bars'))
    .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className)"""
#: Whether nothing fades any more: Streamlit pales what it draws anew, which is no contrast to be measured.
_AT_REST = """() => {
  const still =
    document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning" &&
    !document.querySelector("[data-stale=true]") &&
    document.getAnimations().every((one) => one.playState !== "running");
  window.restingSince = still ? (window.restingSince ?? performance.now()) : undefined;
  return still && performance.now() - window.restingSince > 500;
}"""
_LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


@dataclass(frozen=True)
class Seen:
    """What was seen of a page: hosts asked, headers of each answer, what is cut off by width, what axe finds."""

    hosts: set[str]
    answers: list[dict[str, str]]
    cut: dict[int, list[str]]
    barriers: list[tuple[str, list[str], str]]


@pytest.fixture(scope="module", params=[(name, lang) for name in PAGES for lang in LANGUAGES], ids="-".join)
def seen(request, chromium, sample):
    """One visit serves all tests of a page: opening it is what takes the time."""
    with visiting(chromium) as visit:
        page = visit(sample, *request.param)
        barriers = _barriers(page)
        cut = {width: _cut(page, width) for width in (1440, 1024)}
        return Seen(
            hosts={urlsplit(url).netloc for url in visit.asked if not url.startswith(("data:", "blob:"))},
            answers=[answer.headers for answer in visit.answers if answer.url.startswith("http")],
            cut=cut,
            barriers=barriers,
        )


def _cut(page: Page, width: int) -> list[str]:
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(500)
    return list(page.evaluate(_CUT))


def _barriers(page: Page) -> list[tuple[str, list[str], str]]:
    """The script is evaluated by the debugger, which the page's content policy does not bind."""
    page.locator("[data-testid=stSidebarNavItems][role=presentation]").wait_for()
    page.wait_for_function(_AT_REST, timeout=60_000)
    page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
    told = page.evaluate("levels => axe.run(document, { runOnly: { type: 'tag', values: levels } })", _LEVELS)
    return [
        (one["id"], node["target"], node["html"][:160]) for one in told["violations"] for node in one["nodes"]
    ]


def test_no_page_asks_another_host(seen, sample):
    assert seen.hosts == {urlsplit(sample).netloc}


def test_every_answer_to_a_page_has_the_headers(seen):
    assert seen.answers
    for told in seen.answers:
        assert headers().items() <= {key: told.get(key.lower()) for key in headers()}.items()


@pytest.mark.parametrize("width", [1440, 1024])
def test_nothing_on_a_page_is_cut_off(seen, width):
    assert seen.cut[width] == []


def test_no_page_keeps_people_with_disabilities_out(seen):
    """axe-core finds no violation of level A or AA."""
    assert seen.barriers == []
