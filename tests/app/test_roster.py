"""The roster page: what a clinic sees, in both languages, with good, empty and bad data."""

from __future__ import annotations

import pytest

from matcher.app import exports
from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.app_data import BAD, open_app, words, write_tables
from tests.helpers.builders import PLACES, provider, resident

PAGE = "roster.py"
#: Of every link to a file of people.
OFFERED = "/exports/"
#: P1 has one place beside R1; P2 has room five kilometres off; P3 offers no home mode; nobody reaches R3.
TABLES = {
    "residents": (
        resident("R1", 1.0, name="张三", phone="13812345678", needs="home_visit"),
        resident("R2", 1.5, name="李四"),
        resident("R3", 30.0, name="王五"),
    ),
    "providers": (
        provider("P1", name="甲镇卫生院", services="basic_care;chronic_care;home_visit"),
        provider("P2", 5.0, name="乙镇卫生院", services="basic_care", capacity_home=9),
        provider("P3", 30.0, name="丙镇卫生院", capacity_home=None, capacity_community=2),
    ),
    "places": PLACES,
}


@pytest.fixture
def small(tmp_path):
    """The folder of `TABLES`."""
    return write_tables(tmp_path / "data", TABLES)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sample_city_opens_on_its_busiest_provider(monkeypatch, lang):
    """The headers are words of the language, names are masked, a download is offered."""
    page = open_app(monkeypatch, None, lang, PAGE)
    assert not page.exception
    table = page.dataframe[0].value
    assert len(table) > 0
    assert table.columns[0] == t("column.roster.resident_id", lang)
    assert table[t("column.roster.name", lang)].str.endswith("*").all()
    assert OFFERED in words(page)


def test_a_clinic_sees_its_people_masked_and_why(monkeypatch, small):
    """Choosing another provider changes the list; nobody's name or phone is shown in full."""
    page = open_app(monkeypatch, small, page=PAGE)
    page.selectbox("roster_provider").select("P1").run()
    table = page.dataframe[0].value
    assert table["居民编号"].tolist() == ["R1"]
    assert table["姓名"].tolist() == ["张*"]
    assert table["所需服务"].tolist() == ["上门巡诊"]
    assert table["为何由本机构服务"].tolist() == ["没有更近的合格机构"]
    assert "100.0%" in words(page)
    assert "13812345678" not in words(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_password_is_for_one_file_and_the_session_keeps_it_no_longer_than_the_click(
    monkeypatch, small, lang
):
    page = open_app(monkeypatch, small, lang, PAGE)
    locked = t("app.export.locked", lang, label=t("app.roster.download", lang))
    page.text_input("roster_download_password_0").set_value("kurz")
    page.button("roster_download_set_0").click().run()
    assert t("error.password_short", lang, allowed=10) in words(page)
    assert locked not in words(page)
    page.text_input("roster_download_password_0").set_value("Hetao-2026")
    page.button("roster_download_set_0").click().run()
    assert not page.exception
    assert locked in words(page)
    address = words(page).partition('href="')[2].partition('"')[0]
    offer = exports._offers.look(address.rpartition("/")[2])
    assert offer.password == "Hetao-2026"
    assert "Hetao-2026" not in repr(page.session_state)
    assert "Hetao-2026" not in words(page)
    exports._offers.take(address.rpartition("/")[2])
    page.run()
    assert locked not in words(page)
    assert OFFERED in words(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_provider_that_serves_nobody_says_so(monkeypatch, small, lang):
    """A line instead of an empty table, and no download."""
    page = open_app(monkeypatch, small, lang, PAGE)
    page.selectbox("roster_provider").select("P3").run()
    assert not page.exception
    assert t("app.roster.empty", lang) in words(page)
    assert not page.dataframe
    assert OFFERED not in words(page)


def test_the_mode_filter_narrows_the_list(monkeypatch, small):
    """P2 serves in home mode only."""
    page = open_app(monkeypatch, small, page=PAGE)
    page.selectbox("roster_provider").select("P2").run()
    page.segmented_control("roster_mode").set_value("home").run()
    assert page.dataframe[0].value["居民编号"].tolist() == ["R2"]
    page.segmented_control("roster_mode").set_value("high_end").run()
    assert not page.dataframe


@pytest.mark.parametrize("lang", LANGUAGES)
def test_data_without_providers_is_no_error(monkeypatch, tmp_path, lang):
    """Headers without rows are valid: the page says that there is nobody to choose."""
    page = open_app(monkeypatch, write_tables(tmp_path / "data", TABLES | {"providers": ()}), lang, PAGE)
    assert not page.exception
    assert t("app.roster.no_providers", lang) in words(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_bad_data_shows_the_table_of_problems_instead(monkeypatch, tmp_path, lang):
    """A capacity in words is named with its row; no roster is shown."""
    page = open_app(monkeypatch, write_tables(tmp_path / "data", BAD), lang, PAGE)
    assert not page.exception
    assert t("app.bad_data", lang) in words(page)
    assert "roster_provider" not in [box.key for box in page.selectbox]
    assert "约50" in page.dataframe[0].value.to_csv()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_has_nobody_is_on_a_list_of_its_own_with_the_reason(monkeypatch, tmp_path, lang):
    """Each is masked like all others; the provider's own people are not among them."""
    people = (*TABLES["residents"][:2], resident("R4", 1.2, name="赵六"), resident("R3", 90.0, name="王五"))
    few = (provider("P1", name="甲镇卫生院", services="basic_care;chronic_care;home_visit", place_code="V1"),)
    data = write_tables(tmp_path / "data", TABLES | {"residents": people, "providers": few})
    page = open_app(monkeypatch, data, lang, PAGE)
    page.segmented_control("roster_whose").set_value("unserved").run()
    assert not page.exception
    table = page.dataframe[0].value
    assert table[t("column.roster.resident_id", lang)].tolist() == ["R2", "R3", "R4"]
    reasons = ["capacity_full", "beyond_limit", "capacity_full"]
    assert table[t("column.roster.why_nobody", lang)].tolist() == [
        t(f"code.reason.{code}", lang) for code in reasons
    ]
    assert OFFERED not in words(page)
