"""The audit: who did what, when, to whose data and with what result; each row seals the one before it.

The seal is an HMAC under a key that lies outside the database: whoever can write the database alone can neither change
a row nor make the seals fit again. A row is written in the transaction of what it tells of, so neither is there without
the other. People are named by a sign that stands for them (`Audit.sign`), never by an id or a name.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matcher.accounts.keeping import LEAST_DAYS
from matcher.errors import BadInput
from matcher.store.models import AuditEndRow, AuditRow

_START = ""
#: The one row of the table of ends.
_ENDS = 1
_LONGEST = 300


@dataclass(frozen=True)
class Actor:
    """Who does something.

    Parameters
    ----------
    name, role : str
        ``terminal`` is the role of who uses the commands, ``alone`` of who uses the app without login.
    """

    name: str
    role: str


@dataclass(frozen=True)
class Break:
    """Where the audit does not hold.

    Parameters
    ----------
    number : int
        Of the row.
    kind : {"missing", "changed", "end"}
    """

    number: int
    kind: str


class Audit:
    """Writes and checks the rows.

    Parameters
    ----------
    key : bytes
        From `secret`.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, resident_id: str) -> str:
        """What stands for a person: the same each time, and nobody without the key finds whom it means."""
        return hmac.new(self._key, f"person:{resident_id}".encode(), hashlib.sha256).hexdigest()[:20]

    def sign_all(self, resident_ids: Iterable[str]) -> str:
        """What stands for a set of people, in whatever order they come; it tells neither who they are nor how many."""
        told = json.dumps(sorted(set(resident_ids)), ensure_ascii=False)
        return hmac.new(self._key, f"persons:{told}".encode(), hashlib.sha256).hexdigest()

    def append(
        self, session: Session, actor: Actor, what: str, whose: str = "", result: str = "done"
    ) -> None:
        """Add a row to a transaction.

        Parameters
        ----------
        session : Session
            Of a ``Database.write``: writers take turns.
        actor : Actor
        what : str
            Code of what was done.
        whose : str
            An account, a provider, or the `sign` of a person.
        result : str
            ``done``, ``refused`` or ``failed``, or a count.
        """
        now = datetime.now(UTC)
        ends = session.get(AuditEndRow, _ENDS)
        if ends is None:
            ends = AuditEndRow(id=_ENDS, first=1, before=_START, last=0, seal=_START)
            session.add(ends)
        previous = ends.before if ends.last < ends.first else _seal_of(session, ends.last)
        row = AuditRow(
            number=ends.last + 1,
            at=now,
            local_at=now.astimezone().isoformat(timespec="seconds"),
            who=actor.name[:_LONGEST],
            role=actor.role,
            what=what,
            whose=whose[:_LONGEST],
            result=result[:_LONGEST],
        )
        row.seal = self._seal(row, previous)
        session.add(row)
        self._end(ends, ends.first, ends.before, row.number, row.seal)

    def breaks(self, session: Session) -> Iterator[Break]:
        """Every place where a row is missing, was changed, or was cut off at an end."""
        ends = session.get(AuditEndRow, _ENDS)
        rows = session.scalars(select(AuditRow).order_by(AuditRow.number)).all()
        if ends is None:
            if rows:
                yield Break(rows[0].number, "end")
            return
        last_seal, expected = ends.before, ends.first
        for row in rows:
            if row.number > expected:
                yield Break(expected, "missing")
            elif row.seal != self._seal(row, last_seal):
                yield Break(row.number, "changed")
            last_seal, expected = row.seal, row.number + 1
        if expected != ends.last + 1 or ends.seal != self._end_seal(ends, last_seal):
            yield Break(ends.last, "end")

    def forget(self, session: Session, days: int, now: datetime | None = None) -> int:
        """Remove the rows that are older than so many days; how many there were.

        Raises
        ------
        BadInput
            ``audit_days`` below `LEAST_DAYS`.
        """
        gone = self.old(session, days, now)
        ends = session.get(AuditEndRow, _ENDS)
        if gone and ends is not None:
            first = ends.first + gone
            before, last_seal = _seal_of(session, first - 1), _seal_of(session, ends.last)
            session.execute(delete(AuditRow).where(AuditRow.number < first))
            self._end(ends, first, before, ends.last, last_seal)
        return gone

    def old(self, session: Session, days: int, now: datetime | None = None) -> int:
        """How many rows `forget` would remove.

        Raises
        ------
        BadInput
            ``audit_days`` below `LEAST_DAYS`.
        """
        if days < LEAST_DAYS:
            raise BadInput("audit_days", found=days, allowed=LEAST_DAYS)
        ends = session.get(AuditEndRow, _ENDS)
        if ends is None or ends.last < ends.first:
            return 0
        limit = (now or datetime.now(UTC)) - timedelta(days=days)
        keep = session.scalar(
            select(AuditRow.number).where(AuditRow.at >= limit).order_by(AuditRow.number).limit(1)
        )
        return (ends.last + 1 if keep is None else keep) - ends.first

    def _seal(self, row: AuditRow, previous: str) -> str:
        told = [
            previous,
            row.number,
            row.at.astimezone(UTC).isoformat(),
            row.local_at,
            row.who,
            row.role,
            row.what,
            row.whose,
            row.result,
        ]
        text = json.dumps(told, ensure_ascii=False)
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def _end(self, ends: AuditEndRow, first: int, before: str, last: int, last_seal: str) -> None:
        ends.first, ends.before, ends.last = first, before, last
        ends.seal = self._end_seal(ends, last_seal)

    def _end_seal(self, ends: AuditEndRow, last_seal: str) -> str:
        text = json.dumps([ends.first, ends.before, ends.last, last_seal])
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def _seal_of(session: Session, number: int) -> str:
    """The seal of a row; of one that was taken away nothing fits any more, which `Audit.breaks` tells."""
    return session.scalar(select(AuditRow.seal).where(AuditRow.number == number)) or "missing"
