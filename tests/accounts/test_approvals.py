"""Accounts and roles that one administrator asks for and another one grants."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from matcher.accounts.approvals import ask_account, ask_role, open_approvals, settle
from matcher.accounts.audit import Actor
from matcher.accounts.trail import last_rows
from matcher.errors import BadInput, StoreError
from tests.accounts.conftest import BOSS

ANNA, BERT = Actor("anna", "administrator"), Actor("bert", "administrator")


def role_of(accounts, name):
    return next(one.role for one in accounts.all() if one.name == name)


def test_a_role_holds_once_another_administrator_grants_it(accounts):
    ask_role(accounts, "liming", "clinic", ["provider:P1"], ANNA)
    (asked,) = open_approvals(accounts)
    assert (asked.name, asked.before, asked.role, asked.scope) == (
        "liming",
        "planner",
        "clinic",
        ("provider:P1",),
    )
    assert role_of(accounts, "liming") == "planner"
    with pytest.raises(BadInput, match="approval_own"):
        settle(accounts, asked.id, grant=True, actor=ANNA)
    with pytest.raises(BadInput, match="approval_own"):
        settle(accounts, asked.id, grant=True, actor=Actor("liming", "administrator"))
    assert role_of(accounts, "liming") == "planner"
    assert settle(accounts, asked.id, grant=True, actor=BERT) == ""
    assert role_of(accounts, "liming") == "clinic"
    assert open_approvals(accounts) == []
    told = [(row.who, row.what, row.whose) for row in last_rows(accounts.database, 3)]
    assert sorted(told) == [
        ("anna", "approval_ask", "liming"),
        ("bert", "account_role", "liming"),
        ("bert", "approval_grant", "liming"),
    ]


def test_an_account_is_made_when_it_is_granted_and_its_code_is_told_to_who_grants(accounts):
    ask_account(accounts, "wang", "clinic", ["provider:P1"], ANNA)
    assert [one.name for one in accounts.all()] == ["liming"]
    code = settle(accounts, open_approvals(accounts)[0].id, grant=True, actor=BERT)
    assert accounts.who(accounts.accept(code, "Xin-mima 2026")).role == "clinic"


@pytest.mark.parametrize("actor", [ANNA, BERT])
def test_what_is_refused_or_taken_back_changes_nothing_and_is_over(accounts, actor):
    ask_role(accounts, "liming", "auditor", [], ANNA)
    (asked,) = open_approvals(accounts)
    settle(accounts, asked.id, grant=False, actor=actor)
    assert role_of(accounts, "liming") == "planner"
    with pytest.raises(BadInput, match="approval_settled"):
        settle(accounts, asked.id, grant=True, actor=BERT)


def test_bad_wishes_are_refused_when_they_are_asked(accounts):
    for ask, error in (
        (lambda: ask_role(accounts, "nobody", "auditor", [], ANNA), "account_unknown"),
        (lambda: ask_role(accounts, "liming", "king", [], ANNA), "account_role"),
        (lambda: ask_role(accounts, "liming", "clinic", [], ANNA), "account_no_scope"),
        (lambda: ask_account(accounts, "liming", "auditor", [], ANNA), "account_exists"),
        (lambda: ask_account(accounts, "a\nb", "auditor", [], ANNA), "store_bad_name"),
    ):
        with pytest.raises(BadInput, match=error):
            ask()
    ask_role(accounts, "liming", "auditor", [], ANNA)
    with pytest.raises(BadInput, match="approval_twice"):
        ask_role(accounts, "liming", "viewer", [], BERT)


def test_an_account_that_changed_since_is_not_changed_by_what_was_asked_before(accounts):
    ask_role(accounts, "liming", "administrator", [], ANNA)
    accounts.set_role("liming", "viewer", [], BOSS)
    (asked,) = open_approvals(accounts)
    with pytest.raises(BadInput, match="approval_stale"):
        settle(accounts, asked.id, grant=True, actor=BERT)
    assert role_of(accounts, "liming") == "viewer"
    assert open_approvals(accounts) == [asked]


def test_another_scope_given_meanwhile_is_not_taken_back_by_what_was_asked_before(accounts):
    accounts.set_role("liming", "clinic", ["provider:P1"], BOSS)
    ask_role(accounts, "liming", "clinic", ["provider:P1", "provider:P2"], ANNA)
    accounts.set_role("liming", "clinic", ["provider:P3"], BOSS)
    (asked,) = open_approvals(accounts)
    with pytest.raises(BadInput, match="approval_stale"):
        settle(accounts, asked.id, grant=True, actor=BERT)
    assert accounts.all()[0].scope == ("provider:P3",)


def test_of_two_who_settle_at_once_one_does(accounts):
    ask_account(accounts, "wang", "clinic", ["provider:P1"], ANNA)
    (asked,) = open_approvals(accounts)
    together = Barrier(2)

    def grant(name):
        together.wait()
        try:
            return settle(accounts, asked.id, grant=True, actor=Actor(name, "administrator"))
        except BadInput as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(grant, ("bert", "carl")))
    assert sorted(answer == "approval_settled" for answer in answers) == [False, True]
    assert [one.name for one in accounts.all()] == ["liming", "wang"]


def test_what_cannot_be_written_into_the_audit_is_not_granted(accounts, monkeypatch):
    ask_role(accounts, "liming", "auditor", [], ANNA)
    (asked,) = open_approvals(accounts)
    rows = []

    def full(session, actor, what, *more):
        rows.append(what)
        if len(rows) == 2:  # between the two rows of a grant
            raise StoreError("store_full")

    monkeypatch.setattr(accounts.audit, "append", full)
    with pytest.raises(StoreError):
        settle(accounts, asked.id, grant=True, actor=BERT)
    assert rows == ["approval_grant", "account_role"]
    assert role_of(accounts, "liming") == "planner"
    assert open_approvals(accounts) == [asked]
