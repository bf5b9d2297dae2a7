"""An office's own pictures below the maps: none unless named, from one server alone, laid by their datum."""

from __future__ import annotations

import pytest

from matcher.app.guard import content_policy
from matcher.app.tiles import DATUM_VARIABLE, TEMPLATE_VARIABLE, tiles
from matcher.errors import BadInput

GOOD = "https://tiles.office.example:8443/{z}/{x}/{y}.png"


def test_without_a_template_no_page_may_ask_another_server(monkeypatch):
    monkeypatch.delenv(TEMPLATE_VARIABLE, raising=False)
    assert tiles() is None
    assert "http" not in content_policy()


def test_only_the_named_server_may_be_asked_and_for_pictures_alone(monkeypatch):
    monkeypatch.setenv(TEMPLATE_VARIABLE, GOOD)
    parts = [part.split() for part in content_policy().split("; ")]
    assert [name for name, *allowed in parts if any("http" in one for one in allowed)] == ["img-src"]
    assert "https://tiles.office.example:8443" in {name: allowed for name, *allowed in parts}["img-src"]


@pytest.mark.parametrize(
    "template",
    [
        "tiles/{z}/{x}/{y}.png",
        "file:///tiles/{z}/{x}/{y}.png",
        "https://user:secret@host/{z}/{x}/{y}",
        "https://host/{z}/{x}.png",
        "https://host;script-src *;/{z}/{x}/{y}.png",
    ],
)
def test_an_address_that_is_none_is_refused_without_being_repeated(monkeypatch, template):
    monkeypatch.setenv(TEMPLATE_VARIABLE, template)
    with pytest.raises(BadInput, match="tiles_bad_template") as found:
        tiles()
    assert "secret" not in str(found.value)


def test_a_datum_is_one_that_the_data_may_have(monkeypatch):
    monkeypatch.setenv(TEMPLATE_VARIABLE, GOOD)
    monkeypatch.setenv(DATUM_VARIABLE, "mars")
    with pytest.raises(BadInput, match="tiles_bad_datum"):
        tiles()


def test_pictures_in_the_domestic_datum_are_moved_by_some_hundred_metres(monkeypatch):
    monkeypatch.setenv(TEMPLATE_VARIABLE, GOOD)
    bounds = [[26.0, 101.0], [27.0, 102.0]]
    own = tiles()
    assert own is not None
    assert own.shifts(bounds) == [[0.0, 0.0]] * 4
    monkeypatch.setenv(DATUM_VARIABLE, "gcj02")
    moved = tiles()
    assert moved is not None
    for lat, lon in moved.shifts(bounds):
        assert 100 < ((lat * 111_000) ** 2 + (lon * 99_000) ** 2) ** 0.5 < 1000
