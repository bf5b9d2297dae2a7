"""The audit: every row that is edited, removed, moved or cut off at an end is found."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update

from matcher.accounts.audit import Audit
from matcher.errors import BadInput
from matcher.store.keys import secret
from matcher.store.models import AuditEndRow, AuditRow
from tests.accounts.conftest import BOSS


@pytest.fixture
def written(accounts):
    """Accounts with ten more rows."""
    for n in range(10):
        accounts.note(BOSS, "look", f"P{n}", "done")
    return accounts


def breaks(accounts):
    found = accounts.database.read(lambda session: list(accounts.audit.breaks(session)))
    return [(one.number, one.kind) for one in found]


def change(accounts, statement):
    accounts.database.write(lambda session: session.execute(statement))


def test_an_untouched_audit_holds(written):
    assert breaks(written) == []


@pytest.mark.parametrize("column", ["who", "role", "what", "whose", "result", "local_at", "seal"])
@pytest.mark.parametrize("number", [1, 5])
def test_an_edited_row_is_found(written, column, number):
    change(written, update(AuditRow).where(AuditRow.number == number).values({column: "x"}))
    assert (number, "changed") in breaks(written)


def test_a_row_of_another_time_is_found(written):
    change(written, update(AuditRow).where(AuditRow.number == 3).values(at=datetime(2020, 1, 1, tzinfo=UTC)))
    assert breaks(written) == [(3, "changed")]


def test_a_removed_row_is_found_wherever_it_stood(written):
    last = written.database.read(lambda session: session.scalar(select(func.max(AuditRow.number))))
    for number, found in ((6, (6, "missing")), (1, (1, "missing")), (last, (last, "end"))):
        change(written, delete(AuditRow).where(AuditRow.number == number))
        assert found in breaks(written)


def test_rows_that_go_on_after_a_removed_one_do_not_hide_it(written):
    last = written.database.read(lambda session: session.scalar(select(func.max(AuditRow.number))))
    change(written, delete(AuditRow).where(AuditRow.number == last))
    written.note(BOSS, "look")
    assert breaks(written)


def test_the_ends_cannot_be_moved_without_the_key(written):
    change(written, update(AuditEndRow).values(first=2))
    assert breaks(written)


def test_another_key_fits_nowhere(written):
    other = Audit(b"x" * 32)
    assert written.database.read(lambda session: list(other.breaks(session)))


def test_old_rows_are_let_go_and_the_rest_still_holds(written):
    later = datetime.now(UTC) + timedelta(days=201)
    first = written.database.write(lambda session: written.audit.forget(session, 200, datetime.now(UTC)))
    assert first == 0
    gone = written.database.write(lambda session: written.audit.forget(session, 200, later))
    assert gone > 10
    assert breaks(written) == []
    written.note(BOSS, "look")
    assert breaks(written) == []
    change(written, delete(AuditRow))
    assert breaks(written)


def test_rows_are_kept_for_six_months_at_least(written):
    with pytest.raises(BadInput) as error:
        written.database.write(lambda session: written.audit.forget(session, 183))
    assert error.value.code == "audit_days"


def test_a_person_is_named_by_a_sign_that_only_the_key_makes():
    one, other = Audit(b"k" * 32), Audit(b"x" * 32)
    assert one.sign("R1") == one.sign("R1") != other.sign("R1")
    assert "R1" not in one.sign("R1")


def test_a_key_is_made_once_for_this_user_alone(tmp_path):
    key = secret(tmp_path, "audit")
    assert secret(tmp_path, "audit") == key
    assert len(key) == 32
    assert [file.name for file in tmp_path.iterdir()] == ["audit.key"]
    if sys.platform != "win32":
        assert os.stat(tmp_path / "audit.key").st_mode & 0o077 == 0
    (tmp_path / "audit.key").write_bytes(b"short")
    with pytest.raises(BadInput) as error:
        secret(tmp_path, "audit")
    assert error.value.code == "bad_key"
