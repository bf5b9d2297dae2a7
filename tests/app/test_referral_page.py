"""The page on referrals: minutes by place, the hospitals upstream, and nothing where nothing is measured."""

from __future__ import annotations

import pytest

from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.app_data import SMALL, open_app, words, write_tables
from tests.helpers.builders import provider

HOSPITAL = provider(
    "H1", 20, name="县人民医院", kind="general_hospital", hospital_level=2, services="green_channel"
)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_townships_tell_their_median_minutes_and_providers_their_hospital(monkeypatch, tmp_path, lang):
    """R1 to R3 live at 0, 1 and 90 km, the hospital is at 20: 56, 53 and 196 minutes."""
    tables = SMALL | {"providers": [*SMALL["providers"], HOSPITAL]}
    app = open_app(monkeypatch, write_tables(tmp_path / "data", tables), lang, "referral.py")
    assert not app.exception
    text = words(app)
    for part in (
        "甲镇",
        "县人民医院",
        t("app.minutes", lang, minutes="56"),
        "66.7%",
        t("app.referral.by_way", lang),
    ):
        assert part in text
    assert t("app.referral.give_green", lang) not in text
    assert not any(name in text for name in ("张三", "李四", "王五"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_a_hospital_the_page_says_what_would_measure_it_and_no_nought(monkeypatch, tmp_path, lang):
    app = open_app(monkeypatch, write_tables(tmp_path / "data", SMALL), lang, "referral.py")
    assert not app.exception
    text = words(app)
    assert t("app.referral.give_green", lang) in text
    assert t("app.referral.give_upstream", lang) in text
    assert "0.0%" not in text


def test_only_those_without_a_parent_in_the_data_can_be_asked_for(monkeypatch, tmp_path):
    first, second = SMALL["providers"]
    tables = SMALL | {"providers": [first | {"parent_provider_id": "H1"}, second, HOSPITAL]}
    app = open_app(monkeypatch, write_tables(tmp_path / "data", tables), "zh", "referral.py")
    assert t("app.referral.from_data", "zh") + "<" in words(app)
    app.toggle("referral_only_found").set_value(True).run()
    shown = words(app).split(t("app.referral.upstream_line", "zh"))[-1]
    assert "乙镇卫生院" in shown
    assert "甲镇卫生院" not in shown
