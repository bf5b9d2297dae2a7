"""Accounts: codes that are good once, five tries, sessions that end, and changes that act at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from matcher.accounts import accounts as module
from matcher.accounts.audit import Actor
from matcher.accounts.roles import RIGHTS, checked_role
from matcher.accounts.trail import last_rows, opened_by_others
from matcher.errors import BadInput
from matcher.store.models import AccountRow, AuditRow, InvitationRow, SessionRow
from tests.accounts.conftest import BOSS, GOOD

HERE = "192.0.2.1"
OTHER = "Mima-hen-chang 7"


def code_of(error):
    return error.value.code


def test_a_code_sets_a_password_once_and_within_its_time(accounts, clock):
    code = accounts.add("wang", "clinic", ["provider:P1"], BOSS)
    assert accounts.log_in("wang", GOOD, HERE) is None
    with pytest.raises(BadInput) as error:
        accounts.accept(code, "short")
    assert code_of(error) == "password_short"
    token = accounts.accept(code, GOOD)
    assert accounts.who(token).scope == ("provider:P1",)
    with pytest.raises(BadInput) as error:
        accounts.accept(code, OTHER)
    assert code_of(error) == "account_code"
    late = accounts.invite("wang", BOSS)
    assert accounts.who(token) is None  # a new code ends what is open
    clock.forward(hours=72)
    with pytest.raises(BadInput):
        accounts.accept(late, GOOD)


@pytest.mark.parametrize(
    ("password", "error"),
    [
        ("Ab1-56789", "password_short"),
        ("Ab1" * 67, "password_long"),
        ("abcdefghi1", "password_classes"),
        ("ABCDEFGHIJ", "password_classes"),
        ("Xx-LIMING-1234", "password_name"),
    ],
)
def test_a_password_is_refused_for_what_it_lacks(accounts, password, error):
    token = accounts.log_in("liming", GOOD, HERE)
    with pytest.raises(BadInput) as refused:
        accounts.change_password(token, GOOD, password)
    assert code_of(refused) == error
    assert accounts.log_in("liming", GOOD, HERE)


@pytest.mark.parametrize("password", ["Ab1-567890", "密码mima2026十", "x" * 98 + "Y1" + "z" * 100])
def test_a_password_of_three_kinds_is_taken_up_to_its_bounds(accounts, password):
    token = accounts.log_in("liming", GOOD, HERE)
    assert accounts.who(accounts.change_password(token, GOOD, password)).name == "liming"
    assert accounts.log_in("liming", password, HERE)
    assert accounts.log_in("liming", GOOD, HERE) is None


def test_a_changed_password_ends_every_other_session(accounts):
    one, two = accounts.log_in("liming", GOOD, HERE), accounts.log_in("liming", GOOD, HERE)
    mine = accounts.change_password(one, GOOD, OTHER)
    assert (accounts.who(one), accounts.who(two)) == (None, None)
    assert accounts.who(mine).must_change is False
    with pytest.raises(BadInput) as error:
        accounts.change_password(mine, "wrong", GOOD)
    assert code_of(error) == "password_wrong"


def test_four_failures_are_forgiven_and_the_fifth_locks_for_a_quarter_of_an_hour(accounts, clock):
    for _ in range(4):
        assert accounts.log_in("liming", "x", HERE) is None
    assert accounts.log_in("liming", GOOD, HERE)
    for n in range(5):
        assert accounts.log_in("liming", "x", f"192.0.2.{n + 10}") is None
    assert accounts.log_in("liming", GOOD, "192.0.2.99") is None
    clock.forward(minutes=15, seconds=-1)
    assert accounts.log_in("liming", GOOD, "192.0.2.99") is None
    clock.forward(seconds=1)
    assert accounts.log_in("liming", GOOD, "192.0.2.99")


def test_failures_of_a_quarter_of_an_hour_ago_do_not_count(accounts, clock):
    for _ in range(4):
        accounts.log_in("liming", "x", HERE)
    clock.forward(minutes=15)
    accounts.log_in("liming", "x", HERE)
    assert accounts.log_in("liming", GOOD, HERE)


def test_an_address_is_locked_as_well_whatever_names_were_tried(accounts):
    for n in range(5):
        accounts.log_in(f"nobody{n}", "x", HERE)
    assert accounts.log_in("liming", GOOD, HERE) is None
    assert accounts.log_in("liming", GOOD, "192.0.2.2")


def test_an_unknown_name_is_answered_like_a_wrong_password(accounts, monkeypatch):
    """The same answer, and the same work: a password is compared in both cases."""
    compared = []
    real = module.matches
    monkeypatch.setattr(module, "matches", lambda *told: compared.append(told) or real(*told))
    assert accounts.log_in("nobody", GOOD, HERE) is accounts.log_in("liming", "x", HERE) is None
    assert [known is None for _, known in compared] == [True, False]


def test_a_session_ends_when_it_is_idle_and_after_a_working_day(accounts, clock):
    token = accounts.log_in("liming", GOOD, HERE)
    for _ in range(33):
        clock.forward(minutes=14, seconds=30)
        assert accounts.who(token).name == "liming"
    clock.forward(minutes=1, seconds=30)
    assert accounts.who(token) is None  # eight hours
    token = accounts.log_in("liming", GOOD, HERE)
    clock.forward(minutes=15)
    assert accounts.who(token) is None
    assert accounts.who("") is accounts.who(None) is accounts.who("x" * 43) is None


def test_disabling_and_another_role_act_at_once(accounts):
    token = accounts.log_in("liming", GOOD, HERE)
    accounts.set_role("liming", "clinic", ["township:T1"], BOSS)
    assert accounts.who(token).role == "clinic"
    accounts.set_disabled("liming", True, BOSS)
    assert accounts.who(token) is None
    assert accounts.log_in("liming", GOOD, HERE) is None
    accounts.set_disabled("liming", False, BOSS)
    assert accounts.who(token) is None
    assert accounts.log_in("liming", GOOD, HERE)


def test_logging_out_ends_one_session(accounts):
    one, two = accounts.log_in("liming", GOOD, HERE), accounts.log_in("liming", GOOD, HERE)
    accounts.log_out(one)
    assert accounts.who(one) is None
    assert accounts.who(two)


def test_no_secret_stands_in_the_store(accounts):
    code = accounts.add("wang", "auditor", (), BOSS)
    token = accounts.log_in("liming", GOOD, HERE)

    def everything(session):
        return [
            vars(row)
            for table in (AccountRow, SessionRow, InvitationRow, AuditRow)
            for row in session.scalars(select(table))
        ]

    held = str(accounts.database.read(everything))
    assert "argon2id" in held
    assert not [secret for secret in (code, token, GOOD) if secret in held]


@pytest.mark.parametrize(
    ("role", "scope", "error"),
    [
        ("chief", [], "account_role"),
        ("clinic", [], "account_no_scope"),
        ("clinic", ["village:V1"], "account_scope"),
        ("clinic", ["provider: "], "account_scope"),
        ("auditor", ["county:C1"], "account_with_scope"),
    ],
)
def test_a_role_and_its_scope_must_fit(role, scope, error):
    with pytest.raises(BadInput) as refused:
        checked_role(role, scope)
    assert code_of(refused) == error


def test_a_planner_with_a_scope_does_not_change_what_concerns_all(accounts):
    """It settles what concerns its own people; the data, the policy and the plan of all are no affair of its."""
    accounts.add("xian", "planner", ["county:C1"], BOSS)
    accounts.add("shi", "planner", [], BOSS)
    rights = {one.name: {right for right in RIGHTS["planner"] if one.may(right)} for one in accounts.all()}
    assert rights["shi"] - rights["xian"] == {"plan"}
    assert {"people", "settle"} <= rights["xian"]


def test_nobody_who_keeps_accounts_or_audit_sees_people():
    for rights in RIGHTS.values():
        assert not (rights & {"accounts", "audit"} and rights & {"people", "plan", "export"})
    assert not [rights for rights in RIGHTS.values() if {"accounts", "audit"} <= rights]


def test_a_name_is_taken_once_and_unknown_ones_are_told(accounts):
    with pytest.raises(BadInput) as error:
        accounts.add("liming", "auditor", (), BOSS)
    assert code_of(error) == "account_exists"
    for ask in (lambda: accounts.invite("x", BOSS), lambda: accounts.set_disabled("x", True, BOSS)):
        with pytest.raises(BadInput) as error:
            ask()
        assert code_of(error) == "account_unknown"


def test_what_is_done_stands_in_the_audit_and_what_fails_leaves_nothing(accounts):
    before = accounts.database.read(lambda session: session.scalar(select(func.count(AuditRow.number))))
    with pytest.raises(BadInput):
        accounts.add("liming", "auditor", (), BOSS)
    accounts.log_in("liming", "x", HERE)
    accounts.log_in("liming", GOOD, HERE)
    rows = last_rows(accounts.database, 2)
    assert [(row.who, row.what, row.whose, row.result) for row in rows] == [
        ("liming", "log_in", HERE, "refused"),
        ("liming", "log_in", HERE, "done"),
    ]
    assert rows[-1].number == before + 2


def test_an_operation_whose_audit_cannot_be_written_does_not_happen(accounts, monkeypatch):
    def broken(*_told, **_more):
        raise OSError("no space")

    monkeypatch.setattr(accounts.audit, "append", broken)
    with pytest.raises(OSError, match="no space"):
        accounts.set_disabled("liming", True, BOSS)
    assert not accounts.all()[0].disabled


def test_the_owner_is_told_for_two_weeks_who_reset_the_password_or_opened_the_account(accounts, clock):
    clock.now = datetime.now(UTC)  # by which the rows of the audit are dated
    accounts.add("wang", "clinic", ["provider:P1"], BOSS)
    accounts.invite("wang", BOSS)
    for name in ("liming", "wang"):
        accounts.set_disabled(name, True, BOSS)
    accounts.set_disabled("liming", False, Actor("admin", "administrator"))
    accounts.accept(accounts.invite("liming", Actor("admin", "administrator")), "Andere-Pass 2026")

    def told(name):
        return [(row.who, row.what) for row in opened_by_others(accounts.database, name, clock())]

    assert told("liming") == [("admin", "account_enable"), ("admin", "account_invite")]
    assert told("wang") == [("root", "account_invite")]
    clock.forward(days=13)
    accounts.log_in("liming", "Andere-Pass 2026", "192.0.2.1")
    assert len(told("liming")) == 2
    clock.forward(days=1, minutes=1)
    assert told("liming") == told("wang") == []
