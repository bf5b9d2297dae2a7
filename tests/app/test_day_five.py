"""Day 5: whom do I see this week: who lives alone with grade 2 or more, on paper; one person's phone, with a reason."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from matcher.words.catalogues import t
from tests.app.test_day_six import CITY
from tests.app.test_days import choose, open_person, still
from tests.app.test_gate import TLS, accounts, enter  # noqa: F401 (a fixture)
from tests.helpers.app_data import write_tables
from tests.helpers.app_server import browser, served_others

pytestmark = pytest.mark.browser
NEEDS = {"ability_scheme": "GB/T 42195-2022", "phone": "13812345678", "address": "幸福路1号"}
#: Two live alone, of whom one has a high grade.
ALONE = {"R1": (True, 3), "R2": (True, 1), "R3": (False, 3)}


def city():
    people = [
        {**one, **NEEDS, "lives_alone": ALONE[id][0], "ability_grade": ALONE[id][1]}
        if (id := one["resident_id"]) in ALONE
        else one
        for one in CITY["residents"]
    ]
    return {**CITY, "residents": people}


def test_whom_do_i_see_this_week(accounts, tmp_path):  # noqa: F811
    flags = (
        "--host", "localhost", "--tls-cert", str(TLS / "localhost.pem"), "--tls-key", str(TLS / "localhost.key")
    )  # fmt: skip
    data = write_tables(tmp_path / "city", city())
    with served_others(accounts.folder, *flags, data=data) as (port, _), browser() as chromium:
        view = {"width": 1024, "height": 768}
        page = chromium.new_context(locale="zh-CN", ignore_https_errors=True, viewport=view).new_page()
        enter(page, f"https://localhost:{port}", "wang")
        still(page)
        page.locator(".st-key-roster_alone label").click()
        still(page)
        choose(page, "roster_grade", "≥ 2")
        page.locator(".st-key-roster_paper label").click()  # the fourth click: box, field, choice, paper
        still(page)
        sheet = page.locator(".st-key-card_roster table")
        assert sheet.locator("tbody tr").count() == 1
        assert "R1" in sheet.inner_text()
        assert "赵*" in sheet.inner_text()
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
        page.emulate_media(media="print")
        assert sheet.is_visible()
        page.emulate_media(media="screen")
        page.locator(".st-key-roster_paper label").click()
        still(page)
        card = open_person(page, "R1")
        assert "13812345678" not in page.content()
        page.locator("[class*=st-key-unmask_reason] input").fill("约上门时间")
        page.locator(".st-key-unmask button").click()
        card.get_by_text("13812345678").wait_for(timeout=30_000)
        assert "幸福路1号" in card.inner_text()
        own = {t(f"app.{name}.title") for name in ("roster", "visits", "requests")}
        for other in ("", "what_if", "accounts", "data", "audit", "report"):
            page.goto(f"https://localhost:{port}/{other}")
            still(page)
            assert page.locator("h1").first.inner_text() in own
            assert set(page.locator("[data-testid=stSidebarNavLink] span").all_inner_texts()) & own == own
    rows = accounts.database.read(
        lambda session: session.execute(
            text("SELECT who, what, result FROM audit WHERE what = 'unmask'")
        ).all()
    )
    assert [tuple(row) for row in rows] == [("wang", "unmask", "约上门时间")]
    assert accounts.database.read(lambda session: list(accounts.audit.breaks(session))) == []
