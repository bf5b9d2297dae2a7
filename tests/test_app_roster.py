"""The roster page: what a clinic sees, in both languages, with good, empty and bad data."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from matcher.i18n import LANGUAGES, t
from matcher.serve import DATA_VARIABLE
from tests.builders import PLACES, provider, resident

ROOT = Path(__file__).resolve().parent.parent
CARE = ["basic_care", "chronic_care", "home_visit"]
RESIDENTS = (
    resident("R1", 1.0, name="张三", phone="13812345678", needs="home_visit"),
    resident("R2", 1.5, name="李四"),
    resident("R3", 30.0, name="王五"),
)
PROVIDERS = (
    provider("P1", name="甲镇卫生院", services=";".join(CARE)),
    provider("P2", 5.0, name="乙镇卫生院", services="basic_care", capacity_home=9),
    provider("P3", 30.0, name="丙镇卫生院", capacity_home=None, capacity_community=2),
)


def write_folder(folder: Path, residents=RESIDENTS, providers=PROVIDERS) -> Path:
    """A data folder of CSV files."""
    folder.mkdir()
    tables = {"residents": residents, "providers": providers, "places": PLACES}
    required = {"residents": ["resident_id"], "providers": ["provider_id", "kind"], "places": ["place_code"]}
    for name, rows in tables.items():
        frame = pd.DataFrame(list(rows)) if rows else pd.DataFrame(columns=required[name])
        frame.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8")
    (folder / "dataset.toml").write_text('as_of = 2026-01-01\ndatum = "wgs84"\n', encoding="utf-8")
    return folder


def open_page(monkeypatch: pytest.MonkeyPatch, data: Path | None, lang: str = "zh") -> AppTest:
    """The page as its reader first sees it."""
    if data is None:
        monkeypatch.delenv(DATA_VARIABLE, raising=False)
    else:
        monkeypatch.setenv(DATA_VARIABLE, str(data))
    page = AppTest.from_file(str(ROOT / "app_pages" / "roster.py"), default_timeout=60)
    page.session_state["language"] = lang
    return page.run()


def words(page: AppTest) -> str:
    """All texts of the page."""
    return " ".join(str(element.value) for element in (*page.get("html"), *page.info, *page.error))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sample_city_opens_on_its_busiest_provider(monkeypatch, lang):
    """The headers are words of the language, names are masked, a download is offered."""
    page = open_page(monkeypatch, None, lang)
    assert not page.exception
    table = page.dataframe[0].value
    assert len(table) > 0
    assert table.columns[0] == t("column.roster.resident_id", lang)
    assert table[t("column.roster.name", lang)].str.endswith("*").all()
    assert page.get("download_button")


def test_a_clinic_sees_its_people_masked_and_why(monkeypatch, tmp_path):
    """Choosing another provider changes the list; nobody's name or phone is shown in full."""
    page = open_page(monkeypatch, write_folder(tmp_path / "data"))
    page.selectbox("roster_provider").select("P1").run()
    table = page.dataframe[0].value
    assert table["居民编号"].tolist() == ["R1"]
    assert table["姓名"].tolist() == ["张*"]
    assert table["电话"].tolist() == ["138****5678"]
    assert table["所需服务"].tolist() == ["上门巡诊"]
    assert table["为何由本机构服务"].tolist() == ["没有更近的合格机构"]
    assert "100.0%" in words(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_provider_that_serves_nobody_says_so(monkeypatch, tmp_path, lang):
    """A line instead of an empty table, and no download."""
    page = open_page(monkeypatch, write_folder(tmp_path / "data"), lang)
    page.selectbox("roster_provider").select("P3").run()
    assert not page.exception
    assert t("app.roster.empty", lang) in words(page)
    assert not page.dataframe
    assert not page.get("download_button")


def test_the_mode_filter_narrows_the_list(monkeypatch, tmp_path):
    """P2 serves in home mode only."""
    page = open_page(monkeypatch, write_folder(tmp_path / "data"))
    page.selectbox("roster_provider").select("P2").run()
    page.segmented_control("roster_mode").set_value("home").run()
    assert page.dataframe[0].value["居民编号"].tolist() == ["R2"]
    page.segmented_control("roster_mode").set_value("high_end").run()
    assert not page.dataframe


@pytest.mark.parametrize("lang", LANGUAGES)
def test_data_without_providers_is_no_error(monkeypatch, tmp_path, lang):
    """Headers without rows are valid: the page says that there is nobody to choose."""
    page = open_page(monkeypatch, write_folder(tmp_path / "data", providers=()), lang)
    assert not page.exception
    assert t("app.roster.no_providers", lang) in words(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_bad_data_shows_the_table_of_problems_instead(monkeypatch, tmp_path, lang):
    """A capacity in words is named with its row; no roster is shown."""
    bad = (provider("P1", capacity_home="约50"),)
    page = open_page(monkeypatch, write_folder(tmp_path / "data", providers=bad), lang)
    assert not page.exception
    assert t("app.bad_data", lang) in words(page)
    assert not page.selectbox
    assert "约50" in page.dataframe[0].value.to_csv()
