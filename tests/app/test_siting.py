"""The siting page: a place is judged before it is added, solved, compared, and made a scenario."""

from __future__ import annotations

import time

import pytest

from matcher.app import jobs
from matcher.app.parts import trials
from matcher.scenario.edits import AddProvider, CloseProvider
from matcher.words.catalogues import LANGUAGES, t
from tests import ROOT
from tests.helpers.app_data import SMALL, WITH_CANDIDATE, edits_made, open_app, words, write_tables
from tests.helpers.builders import KM, PLACES, TOWNSHIP, VILLAGE, provider


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return write_tables(tmp_path / "data", WITH_CANDIDATE)


def pinned(monkeypatch, data, km=1.0, lang="zh"):
    """The page with the pin set so far north of the first village."""
    app = open_app(monkeypatch, data, lang, "siting.py")
    app.session_state[trials.PIN] = (26.5 + km * KM, 101.7)
    return app.run()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_is_in_reach_is_told_before_anything_is_added(monkeypatch, small, lang):
    app = pinned(monkeypatch, small, lang=lang)
    assert not app.exception
    assert f"<span>{t('app.siting.people', lang)}</span><b>2</b>" in words(app)
    assert f"<span>{t('app.siting.unserved', lang)}</span><b>1</b>" in words(app)
    assert "甲镇卫生院" in words(app)


def test_a_place_far_from_everybody_and_one_without_places_are_told(monkeypatch, small):
    assert t("app.siting.nobody") in words(pinned(monkeypatch, small, km=400.0))
    app = pinned(monkeypatch, small)
    app.number_input("new_home").set_value(0).run()
    assert t("app.siting.no_capacity") in words(app)


def test_what_the_page_promises_is_what_matching_gives(monkeypatch, small):
    app = pinned(monkeypatch, small)
    app.button("trial_solve").click().run()
    assert not app.exception
    sentence = t(
        "app.siting.sentence",
        kind=t("code.provider_kind.community_health_station"),
        used=1,
        newly_served=1,
        moved=0,
        newly_unserved=0,
    )
    assert sentence in words(app)
    app.button("trial_keep").click().run()
    assert t("app.siting.compare") in words(app)
    assert [trial["newly_served"] for trial in app.session_state[trials.KEPT]] == [1]


def test_a_curve_tells_from_where_on_places_stay_empty(monkeypatch, small):
    app = pinned(monkeypatch, small)
    app.button("trial_sweep").click().run()
    assert not app.exception
    assert t("app.siting.places", number=100) in words(app)
    assert t("app.siting.knee", number=1) in words(app)


def test_trials_become_edits_under_ids_of_their_own(monkeypatch, small):
    app = pinned(monkeypatch, small)
    app.button("trial_solve").click().run()
    app.button("trial_to_scenario").click().run()
    app.session_state[trials.PIN] = (26.52, 101.7)
    app.run()
    app.button("trial_solve").click().run()
    app.button("trial_to_scenario").click().run()
    first, second = edits_made()
    assert first.values["provider_id"] != second.values["provider_id"]
    app.switch_page("views/what_if.py").run()
    assert not app.exception
    assert len(edits_made()) == 2


def test_the_question_is_narrowed_to_a_township(monkeypatch, tmp_path):
    """Candidates elsewhere are forbidden; with none left the page says why."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    there = (
        TOWNSHIP | {"place_code": "T2", "name": "丁镇"},
        VILLAGE | {"place_code": "V2", "name": "二村", "parent_code": "T2"},
    )
    rows = [
        provider("C1", 1.0, capacity_home=5, place_code="V1"),
        provider("C2", 1.0, capacity_home=5, place_code="V2"),
    ]
    tables = SMALL | {"candidates": rows, "places": (*PLACES, *there)}
    app = open_app(monkeypatch, write_tables(tmp_path / "data", tables), page="siting.py")
    app.segmented_control("siting_task").set_value("place").run()
    app.selectbox("place_where").set_value("T2").run()
    app.number_input("place_k").set_value(1).run()
    app.button("place_ask").click().run()
    assert not app.exception
    while any(one.state == "running" for one in jobs.jobs()):
        time.sleep(0.1)
    (job,) = jobs.jobs()
    assert job.state == "done", job.error()
    assert "C2" in (job.out / "sites.csv").read_text(encoding="utf-8")


def wait_for_jobs():
    """Until none runs; the newest."""
    while any(one.state == "running" for one in jobs.jobs()):
        time.sleep(0.1)
    job = jobs.jobs()[0]
    assert job.state == "done", job.error()
    return job


def test_places_that_were_tried_are_candidates_too(monkeypatch, small):
    app = pinned(monkeypatch, small)
    app.button("trial_solve").click().run()
    app.button("trial_keep").click().run()
    app.segmented_control("siting_task").set_value("place").run()
    app.segmented_control("place_from").set_value("tried").run()
    app.number_input("place_k").set_value(1).run()
    app.button("place_ask").click().run()
    assert not app.exception
    job = wait_for_jobs()
    assert "NEW-1" in (job.out / "sites.csv").read_text(encoding="utf-8")


def test_what_may_close_becomes_a_scenario(monkeypatch, small):
    app = open_app(monkeypatch, small, page="siting.py")
    app.segmented_control("siting_task").set_value("close").run()
    app.number_input("close_k").set_value(1).run()
    app.button("close_ask").click().run()
    wait_for_jobs()
    app.run()
    app.button("close_to_scenario").click().run()
    assert [type(edit) for edit in edits_made()] == [CloseProvider]


def test_the_best_sites_become_the_scenario_that_was_promised(monkeypatch, small, tmp_path):
    """Asked in a process of its own; the answer is there for whoever opens the page."""
    app = open_app(monkeypatch, small, page="siting.py")
    app.segmented_control("siting_task").set_value("place").run()
    app.number_input("place_k").set_value(1).run()
    app.button("place_ask").click().run()
    assert not app.exception
    while any(one.state == "running" for one in jobs.jobs()):
        time.sleep(0.1)
    (job,) = jobs.jobs()
    assert job.state == "done", job.error()
    app = open_app(monkeypatch, small, page="siting.py")
    app.segmented_control("siting_task").set_value("place").run()
    assert not app.exception
    app.button("place_to_scenario").click().run()
    (edit,) = edits_made()
    assert isinstance(edit, AddProvider)
    assert edit.values["provider_id"] == "C1"
