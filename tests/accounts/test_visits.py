"""Visits marked as done: kept sealed with their audit, read as rows of the table visits, taken back, forgotten."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from matcher.accounts.visits import mark_done, marked, state_of_marks, take_back
from matcher.errors import BadInput
from matcher.inputs import typed_frame
from tests.accounts.test_decisions import NURSE, accounts  # noqa: F401 (a fixture)

DAY = dt.date(2026, 1, 15)


def test_a_mark_is_a_row_of_visits(accounts):  # noqa: F811
    assert mark_done(accounts, NURSE, "P1", [("R1", "chronic_care"), ("R2", "home_visit")], DAY, "ok") == 2
    table = marked(accounts)
    assert list(table) == list(typed_frame("visits"))
    assert table["resident_id"].tolist() == ["R1", "R2"]
    assert table["service"].tolist() == ["chronic_care", "home_visit"]
    assert table["on"].dt.date.tolist() == [DAY, DAY]
    assert table["outcome"].tolist() == ["ok", "ok"]


def test_the_same_on_the_same_day_is_kept_once(accounts):  # noqa: F811
    assert mark_done(accounts, NURSE, "P1", [("R1", "chronic_care")] * 2, DAY) == 1
    assert mark_done(accounts, NURSE, "P1", [("R1", "chronic_care")], DAY) == 0
    assert mark_done(accounts, NURSE, "P1", [("R1", "chronic_care")], DAY - dt.timedelta(1)) == 1
    assert marked(accounts)["outcome"].isna().all()


def test_a_mark_is_taken_back_by_its_own_clinic_alone(accounts):  # noqa: F811
    mark_done(accounts, NURSE, "P1", [("R1", "chronic_care")], DAY)
    id, seen = marked(accounts)["visit_id"][0], state_of_marks(accounts)
    assert take_back(accounts, NURSE, "P2", [id]) == 0
    assert take_back(accounts, NURSE, "P1", [id, "V-of-the-data"]) == 1
    assert take_back(accounts, NURSE, "P1", [id]) == 0
    assert marked(accounts).empty
    assert state_of_marks(accounts) != seen


def test_the_store_and_the_audit_tell_nothing_of_illness(accounts):  # noqa: F811
    mark_done(accounts, NURSE, "P1", [("R1", "mental_follow_up")], DAY, "poor_control")
    take_back(accounts, NURSE, "P1", marked(accounts)["visit_id"])
    rows, audit = accounts.database.read(
        lambda session: [
            session.execute(text(f"SELECT * FROM {table}")).all() for table in ("visits", "audit")
        ]
    )
    assert "mental" not in str(rows)
    assert "poor" not in str(rows)
    assert "R1" not in str(audit)
    assert [row.what for row in audit] == ["visit_done", "visit_taken_back"]
    assert accounts.database.read(lambda session: list(accounts.audit.breaks(session))) == []


@pytest.mark.parametrize(
    ("service", "outcome", "code"),
    [("dancing", None, "visit_service"), ("nursing", "fine", "visit_outcome")],
)
def test_what_is_no_service_or_outcome_is_refused(accounts, service, outcome, code):  # noqa: F811
    with pytest.raises(BadInput) as refused:
        mark_done(accounts, NURSE, "P1", [("R1", service)], DAY, outcome)
    assert refused.value.code == code
    assert marked(accounts).empty
