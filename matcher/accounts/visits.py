"""Visits that a clinic marked as done: rows of the table ``visits`` beside those of the data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.accounts.accounts import Accounts
from matcher.accounts.audit import Actor
from matcher.accounts.rows import last_and_standing
from matcher.accounts.sealing import seal, unseal
from matcher.errors import BadInput
from matcher.inputs import typed_frame
from matcher.store.models import VisitRow
from matcher.tables import SERVICES, VOCABULARIES

#: Begins the ``visit_id`` of a mark; what follows is its number in the store.
MARK = "mark-"
OUTCOMES = VOCABULARIES["visit_outcome"]
_AUDITED = "visit_done"
_TAKEN_BACK = "visit_taken_back"


def mark_done(
    accounts: Accounts,
    actor: Actor,
    provider_id: str,
    done: Sequence[tuple[str, str]],
    on: dt.date,
    outcome: str | None = None,
) -> int:
    """Keep visits, all or none, each with its row of the audit; service and outcome, which tell of illness, are sealed.

    Parameters
    ----------
    done : sequence of (resident_id, service)
        What stands as done already on that day is not kept twice.
    on : date
    outcome : str, optional
        One of ``visit_outcome``.

    Returns
    -------
    int
        How many are new.

    Raises
    ------
    BadInput
        ``visit_service`` or ``visit_outcome`` for an unknown code.
    """
    unknown = sorted({service for _, service in done} - set(SERVICES))
    if unknown:
        raise BadInput("visit_service", found=", ".join(unknown), allowed=", ".join(SERVICES))
    if outcome is not None and outcome not in OUTCOMES:
        raise BadInput("visit_outcome", found=outcome, allowed=", ".join(OUTCOMES))

    def work(session: Session) -> int:
        there = {(row.resident_id, service) for row, service, _ in _standing(session) if row.visited_on == on}
        new = [one for one in dict.fromkeys(done) if one not in there]
        for resident_id, service in new:
            row = VisitRow(
                resident_id=resident_id,
                provider_id=provider_id,
                value=seal(f"{service};{outcome or ''}"),
                visited_on=on,
                made_by=actor.name,
                made_at=accounts.clock(),
            )
            session.add(row)
            accounts.audit.append(session, actor, _AUDITED, accounts.audit.sign(resident_id), on.isoformat())
        return len(new)

    return accounts.database.write(work)


def take_back(accounts: Accounts, actor: Actor, provider_id: str, visit_ids: Collection[str]) -> int:
    """End marks of a provider that were made by mistake; they stay as history.

    Returns
    -------
    int
        How many stood.
    """
    numbers = [int(id.removeprefix(MARK)) for id in visit_ids if id.startswith(MARK)]

    def work(session: Session) -> int:
        wanted = select(VisitRow).where(
            VisitRow.id.in_(numbers), VisitRow.provider_id == provider_id, VisitRow.ended_at.is_(None)
        )
        rows = session.scalars(wanted).all()
        for row in rows:
            row.ended_by, row.ended_at = actor.name, accounts.clock()
            sign = accounts.audit.sign(row.resident_id)
            accounts.audit.append(session, actor, _TAKEN_BACK, sign, row.visited_on.isoformat())
        return len(rows)

    return accounts.database.write(work)


def marked(accounts: Accounts) -> pd.DataFrame:
    """Every mark that stands, as rows of ``visits``.

    Raises
    ------
    BadInput
        ``persons_locked``
    """

    def work(session: Session) -> list[dict[str, object]]:
        return [
            {
                "visit_id": f"{MARK}{row.id}",
                "resident_id": row.resident_id,
                "provider_id": row.provider_id,
                "service": service,
                "on": row.visited_on,
                "outcome": outcome or None,
            }
            for row, service, outcome in _standing(session)
        ]

    return typed_frame("visits", accounts.database.read(work))


def state_of_marks(accounts: Accounts) -> tuple[int, int]:
    """Two numbers that change whenever `marked` does."""
    return accounts.database.read(lambda session: last_and_standing(session, VisitRow))


def _standing(session: Session) -> list[tuple[VisitRow, str, str]]:
    """Marks that were not taken back, with their service and outcome."""
    rows = session.scalars(select(VisitRow).where(VisitRow.ended_at.is_(None)).order_by(VisitRow.id)).all()
    values = unseal(row.value for row in rows)
    told = [(value or ";").split(";") for value in values]
    return [(row, service, outcome) for row, (service, outcome) in zip(rows, told, strict=True)]
