"""The audit for reading."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.store.database import Database
from matcher.store.models import AuditRow


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
        return [
            Entry(
                row.number,
                row.at.isoformat(timespec="seconds"),
                row.local_at,
                row.who,
                row.role,
                row.what,
                row.whose,
                row.result,
            )
            for row in rows
        ][::-1]

    return database.read(work)
