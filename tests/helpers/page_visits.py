"""Pages of the app opened in a browser, and what was asked, answered and complained about on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, ConsoleMessage, Page, Response

from matcher.words.catalogues import t

#: Address of each page, by the name of its words.
PAGES = {"overview": "", "what_if": "what_if", "siting": "siting", "roster": "roster"}
PAGES |= {"access": "access", "data": "data", "policy_page": "policy", "proof": "proof", "report": "report"}
PAGES |= {"totals": "totals", "requests": "requests", "standards": "standards", "referral": "referral"}
PAGES |= {"agreements": "agreements", "visits": "visits", "planning": "planning"}
WITH_MAP = {"overview", "what_if", "siting", "access", "referral", "agreements"}
NAMES = {"zh": "中文", "en": "English"}
#: Runs in the page: the map that a component drew, found through the shadow roots.
MAP = "Array.from(document.querySelectorAll('*')).map(e => e.shadowRoot?.querySelector('.lm-map')).find(Boolean)"
_WHERE = f"""(() => {{
    const map = {MAP};
    return JSON.stringify([map, ...map.querySelectorAll('.lm-label')].map((one) => one.getBoundingClientRect()));
}})()"""


@dataclass
class Visit:
    """One tab of a browser.

    Parameters
    ----------
    page : Page
    asked : list of str
        Every address that the tab asked for.
    answers : list of Response
    complaints : list of str
        What the console said in red or yellow.
    """

    page: Page
    asked: list[str] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __call__(self, address: str, name: str = "overview", lang: str = "zh") -> Page:
        """Open a page and wait until it stands still."""
        self.page.set_viewport_size({"width": 1440, "height": 900})
        self.page.goto(f"{address}/{PAGES[name]}?language={NAMES[lang]}")
        self.page.get_by_text(t(f"app.{name}.title", lang)).locator("visible=true").last.wait_for()
        still(self.page)
        if name in WITH_MAP:
            self.page.locator(".lm-map[data-ready]").wait_for()
            at_rest(self.page)
        return self.page


@contextmanager
def visiting(chromium: Browser) -> Iterator[Visit]:
    """A tab of its own; whatever is done in it, the pages do it under their content policy."""
    context = chromium.new_context(locale="zh-CN")
    visit = Visit(context.new_page())
    context.on("request", lambda request: visit.asked.append(request.url))
    context.on("response", lambda answer: visit.answers.append(answer))
    visit.page.on("console", lambda message: visit.complaints.extend(_complaint(message)))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("websocket", lambda socket: visit.asked.append(socket.url))
    yield visit
    context.close()
    assert visit.complaints == []


def _complaint(message: ConsoleMessage) -> list[str]:
    """Streamlit's page looks for its server below its own address first, and the console tells that."""
    searching = re.search(r"/\w+/_stcore/(health|host-config)$", message.location["url"])
    return [] if searching or message.type not in ("error", "warning") else [message.text]


def still(page: Page) -> None:
    """Wait until the script has run."""
    until(page, "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'")
    page.wait_for_timeout(300)


def at_rest(page: Page) -> None:
    """Until the map neither moves nor grows: what is measured now is there when it is clicked."""
    here = None
    for _ in range(100):
        page.wait_for_timeout(250)
        before, here = here, page.evaluate(_WHERE)
        if before == here:
            return
    raise TimeoutError("the map does not come to rest")


def until(page: Page, expression: str) -> None:
    """Wait until JavaScript finds it true; the pages' content policy forbids what Playwright itself would do."""
    for _ in range(600):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise TimeoutError(expression)
