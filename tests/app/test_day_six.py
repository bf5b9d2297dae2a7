"""Day 6: the list is wrong. Four requests, settled in bulk; the next match keeps what was decided; the audit tells."""

from __future__ import annotations

import pytest

from matcher.accounts.decisions import past
from matcher.accounts.requests import ACCEPTED, requests
from matcher.words.catalogues import label, t
from tests.app.test_days import choose, go, open_person, still
from tests.app.test_gate import TLS, accounts, enter  # noqa: F401 (a fixture)
from tests.helpers.app_data import write_tables
from tests.helpers.app_server import browser, served_others
from tests.helpers.builders import PLACES, provider, resident

pytestmark = pytest.mark.browser
SERVICES = "basic_care;chronic_care;health_check;home_visit"
#: Five near one health centre, which has places for all; another next door; somebody waits for a place.
CITY = {
    "residents": [
        *(resident(f"R{n}", n / 10, name=f"{family}一") for n, family in enumerate("赵钱孙李周", start=1)),
        resident("R6", 2.0, name="吴一"),
    ],
    "providers": [
        provider("P1", name="甲镇卫生院", services=SERVICES, capacity_home=5),
        provider("P2", 4.0, name="乙镇卫生院", services=SERVICES, capacity_home=1),
    ],
    "places": PLACES,
}


def ask(page, id, sign, kind, value=None):
    """The clinic's request about one person; whose fields are found by the sign that stands for the id."""
    card = open_person(page, id)
    choose(page, f"request_kind_{sign}", label("request", kind, "zh"))
    if kind == "phone":
        page.locator(f".st-key-request_phone_{sign} input").fill(value)
    elif value:
        choose(page, f"request_{kind}_{sign}", value)
    page.locator(f".st-key-request_reason_{sign} input").fill("家属来电")
    page.locator(".st-key-request_send button").click()
    card.get_by_text(t("app.card.sent")).wait_for(timeout=30_000)
    still(page)


def test_the_list_is_wrong(accounts, tmp_path, monkeypatch):  # noqa: F811
    flags = (
        "--host",
        "localhost",
        "--tls-cert",
        str(TLS / "localhost.pem"),
        "--tls-key",
        str(TLS / "localhost.key"),
    )
    data = write_tables(tmp_path / "city", CITY)
    with served_others(accounts.folder, *flags, data=data) as (port, _), browser() as chromium:
        address = f"https://localhost:{port}"

        def opened(name):
            view = {"width": 1440, "height": 1000}
            page = chromium.new_context(locale="zh-CN", ignore_https_errors=True, viewport=view).new_page()
            enter(page, address, name)
            still(page)
            return page

        clinic = opened("wang")
        ask(clinic, "R1", accounts.audit.sign("R1"), "died")
        ask(clinic, "R2", accounts.audit.sign("R2"), "moved", t("app.card.left"))
        ask(clinic, "R3", accounts.audit.sign("R3"), "not_ours", "乙镇卫生院 · P2")
        ask(clinic, "R4", accounts.audit.sign("R4"), "phone", "13911112222")

        planner = opened("liming")
        go(planner, "requests")
        table = planner.locator(".st-key-requests_table canvas").first
        table.wait_for()
        box = table.bounding_box()
        planner.mouse.click(box["x"] + 18, box["y"] + 18)  # all of them
        still(planner)
        planner.locator(".st-key-requests_answer input").fill("已核实")
        planner.locator(".st-key-requests_answer input").press("Enter")
        still(planner)
        planner.locator(".st-key-requests_accept button").click()
        planner.get_by_text(t("app.requests.settled", number="4")).wait_for(timeout=60_000)
        go(planner, "overview")
        figures = planner.locator(".st-key-card_figures").inner_text()
        assert "4" in figures  # four people are left of six, and all are served
        assert "100.0%" in figures

        clinic.reload()
        still(clinic)
        clinic.get_by_text(t("app.roster.found", found="3", people="3")).wait_for(timeout=30_000)
        go(clinic, "requests")
        clinic.locator(".st-key-requests_state button").nth(1).click()
        still(clinic)
        clinic.locator(".st-key-card_requests canvas").first.wait_for()
    monkeypatch.setenv("MATCHER_HOME", str(accounts.folder / "home"))
    told = {(one.state, one.answer, one.settled_by) for one in requests(accounts, ["P1"])}
    assert told == {(ACCEPTED, "已核实", "liming")}
    done = {id: [one.what for one in past(accounts, id)] for id in ("R1", "R2", "R3", "R4")}
    assert done == {"R1": ["died"], "R2": ["left"], "R3": ["override"], "R4": ["phone"]}
    assert accounts.database.read(lambda session: list(accounts.audit.breaks(session))) == []
