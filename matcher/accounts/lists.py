"""Working lists: how a clinic narrows its roster, under a name, for oneself or for all who see that roster."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matcher.accounts.accounts import Accounts
from matcher.accounts.audit import Actor
from matcher.errors import BadInput
from matcher.store.models import ListRow
from matcher.store.records import checked_name

Wanted = Mapping[str, object]


@dataclass(frozen=True)
class WorkingList:
    """A list of a provider's roster; ``wanted`` are fields of `results.desk.Wanted`, never a name that was typed."""

    id: int
    name: str
    wanted: Wanted
    shared: bool
    made_by: str


def save_list(
    accounts: Accounts, actor: Actor, provider_id: str, name: str, wanted: Wanted, *, shared: bool
) -> None:
    """Keep a list; one's own of that name is written anew.

    Raises
    ------
    BadInput
        ``list_exists`` where somebody else shares one of that name, ``list_text`` where a search is among what is
        wanted, or what `checked_name` raises.
    """
    name = checked_name("list", name)
    if wanted.get("text"):
        raise BadInput("list_text")

    def work(session: Session) -> None:
        there = session.scalars(
            select(ListRow).where(ListRow.provider_id == provider_id, ListRow.name == name)
        ).all()
        own = next((row for row in there if row.made_by == actor.name), None)
        if any(row.shared for row in there if row is not own):
            raise BadInput("list_exists", name=name)
        if own is None:
            own = ListRow(provider_id=provider_id, name=name, made_by=actor.name, made_at=accounts.clock())
            session.add(own)
        own.wanted, own.shared = json.dumps(dict(wanted), sort_keys=True), shared

    accounts.note_and(actor, "list_saved", provider_id, work)


def lists_of(accounts: Accounts, actor: Actor, provider_id: str) -> list[WorkingList]:
    """One's own lists and those that others share, by name."""

    def work(session: Session) -> list[WorkingList]:
        mine = or_(ListRow.made_by == actor.name, ListRow.shared)
        wanted = (
            select(ListRow).where(ListRow.provider_id == provider_id, mine).order_by(ListRow.name, ListRow.id)
        )
        return [
            WorkingList(row.id, row.name, json.loads(row.wanted), row.shared, row.made_by)
            for row in session.scalars(wanted)
        ]

    return accounts.database.read(work)


def drop_list(accounts: Accounts, actor: Actor, id: int) -> bool:
    """Forget one's own list; False where it is somebody else's, or gone."""

    def work(session: Session) -> bool:
        row = session.get(ListRow, id)
        if row is None or row.made_by != actor.name:
            return False
        accounts.audit.append(session, actor, "list_dropped", row.provider_id, "done")
        session.delete(row)
        return True

    return accounts.database.write(work)
