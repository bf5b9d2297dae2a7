"""The scenario page: every kind of edit, steps back and forward, nothing lost by F5, kept under names and compared."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from matcher.app import jobs
from matcher.app.drafts import Draft, load_draft, save_draft
from matcher.app.home import home
from matcher.app.parts import edits, state
from matcher.app.parts.saved import LINK
from matcher.intake.check import load_inputs
from matcher.policy.documents import load_policy
from matcher.scenario.comparison import BASELINE, compare_scenarios
from matcher.scenario.edits import (
    AddProvider,
    Ageing,
    ChangeCapacity,
    ChangeDemand,
    CloseProvider,
    CloseRoad,
    MoveProvider,
    OpenPlanned,
    Scenario,
    Season,
    SetPolicy,
)
from matcher.scenario.files import as_data
from matcher.store.repository import open_store
from matcher.words.catalogues import LANGUAGES, t
from tests import ROOT
from tests.helpers.app_data import SERVICES, SMALL, edits_made, open_app, words, write_tables
from tests.helpers.builders import provider

PLANNED = provider("P3", 1.0, name="丙镇卫生院", services=SERVICES, status="planned", capacity_home=4)
ONE, TWO, THREE = CloseProvider("P1"), Ageing(5), Season(7)


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return write_tables(tmp_path / "data", SMALL | {"providers": [*SMALL["providers"], PLANNED]})


def page(monkeypatch, data, task=None, lang="zh"):
    app = open_app(monkeypatch, data, lang, "what_if.py")
    return app if task is None else app.segmented_control(edits.TASK).set_value(task).run()


def test_steps_go_back_and_forward_and_a_new_edit_ends_the_way_forward():
    draft = Draft().changed([ONE]).changed([ONE, TWO])
    assert draft.undone().edits == (ONE,)
    assert draft.undone().undone().edits == ()
    assert draft.undone().redone().edits == (ONE, TWO)
    assert draft.undone().changed([ONE, THREE]).redone().edits == (ONE, THREE)
    assert Draft().undone() == Draft().redone() == Draft()


def test_a_draft_is_kept_with_its_steps_and_a_damaged_one_is_an_empty_one(tmp_path):
    draft = Draft((ONE,), ((), (TWO,)), ((ONE, THREE),))
    save_draft(tmp_path, draft)
    assert load_draft(tmp_path) == draft
    assert load_draft(tmp_path / "other") == Draft()
    save_draft(tmp_path, replace(draft, edits=(CloseProvider("Q"),)))
    (file,) = home("drafts").glob("*.json")
    file.write_text("{", encoding="utf-8")
    assert load_draft(tmp_path) == Draft()


def test_a_scenario_that_closes_roads_is_for_the_command_line(monkeypatch, small):
    """The page knows no roads: it says so, and what can."""
    save_draft(small, Draft((CloseRoad((4871,)),)))
    app = page(monkeypatch, small)
    assert not app.exception
    assert "--osm" in words(app)
    assert t("app.what_if.dropped", number=1) in words(app)


def test_every_kind_of_edit_is_made_by_a_form(monkeypatch, small):
    app = page(monkeypatch, small, "change")
    app.selectbox(edits.PROVIDER).set_value("P1").run()
    app.number_input("change_to_P1_home").set_value(2).run()
    app.button("change").click().run()
    app.segmented_control(edits.TASK).set_value("move").run()
    app.selectbox(edits.PROVIDER).set_value("P2").run()
    app.number_input("new_lat_1").set_value(26.6)
    app.number_input("new_lon_1").set_value(101.7).run()
    app.button("move").click().run()
    app.segmented_control(edits.TASK).set_value("open").run()
    app.button("open").click().run()
    app.segmented_control(edits.TASK).set_value("population").run()
    app.button("people").click().run()
    for kind in ("ageing", "season"):
        app.segmented_control("people_kind").set_value(kind).run()
        app.button("people").click().run()
    app.segmented_control(edits.TASK).set_value("policy").run()
    limit = app.number_input(f"edit_limit_km.institutional_{load_policy().digest}")
    assert limit.value == load_policy().limit_km["institutional"]
    limit.set_value(77.0).run()
    app.button("set_policy").click().run()
    assert not app.exception
    assert edits_made() == [
        ChangeCapacity("P1", "home", to=2),
        MoveProvider("P2", 26.6, 101.7),
        OpenPlanned("P3"),
        ChangeDemand(1.2),
        Ageing(5),
        Season(7),
        SetPolicy("limit_km.institutional", 77.0),
    ]
    for told in ("told_open", "told_move"):
        assert t(f"app.what_if.{told}", name="").strip() in words(app)
    app.button("compute").click().run()
    assert not app.exception
    assert t("app.what_if.comparison") in words(app)


def test_a_provider_is_copied_but_for_its_name_and_place(monkeypatch, small):
    app = page(monkeypatch, small, "add")
    app.number_input("new_lat_0").set_value(26.6)
    app.number_input("new_lon_0").set_value(101.7)
    app.selectbox("new_like_0").set_value("P1").run()
    app.button("add").click().run()
    (edit,) = edits_made()
    assert isinstance(edit, AddProvider)
    assert (edit.values["kind"], edit.values["capacity_home"]) == ("township_health_centre", 1)
    assert set(str(edit.values["services"]).split(";")) == set(SERVICES.split(";"))
    assert (edit.values["lat"], edit.values["provider_id"]) == (26.6, "NEW-1")


def test_an_edit_at_odds_with_an_earlier_one_is_refused_and_the_earlier_ones_stay(monkeypatch, small):
    app = page(monkeypatch, small, "population")
    app.segmented_control("people_kind").set_value("season").run()
    app.button("people").click().run()
    app.button("people").click().run()
    assert edits_made() == [Season(7)]
    assert 'role="alert"' in words(app)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_edit_that_changes_nothing_for_anybody_is_told(monkeypatch, small, lang):
    app = page(monkeypatch, small, "add", lang)
    app.number_input("new_lat_0").set_value(45.0)
    app.number_input("new_lon_0").set_value(126.0).run()
    app.button("add").click().run()
    told = t("scenario_note.nobody_in_reach", lang, scenario=t("app.what_if.scenario", lang), edit=1)
    assert told in words(app)


def test_nothing_is_lost_by_f5_and_steps_go_back_after_it(monkeypatch, small):
    app = page(monkeypatch, small, "close")
    app.selectbox(edits.PROVIDER).set_value("P1").run()
    app.button("close").click().run()
    again = page(monkeypatch, small)
    assert "甲镇卫生院" in words(again)
    again.button("undo").click().run()
    assert edits_made() == []
    again.button("redo").click().run()
    assert edits_made() == [ONE]


def test_people_stay_with_their_provider_by_one_switch_that_can_be_taken_back(monkeypatch, small):
    app = page(monkeypatch, small)
    app.toggle("what_if_stay").set_value(True).run()
    assert edits_made() == [SetPolicy("switching_m", 2_000)]
    app.button("undo").click().run()
    assert edits_made() == []
    assert not app.toggle("what_if_stay").value
    app.toggle("what_if_stay").set_value(True).run()
    app.toggle("what_if_stay").set_value(False).run()
    assert edits_made() == []
    assert not app.exception


def compare(app):
    """Press the button and wait for the answer of the process that it starts."""
    app.button("saved_run").click().run()
    while jobs.newest("compare", "running"):
        time.sleep(0.1)
    assert jobs.newest("compare", "done"), jobs.jobs()[0].error()
    app.run()
    assert not app.exception


def test_a_comparison_is_found_again_and_one_of_an_older_version_is_told(monkeypatch, small):
    with open_store() as store:
        saved = store.save_scenario("zu", as_data(Scenario("zu", (ONE,), "zu")), "somebody")
    app = page(monkeypatch, small)
    app.multiselect("saved_compare").set_value(["zu"]).run()
    compare(app)
    again = page(monkeypatch, small)
    again.multiselect("saved_compare").set_value(["zu"]).run()
    assert t("app.saved.difference") in words(again)
    with open_store() as store:
        store.save_scenario("zu", as_data(Scenario("zu", (OpenPlanned("P3"),), "zu")), "other", saved.version)
    again.run()
    assert t("app.saved.difference") not in words(again)
    assert t("app.jobs.stale", title=t("app.siting.asked_compare", amount=1)) in words(again)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_scenarios_are_subtracted_place_by_place(monkeypatch, small, lang):
    """Closed less as it is: the township of who loses care stands in the table with its loss, and so do they."""
    with open_store() as store:
        store.save_scenario("zu", as_data(Scenario("zu", (CloseProvider("P1"),), "zu")), "somebody")
    app = open_app(monkeypatch, small, lang, "what_if.py")
    app.multiselect("saved_compare").set_value(["zu"]).run()
    compare(app)
    told = words(app)
    for part in ("difference", "histogram", "maps"):
        assert t(f"app.saved.{part}", lang) in told
    assert "−1" in told.partition(t("app.saved.in_b", lang))[2]
    app.selectbox("saved_a").set_value(BASELINE).run()
    assert not app.exception
    assert "+1" in words(app)


def test_scenarios_are_kept_under_names_opened_and_compared_as_the_command_does(monkeypatch, small):
    save_draft(small, Draft((ONE,)))
    app = page(monkeypatch, small)
    app.text_input("saved_name").set_value("关闭甲镇")
    app.button("saved_save").click().run()
    save_draft(small, Draft((OpenPlanned("P3"),)))
    app.text_input("saved_name").set_value("启用丙镇")
    app.button("saved_save").click().run()
    assert not app.exception
    with open_store() as store:
        assert {one.name for one in store.scenarios()} == {"关闭甲镇", "启用丙镇"}
    other = page(monkeypatch, small)  # another window
    other.multiselect("saved_compare").set_value(["关闭甲镇", "启用丙镇"]).run()
    compare(other)
    scenarios = [Scenario("关闭甲镇", (ONE,)), Scenario("启用丙镇", (OpenPlanned("P3"),))]
    told = compare_scenarios(load_inputs(small), load_policy(), scenarios, workers=1)
    served = {name: outcome["served"] for name, outcome in told.outcomes.items()}
    assert served == {BASELINE: 1, "关闭甲镇": 0, "启用丙镇": 2}
    cells = "".join(f"<td>{served[name]}</td>" for name in (BASELINE, "关闭甲镇", "启用丙镇"))
    assert f"{t('app.figure.served')}</th>{cells}" in words(other)
    other.selectbox("saved_open").set_value("关闭甲镇").run()
    other.button("saved_take").click().run()
    assert edits_made() == [ONE]
    other.button("undo").click().run()
    assert edits_made() == [OpenPlanned("P3")]


def test_a_link_leads_to_the_scenario_and_tells_nothing_of_its_name(monkeypatch, small):
    with open_store() as store:
        for name, edit in (("关闭甲镇", ONE), ("张三家附近", TWO)):
            store.save_scenario(name, as_data(Scenario(name, (edit,), name)), "somebody")
    app = page(monkeypatch, small)
    app.selectbox("saved_open").set_value("张三家附近").run()
    (link,) = [one.value for one in app.code]
    word = link.partition(f"{LINK}=")[2]
    assert word
    assert "张" not in link
    colleague = page(monkeypatch, small)
    colleague.query_params[LINK] = word
    colleague.run()
    assert colleague.selectbox("saved_open").value == "张三家附近"
    assert t("app.saved.linked", name="张三家附近") in words(colleague)
    colleague.button("saved_take").click().run()
    assert edits_made() == [TWO]
    colleague.query_params[LINK] = "0" * 16
    colleague.run()
    assert t("app.saved.link_gone") in words(colleague)


def test_a_name_saved_again_is_another_version_and_a_deleted_one_leaves_the_list(monkeypatch, small):
    app = page(monkeypatch, small)
    for kept in ((ONE,), (TWO,)):
        save_draft(small, Draft(kept))
        app.text_input("saved_name").set_value("a")
        app.button("saved_save").click().run()
    with open_store() as store:
        assert [one.version for one in store.scenarios()] == [2]
        assert len(store.history("a")) == 2
    app.button("saved_delete").click().run()
    assert not app.exception
    with open_store() as store:
        assert store.scenarios() == []
    app.text_input("saved_name").set_value("  ")
    app.button("saved_save").click().run()
    assert t("app.saved.no_name") in words(app)


def test_a_comparison_of_other_data_is_stale(monkeypatch, small):
    save_draft(small, Draft((ONE,)))
    app = page(monkeypatch, small)
    app.text_input("saved_name").set_value("a")
    app.button("saved_save").click().run()
    app.multiselect("saved_compare").set_value(["a"]).run()
    compare(app)
    app.selectbox(state.POLICY).set_value("sichuan-2020").run()
    app.switch_page("views/what_if.py").run()
    app.multiselect("saved_compare").set_value(["a"]).run()
    assert not app.exception
    assert t("app.jobs.stale", title=t("app.siting.asked_compare", amount=1)) in words(app)
    assert t("app.saved.difference") not in words(app)
