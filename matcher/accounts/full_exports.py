"""Lists with full id numbers: one asks with a reason, another grants, who asked fetches the file once within a day.

Who grants sees who asks, whose list it is, how many people stand on it and the reason: never a person. What is fetched
is of the very people who stood on the list when it was asked for, or it is asked for anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from matcher.accounts.accounts import Accounts
from matcher.accounts.approvals import GRANTED, OPEN, REFUSED
from matcher.accounts.audit import Actor
from matcher.accounts.rows import change_once
from matcher.errors import BadInput
from matcher.store.models import FullExportRow

FETCHED = "fetched"
#: How long what was granted can be fetched.
LASTS = timedelta(hours=24)


@dataclass(frozen=True)
class FullExport:
    """What was asked for.

    Parameters
    ----------
    id : int
    provider_id, title : str
        Whose list, and its name for who grants.
    people : int
        On the list when it was asked for.
    persons : str or None
        The `Audit.sign_all` of them; None where an earlier release kept none.
    reason, asked_by : str
    asked_at : datetime
        UTC.
    state : {"open", "granted", "refused", "fetched"}
    settled_at : datetime or None
        When it was granted or refused.
    """

    id: int
    provider_id: str
    title: str
    people: int
    persons: str | None
    reason: str
    asked_by: str
    asked_at: datetime
    state: str
    settled_at: datetime | None

    @property
    def until(self) -> datetime | None:
        """Until when the file can be fetched; None where nobody granted it."""
        return self.settled_at + LASTS if self.state == GRANTED and self.settled_at else None


def ask_full_export(
    accounts: Accounts, actor: Actor, provider_id: str, title: str, resident_ids: Sequence[str], reason: str
) -> None:
    """Ask for the list of a provider with full id numbers.

    Parameters
    ----------
    accounts : Accounts
    actor : Actor
    provider_id, title : str
    resident_ids : sequence of str
        Everybody on the list; kept is what stands for all of them together, see `Audit.sign_all`.
    reason : str

    Raises
    ------
    BadInput
        ``full_export_reason`` without one, ``full_export_twice`` while one's own waits or can be fetched.
    """
    if not reason.strip():
        raise BadInput("full_export_reason")

    def work(session: Session) -> None:
        if _standing(accounts, session, actor.name, provider_id):
            raise BadInput("full_export_twice")
        session.add(
            FullExportRow(
                provider_id=provider_id,
                title=title,
                people=len(resident_ids),
                persons=accounts.audit.sign_all(resident_ids),
                reason=reason.strip(),
                asked_by=actor.name,
                asked_at=accounts.clock(),
                state=OPEN,
            )
        )
        told = f"{len(resident_ids)} · {reason.strip()}"
        accounts.audit.append(session, actor, "full_export_ask", provider_id, told)

    accounts.database.write(work)


def open_full_exports(accounts: Accounts) -> list[FullExport]:
    """All that wait for a second person, the oldest first."""
    wanted = select(FullExportRow).where(FullExportRow.state == OPEN).order_by(FullExportRow.id)
    return accounts.database.read(lambda session: [_as_export(row) for row in session.scalars(wanted)])


def standing(accounts: Accounts, name: str, provider_id: str) -> FullExport | None:
    """What somebody asked for of a provider, while it waits or can be fetched."""
    return accounts.database.read(lambda session: _standing(accounts, session, name, provider_id))


def check_same(accounts: Accounts, asked: FullExport, resident_ids: Sequence[str]) -> None:
    """See that a list is of the very people for whom it was asked.

    Raises
    ------
    BadInput
        ``full_export_changed``
    """
    if asked.persons != accounts.audit.sign_all(resident_ids):
        raise BadInput("full_export_changed", found=len(resident_ids), asked=asked.people)


def settle_full_export(accounts: Accounts, id: int, *, grant: bool, actor: Actor) -> None:
    """Grant or refuse it, once; refusing one's own is taking it back, also when it was granted.

    Raises
    ------
    BadInput
        ``approval_settled`` where somebody was quicker, ``full_export_own`` for who asked.
    """
    own_granted = and_(FullExportRow.state == GRANTED, FullExportRow.asked_by == actor.name)
    can_be = FullExportRow.state == OPEN if grant else or_(FullExportRow.state == OPEN, own_granted)

    def work(session: Session) -> None:
        change = (
            update(FullExportRow)
            .where(FullExportRow.id == id, can_be)
            .values(state=GRANTED if grant else REFUSED, settled_by=actor.name, settled_at=accounts.clock())
        )
        change_once(session, change)
        row = session.get_one(FullExportRow, id)
        if grant and row.asked_by == actor.name:
            raise BadInput("full_export_own")
        what = "full_export_grant" if grant else "full_export_refuse"
        accounts.audit.append(session, actor, what, row.provider_id, f"{row.people} · {row.asked_by}")

    accounts.database.write(work)


def fetch_full_export(
    accounts: Accounts, id: int, actor: Actor, resident_ids: Sequence[str], fingerprint: str
) -> None:
    """Take what was granted, with a row of the audit for the file and one for each person in it.

    Parameters
    ----------
    accounts : Accounts
    id : int
    actor : Actor
        Who asked for it.
    resident_ids : sequence of str
        Everybody in the file.
    fingerprint : str
        Of the plan that it was made of.

    Raises
    ------
    BadInput
        ``full_export_gone`` where it was not granted to this account, is too old or was fetched already;
        ``full_export_changed`` where other people stand on the list than when it was asked for.
    """

    def work(session: Session) -> None:
        change = (
            update(FullExportRow)
            .where(
                FullExportRow.id == id,
                FullExportRow.state == GRANTED,
                FullExportRow.asked_by == actor.name,
                FullExportRow.settled_at > accounts.clock() - LASTS,
            )
            .values(state=FETCHED)
        )
        change_once(session, change, "full_export_gone")
        row = session.get_one(FullExportRow, id)
        check_same(accounts, _as_export(row), resident_ids)
        told = f"{len(resident_ids)} · {fingerprint}"
        accounts.audit.append(session, actor, "full_export", row.provider_id, told)
        for resident_id in resident_ids:
            accounts.audit.append(session, actor, "unmask", accounts.audit.sign(resident_id), row.reason)

    accounts.database.write(work)


def _standing(accounts: Accounts, session: Session, name: str, provider_id: str) -> FullExport | None:
    wanted = (
        select(FullExportRow)
        .where(
            FullExportRow.asked_by == name,
            FullExportRow.provider_id == provider_id,
            FullExportRow.state.in_((OPEN, GRANTED)),
        )
        .order_by(FullExportRow.id)
    )
    found = [_as_export(row) for row in session.scalars(wanted)]
    return next((one for one in found if one.until is None or one.until > accounts.clock()), None)


def _as_export(row: FullExportRow) -> FullExport:
    return FullExport(
        row.id,
        row.provider_id,
        row.title,
        row.people,
        row.persons,
        row.reason,
        row.asked_by,
        row.asked_at,
        row.state,
        row.settled_at,
    )
