"""The page of agreements: who serves which site, and nothing where nobody is at a site."""

from __future__ import annotations

import pytest

from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.app_data import SMALL, open_app, words, write_tables
from tests.helpers.builders import PLACES, resident

HOMES = [
    {
        "site_id": name,
        "name": f"{name}养老院",
        "kind": "care_home",
        "place_code": "V1",
        "lat": 26.5,
        "lon": 101.7,
    }
    for name in ("A", "B")
]
HOSPITAL = {
    "provider_id": "H",
    "name": "某医院",
    "kind": "general_hospital",
    "hospital_level": 2,
    "place_code": "V1",
    "lat": 26.51,
    "lon": 101.7,
    "capacity_institutional": 3,
}
PEOPLE = [
    resident(f"{at}-{n}", name="张三", living_setting="care_home", site_id=at)
    for at, count in (("A", 3), ("B", 2))
    for n in range(count)
]
TABLES = {"residents": PEOPLE, "providers": [HOSPITAL], "sites": HOMES, "places": PLACES}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_tells_who_serves_a_site_and_which_has_nobody(monkeypatch, tmp_path, lang):
    app = open_app(monkeypatch, write_tables(tmp_path / "data", TABLES), lang, "agreements.py")
    told = words(app)
    assert not app.exception
    for text in ("A养老院", "某医院", "B养老院", t("code.reason.capacity_full", lang)):
        assert text in told
    assert t("app.agreements.proven", lang) in told
    assert "张三" not in told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_sites_it_says_what_to_give_and_no_figures(monkeypatch, tmp_path, lang):
    app = open_app(monkeypatch, write_tables(tmp_path / "data", SMALL), lang, "agreements.py")
    assert t("app.agreements.give", lang) in words(app)
    assert 'class="figures-line"' not in words(app)


def test_one_state_shows_its_agreements_alone(monkeypatch, tmp_path):
    app = open_app(monkeypatch, write_tables(tmp_path / "data", TABLES), "en", "agreements.py")
    app.segmented_control("agreements_state").set_value("dropped").run()
    # The home with a provider is not on the list of those without one, nor on the list of dropped agreements.
    assert "A养老院" not in words(app)
