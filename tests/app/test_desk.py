"""The desk: find somebody, ask for a correction; the planner settles it and the clinic reads the answer."""

from __future__ import annotations

import pytest

from matcher.accounts.accounts import open_accounts
from matcher.accounts.audit import Actor
from matcher.accounts.decisions import decide, standing
from matcher.accounts.lists import lists_of
from matcher.accounts.requests import ACCEPTED, OPEN, REFUSED, make_request, requests, settle
from matcher.accounts.roles import ALONE
from matcher.app import jobs
from matcher.app.parts import state
from matcher.app.settings import DATA_VARIABLE
from matcher.errors import BadInput
from matcher.store.records import system_user
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


def test_what_was_ticked_is_not_another_request_that_came_meanwhile(monkeypatch, small):
    """The newest stands first: a tick that stayed with its row would settle what nobody has read."""
    accounts = open_accounts()
    make_request(accounts, NURSE, "R1", "P1", "phone", "空号")
    page = open_app(monkeypatch, small, "zh", "requests.py")
    before = page.dataframe[0].proto.id
    assert page.run().dataframe[0].proto.id == before
    make_request(accounts, NURSE, "R2", "P1", "died", "家属来电")
    assert page.run().dataframe[0].proto.id != before


def test_a_list_is_confirmed_then_frozen_and_the_next_match_keeps_it(monkeypatch, small):
    page = open_app(monkeypatch, small, "zh", "roster.py")
    page.selectbox("roster_provider").select("P1").run()
    assert "状态" not in page.dataframe[0].value
    page.button("agree_confirm").click().run()
    assert page.dataframe[0].value["状态"].tolist() == ["已确认"]
    page.button("agree_freeze").click().run()
    assert not page.exception
    assert page.dataframe[0].value["状态"].tolist() == ["已冻结"]
    assert page.dataframe[0].value["为何由本机构服务"].tolist() == ["由工作人员指定"]
    accounts = open_accounts()
    assert standing(accounts)[["resident_id", "what", "value"]].to_numpy().tolist() == [
        ["R1", "frozen", "P1"]
    ]
    decide(accounts, CHIEF, [("R2", "override", "P1")], "没有名额")
    page.run()
    assert page.dataframe[0].value["居民编号"].tolist() == ["R1"]
    told = words(open_app(monkeypatch, small, "zh", "requests.py"))
    assert "R2" in told
    assert t("decision.no_place") in told
    page.button("agree_unfreeze").click().run()
    assert page.dataframe[0].value["居民编号"].tolist() == ["R2"]
    assert page.dataframe[0].value["状态"].tolist() == ["人工指定"]
    assert t("decision.no_place") not in words(open_app(monkeypatch, small, "zh", "requests.py"))


def test_a_request_for_a_provider_that_does_not_qualify_is_not_accepted(monkeypatch, small):
    accounts = open_accounts()
    one = make_request(accounts, NURSE, "R1", "P1", "not_ours", "x", "P3")
    page = open_app(monkeypatch, small, "zh", "requests.py")
    monkeypatch.setattr(
        "matcher.app.views.requests.st.dataframe", lambda *_, **__: {"selection": {"rows": [0]}}
    )
    page.run()
    page.text_input("requests_answer").set_value("好")
    page.button("requests_accept").click().run()
    assert "R1" in words(page)
    assert [request.state for request in requests(accounts)] == [OPEN]
    assert one.value == "P3"


def test_decisions_reach_the_commands_that_the_pages_start(monkeypatch, small):
    accounts = open_accounts()
    decide(accounts, CHIEF, [("R1", "override", "P2"), ("R2", "phone", "13911112222")], "x")
    monkeypatch.setenv(DATA_VARIABLE, str(small))
    words_, files = state.work_on()
    assert words_[-2:] == ["--corrections", f"{jobs.IN_JOB}/corrections.csv"]
    assert b"R1,override,P2" in files["corrections.csv"]
    assert b"13911112222" not in files["corrections.csv"]


def test_a_working_list_fills_the_fields_again_and_keeps_no_name(monkeypatch, small):
    page = open_app(monkeypatch, small, "zh", "roster.py")
    page.selectbox("roster_provider").select("P1").run()
    page.checkbox("roster_visits").check().run()
    page.text_input("lists_name").set_value("要上门").run()
    page.button("lists_keep").click().run()
    assert t("app.lists.kept", name="要上门") in words(page)
    page.checkbox("roster_visits").uncheck().run()
    (id,) = [one.id for one in lists_of(open_accounts(), Actor(system_user(), ALONE), "P1")]
    page.pills("lists_P1").set_value(id).run()
    assert page.checkbox("roster_visits").value
    page.text_input("roster_search").set_value("张三").run()
    page.text_input("lists_name").set_value("张三").run()
    page.button("lists_keep").click().run()
    assert "查找的文字可能是姓名" in words(page)
