"""How long what tells of people is kept here, and letting go of what is older."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from shutil import rmtree
from typing import Any

from sqlalchemy import and_, delete, func, not_, or_, select
from sqlalchemy.orm import Session

from matcher.accounts.accounts import Accounts
from matcher.accounts.approvals import GRANTED
from matcher.accounts.audit import Actor
from matcher.accounts.decisions import CONFIRMED
from matcher.accounts.full_exports import LASTS
from matcher.accounts.keeping import DEFAULTS
from matcher.accounts.publications import published_versions
from matcher.app import datasets
from matcher.app.jobs import Job, jobs
from matcher.store.models import (
    ApprovalRow,
    Base,
    DecisionRow,
    FailureRow,
    FullExportRow,
    InvitationRow,
    LockRow,
    PlanRow,
    PublicationRow,
    RequestRow,
    SessionRow,
    VisitRow,
)


def too_old(accounts: Accounts, days: Mapping[str, int]) -> dict[str, int]:
    """How much of each kind is older than it may be; nothing is changed.

    Parameters
    ----------
    accounts : Accounts
    days : mapping
        By kind, as `keeping.DEFAULTS`. A version in use or published and what published it, whatever their age, what is
        open and a decision that holds are not counted.

    Raises
    ------
    BadInput
        ``audit_days`` below the least that the law asks for.
    """
    files = {"versions": len(_versions(accounts, days)), "answers": len(_answers(accounts, days))}

    def count(session: Session) -> dict[str, int]:
        rows = dict.fromkeys((kind for kind in DEFAULTS if kind not in (*files, "audit")), 0)
        for kind, table, old in _rows(accounts, days):
            rows[kind] += session.scalar(select(func.count()).select_from(table).where(old)) or 0
        return rows | {"audit": accounts.audit.old(session, days["audit"], accounts.clock())}

    return files | accounts.database.read(count)


def let_go(accounts: Accounts, days: Mapping[str, int], actor: Actor) -> dict[str, int]:
    """Delete what `too_old` counts, with rows of the audit before and after; what dies in between is done by the next.

    Raises
    ------
    BadInput
        As `too_old`.
    StoreError
        When a row of the audit cannot be written: at the beginning nothing has been deleted then.
    """
    found = too_old(accounts, days)
    accounts.note(actor, "retention_begin", " ".join(f"{kind}={days[kind]}" for kind in DEFAULTS))
    for version in _versions(accounts, days):
        datasets.drop(version)
    datasets.remove_drafts()
    for answer in _answers(accounts, days):
        rmtree(answer.folder)

    def work(session: Session) -> None:
        for _, table, old in _rows(accounts, days):
            session.execute(delete(table).where(old))
        accounts.audit.forget(session, days["audit"], accounts.clock())

    accounts.note_and(
        actor, "retention", " ".join(f"{kind}={number}" for kind, number in found.items()), work
    )
    return found


def _limit(accounts: Accounts, days: int) -> datetime:
    return accounts.clock() - timedelta(days=days)


def _versions(accounts: Accounts, days: Mapping[str, int]) -> list[datasets.Version]:
    """Versions of the data that are old, not in use anywhere and not published."""
    limit, shown = _limit(accounts, days["versions"]), published_versions(accounts)
    return [
        one
        for one in datasets.everywhere()
        if datetime.fromisoformat(one.kept_at) < limit
        and not datasets.is_in_use(one)
        and (datasets.data_of(one), one.id) not in shown
    ]


def _answers(accounts: Accounts, days: Mapping[str, int]) -> list[Job]:
    limit = _limit(accounts, days["answers"]).timestamp()
    return [one for one in jobs() if one.state != "running" and one.begun < limit]


def _rows(accounts: Accounts, days: Mapping[str, int]) -> Iterator[tuple[str, type[Base], Any]]:
    """Kind, table, and which of its rows are old; decisions go before the requests that they came from."""
    limit = {kind: _limit(accounts, number) for kind, number in days.items()}
    yield "plans", PlanRow, PlanRow.saved_at < limit["plans"]
    yield from _about_people(limit)
    yield from _of_second_persons(accounts, limit["approvals"])
    yield from _of_logins(limit["logins"])


def _about_people(limit: Mapping[str, datetime]) -> Iterator[tuple[str, type[Base], Any]]:
    """What was settled and done; what a clinic confirmed binds nobody, and is as old as it was said."""
    ended = and_(DecisionRow.ended_at.is_not(None), DecisionRow.ended_at < limit["decisions"])
    old = or_(ended, and_(DecisionRow.what == CONFIRMED, DecisionRow.made_at < limit["decisions"]))
    needed = select(DecisionRow.request_id).where(DecisionRow.request_id.is_not(None), not_(old))
    yield "decisions", DecisionRow, old
    settled = and_(RequestRow.settled_at.is_not(None), RequestRow.settled_at < limit["requests"])
    yield "requests", RequestRow, and_(settled, RequestRow.id.not_in(needed))
    yield "visits", VisitRow, VisitRow.made_at < limit["visits"]


def _of_second_persons(accounts: Accounts, limit: datetime) -> Iterator[tuple[str, type[Base], Any]]:
    """What one asked for and another settled. What waits has no time at which it was settled."""
    yield "approvals", ApprovalRow, ApprovalRow.settled_at < limit
    shown = select(func.max(PublicationRow.id)).where(PublicationRow.state == GRANTED)
    shown = shown.group_by(PublicationRow.data)
    yield (
        "approvals",
        PublicationRow,
        and_(PublicationRow.settled_at < limit, PublicationRow.id.not_in(shown)),
    )
    fetched_until = min(limit, accounts.clock() - LASTS)
    yield "approvals", FullExportRow, FullExportRow.settled_at < fetched_until


def _of_logins(limit: datetime) -> Iterator[tuple[str, type[Base], Any]]:
    """Sessions, codes for a password, failures and locks; one day is the least, after which none can still be good."""
    yield "logins", SessionRow, SessionRow.seen_at < limit
    yield "logins", InvitationRow, InvitationRow.until < limit
    yield "logins", FailureRow, FailureRow.at < limit
    yield "logins", LockRow, LockRow.until < limit
