"""From rows of the tables to accounts, and rows that change once."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import ColumnElement, CursorResult, Update, delete, func, select
from sqlalchemy.orm import Session

from matcher.accounts.roles import Account
from matcher.errors import BadInput
from matcher.store.models import AccountRow, DecisionRow, SessionRow, VisitRow


def as_account(row: AccountRow) -> Account:
    """The account of a row."""
    scope = tuple(json.loads(row.scope))
    return Account(row.id, row.name, row.role, scope, row.disabled, row.must_change, row.made_by, row.made_at)


def existing(session: Session, name: str) -> AccountRow:
    """The row of an account.

    Raises
    ------
    BadInput
        ``account_unknown``
    """
    row = row_of(session, name)
    if row is None:
        raise BadInput("account_unknown", name=name)
    return row


def row_of(session: Session, name: str) -> AccountRow | None:
    """The row of an account; None where there is none of this name."""
    return session.scalar(select(AccountRow).where(AccountRow.name == name))


def end_sessions(session: Session, row: AccountRow) -> None:
    """Log an account out everywhere."""
    session.execute(delete(SessionRow).where(SessionRow.account_id == row.id))


def hash_of(token: str) -> str:
    """Tokens are long and random, so a plain hash of one tells nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def last_and_standing(
    session: Session, table: type[DecisionRow | VisitRow], *of: ColumnElement[bool]
) -> tuple[int, int]:
    """When the last row was made, in microseconds, and how many have not ended; 0 and 0 without any.

    Two numbers that never come again, as ids do once rows are deleted: of those that were made until some time, no more
    are added, so as many are the same ones.
    """
    wanted = select(func.max(table.made_at), func.count() - func.count(table.ended_at)).where(*of)
    last, stand = session.execute(wanted).one()
    return (0 if last is None else round(last.timestamp() * 1e6)), int(stand)


def change_once(session: Session, change: Update, otherwise: str = "approval_settled") -> None:
    """Change the one row that is still as a change asks for; of two who try at once the database lets one do so.

    Raises
    ------
    BadInput
        ``otherwise``, where there is no such row.
    """
    done = session.execute(change)
    assert isinstance(done, CursorResult)
    if done.rowcount != 1:
        raise BadInput(otherwise)
