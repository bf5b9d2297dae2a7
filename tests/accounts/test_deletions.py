"""Deletions that one asks for and another settles."""

from __future__ import annotations

import pytest

from matcher.accounts.audit import Actor
from matcher.accounts.deletions import ask_deletion, is_asked_for, open_deletions, refuse_deletion, whom
from matcher.accounts.trail import last_rows
from matcher.errors import BadInput, StoreError

PLANNER, ADMIN = Actor("liming", "planner"), Actor("admin", "administrator")


def test_what_is_asked_for_waits_under_a_sign(accounts):
    ask_deletion(accounts, PLANNER, "R1", " 本人要求 ")
    (one,) = open_deletions(accounts)
    assert (one.reason, one.asked_by, one.sign) == ("本人要求", "liming", accounts.audit.sign("R1"))
    assert "R1" not in repr(one)
    assert is_asked_for(accounts, "R1")
    assert not is_asked_for(accounts, "R2")
    assert whom(accounts, one.id, ADMIN) == ("R1", "本人要求")


def test_nobody_asks_twice_without_reason_or_grants_their_own(accounts):
    with pytest.raises(BadInput, match="forget_reason"):
        ask_deletion(accounts, PLANNER, "R1", " ")
    ask_deletion(accounts, PLANNER, "R1", "本人要求")
    with pytest.raises(BadInput, match="deletion_twice"):
        ask_deletion(accounts, ADMIN, "R1", "再问")
    with pytest.raises(BadInput, match="approval_own"):
        whom(accounts, open_deletions(accounts)[0].id, PLANNER)


def test_what_is_refused_waits_no_longer_and_may_be_asked_for_anew(accounts):
    ask_deletion(accounts, PLANNER, "R1", "本人要求")
    (one,) = open_deletions(accounts)
    refuse_deletion(accounts, one.id, ADMIN)
    assert open_deletions(accounts) == []
    for settle in (refuse_deletion, whom):
        with pytest.raises(BadInput, match="approval_settled"):
            settle(accounts, one.id, ADMIN)
    told = [(row.who, row.what, row.whose) for row in last_rows(accounts.database, 2)]
    sign = accounts.audit.sign("R1")
    assert sorted(told) == [("admin", "deletion_refuse", sign), ("liming", "deletion_ask", sign)]
    ask_deletion(accounts, PLANNER, "R1", "还是要删")


@pytest.mark.parametrize("act", ["ask", "refuse"])
def test_nothing_happens_without_its_row_of_the_audit(accounts, monkeypatch, act):
    ask_deletion(accounts, PLANNER, "R1", "本人要求")
    before = open_deletions(accounts)
    todo = {
        "ask": lambda: ask_deletion(accounts, PLANNER, "R2", "本人要求"),
        "refuse": lambda: refuse_deletion(accounts, before[0].id, ADMIN),
    }[act]

    def fails(*_):
        raise StoreError("store_full")

    monkeypatch.setattr(accounts.audit, "append", fails)
    with pytest.raises(StoreError):
        todo()
    assert open_deletions(accounts) == before
