"""What clinics, viewers and planners with a scope see: data and a policy that one planner asks for and another grants.

The one who grants is another planner or an administrator, who sees numbers alone. The newest that was granted is what
is published; before the first one, that is the folder and the policy that the app was started with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from matcher.accounts.accounts import Accounts
from matcher.accounts.approvals import GRANTED, OPEN, REFUSED
from matcher.accounts.audit import Actor
from matcher.accounts.rows import change_once
from matcher.errors import BadInput
from matcher.store.models import PublicationRow


@dataclass(frozen=True)
class Edition:
    """What may be published.

    Parameters
    ----------
    data : str
        Stands for the folder that the app was started on.
    version : str
        Of the data; empty for the folder itself.
    title : str
    policy, policy_text : str
        The name of a shipped policy; of any other the text of its file, which may change or go.
    fingerprint : str
        Of all files and of the policy.
    residents, providers, served : int
        Persons and providers when it was asked for.
    policy_digest : str or None
        Of what the policy says: another release may ship other words under the same name, or read the same text
        otherwise. None where an earlier release kept none.
    """

    data: str
    version: str
    title: str
    policy: str
    policy_text: str
    fingerprint: str
    residents: int
    providers: int
    served: int
    policy_digest: str | None = None

    def shows(self, version: str, policy: tuple[str, str]) -> bool:
        """Whether it is of this version and this policy, a name and a text."""
        return (self.version, self.policy, self.policy_text) == (version, *policy)

    def reads_as(self, digest: str | None) -> bool:
        """Whether its policy says what it said when it was asked for."""
        return self.policy_digest == digest


@dataclass(frozen=True)
class Publication:
    """An edition that was asked for, and what became of it.

    Parameters
    ----------
    id : int
    edition : Edition
    asked_by : str
    asked_at : datetime
        UTC.
    state : {"open", "granted", "refused"}
    answer : str or None
        Why it was refused.
    settled_by : str or None
    settled_at : datetime or None
        UTC.
    """

    id: int
    edition: Edition
    asked_by: str
    asked_at: datetime
    state: str
    answer: str | None
    settled_by: str | None
    settled_at: datetime | None

    @property
    def was_refused(self) -> bool:
        """Whether another person refused it; who asked may have taken it back."""
        return self.state == REFUSED and self.settled_by != self.asked_by


def ask_publication(accounts: Accounts, actor: Actor, edition: Edition) -> None:
    """Ask that an edition be published.

    Raises
    ------
    BadInput
        ``publication_twice`` while another one waits, ``publication_same`` where it is published already.
    """

    def work(session: Session) -> None:
        if session.scalar(_newest(edition.data, OPEN)) is not None:
            raise BadInput("publication_twice")
        now = session.scalar(_newest(edition.data, GRANTED))
        if now is not None and _is_same(_edition(now), edition):
            raise BadInput("publication_same")
        session.add(
            PublicationRow(**asdict(edition), asked_by=actor.name, asked_at=accounts.clock(), state=OPEN)
        )
        accounts.audit.append(session, actor, "publication_ask", _told(edition), _by(edition))

    accounts.database.write(work)


def grant_publication(accounts: Accounts, actor: Actor, id: int, fingerprint: str) -> None:
    """Let everybody see what was asked for, once.

    Parameters
    ----------
    accounts : Accounts
    actor : Actor
    id : int
    fingerprint : str
        Of what would be published, as it is now.

    Raises
    ------
    BadInput
        ``approval_settled`` where somebody was quicker, ``publication_own`` for who asked, ``publication_stale`` where
        data or policy are no longer what was asked for.
    """

    def work(session: Session) -> None:
        asked = _taken(accounts, session, id, GRANTED, None, actor)
        if asked.asked_by == actor.name:
            raise BadInput("publication_own")
        if asked.edition.fingerprint != fingerprint:
            raise BadInput("publication_stale", title=asked.edition.title)
        accounts.audit.append(session, actor, "publication_grant", _told(asked.edition), _by(asked.edition))

    accounts.database.write(work)


def refuse_publication(accounts: Accounts, actor: Actor, id: int, answer: str = "") -> None:
    """Leave what is published as it is; refusing one's own is taking it back, and needs no answer.

    Raises
    ------
    BadInput
        ``approval_settled`` where somebody was quicker, ``publication_no_answer``.
    """

    def work(session: Session) -> None:
        asked = _taken(accounts, session, id, REFUSED, answer.strip() or None, actor)
        if asked.asked_by != actor.name and not asked.answer:
            raise BadInput("publication_no_answer")
        accounts.audit.append(session, actor, "publication_refuse", _told(asked.edition))

    accounts.database.write(work)


def newest(accounts: Accounts, data: str) -> Publication | None:
    """What was asked for last, settled or not; None where nothing ever was."""
    return _found(accounts, _newest(data))


def published(accounts: Accounts, data: str) -> Publication | None:
    """What everybody sees; None where nothing was published yet."""
    return _found(accounts, _newest(data, GRANTED))


def published_versions(accounts: Accounts) -> set[tuple[str, str]]:
    """``data`` and ``version`` of what is published or waits, for every folder that the app was ever started on."""

    def work(session: Session) -> Sequence[Any]:
        wanted = select(PublicationRow.data, PublicationRow.state, PublicationRow.version)
        wanted = wanted.where(PublicationRow.state.in_((OPEN, GRANTED)))
        return session.execute(wanted.order_by(PublicationRow.id)).all()

    last = {(row.data, row.state): row.version for row in accounts.database.read(work)}
    return {(data, version) for (data, _), version in last.items()}


def _newest(data: str, *states: str) -> Select[Any]:
    """Of those that are settled too the newest is that with the highest id: one alone waits at a time."""
    wanted = select(PublicationRow).where(PublicationRow.data == data)
    if states:
        wanted = wanted.where(PublicationRow.state.in_(states))
    return wanted.order_by(PublicationRow.id.desc()).limit(1)


def _found(accounts: Accounts, wanted: Select[Any]) -> Publication | None:
    def work(session: Session) -> Publication | None:
        row = session.scalar(wanted)
        return None if row is None else _publication(row)

    return accounts.database.read(work)


def _taken(
    accounts: Accounts, session: Session, id: int, state: str, answer: str | None, actor: Actor
) -> Publication:
    """Settle the row if it is open; of two at once the database lets one do so."""
    change = (
        update(PublicationRow)
        .where(PublicationRow.id == id, PublicationRow.state == OPEN)
        .values(state=state, answer=answer, settled_by=actor.name, settled_at=accounts.clock())
    )
    change_once(session, change)
    return _publication(session.get_one(PublicationRow, id))


def _publication(row: PublicationRow) -> Publication:
    return Publication(
        row.id,
        _edition(row),
        row.asked_by,
        row.asked_at,
        row.state,
        row.answer,
        row.settled_by,
        row.settled_at,
    )


def _edition(row: PublicationRow) -> Edition:
    return Edition(**{one.name: getattr(row, one.name) for one in fields(Edition)})


def _is_same(one: Edition, other: Edition) -> bool:
    shows_it = one.shows(other.version, (other.policy, other.policy_text))
    return shows_it and one.reads_as(other.policy_digest)


def _told(edition: Edition) -> str:
    """How the audit names it."""
    return f"{edition.title} {edition.version}".strip()


def _by(edition: Edition) -> str:
    """How the audit names the policy: one of the office's own by the start of its fingerprint."""
    return edition.policy or edition.fingerprint[:12]
