"""What was chosen is there after F5, on the way back from another page and after a new start of the server."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from matcher.accounts.roles import Account
from matcher.app.home import home
from matcher.app.parts import memory, state, trials
from tests.helpers.app_data import SMALL, WITH_CANDIDATE, open_app, words, write_tables
from tests.helpers.builders import KM


@pytest.fixture
def small(tmp_path):
    return write_tables(tmp_path / "data", WITH_CANDIDATE)


def word(app: AppTest) -> str:
    found = app.query_params[memory.TAB]
    return found if isinstance(found, str) else found[0]


def reloaded(monkeypatch, data, app: AppTest, page: str = "") -> AppTest:
    """The page as the browser asks for it once more: a new session under the same address."""
    return open_app(monkeypatch, data, page=page, tab=word(app))


def test_a_reload_keeps_what_was_chosen_and_a_new_tab_begins_afresh(monkeypatch, small):
    app = open_app(monkeypatch, small)
    app.segmented_control("overview_mode").set_value("home").run()
    app.selectbox("filter_tier").set_value(2).run()
    app.selectbox(state.POLICY).set_value("sichuan-2020").run()
    other = open_app(monkeypatch, small)
    assert other.segmented_control("overview_mode").value == "all"
    again = reloaded(monkeypatch, small, app)
    assert again.segmented_control("overview_mode").value == "home"
    assert again.selectbox("filter_tier").value == 2
    assert again.selectbox(state.POLICY).value == "sichuan-2020"


def test_another_page_forgets_nothing(monkeypatch, small):
    app = open_app(monkeypatch, small, page="siting.py")
    app.session_state[trials.PIN] = (26.5 + KM, 101.7)
    app.run()
    app.number_input("new_home").set_value(7).run()
    app.switch_page("views/overview.py").run()
    app.switch_page("views/siting.py").run()
    assert app.number_input("new_home").value == 7


def test_places_that_were_tried_and_kept_survive_a_reload(monkeypatch, small):
    app = open_app(monkeypatch, small, page="siting.py")
    app.session_state[trials.PIN] = (26.5 + KM, 101.7)
    app.run()
    app.button("trial_solve").click().run()
    app.button("trial_keep").click().run()
    app.button("trial_sweep").click().run()
    told = words(app)
    again = reloaded(monkeypatch, small, app, "siting.py")
    assert not again.exception
    assert trials.KEPT in again.session_state
    assert words(again) == told


@pytest.mark.parametrize(
    "told",
    [
        "",
        "[]",
        '{"overview_mode": "no such mode", "filter_tier": 99, "siting_task": 3, "chosen": ["place", "x"]}',
    ],
)
def test_a_file_that_was_spoiled_opens_the_page_as_it_is_at_first(monkeypatch, small, told):
    app = open_app(monkeypatch, small)
    (file,) = home("tabs").iterdir()
    file.write_text(told, encoding="utf-8")
    again = reloaded(monkeypatch, small, app)
    assert not again.exception
    assert again.segmented_control("overview_mode").value == "all"


def test_names_typed_to_find_somebody_are_in_no_file(monkeypatch, tmp_path):
    app = open_app(monkeypatch, write_tables(tmp_path / "data", SMALL), page="roster.py")
    app.text_input("roster_search").set_value("张三").run()
    for file in home("tabs").iterdir():
        assert "张三" not in json.dumps(json.loads(file.read_text(encoding="utf-8")), ensure_ascii=False)


def test_the_word_of_a_tab_opens_nothing_to_another_account(small):
    """The file is named after the account, the folder and the word together."""
    one = Account(1, "a", "planner", (), False, False, "", datetime(2026, 1, 1, tzinfo=UTC))
    names = {memory._name(asking, small, "w" * 16) for asking in (one, replace(one, name="b"))}
    assert len(names) == 2


def test_old_tabs_make_room(monkeypatch, small):
    monkeypatch.setattr(memory, "MOST_TABS", 3)
    for _ in range(5):
        open_app(monkeypatch, small)
    assert len(list(home("tabs").iterdir())) == 3


def test_what_a_page_lets_go_of_does_not_come_back(monkeypatch, small):
    """The way back from a place leads to all places, in the same tab and after F5."""
    app = open_app(monkeypatch, small)
    app.selectbox("chosen_search").set_value(("place", "T1")).run()
    again = reloaded(monkeypatch, small, app)
    assert again.session_state["chosen"] == ("place", "T1")
    again.button("inside_back").click().run()
    assert "chosen" not in again.session_state
    again.run()
    assert "chosen" not in again.session_state
    assert "chosen" not in reloaded(monkeypatch, small, again).session_state
