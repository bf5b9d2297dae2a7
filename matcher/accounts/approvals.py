"""What two administrators do together: one asks for an account or a role, another one grants it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matcher.accounts.accounts import Accounts
from matcher.accounts.audit import Actor
from matcher.accounts.roles import checked_role
from matcher.accounts.rows import as_account, change_once, existing, row_of
from matcher.errors import BadInput
from matcher.store.models import ApprovalRow
from matcher.store.records import checked_name

OPEN, GRANTED, REFUSED = "open", "granted", "refused"


@dataclass(frozen=True)
class Approval:
    """What was asked for and nobody has settled.

    Parameters
    ----------
    id : int
    name : str
        Of the account.
    role : str
    scope : tuple of str
    before : str
        Its role and scope when that was asked; empty where there is no such account yet.
    asked_by : str
    asked_at : datetime
        UTC.
    """

    id: int
    name: str
    role: str
    scope: tuple[str, ...]
    before: str
    asked_by: str
    asked_at: datetime

    @property
    def role_before(self) -> str:
        """The role alone."""
        return self.before.partition(" ")[0]

    def may_settle(self, actor_name: str) -> bool:
        """Whether somebody is neither who asked nor whom it is about."""
        return actor_name not in (self.asked_by, self.name)


def ask_account(accounts: Accounts, name: str, role: str, scope: Sequence[str], actor: Actor) -> None:
    """Ask for a new account.

    Raises
    ------
    BadInput
        ``account_exists``, ``approval_twice``, or what `checked_name` and `checked_role` raise.
    """
    name, fits = checked_name("account", name), checked_role(role, scope)

    def work(session: Session) -> None:
        if row_of(session, name) is not None:
            raise BadInput("account_exists", name=name)
        _ask(accounts, session, name, role, fits, "", actor)

    accounts.database.write(work)


def ask_role(accounts: Accounts, name: str, role: str, scope: Sequence[str], actor: Actor) -> None:
    """Ask for another role or scope of an account.

    Raises
    ------
    BadInput
        ``account_unknown``, ``approval_twice``, or what `checked_role` raises.
    """
    fits = checked_role(role, scope)
    accounts.database.write(
        lambda session: _ask(accounts, session, name, role, fits, _standing(session, name), actor)
    )


def _ask(
    accounts: Accounts,
    session: Session,
    name: str,
    role: str,
    scope: Sequence[str],
    before: str,
    actor: Actor,
) -> None:
    if session.scalar(select(ApprovalRow).where(ApprovalRow.name == name, ApprovalRow.state == OPEN)):
        raise BadInput("approval_twice", name=name)
    session.add(
        ApprovalRow(
            name=name,
            role=role,
            scope=json.dumps(scope),
            before=before,
            asked_by=actor.name,
            asked_at=accounts.clock(),
            state=OPEN,
        )
    )
    accounts.audit.append(session, actor, "approval_ask", name, role)


def _standing(session: Session, name: str) -> str:
    account = as_account(existing(session, name))
    return " ".join((account.role, *account.scope))


def open_approvals(accounts: Accounts) -> list[Approval]:
    """All that wait for a second administrator, the oldest first."""
    wanted = select(ApprovalRow).where(ApprovalRow.state == OPEN).order_by(ApprovalRow.id)
    return accounts.database.read(lambda session: [_as_approval(row) for row in session.scalars(wanted)])


def _as_approval(row: ApprovalRow) -> Approval:
    scope = tuple(json.loads(row.scope))
    return Approval(row.id, row.name, row.role, scope, row.before, row.asked_by, row.asked_at)


def settle(accounts: Accounts, id: int, *, grant: bool, actor: Actor) -> str:
    """Grant or refuse what was asked for, once; refusing one's own is taking it back.

    Returns
    -------
    str
        The code of a new account, else empty.

    Raises
    ------
    BadInput
        ``approval_settled`` where somebody was quicker, ``approval_own`` for who asked or is meant, ``approval_stale``
        where the account is no longer what it was, or as `Accounts.add`.
    """

    def work(session: Session) -> str:
        asked = _taken(accounts, session, id, GRANTED if grant else REFUSED, actor)
        accounts.audit.append(
            session, actor, "approval_grant" if grant else "approval_refuse", asked.name, asked.role
        )
        if not grant:
            return ""
        if not asked.may_settle(actor.name):
            raise BadInput("approval_own")
        if not asked.before:
            return accounts.added(session, asked.name, asked.role, asked.scope, actor)
        if _standing(session, asked.name) != asked.before:
            raise BadInput("approval_stale", name=asked.name)
        accounts.role_set(session, asked.name, asked.role, asked.scope, actor)
        return ""

    return accounts.database.write(work)


def _taken(accounts: Accounts, session: Session, id: int, state: str, actor: Actor) -> Approval:
    """Settle the row if it is open; of two at once the database lets one do so."""
    change = (
        update(ApprovalRow)
        .where(ApprovalRow.id == id, ApprovalRow.state == OPEN)
        .values(state=state, settled_by=actor.name, settled_at=accounts.clock())
    )
    change_once(session, change)
    return _as_approval(session.get_one(ApprovalRow, id))
