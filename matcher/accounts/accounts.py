"""Accounts: made at the terminal or by an administrator, opened by a password, closed at once when disabled."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matcher.accounts.audit import Actor, Audit
from matcher.accounts.limits import (
    IDLE,
    INVITED_FOR,
    LONGEST,
    SEEN_EVERY,
    count_failure,
    forget_failures,
    is_locked,
)
from matcher.accounts.passwords import hashed, matches
from matcher.accounts.roles import Account, checked_role
from matcher.accounts.rows import as_account, end_sessions, existing, hash_of, row_of
from matcher.errors import BadInput
from matcher.store.database import Database
from matcher.store.keys import secret
from matcher.store.location import home, locate_store
from matcher.store.models import AccountRow, InvitationRow, SessionRow
from matcher.store.records import checked_name
from matcher.store.schema import prepare

T = TypeVar("T")


def open_accounts(url: str | None = None) -> Accounts:
    """The accounts of the store, see `store.repository.open_store`; keys are files of this user's own.

    Raises
    ------
    BadInput, StoreError
        As `open_store`; ``bad_key``.
    """
    database = Database(locate_store(url))
    prepare(database)
    return Accounts(database, Audit(secret(home("keys"), "audit")))


class Accounts:
    """See `open_accounts`. Every change is one transaction with its row of the audit, or does not happen.

    Parameters
    ----------
    database : Database
    audit : Audit
    clock : callable
        The time in UTC; another one in tests.
    """

    def __init__(
        self, database: Database, audit: Audit, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.database = database
        self.audit = audit
        self.clock = clock

    def all(self) -> list[Account]:
        """Every account, by name."""
        return self.database.read(
            lambda session: [
                as_account(row) for row in session.scalars(select(AccountRow).order_by(AccountRow.name))
            ]
        )

    def has_administrator(self) -> bool:
        """Whether anybody can make accounts in the app."""
        return any(one.role == "administrator" and not one.disabled for one in self.all())

    def add(
        self, name: str, role: str, scope: Sequence[str], actor: Actor, password: str | None = None
    ) -> str:
        """Make an account.

        Parameters
        ----------
        name : str
            What is typed to log in.
        role, scope
            See `roles`.
        actor : Actor
        password : str, optional
            One that must be changed at the first login; without it there is a code instead.

        Returns
        -------
        str
            A code with which a password is set once; empty where there is a password.

        Raises
        ------
        BadInput
            ``account_exists``, or what `checked_role`, `checked_name` and `hashed` raise.
        """
        name, fits = checked_name("account", name), checked_role(role, scope)
        known = None if password is None else hashed(password, name)
        return self.database.write(lambda session: self.added(session, name, role, fits, actor, known))

    def added(
        self,
        session: Session,
        name: str,
        role: str,
        scope: Sequence[str],
        actor: Actor,
        password: str | None = None,
    ) -> str:
        """The same within a transaction, once name and scope are checked; `password` is the hash of one."""
        if row_of(session, name) is not None:
            raise BadInput("account_exists", name=name)
        row = AccountRow(
            name=name,
            role=role,
            scope=json.dumps(scope),
            password=password,
            must_change=True,
            disabled=False,
            made_by=actor.name,
            made_at=self.clock(),
        )
        session.add(row)
        session.flush()
        code = secrets.token_urlsafe(24) if password is None else ""
        if code:
            self._invite(session, row, code)
        self.audit.append(session, actor, "account_add", name, role)
        return code

    def invite(self, name: str, actor: Actor) -> str:
        """A code with which the password is set anew, once; the old one is no longer good, nor are open sessions."""
        code = secrets.token_urlsafe(24)

        def work(session: Session) -> str:
            row = existing(session, name)
            row.password = None
            self._invite(session, row, code)
            end_sessions(session, row)
            self.audit.append(session, actor, "account_invite", name)
            return code

        return self.database.write(work)

    def _invite(self, session: Session, row: AccountRow, code: str) -> None:
        session.execute(delete(InvitationRow).where(InvitationRow.account_id == row.id))
        session.add(InvitationRow(code=hash_of(code), account_id=row.id, until=self.clock() + INVITED_FOR))

    def set_role(self, name: str, role: str, scope: Sequence[str], actor: Actor) -> None:
        """Another role or scope, from the next click on."""
        fits = checked_role(role, scope)
        self.database.write(lambda session: self.role_set(session, name, role, fits, actor))

    def role_set(self, session: Session, name: str, role: str, scope: Sequence[str], actor: Actor) -> None:
        """The same within a transaction, once the scope is checked."""
        row = existing(session, name)
        row.role, row.scope = role, json.dumps(scope)
        self.audit.append(session, actor, "account_role", name, role)

    def set_disabled(self, name: str, disabled: bool, actor: Actor) -> None:
        """Close an account, with its open pages, or open it again."""

        def work(session: Session) -> None:
            row = existing(session, name)
            row.disabled = disabled
            if disabled:
                end_sessions(session, row)
            self.audit.append(session, actor, "account_disable" if disabled else "account_enable", name)

        self.database.write(work)

    def log_in(self, name: str, password: str, address: str) -> str | None:
        """Token of a new session; None when name and password do not fit, or were tried too often.

        Which of these it was, and whether there is such an account, shows neither in the answer nor in its time.
        """
        name = name.strip()
        known = self.database.read(lambda session: row_of(session, name))
        fits = matches(password, known.password if known else None)
        subjects = (f"account:{name.casefold()}"[:250], f"address:{address}")

        def work(session: Session) -> str | None:
            row, now = row_of(session, name), self.clock()
            actor = Actor(name or "?", row.role if row else "?")
            locked = any(is_locked(session, one, now) for one in subjects)
            same = known is not None and row is not None and row.password == known.password
            if locked or not fits or row is None or row.disabled or not same:
                if not locked:
                    for one in subjects:
                        count_failure(session, one, now)
                self.audit.append(session, actor, "log_in", address, "locked" if locked else "refused")
                return None
            forget_failures(session, subjects[0])
            self.audit.append(session, actor, "log_in", address)
            return self.begin(session, row)

        return self.database.write(work)

    def accept(self, code: str, password: str) -> str:
        """Set a password by a code, once; the token of a session.

        Raises
        ------
        BadInput
            ``account_code``, or what `hashed` raises.
        """

        def work(session: Session) -> str:
            invitation = session.get(InvitationRow, hash_of(code))
            row = session.get(AccountRow, invitation.account_id) if invitation else None
            if invitation is None or row is None or row.disabled or self.clock() >= invitation.until:
                raise BadInput("account_code")
            row.password, row.must_change = hashed(password, row.name), False
            session.delete(invitation)
            self.audit.append(session, Actor(row.name, row.role), "password_set")
            return self.begin(session, row)

        return self.database.write(work)

    def change_password(self, token: str, old: str, new: str) -> str:
        """Another password; all other sessions end, and this one goes on under a new token.

        Raises
        ------
        BadInput
            ``password_wrong``, ``password_same``, or what `hashed` raises.
        """
        if old == new:
            raise BadInput("password_same")

        def work(session: Session) -> str:
            row = self._alive(session, token)
            if row is None or not matches(old, row.password):
                raise BadInput("password_wrong")
            row.password, row.must_change = hashed(new, row.name), False
            end_sessions(session, row)
            self.audit.append(session, Actor(row.name, row.role), "password_change")
            return self.begin(session, row)

        return self.database.write(work)

    def begin(self, session: Session, row: AccountRow) -> str:
        """Token of a new session, within a transaction."""
        token, now = secrets.token_urlsafe(32), self.clock()
        session.execute(delete(SessionRow).where(SessionRow.began_at <= now - LONGEST))
        session.add(SessionRow(token=hash_of(token), account_id=row.id, began_at=now, seen_at=now))
        return token

    def who(self, token: str | None) -> Account | None:
        """Whose session it is, as the account is now; None when it ended, was idle too long, or never was."""
        if not token:
            return None

        def look(session: Session) -> tuple[Account | None, bool]:
            row = self._alive(session, token)
            held = session.get(SessionRow, hash_of(token))
            late = held is not None and self.clock() - held.seen_at >= SEEN_EVERY
            return (as_account(row) if row else None), late

        found, late = self.database.read(look)
        if found and late:
            self.database.write(lambda session: self._touch(session, token))
        return found

    def _touch(self, session: Session, token: str) -> None:
        held = session.get(SessionRow, hash_of(token))
        if held is not None:
            held.seen_at = self.clock()

    def _alive(self, session: Session, token: str) -> AccountRow | None:
        held, now = session.get(SessionRow, hash_of(token)), self.clock()
        if held is None or now - held.seen_at >= IDLE or now - held.began_at >= LONGEST:
            return None
        row = session.get(AccountRow, held.account_id)
        return None if row is None or row.disabled else row

    def log_out(self, token: str) -> None:
        """End a session."""

        def work(session: Session) -> None:
            row = self._alive(session, token)
            session.execute(delete(SessionRow).where(SessionRow.token == hash_of(token)))
            if row is not None:
                self.audit.append(session, Actor(row.name, row.role), "log_out")

        self.database.write(work)

    def note(self, actor: Actor, what: str, whose: str = "", result: str = "done") -> None:
        """Write a row of the audit for what changes nothing: a list that was read, a search, a download.

        Raises
        ------
        StoreError
            When it cannot be written: then what it tells of must not happen.
        """
        self.database.write(lambda session: self.audit.append(session, actor, what, whose, result))

    def note_and(self, actor: Actor, what: str, whose: str, change: Callable[[Session], T]) -> T:
        """Do a change and write its row, both or neither."""

        def work(session: Session) -> T:
            done = change(session)
            self.audit.append(session, actor, what, whose)
            return done

        return self.database.write(work)
