"""The visits page: who is due, done and left out; what is not measured; the work of months; a day's sheet."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import text

from matcher.accounts.audit import Actor
from matcher.accounts.visits import mark_done
from matcher.app.here import accounts
from matcher.words.catalogues import LANGUAGES, t
from tests.app.test_days import choose, go, press, still
from tests.app.test_gate import TLS, enter
from tests.app.test_gate import accounts as gate  # noqa: F401 (a fixture)
from tests.helpers.app_data import SERVICES, open_app, words, write_tables
from tests.helpers.app_server import browser, served_others
from tests.helpers.builders import PLACES, provider, resident

PAGE = "visits.py"
NURSE = Actor("wang", "clinic")
DAY = dt.date(2026, 1, 1)
#: Three with hypertension at one health centre, one of them at home in bed; the clinic next door has nobody.
TABLES = {
    "residents": [
        resident("R1", 0.1, age=90, name="张三", phone="13812345678", groups="immobile"),
        resident("R2", 1.0, age=50, name="李四", conditions="hypertension"),
        resident("R3", 1.5, age=50, name="王五", conditions="hypertension"),
    ],
    "providers": [
        provider("P1", name="甲镇卫生院", services=SERVICES, capacity_home=9),
        provider("P2", 5.0, name="乙镇卫生院", services=SERVICES, capacity_home=0),
    ],
    "places": PLACES,
    "visits": [
        {"visit_id": "v1", "resident_id": "R2", "service": "chronic_care", "on": "2025-08-01"},
        {
            "visit_id": "v2",
            "resident_id": "R3",
            "service": "chronic_care",
            "on": "2025-12-20",
            "outcome": "ok",
        },
        {"visit_id": "v3", "resident_id": "R1", "service": "health_check", "on": "2025-12-01"},
    ],
    "staff": [{"provider_id": "P1", "role": "nurse", "fte": 1, "hours_month": 0.5, "teams": 2}],
}


@pytest.fixture
def small(tmp_path, monkeypatch):
    """The folder of `TABLES`, with a store of its own."""
    monkeypatch.setenv("MATCHER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MATCHER_STORE", f"sqlite:///{(tmp_path / 'store.sqlite3').as_posix()}")
    return write_tables(tmp_path / "data", TABLES)


def shown(app):
    return app.dataframe[0].value


def test_the_late_come_first_masked_and_what_is_not_due_stays_away(monkeypatch, small):
    app = open_app(monkeypatch, small, page=PAGE)
    assert not app.exception
    table = shown(app)
    assert table["居民编号"].tolist() == ["R2", "R1"]
    assert table["姓名"].tolist() == ["李*", "张*"]
    assert table["状态"].tolist() == ["逾期", "到期"]
    assert "13812345678" not in words(app)
    assert "0 / 2" in words(app)


def test_a_mark_is_done_at_once_and_counted(monkeypatch, small):
    open_app(monkeypatch, small)
    mark_done(accounts(), NURSE, "P1", [("R2", "chronic_care")], DAY, "ok")
    app = open_app(monkeypatch, small, page=PAGE)
    assert shown(app)["居民编号"].tolist() == ["R1"]
    assert "1 / 2" in words(app)
    app.selectbox("visits_state").select("done").run()
    assert shown(app)[["居民编号", "状态", "上次随访"]].to_numpy().tolist() == [
        ["R2", "已完成", "2026-01-01"]
    ]


def test_the_list_is_narrowed_by_package_village_and_search(monkeypatch, small):
    app = open_app(monkeypatch, small, page=PAGE)
    app.selectbox("visits_state").select("ok").run()
    assert shown(app)["居民编号"].tolist() == ["R3", "R1"]
    app.selectbox("visits_package").select("hypertension_follow_up").run()
    assert shown(app)["居民编号"].tolist() == ["R3"]
    app.text_input("visits_search").input("李").run()
    assert shown(app).empty


@pytest.mark.parametrize("lang", LANGUAGES)
def test_months_against_staff(monkeypatch, small, lang):
    app = open_app(monkeypatch, small, lang, PAGE)
    app.segmented_control("visits_show").set_value("workload").run()
    assert not app.exception
    assert "2026-01" in words(app)
    assert t("app.visits.by_provider", lang) in words(app)
    assert t("app.visits.no_staff", lang) not in words(app)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_day_s_sheet_has_its_times_and_a_map(monkeypatch, small, lang):
    app = open_app(monkeypatch, small, lang, PAGE)
    app.segmented_control("visits_show").set_value("rounds").run()
    assert not app.exception
    told = words(app)
    assert t("app.visits.team", lang, team=1, visits="1", back="09:00") in told
    assert "张* R1" in told
    assert "image/svg+xml" in told
    assert app.number_input("rounds_teams").value == 2


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", ["list", "workload", "rounds"])
def test_without_the_tables_nothing_is_measured(monkeypatch, tmp_path, lang, part):
    data = {name: rows for name, rows in TABLES.items() if name not in ("visits", "staff")}
    app = open_app(monkeypatch, write_tables(tmp_path / "data", data), lang, PAGE)
    app.segmented_control("visits_show").set_value(part).run()
    assert not app.exception
    assert t("app.visits.give", lang) in words(app)
    if part == "list":
        states = app.dataframe[0].value[t("app.visits.state", lang)]
        assert set(states) == {t("app.visits.not_measured", lang)}
    if part == "workload":
        assert t("app.visits.no_staff", lang) in words(app)
        assert t("app.visits.not_measured", lang) in words(app)


def test_a_filter_that_another_provider_lacks_is_let_go(monkeypatch, tmp_path):
    near, far = TABLES["providers"]
    tables = TABLES | {"providers": [near | {"capacity_home": 2}, far | {"capacity_home": 1}]}
    app = open_app(monkeypatch, write_tables(tmp_path / "data", tables), page=PAGE)
    app.selectbox("visits_provider").select("P1").run()
    app.selectbox("visits_service").select("home_visit").run()
    app.selectbox("visits_provider").select("P2").run()
    assert not app.exception
    assert app.selectbox("visits_service").value == ""
    assert app.selectbox("visits_provider").value == "P2"


def test_a_provider_without_people_says_so(monkeypatch, small):
    app = open_app(monkeypatch, small, page=PAGE)
    app.selectbox("visits_provider").select("P2").run()
    assert not app.exception
    assert t("app.visits.nobody", "zh") in words(app)


@pytest.mark.browser
def test_a_nurse_marks_a_visit_and_takes_it_back(gate, tmp_path):  # noqa: F811
    """Two clicks mark it; it is done in the figures at once, stands in the audit, and no other clinic's people show."""
    flags = (
        "--host", "localhost", "--tls-cert", str(TLS / "localhost.pem"), "--tls-key", str(TLS / "localhost.key")
    )  # fmt: skip
    people = [*TABLES["residents"], resident("R9", 5.0, name="赵六", conditions="hypertension", age=50)]
    providers = [TABLES["providers"][0] | {"capacity_home": 3}, TABLES["providers"][1] | {"capacity_home": 1}]
    data = write_tables(tmp_path / "city", TABLES | {"residents": people, "providers": providers})
    with served_others(gate.folder, *flags, data=data) as (port, _), browser() as chromium:
        view = {"width": 1024, "height": 1200}
        page = chromium.new_context(locale="zh-CN", ignore_https_errors=True, viewport=view).new_page()
        enter(page, f"https://localhost:{port}", "wang")
        go(page, "visits")
        card = page.locator(".st-key-card_visits")
        page.get_by_text("0 / 2", exact=True).wait_for()
        box = card.locator("canvas").first.bounding_box()
        page.mouse.click(box["x"] + 18, box["y"] + 52)  # the box before the first row: the late one
        still(page)
        page.locator(".st-key-visits_mark_done button").click()
        page.get_by_text("1 / 2", exact=True).wait_for(timeout=30_000)
        still(page)
        assert t("app.visits.marked", "zh", number="1") in card.inner_text()
        choose(page, "visits_state", t("app.visits.done"))
        page.mouse.click(box["x"] + 18, box["y"] + 52)
        still(page)
        press(page, "visits_take_back")
        page.get_by_text("0 / 2", exact=True).wait_for(timeout=30_000)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
        choose(page, "visits_state", t("app.filter.any"))
        page.locator(".st-key-visits_paper label").click()
        still(page)
        assert set(re.findall("R[0-9]", card.locator(".sheet").inner_text())) == {"R1", "R2", "R3"}
    done = gate.database.read(
        lambda session: session.execute(
            text("SELECT who, what, result FROM audit WHERE what LIKE 'visit%' AND what != 'visits_read'")
        ).all()
    )
    assert [tuple(row) for row in done] == [
        ("wang", "visit_done", "2026-01-01"),
        ("wang", "visit_taken_back", "2026-01-01"),
    ]
    assert gate.database.read(lambda session: list(gate.audit.breaks(session))) == []
