"""How long a login holds, and how often it may fail."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from matcher.store.models import FailureRow, LockRow

#: So many failures within this time close the account, or the address, for as long again.
MOST_FAILURES = 5
FAILURES_WITHIN = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=15)
IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=8)
#: How long a code for a first password is good.
INVITED_FOR = timedelta(hours=72)
#: Less often than this the time of the last click is not written again; the idle time is that much shorter at most.
SEEN_EVERY = timedelta(seconds=30)


def is_locked(session: Session, subject: str, now: datetime) -> bool:
    """Whether nobody may try."""
    lock = session.get(LockRow, subject)
    return lock is not None and now < lock.until


def count_failure(session: Session, subject: str, now: datetime) -> None:
    """Note a failure, and lock when there were too many."""
    session.execute(delete(FailureRow).where(FailureRow.at <= now - FAILURES_WITHIN))
    session.add(FailureRow(subject=subject, at=now))
    session.flush()
    failures = session.scalar(
        select(func.count()).select_from(FailureRow).where(FailureRow.subject == subject)
    )
    if (failures or 0) >= MOST_FAILURES:
        lock = session.get(LockRow, subject) or LockRow(subject=subject)
        lock.until = now + LOCKED_FOR
        session.add(lock)
        forget_failures(session, subject)


def forget_failures(session: Session, subject: str) -> None:
    """Count from zero again."""
    session.execute(delete(FailureRow).where(FailureRow.subject == subject))
