"""The desk: find somebody, ask for a correction; the planner settles it and the clinic reads the answer."""

from __future__ import annotations

import pytest

from matcher.accounts.accounts import open_accounts
from matcher.accounts.audit import Actor
from matcher.accounts.requests import ACCEPTED, OPEN, REFUSED, make_request, requests, settle
from matcher.errors import BadInput
from matcher.words.catalogues import LANGUAGES, t
from tests.app.test_roster import TABLES
from tests.helpers.app_data import open_app, words, write_tables

NURSE, CHIEF = Actor("wang", "clinic"), Actor("liming", "planner")


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.setenv("MATCHER_DATABASE_URL", f"sqlite:///{(tmp_path / 'store.sqlite3').as_posix()}")
    monkeypatch.setenv("MATCHER_HOME", str(tmp_path / "home"))
    return write_tables(tmp_path / "data", TABLES)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_list_is_narrowed_and_printed_in_large_type(monkeypatch, small, lang):
    page = open_app(monkeypatch, small, lang, "roster.py")
    page.selectbox("roster_provider").select("P1").run()
    page.text_input("roster_search").set_value("5678").run()
    assert len(page.dataframe[0].value) == 1
    page.text_input("roster_search").set_value("李四").run()
    assert len(page.dataframe[0].value) == 0
    page.text_input("roster_search").set_value("").run()
    page.toggle("roster_paper").set_value(True).run()
    assert not page.exception
    assert not page.dataframe
    assert "张*" in words(page)


def test_requests_are_kept_once_settled_once_and_written_into_the_audit(small):
    accounts = open_accounts()
    first = make_request(accounts, NURSE, "R1", "P1", "died", " 家属来电 ")
    assert (first.state, first.reason) == (OPEN, "家属来电")
    for kind, reason, error in (
        ("died", "again", "request_open"),
        ("fled", "x", "request_kind"),
        ("moved", " ", "request_reason"),
        ("moved", "x" * 501, "request_reason"),
    ):
        with pytest.raises(BadInput) as refused:
            make_request(accounts, NURSE, "R1", "P1", kind, reason)
        assert refused.value.code == error
    other = make_request(accounts, NURSE, "R2", "P2", "moved", "去了乙镇")
    assert [one.id for one in requests(accounts)] == [other.id, first.id]
    assert [one.id for one in requests(accounts, ["P1"])] == [first.id]
    assert settle(accounts, CHIEF, [first.id, other.id], ACCEPTED, "已核实") == 2
    assert settle(accounts, CHIEF, [first.id], REFUSED, "x") == 0
    assert {(one.state, one.answer, one.settled_by) for one in requests(accounts)} == {
        (ACCEPTED, "已核实", "liming")
    }
    assert list(accounts.database.read(lambda session: list(accounts.audit.breaks(session)))) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_planner_settles_on_the_page_and_the_answer_is_read_there(monkeypatch, small, lang):
    accounts = open_accounts()
    one = make_request(accounts, NURSE, "R1", "P1", "phone", "<b>空号</b>")
    page = open_app(monkeypatch, small, lang, "requests.py")
    assert not page.exception
    table = page.dataframe[0].value
    assert table[t("app.requests.name", lang)].tolist() == ["张*"]
    settle(accounts, CHIEF, [one.id], ACCEPTED, "已更新")
    page.segmented_control("requests_state").set_value(ACCEPTED).run()
    assert "已更新" in page.dataframe[0].value.to_string()
    page.segmented_control("requests_state").set_value(REFUSED).run()
    assert t("app.requests.none", lang) in words(page)
