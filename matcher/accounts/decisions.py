"""Decisions: what a planner settled about people, as rows of the table ``corrections`` for the next match."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import TypeVar

import pandas as pd
from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from matcher.accounts.accounts import Accounts
from matcher.accounts.audit import Actor
from matcher.accounts.rows import last_and_standing
from matcher.accounts.sealing import seal, unseal
from matcher.errors import BadInput
from matcher.inputs import typed_frame
from matcher.store.models import DecisionRow
from matcher.tables import DECIDED

T = TypeVar("T")

#: Resident, what is corrected, and to what.
Decision = tuple[str, str, str | None]
#: Ids in one question to the store.
_TOGETHER = 5000
#: A clinic's word that a person is on its list rightly; it binds no match.
CONFIRMED = "confirmed"


def decide(accounts: Accounts, actor: Actor, decisions: Iterable[Decision], reason: str) -> int:
    """Keep decisions, all or none, each with its row of the audit; they take the place of earlier ones.

    Returns
    -------
    int
        How many.
    """
    rows = list(decisions)

    def work(session: Session) -> int:
        add_decisions(session, accounts, actor, rows, reason)
        return len(rows)

    return accounts.database.write(work)


def add_decisions(
    session: Session,
    accounts: Accounts,
    actor: Actor,
    decisions: Sequence[Decision],
    reason: str,
    request_id: int | None = None,
) -> None:
    """The same in a transaction that is under way."""
    for what in dict.fromkeys(what for _, what, _ in decisions):
        _end(session, accounts, actor, [id for id, other, _ in decisions if other == what], what)
    for resident_id, what, value in decisions:
        row = DecisionRow(
            resident_id=resident_id,
            what=what,
            value=None if value is None else seal(value),
            reason=reason,
            made_by=actor.name,
            made_at=accounts.clock(),
            request_id=request_id,
        )
        session.add(row)
        accounts.audit.append(session, actor, f"decide_{what}", accounts.audit.sign(resident_id), "done")


def withdraw(accounts: Accounts, actor: Actor, resident_ids: Sequence[str], what: str) -> int:
    """End decisions, so that the next match is free of them; they stay in the history.

    Returns
    -------
    int
        How many stood.
    """

    def work(session: Session) -> int:
        ended = _end(session, accounts, actor, resident_ids, what)
        for resident_id in ended:
            accounts.audit.append(
                session, actor, f"withdraw_{what}", accounts.audit.sign(resident_id), "done"
            )
        return len(ended)

    return accounts.database.write(work)


def withdraw_of_requests(accounts: Accounts, actor: Actor, request_ids: Collection[int]) -> int:
    """End what accepted requests decided, also of people who are no longer in any plan; the requests stay settled.

    Returns
    -------
    int
        How many stood.
    """
    return _end_those(accounts, actor, DecisionRow.request_id, list(request_ids), "done")


def end(accounts: Accounts, actor: Actor, ids: Collection[int], reason: str) -> int:
    """End decisions by their numbers, all in one; the reason stands in their rows of the audit.

    Returns
    -------
    int
        How many stood.

    Raises
    ------
    BadInput
        ``decision_reason`` without one.
    """
    if not reason.strip():
        raise BadInput("decision_reason")
    return _end_those(accounts, actor, DecisionRow.id, list(ids), reason.strip())


def _end_those(
    accounts: Accounts, actor: Actor, by: InstrumentedAttribute[T], ids: Sequence[int], result: str
) -> int:
    def work(session: Session) -> int:
        wanted = (
            select(DecisionRow).where(by.in_(some), DecisionRow.ended_at.is_(None)) for some in _parts(ids)
        )
        rows = [row for some in wanted for row in session.scalars(some)]
        for row in rows:
            row.ended_by, row.ended_at = actor.name, accounts.clock()
            sign = accounts.audit.sign(row.resident_id)
            accounts.audit.append(session, actor, f"withdraw_{row.what}", sign, result)
        return len(rows)

    return accounts.database.write(work)


def _end(
    session: Session, accounts: Accounts, actor: Actor, resident_ids: Sequence[str], what: str
) -> list[str]:
    rows = [row for some in _parts(resident_ids) for row in session.scalars(_holding(what, some))]
    for row in rows:
        row.ended_by, row.ended_at = actor.name, accounts.clock()
    return [row.resident_id for row in rows]


def standing(accounts: Accounts) -> pd.DataFrame:
    """Every decision that holds.

    Returns
    -------
    DataFrame
        The columns of ``tables.CORRECTIONS``.

    Raises
    ------
    BadInput
        ``persons_locked``
    """

    def work(session: Session) -> list[dict[str, object]]:
        holds = DecisionRow.ended_at.is_(None), DecisionRow.what != CONFIRMED
        rows = session.scalars(select(DecisionRow).where(*holds).order_by(DecisionRow.id)).all()
        return [
            {
                "resident_id": row.resident_id,
                "what": row.what,
                "value": value,
                "reason": row.reason,
                "decided_by": row.made_by,
                "decided_on": datetime.combine(row.made_at.astimezone().date(), time()),
            }
            for row, value in zip(rows, unseal(row.value for row in rows), strict=True)
        ]

    return typed_frame("corrections", accounts.database.read(work))


def confirmed(accounts: Accounts, provider_id: str, resident_ids: Sequence[str]) -> set[str]:
    """Which of some people a clinic confirmed."""

    def work(session: Session) -> set[str]:
        rows = [row for some in _parts(resident_ids) for row in session.scalars(_holding(CONFIRMED, some))]
        values = unseal(row.value for row in rows)
        return {row.resident_id for row, value in zip(rows, values, strict=True) if value == provider_id}

    return accounts.database.read(work)


def _holding(what: str, resident_ids: Sequence[str]) -> Select[DecisionRow]:
    return select(DecisionRow).where(
        DecisionRow.what == what, DecisionRow.ended_at.is_(None), DecisionRow.resident_id.in_(resident_ids)
    )


def _parts(ids: Sequence[T]) -> Iterator[Sequence[T]]:
    """No more ids in one question than every database takes."""
    return (ids[at : at + _TOGETHER] for at in range(0, len(ids), _TOGETHER))


@dataclass(frozen=True)
class Resting:
    """A decision on a provider that holds, and that some data cannot follow; ``made_at`` in UTC."""

    id: int
    resident_id: str
    what: str
    provider_id: str
    reason: str
    made_by: str
    made_at: datetime


def resting(accounts: Accounts, followed: Collection[tuple[str, str]]) -> list[Resting]:
    """Decisions on providers that hold and are not among those that are followed, the oldest first.

    Parameters
    ----------
    accounts : Accounts
    followed : collection of (str, str)
        Resident id and what was decided, see `results.decisions.followed`.

    Raises
    ------
    BadInput
        ``persons_locked``
    """
    holds = DecisionRow.ended_at.is_(None), DecisionRow.what.in_(DECIDED)

    def work(session: Session) -> list[Resting]:
        keys = session.execute(
            select(DecisionRow.id, DecisionRow.resident_id, DecisionRow.what).where(*holds)
        )
        ids = sorted(id for id, *key in keys if tuple(key) not in followed)
        wanted = (
            select(DecisionRow).where(DecisionRow.id.in_(some)).order_by(DecisionRow.id)
            for some in _parts(ids)
        )
        rows = [row for some in wanted for row in session.scalars(some)]
        return [
            Resting(row.id, row.resident_id, row.what, value or "", row.reason, row.made_by, row.made_at)
            for row, value in zip(rows, unseal(row.value for row in rows), strict=True)
        ]

    return accounts.database.read(work)


@dataclass(frozen=True)
class Past:
    """A decision without its value; times in UTC, ``ended_by`` is None where it holds."""

    what: str
    reason: str
    made_by: str
    made_at: datetime
    ended_by: str | None


def past(accounts: Accounts, resident_id: str) -> list[Past]:
    """All decisions about a person, the oldest first."""

    def work(session: Session) -> list[Past]:
        wanted = select(DecisionRow).where(DecisionRow.resident_id == resident_id).order_by(DecisionRow.id)
        return [
            Past(row.what, row.reason, row.made_by, row.made_at, row.ended_by)
            for row in session.scalars(wanted)
        ]

    return accounts.database.read(work)


def state_of(accounts: Accounts) -> tuple[int, int]:
    """Two numbers that change whenever `standing` does."""
    return accounts.database.read(
        lambda session: last_and_standing(session, DecisionRow, DecisionRow.what != CONFIRMED)
    )
