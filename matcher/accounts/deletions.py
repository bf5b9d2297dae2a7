"""People whose deletion a planner asked for and an administrator, who does not see them, has not settled.

A row is gone when the person is (`app.forgetting`), or when it is refused; the audit keeps both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.accounts.accounts import Accounts
from matcher.accounts.audit import Actor
from matcher.errors import BadInput
from matcher.store.models import DeletionRow


@dataclass(frozen=True)
class Deletion:
    """What was asked for.

    Parameters
    ----------
    id : int
    sign : str
        What stands for the person, as in the audit.
    reason : str
    asked_by : str
    asked_at : datetime
        UTC.
    """

    id: int
    sign: str
    reason: str
    asked_by: str
    asked_at: datetime


def ask_deletion(accounts: Accounts, actor: Actor, resident_id: str, reason: str) -> None:
    """Ask that a person be deleted from all that is kept.

    Raises
    ------
    BadInput
        ``forget_reason`` without one, ``deletion_twice`` where it was asked for already.
    """
    if not reason.strip():
        raise BadInput("forget_reason")

    def work(session: Session) -> None:
        if session.scalar(select(DeletionRow).where(DeletionRow.resident_id == resident_id)):
            raise BadInput("deletion_twice")
        session.add(
            DeletionRow(
                resident_id=resident_id,
                reason=reason.strip(),
                asked_by=actor.name,
                asked_at=accounts.clock(),
            )
        )

    accounts.note_and(actor, "deletion_ask", accounts.audit.sign(resident_id), work)


def open_deletions(accounts: Accounts) -> list[Deletion]:
    """All that wait, the oldest first; whom they mean shows in their signs alone."""

    def work(session: Session) -> list[Deletion]:
        return [
            Deletion(row.id, accounts.audit.sign(row.resident_id), row.reason, row.asked_by, row.asked_at)
            for row in session.scalars(select(DeletionRow).order_by(DeletionRow.id))
        ]

    return accounts.database.read(work)


def is_asked_for(accounts: Accounts, resident_id: str) -> bool:
    """Whether somebody's deletion waits."""
    wanted = select(DeletionRow.id).where(DeletionRow.resident_id == resident_id)
    return accounts.database.read(lambda session: session.scalar(wanted)) is not None


def whom(accounts: Accounts, id: int, actor: Actor) -> tuple[str, str]:
    """Resident id and reason of what waits, for another person than who asked.

    Raises
    ------
    BadInput
        ``approval_settled`` where it waits no longer, ``approval_own`` for who asked.
    """

    def work(session: Session) -> tuple[str, str]:
        row = _existing(session, id)
        if row.asked_by == actor.name:
            raise BadInput("approval_own")
        return row.resident_id, row.reason

    return accounts.database.read(work)


def refuse_deletion(accounts: Accounts, id: int, actor: Actor) -> None:
    """Let the person stay.

    Raises
    ------
    BadInput
        ``approval_settled`` where it waits no longer.
    """

    def work(session: Session) -> None:
        row = _existing(session, id)
        accounts.audit.append(session, actor, "deletion_refuse", accounts.audit.sign(row.resident_id))
        session.delete(row)

    accounts.database.write(work)


def _existing(session: Session, id: int) -> DeletionRow:
    row = session.get(DeletionRow, id)
    if row is None:
        raise BadInput("approval_settled")
    return row
