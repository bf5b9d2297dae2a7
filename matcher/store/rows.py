"""The rows behind the store's records: finding them, and the rules by which a revision is added."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from matcher.errors import BadInput, ConflictError, StoreError
from matcher.store.models import PlanRow, RevisionRow, ScenarioRow
from matcher.store.records import Document, Revision, SavedPlan, as_text, checked_name
from matcher.words.nearest import nearest


def named(name: str) -> Select[ScenarioRow]:
    """The row of a name."""
    return select(ScenarioRow).where(ScenarioRow.name == name)


def known(session: Session, name: str) -> ScenarioRow:
    """The row of a name that was ever used."""
    row = session.scalar(named(checked_name("name", name)))
    if row is None:
        raise unknown(session, name)
    return row


def existing(session: Session, name: str) -> ScenarioRow:
    """The row of a scenario that is not deleted."""
    row = known(session, name)
    if present(session, row).document is None:
        raise unknown(session, name)
    return row


def unknown(session: Session, name: str) -> BadInput:
    """The error that tells names like this one."""
    names = [one.name for one in all_present(session)]
    like = nearest(name, names, most=3, cutoff=0.3)
    return BadInput("store_unknown", name=name, allowed=", ".join(like) or "–")


def all_present(session: Session) -> Iterator[Revision]:
    """Present revisions of what is not deleted."""
    wanted = select(ScenarioRow.name, RevisionRow).join(
        RevisionRow,
        (RevisionRow.scenario_id == ScenarioRow.id) & (RevisionRow.version == ScenarioRow.version),
    )
    for name, row in session.execute(wanted.where(RevisionRow.document.is_not(None))):
        yield as_revision(name, row)


def present(session: Session, row: ScenarioRow) -> Revision:
    """What stands under a name now, be it a deletion."""
    return as_revision(row.name, session.get_one(RevisionRow, (row.id, row.version)))


def as_revision(name: str, row: RevisionRow) -> Revision:
    """The record of a row."""
    document = None if row.document is None else _document(row.document, f"{name} {row.version}")
    return Revision(name, row.version, document, row.saved_by, row.saved_at)


def saved_before(there: Revision, text: str, by: str, based_on: int | None) -> bool:
    """Whether exactly this save has succeeded already: a double click, or an answer that got lost."""
    if there.document is None or there.saved_by != by or as_text(there.document) != text:
        return False
    return based_on is None or there.version == based_on + 1


def refuse_conflict(there: Revision, document: Document, based_on: int | None) -> None:
    """Raise unless the save is based on what is there; a deleted scenario's name is free."""
    deleted = there.document is None
    if based_on == (None if deleted else there.version):
        return
    raise ConflictError(
        "store_conflict_deleted" if deleted else "store_conflict",
        document,
        name=there.name,
        version=there.version,
        by=there.saved_by,
        at=f"{there.saved_at:%Y-%m-%d %H:%M:%S} UTC",
        found="–" if based_on is None else based_on,
    )


def parent_id(session: Session, row: ScenarioRow, parent: str | None) -> int | None:
    """The parent's id; raises where it is not there or builds on `row` itself."""
    if parent is None:
        return None
    chain = [row.name, parent]
    found = session.scalar(named(parent))
    if found is None or (found is not row and present(session, found).document is None):
        raise BadInput("store_unknown_parent", name=row.name, parent=parent)
    above = found
    while above is not row and above.parent_id is not None:
        above = session.get_one(ScenarioRow, above.parent_id)
        chain.append(above.name)
    if above is row:
        raise BadInput("store_cycle", name=row.name, chain=" → ".join(chain))
    return found.id


def append(session: Session, row: ScenarioRow, document: str | None, by: str) -> Revision:
    """The next revision of a scenario."""
    row.version += 1
    session.flush()
    added = RevisionRow(
        scenario_id=row.id, version=row.version, document=document, saved_by=by, saved_at=datetime.now(UTC)
    )
    session.add(added)
    session.flush()
    return as_revision(row.name, added)


def as_saved_plan(scenario: str | None, row: PlanRow) -> SavedPlan:
    """The record of a row."""
    return SavedPlan(
        id=row.id,
        scenario=scenario,
        version=row.version,
        fingerprint=row.fingerprint,
        policy_id=row.policy_id,
        policy_digest=row.policy_digest,
        residents=row.residents,
        served=row.served,
        total_cost_m=row.total_cost_m,
        outcome=_document(row.outcome, f"{scenario or '-'} {row.version or ''}".strip()),
        saved_by=row.saved_by,
        saved_at=row.saved_at,
    )


def _document(text: str, name: str) -> dict[str, Any]:
    """The values of a row, which only this program writes.

    Raises
    ------
    StoreError
        When somebody else has written there.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StoreError("store_strange_row", name=name, detail=type(error).__name__) from None
    if not isinstance(found, dict):
        raise StoreError("store_strange_row", name=name, detail=type(found).__name__)
    return found
