"""Requests: what a clinic says of a person on its list, and what the planner answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.accounts.accounts import Accounts
from matcher.accounts.audit import Actor
from matcher.accounts.decisions import Decision, add_decisions
from matcher.accounts.sealing import seal, unseal
from matcher.errors import BadInput
from matcher.store.models import RequestRow

KINDS = ("not_ours", "moved", "phone", "grade", "died", "other")
OPEN, ACCEPTED, REFUSED = "open", "accepted", "refused"
STATES = (OPEN, ACCEPTED, REFUSED)
_LONGEST = 500
#: In place of a place: the person lives in none of the data's any more.
LEFT = "left"
#: What an accepted request corrects.
_WHAT = {"moved": "place", "phone": "phone", "grade": "grade", "not_ours": "override"}


@dataclass(frozen=True)
class Request:
    """A request; see `KINDS` and `STATES`, times in UTC; ``value`` is what is to be written instead, where it is known.

    A place code or `LEFT` where somebody moved, a phone number, a grade, or the provider who is right.
    """

    id: int
    resident_id: str
    provider_id: str
    kind: str
    reason: str
    state: str
    made_by: str
    made_at: datetime
    answer: str | None
    settled_by: str | None
    settled_at: datetime | None
    value: str | None


def make_request(
    accounts: Accounts,
    actor: Actor,
    resident_id: str,
    provider_id: str,
    kind: str,
    reason: str,
    value: str | None = None,
) -> Request:
    """Keep a request, with its row of the audit.

    Raises
    ------
    BadInput
        ``request_kind``, ``request_reason`` without any or with too long a one, ``request_open`` where the same is
        still to be settled.
    """
    reason = _checked(reason)
    if kind not in KINDS:
        raise BadInput("request_kind", found=kind, allowed=", ".join(KINDS))

    def work(session: Session) -> Request:
        same = select(RequestRow).where(
            RequestRow.resident_id == resident_id, RequestRow.kind == kind, RequestRow.state == OPEN
        )
        if session.scalar(same) is not None:
            raise BadInput("request_open")
        row = RequestRow(
            resident_id=resident_id,
            provider_id=provider_id,
            kind=kind,
            reason=reason,
            state=OPEN,
            made_by=actor.name,
            made_at=accounts.clock(),
            value=seal(value.strip()) if value and value.strip() else None,
        )
        session.add(row)
        session.flush()
        return _as_requests([row])[0]

    return accounts.note_and(actor, f"request_{kind}", accounts.audit.sign(resident_id), work)


def requests(accounts: Accounts, provider_ids: Collection[str] | None = None) -> list[Request]:
    """The requests, newest first; of some providers, or of all."""

    def work(session: Session) -> list[Request]:
        wanted = select(RequestRow).order_by(RequestRow.id.desc())
        if provider_ids is not None:
            wanted = wanted.where(RequestRow.provider_id.in_(list(provider_ids)))
        return _as_requests(session.scalars(wanted).all())

    return accounts.database.read(work)


def requests_about(accounts: Accounts, resident_id: str) -> list[Request]:
    """The requests about one person, the oldest first."""

    def work(session: Session) -> list[Request]:
        wanted = select(RequestRow).where(RequestRow.resident_id == resident_id).order_by(RequestRow.id)
        return _as_requests(session.scalars(wanted).all())

    return accounts.database.read(work)


def settle(accounts: Accounts, actor: Actor, ids: Collection[int], state: str, answer: str) -> int:
    """Answer open requests, all in one; those that somebody else has settled meanwhile stay as they are.

    What is accepted becomes a decision for the next match, where it says what is to be written.

    Returns
    -------
    int
        How many were settled now.

    Raises
    ------
    BadInput
        ``request_reason``
    """
    answer = _checked(answer)

    def work(session: Session) -> int:
        wanted = select(RequestRow).where(RequestRow.id.in_(list(ids)), RequestRow.state == OPEN)
        rows = session.scalars(wanted).all()
        for row, request in zip(rows, _as_requests(rows), strict=True):
            row.state, row.answer = state, answer
            row.settled_by, row.settled_at = actor.name, accounts.clock()
            accounts.audit.append(
                session, actor, f"request_{state}", accounts.audit.sign(row.resident_id), str(row.id)
            )
            decision = decision_of(request) if state == ACCEPTED else None
            if decision is not None:
                add_decisions(session, accounts, actor, [decision], row.reason, row.id)
        return len(rows)

    return accounts.database.write(work)


def decision_of(request: Request) -> Decision | None:
    """What the next match must know once a request is accepted; None where it changes nothing there."""
    if request.kind == "died":
        return request.resident_id, "died", None
    if request.value is None:
        return None
    if request.kind == "moved" and request.value == LEFT:
        return request.resident_id, "left", None
    what = _WHAT.get(request.kind)
    return None if what is None else (request.resident_id, what, request.value)


def _checked(text: str) -> str:
    text = text.strip()
    if not text or len(text) > _LONGEST:
        raise BadInput("request_reason", allowed=_LONGEST)
    return text


def _as_requests(rows: Sequence[RequestRow]) -> list[Request]:
    return [
        Request(
            row.id,
            row.resident_id,
            row.provider_id,
            row.kind,
            row.reason,
            row.state,
            row.made_by,
            row.made_at,
            row.answer,
            row.settled_by,
            row.settled_at,
            value,
        )
        for row, value in zip(rows, unseal(row.value for row in rows), strict=True)
    ]
