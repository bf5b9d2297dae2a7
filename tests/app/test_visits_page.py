"""The visits page: who is due, done and left out; what is not measured; the work of months; a day's sheet."""

from __future__ import annotations

import pytest

from matcher.accounts.audit import Actor
from matcher.accounts.visits import mark_done
from matcher.app.here import accounts
from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.app_data import SERVICES, open_app, words, write_tables
from tests.helpers.builders import PLACES, provider, resident

PAGE = "visits.py"
NURSE = Actor("wang", "clinic")
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
    mark_done(accounts(), NURSE, "P1", [("R2", "chronic_care")], app_day(), "ok")
    app = open_app(monkeypatch, small, page=PAGE)
    assert shown(app)["居民编号"].tolist() == ["R1"]
    assert "1 / 2" in words(app)
    app.selectbox("visits_state").select("done").run()
    assert shown(app)[["居民编号", "状态", "上次随访"]].to_numpy().tolist() == [
        ["R2", "已完成", "2026-01-01"]
    ]


def app_day():
    """The day of the data of `write_tables`."""
    import datetime as dt

    return dt.date(2026, 1, 1)


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
    assert t("app.visits.not_measured", lang) in words(app)
    if part == "workload":
        assert t("app.visits.no_staff", lang) in words(app)
        assert t("app.visits.unmeasured", lang) in words(app)


def test_a_provider_without_people_says_so(monkeypatch, small):
    app = open_app(monkeypatch, small, page=PAGE)
    app.selectbox("visits_provider").select("P2").run()
    assert not app.exception
    assert t("app.visits.nobody", "zh") in words(app)
