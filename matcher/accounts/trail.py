"""The audit for reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.store.database import Database
from matcher.store.models import AuditRow

#: So long an owner is told of a new first password, however often they logged in meanwhile.
TOLD_FOR = timedelta(days=14)
#: What others do to an account that opens it without its owner's password.
_OPENED = ("account_invite", "account_enable")


@dataclass(frozen=True)
class Entry:
    """A row of the audit, in texts; see `Audit.append`."""

    number: int
    at: str
    local_at: str
    who: str
    role: str
    what: str
    whose: str
    result: str


def last_rows(database: Database, most: int) -> list[Entry]:
    """The newest rows, the oldest of them first."""

    def work(session: Session) -> list[Entry]:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.number.desc()).limit(most))
        return [_entry(row) for row in rows][::-1]

    return database.read(work)


def opened_by_others(database: Database, name: str, now: datetime) -> list[Entry]:
    """Rows of the last `TOLD_FOR` that tell who let an account be opened anew, for its owner; the oldest first."""
    wanted = select(AuditRow).where(
        AuditRow.whose == name, AuditRow.what.in_(_OPENED), AuditRow.at >= now - TOLD_FOR
    )
    return database.read(
        lambda session: [_entry(row) for row in session.scalars(wanted.order_by(AuditRow.number))]
    )


def _entry(row: AuditRow) -> Entry:
    return Entry(
        row.number,
        row.at.isoformat(timespec="seconds"),
        row.local_at,
        row.who,
        row.role,
        row.what,
        row.whose,
        row.result,
    )
