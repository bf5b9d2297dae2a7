"""The overview: filters hold for every figure, and the figures tell what they are more than elsewhere."""

from __future__ import annotations

import pytest

from matcher.app import datasets
from matcher.intake.check import load_inputs
from matcher.scenario.edits import ChangeCapacity, Scenario
from matcher.scenario.files import as_data
from matcher.store.repository import open_store
from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.app_data import SERVICES, SMALL, open_app, words, write_tables
from tests.helpers.builders import PLACES, provider, resident

AGES = SMALL | {
    "residents": [
        resident("R1", age=65, name="张三", groups="low_income"),
        resident("R2", 1.0, age=85, name="李四"),
        resident("R3", 90.0, age=85, name="王五"),
    ]
}


@pytest.fixture
def small(tmp_path):
    return write_tables(tmp_path / "data", AGES)


def figure(app, name, lang="zh"):
    """A figure of the first line as it stands there, with its difference."""
    text = words(app).partition('class="figures-line"')[2]
    cell = text.partition(f"<span>{t(f'app.figure.{name}', lang)}</span>")[2].partition("</div>")[0]
    return cell.replace("<b>", "").replace("</b>", " ").replace("<em>", "").replace("</em>", "").strip()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_filter_narrows_every_figure_and_says_so(monkeypatch, small, lang):
    app = open_app(monkeypatch, small, lang)
    assert figure(app, "residents", lang) == "3"
    app.selectbox("filter_ages").set_value((80, 89)).run()
    assert not app.exception
    assert figure(app, "residents", lang) == "2"
    assert "2 / 3" in words(app) or "2 of 3" in words(app)
    app.selectbox("filter_group").set_value("low_income").run()
    assert figure(app, "residents", lang) == "0"
    app.button("filter_clear").click().run()
    assert figure(app, "residents", lang) == "3"


def test_a_county_that_the_data_have_no_more_narrows_nothing(monkeypatch, small):
    """The folder changes while the page is open."""
    app = open_app(monkeypatch, small)
    app.selectbox("filter_place").set_value("C1").run()
    assert t("app.filter.some", number=1) in [popover.proto.popover.label for popover in app.get("popover")]
    other = [row | {"place_code": "C2"} if row["place_code"] == "C1" else row for row in PLACES]
    other = [row | {"parent_code": "C2"} if row.get("parent_code") == "C1" else row for row in other]
    write_tables(small, AGES | {"places": other})
    app.run()
    assert not app.exception
    assert figure(app, "residents") == "3"
    assert t("app.filter.title") in [popover.proto.popover.label for popover in app.get("popover")]


def test_a_saved_scenario_is_compared_with(monkeypatch, small):
    """One place more there serves one person more: here it is one fewer."""
    edits = (ChangeCapacity("P1", "home", to=2),)
    with open_store() as store:
        store.save_scenario("加一", as_data(Scenario("加一", edits, "加一")), "somebody")
    app = open_app(monkeypatch, small)
    app.selectbox("baseline").set_value(("scenario", "加一")).run()
    assert not app.exception
    assert figure(app, "residents") == "3 ±0"
    assert figure(app, "unserved") == "2 +1"


def test_an_earlier_version_of_the_data_is_compared_with(monkeypatch, small, tmp_path):
    """A person came since."""
    more = AGES | {
        "residents": [*AGES["residents"], resident("R4", age=70)],
        "providers": [provider("P1", services=SERVICES)],
    }
    newer = write_tables(tmp_path / "newer", more)
    files = [(file.name, file.read_bytes()) for file in newer.iterdir()]
    datasets.keep(small, files, load_inputs(newer))
    app = open_app(monkeypatch, small)
    app.selectbox("baseline").set_value(("version", "")).run()
    assert not app.exception
    assert figure(app, "residents") == "4 +1"


def test_another_policy_is_compared_with_and_narrowed_alike(monkeypatch, small):
    app = open_app(monkeypatch, small)
    app.selectbox("filter_ages").set_value((80, 89)).run()
    app.selectbox("baseline").set_value(("policy", "xuanhan-2022")).run()
    assert not app.exception
    assert figure(app, "residents") == "2 ±0"


def test_nothing_is_compared_with_itself(monkeypatch, small):
    """The policy that was compared with becomes the one in use."""
    app = open_app(monkeypatch, small)
    app.selectbox("baseline").set_value(("policy", "xuanhan-2022")).run()
    app.selectbox("policy").set_value("xuanhan-2022").run()
    assert not app.exception
    assert figure(app, "residents") == "3"
