"""Lists with full id numbers: one asks, another grants, who asked fetches once within a day."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from matcher.accounts.accounts import Accounts
from matcher.accounts.audit import Actor, Audit
from matcher.accounts.full_exports import (
    ask_full_export,
    check_same,
    fetch_full_export,
    open_full_exports,
    settle_full_export,
    standing,
)
from matcher.accounts.trail import last_rows
from matcher.errors import BadInput, StoreError
from matcher.store.database import Database
from matcher.store.location import locate_store
from matcher.store.schema import MIGRATIONS, prepare

NURSE, PLANNER, ADMIN = Actor("wang", "clinic"), Actor("liming", "planner"), Actor("admin", "administrator")
PEOPLE = ["R1", "R2"]


def asked(accounts, people=PEOPLE):
    ask_full_export(accounts, NURSE, "P1", "甲镇卫生院 · P1", people, " 医保报送 ")
    return open_full_exports(accounts)[-1]


def granted(accounts, people=PEOPLE):
    one = asked(accounts, people)
    settle_full_export(accounts, one.id, grant=True, actor=ADMIN)
    return one.id


def rows(accounts, number):
    told = last_rows(accounts.database, number)
    return sorted((row.who, row.what, row.whose, row.result) for row in told)


def test_every_step_stands_in_the_audit_and_the_file_with_each_person(accounts):
    id = granted(accounts)
    assert open_full_exports(accounts) == []
    fetch_full_export(accounts, id, NURSE, PEOPLE, "abc")
    assert rows(accounts, 5) == sorted(
        [
            ("wang", "full_export_ask", "P1", "2 · 医保报送"),
            ("admin", "full_export_grant", "P1", "2 · wang"),
            ("wang", "full_export", "P1", "2 · abc"),
            *(("wang", "unmask", accounts.audit.sign(id), "医保报送") for id in PEOPLE),
        ]
    )
    assert accounts.database.read(lambda session: list(accounts.audit.breaks(session))) == []


def test_it_is_fetched_once_by_who_asked(accounts):
    id = granted(accounts)
    for other in (PLANNER, ADMIN, Actor("wang2", "clinic")):
        with pytest.raises(BadInput, match="full_export_gone"):
            fetch_full_export(accounts, id, other, PEOPLE, "abc")
    fetch_full_export(accounts, id, NURSE, PEOPLE, "abc")
    with pytest.raises(BadInput, match="full_export_gone"):
        fetch_full_export(accounts, id, NURSE, PEOPLE, "abc")
    assert standing(accounts, "wang", "P1") is None


def test_of_two_who_fetch_at_once_one_has_it(accounts):
    id = granted(accounts)

    def fetch(_):
        try:
            return fetch_full_export(accounts, id, NURSE, PEOPLE, "abc") is None
        except BadInput:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(fetch, range(2))) == [False, True]


def test_what_was_granted_holds_for_a_day(accounts, clock):
    id = granted(accounts)
    clock.forward(hours=24, seconds=-1)
    assert standing(accounts, "wang", "P1").id == id
    clock.forward(seconds=1)
    assert standing(accounts, "wang", "P1") is None
    with pytest.raises(BadInput, match="full_export_gone"):
        fetch_full_export(accounts, id, NURSE, PEOPLE, "abc")
    assert asked(accounts).id != id


@pytest.mark.parametrize("others", [["R1", "R2", "R3"], ["R1"], ["R1", "R3"], ["R1", "R2R3"], ["R1R2"], []])
def test_a_list_with_other_people_is_asked_for_anew(accounts, others):
    id = granted(accounts)
    one = standing(accounts, "wang", "P1")
    with pytest.raises(BadInput, match="full_export_changed"):
        check_same(accounts, one, others)
    with pytest.raises(BadInput, match="full_export_changed"):
        fetch_full_export(accounts, id, NURSE, others, "abc")
    assert standing(accounts, "wang", "P1") == one
    assert rows(accounts, 1) == [("admin", "full_export_grant", "P1", "2 · wang")]
    check_same(accounts, one, PEOPLE[::-1])
    fetch_full_export(accounts, id, NURSE, PEOPLE[::-1], "abc")


def test_what_stands_for_the_people_tells_nobody_and_needs_the_key(accounts):
    one = asked(accounts)
    assert one.persons == accounts.audit.sign_all(PEOPLE) != Audit(b"x" * 32).sign_all(PEOPLE)
    assert len({accounts.audit.sign_all([id]) for id in PEOPLE} | {one.persons}) == 3
    assert not any(id in one.persons or accounts.audit.sign(id) in one.persons for id in PEOPLE)


def test_what_an_earlier_release_granted_is_asked_for_anew(store_url):
    """It kept how many people were meant, and not who."""
    database = Database(locate_store(store_url))
    made = datetime.now(UTC)
    told = {"provider_id": "P1", "title": "甲", "people": 2, "reason": "报送", "asked_by": "wang", "at": made}
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    def before(session):
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "0009")
        session.execute(
            text(
                "INSERT INTO full_exports (provider_id, title, people, reason, asked_by, asked_at, state, settled_at)"
                " VALUES (:provider_id, :title, :people, :reason, :asked_by, :at, 'granted', :at)"
            ),
            told,
        )

    database.write(before, turn="migrate")
    prepare(database)
    accounts = Accounts(database, Audit(b"k" * 32))
    one = standing(accounts, "wang", "P1")
    assert (one.people, one.persons) == (2, None)
    with pytest.raises(BadInput, match="full_export_changed"):
        fetch_full_export(accounts, one.id, NURSE, PEOPLE, "abc")
    settle_full_export(accounts, one.id, grant=False, actor=NURSE)
    assert asked(accounts).id != one.id
    database.engine.dispose()


def test_who_asked_takes_back_what_was_granted_and_nobody_else_does(accounts):
    id = granted(accounts)
    with pytest.raises(BadInput, match="approval_settled"):
        settle_full_export(accounts, id, grant=False, actor=ADMIN)
    settle_full_export(accounts, id, grant=False, actor=NURSE)
    with pytest.raises(BadInput, match="full_export_gone"):
        fetch_full_export(accounts, id, NURSE, PEOPLE, "abc")
    assert asked(accounts).id != id


def test_nobody_grants_their_own_asks_twice_or_without_a_reason_or_fetches_what_waits(accounts):
    with pytest.raises(BadInput, match="full_export_reason"):
        ask_full_export(accounts, NURSE, "P1", "甲", PEOPLE, " ")
    one = asked(accounts)
    with pytest.raises(BadInput, match="full_export_twice"):
        asked(accounts)
    with pytest.raises(BadInput, match="full_export_own"):
        settle_full_export(accounts, one.id, grant=True, actor=NURSE)
    with pytest.raises(BadInput, match="full_export_gone"):
        fetch_full_export(accounts, one.id, NURSE, PEOPLE, "abc")
    assert open_full_exports(accounts) == [one]
    settle_full_export(accounts, one.id, grant=False, actor=NURSE)
    for grant in (True, False):
        with pytest.raises(BadInput, match="approval_settled"):
            settle_full_export(accounts, one.id, grant=grant, actor=ADMIN)


@pytest.mark.parametrize("act", ["ask", "grant", "fetch"])
def test_nothing_happens_without_its_rows_of_the_audit(accounts, monkeypatch, act):
    id = granted(accounts)
    ask_full_export(accounts, PLANNER, "P1", "甲", PEOPLE, "统计")
    waits = open_full_exports(accounts)
    append = accounts.audit.append

    def fails(session, actor, what, *more):
        if what in ("unmask", "full_export_ask", "full_export_grant"):  # in the middle of a fetch
            raise StoreError("store_full")
        append(session, actor, what, *more)

    todo = {
        "ask": lambda: ask_full_export(accounts, ADMIN, "P1", "甲", PEOPLE, "统计"),
        "grant": lambda: settle_full_export(accounts, waits[0].id, grant=True, actor=ADMIN),
        "fetch": lambda: fetch_full_export(accounts, id, NURSE, PEOPLE, "abc"),
    }[act]
    with monkeypatch.context() as patched:
        patched.setattr(accounts.audit, "append", fails)
        with pytest.raises(StoreError):
            todo()
    assert open_full_exports(accounts) == waits
    assert standing(accounts, "wang", "P1").id == id
    assert standing(accounts, "admin", "P1") is None
