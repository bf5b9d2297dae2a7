"""What was settled about people: kept sealed, one at a time, with its audit, all or nothing, and never lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from matcher.accounts.accounts import Accounts
from matcher.accounts.audit import Actor, Audit
from matcher.accounts.decisions import (
    CONFIRMED,
    confirmed,
    decide,
    end,
    past,
    resting,
    standing,
    state_of,
    withdraw,
    withdraw_of_requests,
)
from matcher.accounts.requests import ACCEPTED, LEFT, REFUSED, make_request, requests_about, settle
from matcher.accounts.sealing import seal, unseal
from matcher.accounts.trail import last_rows
from matcher.errors import BadInput, StoreError
from matcher.store.database import Database
from matcher.store.keys import key_file, secret
from matcher.store.location import home, locate_store
from matcher.store.schema import prepare

NURSE, CHIEF = Actor("wang", "clinic"), Actor("liming", "planner")


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 1, 8, tzinfo=UTC)

    def __call__(self):
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def accounts(store_url, tmp_path, monkeypatch):
    monkeypatch.setenv("MATCHER_HOME", str(tmp_path / "home"))
    database = Database(locate_store(store_url))
    prepare(database)
    return Accounts(database, Audit(secret(home("keys"), "audit")), clock=Clock())


def held(accounts):
    table = standing(accounts)
    return {(row.resident_id, row.what): row.value for row in table.fillna("").itertuples()}


def test_a_newer_decision_takes_the_place_of_the_older_and_a_withdrawn_one_is_history(accounts):
    assert decide(accounts, CHIEF, [("R1", "override", "P1"), ("R2", "frozen", "P1")], "家属要求") == 2
    decide(accounts, CHIEF, [("R1", "override", "P2")], "再次要求")
    assert held(accounts) == {("R1", "override"): "P2", ("R2", "frozen"): "P1"}
    assert withdraw(accounts, CHIEF, ["R1", "R2", "R9"], "override") == 1
    assert withdraw(accounts, CHIEF, ["R1"], "override") == 0
    assert held(accounts) == {("R2", "frozen"): "P1"}
    assert [(one.what, one.reason, one.ended_by) for one in past(accounts, "R1")] == [
        ("override", "家属要求", "liming"),
        ("override", "再次要求", "liming"),
    ]
    assert standing(accounts)["decided_by"].tolist() == ["liming"]


def test_what_is_known_of_the_decisions_changes_with_each_of_them(accounts):
    seen = [state_of(accounts)]
    decide(accounts, CHIEF, [("R1", "died", None)], "x")
    seen.append(state_of(accounts))
    withdraw(accounts, CHIEF, ["R1"], "died")
    seen.append(state_of(accounts))
    decide(accounts, CHIEF, [("R1", "died", None)], "x")
    seen.append(state_of(accounts))
    assert len(set(seen)) == 4
    decide(accounts, NURSE, [("R1", CONFIRMED, "P1")], "x")
    assert state_of(accounts) == seen[-1]  # it binds no match


@pytest.mark.parametrize("goes", ["decisions", "ended decisions"])
def test_what_is_known_of_the_decisions_never_comes_back_where_rows_were_deleted(accounts, goes):
    """SQLite gives the id of a last row that is gone to the next: a page would take the old plan for the new one."""
    decide(accounts, CHIEF, [("R1", "frozen", "P1"), ("R2", "frozen", "P1"), ("R3", "frozen", "P1")], "x")
    withdraw(accounts, CHIEF, ["R1"], "frozen")
    seen = {state_of(accounts)}
    gone = "resident_id = 'R3'" if goes == "decisions" else "ended_at IS NOT NULL"
    accounts.database.write(lambda session: session.execute(text(f"DELETE FROM decisions WHERE {gone}")))
    if goes == "decisions":
        decide(accounts, CHIEF, [("R4", "frozen", "P1")], "x")
    else:
        withdraw(accounts, CHIEF, ["R2"], "frozen")
    assert state_of(accounts) not in seen


def test_a_clinics_word_is_its_own_and_no_correction(accounts):
    decide(accounts, NURSE, [("R1", CONFIRMED, "P1"), ("R2", CONFIRMED, "P2")], "x")
    assert confirmed(accounts, "P1", ["R1", "R2", "R3"]) == {"R1"}
    assert confirmed(accounts, "P1", ["R2", *map(str, range(12_000))]) == set()
    assert standing(accounts).empty


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("died", None, {("R1", "died"): ""}),
        ("moved", "T1", {("R1", "place"): "T1"}),
        ("moved", LEFT, {("R1", "left"): ""}),
        ("moved", None, {}),
        ("phone", " 13911112222 ", {("R1", "phone"): "13911112222"}),
        ("phone", "  ", {}),
        ("grade", "3", {("R1", "grade"): "3"}),
        ("not_ours", "P2", {("R1", "override"): "P2"}),
        ("not_ours", None, {}),
        ("other", "P2", {}),
    ],
)
def test_an_accepted_request_is_a_decision_and_a_refused_one_is_none(accounts, kind, value, expected):
    refused = make_request(accounts, NURSE, "R1", "P1", kind, "说明", value)
    settle(accounts, CHIEF, [refused.id], REFUSED, "不")
    assert held(accounts) == {}
    accepted = make_request(accounts, NURSE, "R1", "P1", kind, "说明", value)
    assert settle(accounts, CHIEF, [accepted.id], ACCEPTED, "好") == 1
    assert held(accounts) == expected
    assert settle(accounts, CHIEF, [accepted.id], ACCEPTED, "好") == 0
    assert len(past(accounts, "R1")) == len(expected)
    assert [one.state for one in requests_about(accounts, "R1")] == [REFUSED, ACCEPTED]


def test_what_a_request_decided_is_taken_back_also_of_somebody_who_is_in_no_plan_any_more(accounts):
    died = make_request(accounts, NURSE, "R1", "P1", "died", "误报")
    phone = make_request(accounts, NURSE, "R2", "P1", "phone", "x", "13911112222")
    settle(accounts, CHIEF, [died.id, phone.id], ACCEPTED, "好")
    decide(accounts, CHIEF, [("R1", "override", "P2")], "另一项")
    assert withdraw_of_requests(accounts, CHIEF, [died.id]) == 1
    assert withdraw_of_requests(accounts, CHIEF, [died.id, 99]) == 0
    assert held(accounts) == {("R2", "phone"): "13911112222", ("R1", "override"): "P2"}
    assert {one.state for one in requests_about(accounts, "R1")} == {ACCEPTED}


def test_what_some_data_cannot_follow_is_told_and_ended_by_number_with_the_reason_in_the_audit(accounts):
    decide(
        accounts, CHIEF, [("R1", "override", "P1"), ("R1", "frozen", "P1"), ("R2", "frozen", "P9")], "商定"
    )
    decide(accounts, CHIEF, [("R3", "died", None), ("R3", CONFIRMED, "P1"), ("R4", "frozen", "P1")], "x")
    withdraw(accounts, CHIEF, ["R4"], "frozen")
    rests = resting(accounts, {("R1", "override")})
    assert [(one.resident_id, one.what, one.provider_id, one.reason, one.made_by) for one in rests] == [
        ("R1", "frozen", "P1", "商定", "liming"),
        ("R2", "frozen", "P9", "商定", "liming"),
    ]
    ids = [one.id for one in rests]
    with pytest.raises(BadInput, match="decision_reason"):
        end(accounts, CHIEF, ids, " ")
    assert len(resting(accounts, ())) == 3
    assert end(accounts, CHIEF, ids, " 已不在册 ") == 2
    assert end(accounts, CHIEF, ids, "再来一次") == 0
    assert held(accounts) == {("R1", "override"): "P1", ("R3", "died"): ""}
    assert resting(accounts, {("R1", "override")}) == []
    assert [one.ended_by for one in past(accounts, "R2")] == ["liming"]
    told = [(row.who, row.what, row.whose, row.result) for row in last_rows(accounts.database, 2)]
    assert told == [("liming", "withdraw_frozen", accounts.audit.sign(id), "已不在册") for id in ("R1", "R2")]


def test_a_decision_that_was_made_anew_meanwhile_is_not_ended_with_the_old_one(accounts):
    decide(accounts, CHIEF, [("R1", "frozen", "P1")], "x")
    (old,) = resting(accounts, ())
    decide(accounts, CHIEF, [("R1", "frozen", "P2")], "y")
    assert end(accounts, CHIEF, [old.id], "已不在册") == 0
    assert held(accounts) == {("R1", "frozen"): "P2"}


def test_thousands_that_rest_are_ended_at_once_or_not_at_all(accounts, monkeypatch):
    decide(accounts, CHIEF, [(f"R{n}", "frozen", "P1") for n in range(5100)], "x")
    ids = [one.id for one in resting(accounts, {("R0", "frozen")})]
    append, written = accounts.audit.append, []

    def last_fails(*told):
        written.append(told)
        if len(written) == len(ids):
            raise StoreError("store_full")
        append(*told)

    with monkeypatch.context() as patched:
        patched.setattr(accounts.audit, "append", last_fails)
        with pytest.raises(StoreError):
            end(accounts, CHIEF, ids, "已不在册")
    assert len(held(accounts)) == 5100
    assert end(accounts, CHIEF, ids, "已不在册") == 5099
    assert held(accounts) == {("R0", "frozen"): "P1"}


def test_thousands_are_frozen_and_released_at_once(accounts):
    ids = [f"R{n}" for n in range(5100)]
    decide(accounts, CHIEF, [(id, "frozen", "P1") for id in ids], "x")
    decide(accounts, CHIEF, [(id, "frozen", "P2") for id in ids[:100]], "x")
    assert set(held(accounts).values()) == {"P1", "P2"}
    assert len(held(accounts)) == 5100
    assert withdraw(accounts, CHIEF, ids, "frozen") == 5100
    assert held(accounts) == {}


def test_every_step_stands_in_the_audit_by_a_sign_and_nothing_personal_in_the_store(accounts):
    one = make_request(accounts, NURSE, "R1", "P1", "phone", "空号", "13911112222")
    settle(accounts, CHIEF, [one.id], ACCEPTED, "已改")
    decide(accounts, CHIEF, [("R1", "override", "PROVIDER-7")], "x")
    withdraw(accounts, CHIEF, ["R1"], "override")
    sign = accounts.audit.sign("R1")
    rows = accounts.database.read(
        lambda session: session.execute(text("SELECT what, whose FROM audit ORDER BY number")).all()
    )
    assert [tuple(row) for row in rows] == [
        (what, sign)
        for what in (
            "request_phone",
            "request_accepted",
            "decide_phone",
            "decide_override",
            "withdraw_override",
        )
    ]
    assert accounts.database.read(lambda session: list(accounts.audit.breaks(session))) == []
    for table in ("requests", "decisions"):
        kept = accounts.database.read(
            lambda session, table=table: session.execute(text(f"SELECT value FROM {table}")).all()
        )
        assert "13911112222" not in str(kept)
        assert "PROVIDER-7" not in str(kept)  # base64 has no hyphen


def test_where_the_audit_cannot_be_written_nothing_is_decided(accounts, monkeypatch):
    def broken(*_):
        raise StoreError("store_failed", store="x", detail="disk full")

    one = make_request(accounts, NURSE, "R1", "P1", "died", "x")
    written = []
    append = accounts.audit.append

    def second_fails(session, actor, what, whose, result):
        written.append(what)
        return broken() if len(written) == 2 else append(session, actor, what, whose, result)

    monkeypatch.setattr(accounts.audit, "append", second_fails)
    with pytest.raises(StoreError):
        settle(accounts, CHIEF, [one.id], ACCEPTED, "好")
    assert written == ["request_accepted", "decide_died"]
    written.clear()
    with pytest.raises(StoreError):
        decide(accounts, CHIEF, [("R1", "frozen", "P1"), ("R2", "frozen", "P1")], "x")
    monkeypatch.undo()
    assert held(accounts) == {}
    assert [request.state for request in requests_about(accounts, "R1")] == ["open"]


def test_without_its_key_a_value_is_told_and_no_new_key_is_made(accounts):
    sealed = seal("13911112222")
    assert unseal([sealed, None]) == ["13911112222", None]
    assert seal("13911112222") != sealed
    decide(accounts, CHIEF, [("R1", "phone", "13911112222")], "x")
    key = key_file(home("keys"), "persons")
    key.unlink()
    with pytest.raises(BadInput, match="persons_locked"):
        standing(accounts)
    assert not key.exists()
    key.write_bytes(b"x" * 32)
    for text_ in (sealed, sealed[:-8], "nonsense", ""):
        with pytest.raises(BadInput, match="persons_locked"):
            unseal([text_])
