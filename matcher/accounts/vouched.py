"""Sessions of people for whom the office's own provider vouches."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from matcher.accounts.accounts import Accounts
from matcher.accounts.audit import Actor
from matcher.accounts.rows import row_of
from matcher.store.models import InvitationRow

#: Signs of a name that the audit tells of somebody who has no account.
_LONGEST_NAME = 100


def log_in_vouched(accounts: Accounts, name: str, address: str) -> str | None:
    """Token of a new session; None where there is no open account of that name.

    Who comes this way needs no password: one that others gave, or a code for one, is good no longer.

    Parameters
    ----------
    accounts : Accounts
    name : str
        Of the account, as the provider tells it.
    address : str
        Where the browser is.
    """

    def work(session: Session) -> str | None:
        row = row_of(session, name)
        actor = Actor(name[:_LONGEST_NAME], row.role if row else "?")
        if row is None or row.disabled:
            accounts.audit.append(session, actor, "log_in_vouched", address, "refused")
            return None
        if row.must_change:
            row.password, row.must_change = None, False
            session.execute(delete(InvitationRow).where(InvitationRow.account_id == row.id))
        accounts.audit.append(session, actor, "log_in_vouched", address)
        return accounts.begin(session, row)

    return accounts.database.write(work)
