"""Pictures of every page for the guides, in both languages: ``python scripts/pictures.py`` writes docs/pictures/.

Needs what the tests need: run it with the Python of the environment that ``scripts/test.py`` makes.
"""

import io
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402

from matcher.words.catalogues import t  # noqa: E402
from tests.helpers.app_server import browser, served  # noqa: E402

OUT = ROOT / "docs" / "pictures"
LANGUAGES = {"zh": "中文", "en": "English"}
SIZES = {"": (1440, 900), "-1024": (1024, 768)}
#: Page, its address, and the key of its title.
PAGES = {
    "overview": ("", "app.overview.title"),
    "data": ("data", "app.data.title"),
    "access": ("access", "app.access.title"),
    "policy": ("policy", "app.policy_page.title"),
    "siting": ("siting", "app.siting.title"),
    "scenarios": ("what_if", "app.what_if.title"),
    "report": ("report", "app.report.title"),
    "roster": ("roster", "app.roster.title"),
    "visits": ("visits", "app.visits.title"),
    "standards": ("standards", "app.standards.title"),
    "referral": ("referral", "app.referral.title"),
    "agreements": ("agreements", "app.agreements.title"),
    "planning": ("planning", "app.planning.title"),
    "totals": ("totals", "app.totals.title"),
    "corrections": ("requests", "app.requests.title"),
    "proof": ("proof", "app.proof.title"),
}
_MAPS = ("overview", "access", "siting", "scenarios", "referral", "agreements")


def main():
    """Write every picture; on the siting page a place is tried first."""
    OUT.mkdir(exist_ok=True)
    with served() as address, browser() as chromium:
        for lang, word in LANGUAGES.items():
            for ending, (width, height) in SIZES.items():
                context = chromium.new_context(locale="zh-CN", viewport={"width": width, "height": height})
                page = context.new_page()
                for name, (path, title) in PAGES.items():
                    page.goto(f"{address}/{path}?language={word}")
                    page.locator("h1", has_text=t(title, lang)).wait_for()
                    if name in _MAPS:
                        page.locator(".lm-map[data-ready]").wait_for()
                    _still(page)
                    if name == "siting":
                        _try_a_place(page)
                    _keep(page.screenshot(), OUT / f"{name}-{lang}{ending}.png")
                    if name == "roster":
                        _at_the_desk(page, lang, ending)
                context.close()


def _at_the_desk(page, lang, ending):
    """A person's card, and the list of those whom nobody serves."""
    table = page.locator(".st-key-roster_table")
    box = table.locator("canvas").first.bounding_box()
    page.mouse.click(box["x"] + 20, box["y"] + 55)
    _still(page)
    card = page.locator(".st-key-card_person")
    card.wait_for()
    card.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    _keep(card.screenshot(), OUT / f"card-{lang}{ending}.png")
    page.locator(".st-key-roster_whose button").nth(1).click()
    _still(page)
    _keep(page.locator(".st-key-card_roster").screenshot(), OUT / f"unserved-{lang}{ending}.png")


def _try_a_place(page):
    box = page.locator(".lm-map").bounding_box()
    page.mouse.click(box["x"] + 0.33 * box["width"], box["y"] + 0.25 * box["height"])
    _still(page)
    page.locator(".st-key-trial_solve button").click()
    _still(page)
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    page.wait_for_timeout(300)


def _still(page):
    page.wait_for_timeout(500)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=120_000)
    page.wait_for_timeout(500)


def _keep(content, file):
    """As a picture of 128 colours: a third of the size, and nobody sees the difference."""
    Image.open(io.BytesIO(content)).convert("RGB").quantize(128).save(file, optimize=True)


if __name__ == "__main__":
    main()
