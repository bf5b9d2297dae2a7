"""Killed, or on a full disk: what was begun did not happen, the audit holds, and the next try works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from matcher.accounts.accounts import Accounts
from matcher.accounts.approvals import ask_role, open_approvals
from matcher.accounts.approvals import settle as settle_approval
from matcher.accounts.audit import Actor, Audit
from matcher.accounts.decisions import decide, end, withdraw
from matcher.accounts.full_exports import ask_full_export, fetch_full_export, settle_full_export
from matcher.accounts.lists import drop_list, lists_of, save_list
from matcher.accounts.publications import (
    Edition,
    ask_publication,
    grant_publication,
    newest,
    refuse_publication,
)
from matcher.accounts.requests import ACCEPTED, make_request, settle
from matcher.accounts.vouched import log_in_vouched
from matcher.errors import StoreError
from matcher.store.database import Database
from matcher.store.location import locate_store
from matcher.store.models import Base
from matcher.store.schema import prepare
from tests import ROOT
from tests.accounts.conftest import BOSS, GOOD

ANNA, BERT = Actor("anna", "administrator"), Actor("bert", "administrator")
NURSE = Actor("wang", "clinic")
MARCH = Edition("here", "v1", "三月", "panzhihua-2016", "", "f1", 300, 12, 250)
#: Every kind of write, each of which the fixture has prepared.
WRITES: dict[str, Callable[[Accounts], object]] = {
    "account": lambda accounts: accounts.add("zhou", "planner", (), BOSS),
    "login": lambda accounts: accounts.log_in("liming", GOOD, "192.0.2.1"),
    "failed login": lambda accounts: accounts.log_in("liming", "Falsch-2026", "192.0.2.1"),
    "vouched": lambda accounts: log_in_vouched(accounts, "liming", "192.0.2.1"),
    "disable": lambda accounts: accounts.set_disabled("liming", True, BOSS),
    "ask": lambda accounts: ask_role(accounts, "wang", "viewer", [], ANNA),
    "grant": lambda accounts: settle_approval(
        accounts, open_approvals(accounts)[0].id, grant=True, actor=BERT
    ),
    "request": lambda accounts: make_request(accounts, NURSE, "R2", "P1", "phone", "打不通", "13900000000"),
    "settle": lambda accounts: settle(accounts, BOSS, [1], ACCEPTED, "好"),
    "decide": lambda accounts: decide(accounts, BOSS, [("R3", "frozen", "P1")], "已商定"),
    "withdraw": lambda accounts: withdraw(accounts, BOSS, ["R4"], "frozen"),
    "end": lambda accounts: end(accounts, BOSS, [1, 2], "已不在册"),
    "ask full": lambda accounts: ask_full_export(accounts, NURSE, "P2", "乙", ["R5"], "医保报送"),
    "fetch full": lambda accounts: fetch_full_export(accounts, 1, NURSE, ["R1", "R2"], "abc"),
    "save list": lambda accounts: save_list(accounts, NURSE, "P1", "独居", {"alone": True}, shared=True),
    "ask to publish": lambda accounts: ask_publication(accounts, ANNA, replace(MARCH, data="there")),
    "publish": lambda accounts: grant_publication(accounts, BERT, newest(accounts, "here").id, "f1"),
    "refuse to publish": lambda accounts: refuse_publication(
        accounts, BERT, newest(accounts, "here").id, "不"
    ),
    "drop list": lambda accounts: drop_list(accounts, NURSE, lists_of(accounts, NURSE, "P1")[0].id),
}
_KILLED = """
import sys
from tests.accounts.test_faults import WRITES, dying, opened
accounts = opened(sys.argv[1])
dying(accounts)
WRITES[sys.argv[2]](accounts)
"""


def opened(url):
    database = Database(locate_store(url))
    prepare(database)
    return Accounts(database, Audit(b"k" * 32))


def dying(accounts):
    """From now on the process is killed when a transaction has written all it has to and is not yet committed."""

    @event.listens_for(Session, "after_flush")
    def wrote(session, _):
        session.info["wrote"] = True

    @event.listens_for(Session, "before_commit")
    def killed(session):
        if session.info.get("wrote"):
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{(tmp_path / 'store.sqlite3').as_posix()}"


@pytest.fixture
def accounts(url, tmp_path, monkeypatch):
    monkeypatch.setenv("MATCHER_HOME", str(tmp_path))
    made = opened(url)
    for name, role, scope in (("liming", "planner", ()), ("wang", "clinic", ("provider:P1",))):
        made.accept(made.add(name, role, scope, BOSS), GOOD)
    ask_role(made, "liming", "viewer", [], ANNA)
    make_request(made, NURSE, "R1", "P1", "phone", "打不通", "13900000000")
    decide(made, BOSS, [("R4", "frozen", "P1"), ("R5", "frozen", "P1")], "已商定")
    ask_full_export(made, NURSE, "P1", "甲", ["R1", "R2"], "医保报送")
    settle_full_export(made, 1, grant=True, actor=BERT)
    ask_publication(made, ANNA, MARCH)
    save_list(made, NURSE, "P1", "新来的", {"tier": 1}, shared=False)
    yield made
    made.database.engine.dispose()


def rows(accounts):
    """All that the store holds."""

    def work(session):
        tables = Base.metadata.sorted_tables
        return {table.name: [tuple(row) for row in session.execute(select(table))] for table in tables}

    return accounts.database.read(work)


def stands_as_before(accounts, before):
    assert rows(accounts) == before
    assert accounts.database.read(lambda session: list(accounts.audit.breaks(session))) == []


@pytest.mark.parametrize("write", WRITES)
def test_what_was_killed_before_it_was_done_did_not_happen(accounts, url, write):
    before = rows(accounts)
    child = subprocess.run([sys.executable, "-c", _KILLED, url, write], cwd=ROOT, timeout=120, check=False)
    assert child.returncode not in (0, 1)
    stands_as_before(accounts, before)
    WRITES[write](accounts)
    assert rows(accounts) != before


@pytest.mark.parametrize("write", WRITES)
def test_on_a_full_disk_nothing_is_half_done_and_it_is_told(accounts, write):
    """The file may not grow, and what is free in it is taken before the last row is written."""
    before = rows(accounts)
    engine = accounts.database.engine

    def full(connection, _):
        connection.execute("PRAGMA max_page_count = 1")

    event.listen(engine, "connect", full)
    event.listen(Session, "after_flush", _fill)
    try:
        with pytest.raises(StoreError, match="store_full"):
            WRITES[write](accounts)
    finally:
        event.remove(Session, "after_flush", _fill)
        event.remove(engine, "connect", full)
    stands_as_before(accounts, before)
    WRITES[write](accounts)
    assert rows(accounts) != before


def _fill(session, _):
    session.connection().execute(
        text(
            "INSERT INTO lists (provider_id, name, wanted, shared, made_by, made_at)"
            " VALUES ('P', 'n', :much, 0, 'x', '2026-01-01 00:00:00')"
        ),
        {"much": "x" * 100_000},
    )
