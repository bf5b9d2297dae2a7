"""The page of planning: twelve months, waiting, money; what has no data is not measured."""

from __future__ import annotations

import pytest

from matcher.accounts import roles
from matcher.care import planning
from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.app_data import SMALL, open_app, words, write_tables
from tests.helpers.builders import provider, resident

GUEST = {"origin": "visitor", "living_setting": "hotel"}
HOME = {"site_id": "S1", "kind": "care_home", "name": "养老院", "beds": 50, "place_code": "V1"}
TOWN = SMALL | {
    "residents": [
        resident("A", name="赵一", season_from=11, season_to=3, **GUEST),
        resident("B", name="钱二", season_from=6, season_to=9, **GUEST),
        resident("C", name="孙三", **GUEST),
        resident("W", name="周四", ability_grade=3, requested_mode="institutional"),
    ],
    "providers": [provider("P1", name="甲镇卫生院", capacity_home=3, capacity_migratory=1)],
    "sites": [
        HOME
        | {
            "operator_provider_id": "P1",
            "licensed": True,
            "new_beds": 20,
            "special_beds": 5,
            "opened_on": "2025-05-01",
        }
    ],
}


def opened(monkeypatch, tmp_path, tables, tab="seasons", lang="zh"):
    app = open_app(monkeypatch, write_tables(tmp_path / "data", tables), lang, "planning.py")
    app.segmented_control("planning_tab").set_value(tab).run()
    assert not app.exception
    return app


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_year_has_its_peak_and_each_place_its_own(monkeypatch, tmp_path, lang):
    app = opened(monkeypatch, tmp_path, TOWN, lang=lang)
    month = t("app.planning.month_1", lang)
    assert t("app.planning.in_month", lang, month=month, people="2") in words(app)  # the guest, and who waits
    assert t("app.planning.of", lang, part="3", all="3") in words(app)
    app.segmented_control("planning_mode").set_value("migratory").run()
    assert t("app.planning.told", lang, served="1", short="1") in words(app)
    app.segmented_control("planning_level").set_value("village").run()
    assert "一村" in words(app)


def test_without_any_season_the_year_is_not_measured(monkeypatch, tmp_path):
    told = words(opened(monkeypatch, tmp_path, SMALL))
    assert t("app.planning.seasons_unmeasured") in told
    assert '<div class="bars">' not in told


def test_the_year_of_many_people_waits_until_it_is_asked_for(monkeypatch, tmp_path):
    monkeypatch.setattr(planning, "MANY", 3)
    app = opened(monkeypatch, tmp_path, TOWN)
    assert t("app.planning.months") not in words(app)
    app.button("planning_solve").click().run()
    assert t("app.planning.months") in words(app)
    app.segmented_control("planning_mode").set_value("home").run()
    assert t("app.planning.months") in words(app)


def test_who_waits_is_counted_by_county_and_listed_masked(monkeypatch, tmp_path):
    told = words(opened(monkeypatch, tmp_path, TOWN, "waiting"))
    assert "乙县" in told
    assert "周*" in told
    assert "周四" not in told
    assert t("app.planning.free_now") in told


def test_who_may_not_see_people_sees_no_person(monkeypatch, tmp_path):
    monkeypatch.setattr(roles, "_RIGHTS_ALONE", frozenset({"plan"}))
    told = words(opened(monkeypatch, tmp_path, TOWN, "waiting"))
    assert "乙县" in told
    assert "周*" not in told


def test_beds_that_nobody_tells_are_not_measured(monkeypatch, tmp_path):
    told = words(opened(monkeypatch, tmp_path, TOWN | {"sites": []}, "waiting"))
    assert t("app.planning.beds_unmeasured") in told
    assert t("app.planning.not_measured") in told


def test_money_is_told_by_county_year_and_site_and_what_is_missing_is_not_measured(monkeypatch, tmp_path):
    told = words(opened(monkeypatch, tmp_path, TOWN, "money"))
    assert "300,000" in told
    assert "养老院" in told
    assert t("app.planning.money_partly") in told
    assert t("app.planning.not_measured") in told


@pytest.mark.parametrize(
    ("tables", "policy"), [(SMALL, "panzhihua-2016"), (TOWN, "xuanhan-2022")], ids=["no site", "no payments"]
)
def test_money_without_sites_or_without_payments_says_so(monkeypatch, tmp_path, tables, policy):
    monkeypatch.setenv("MATCHER_POLICY", policy)
    told = words(opened(monkeypatch, tmp_path, tables, "money"))
    wanted = "app.planning.money_unmeasured" if tables is SMALL else "summary.no_money"
    assert t(wanted, policy=policy) in told
