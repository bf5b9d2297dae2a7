"""Lists with full id numbers: one asks, another grants, who asked fetches once within a day."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from matcher.accounts.audit import Actor
from matcher.accounts.full_exports import (
    ask_full_export,
    fetch_full_export,
    open_full_exports,
    settle_full_export,
    standing,
)
from matcher.accounts.trail import last_rows
from matcher.errors import BadInput, StoreError

NURSE, PLANNER, ADMIN = Actor("wang", "clinic"), Actor("liming", "planner"), Actor("admin", "administrator")
PEOPLE = ["R1", "R2"]


def asked(accounts, people=2):
    ask_full_export(accounts, NURSE, "P1", "甲镇卫生院 · P1", people, " 医保报送 ")
    return open_full_exports(accounts)[-1]


def granted(accounts, people=2):
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


def test_a_list_that_has_grown_is_asked_for_anew(accounts):
    id = granted(accounts, people=1)
    with pytest.raises(BadInput, match="full_export_grown"):
        fetch_full_export(accounts, id, NURSE, PEOPLE, "abc")
    fetch_full_export(accounts, id, NURSE, PEOPLE[:1], "abc")


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
        ask_full_export(accounts, NURSE, "P1", "甲", 2, " ")
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
    ask_full_export(accounts, PLANNER, "P1", "甲", 2, "统计")
    waits = open_full_exports(accounts)
    append = accounts.audit.append

    def fails(session, actor, what, *more):
        if what in ("unmask", "full_export_ask", "full_export_grant"):  # in the middle of a fetch
            raise StoreError("store_full")
        append(session, actor, what, *more)

    todo = {
        "ask": lambda: ask_full_export(accounts, ADMIN, "P1", "甲", 2, "统计"),
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
