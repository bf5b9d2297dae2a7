"""All that is kept here of one person, deleted: in versions of the data, plans, requests, decisions, visits, answers.

The audit stays, in which a person is a sign; so does the folder that the app was started on, which is the office's own.
What dies in the middle is finished by doing the same again.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from shutil import rmtree

import pyarrow.parquet as pq
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, undefer

from matcher.accounts.accounts import Accounts
from matcher.accounts.audit import Actor
from matcher.accounts.deletions import whom
from matcher.app import datasets, persons
from matcher.app.home import home
from matcher.app.jobs import jobs
from matcher.app.pseudonyms import ALSO, with_pseudonyms
from matcher.errors import BadInput
from matcher.files.results import settle
from matcher.inputs import Inputs
from matcher.intake.check import check
from matcher.intake.read import read_folder
from matcher.store.models import DecisionRow, DeletionRow, PlanRow, RequestRow, VisitRow
from matcher.store.pseudonym import pseudonym
from matcher.tables import TABLES

_ABOUT_PEOPLE = (DecisionRow, RequestRow, VisitRow, DeletionRow)


@dataclass(frozen=True)
class Kept:
    """What is kept of a person.

    Parameters
    ----------
    versions : tuple of Version
        Of the data, that know them.
    plans : tuple of int
        Rows of the store that place them.
    rows : int
        Requests, decisions and visits marked as done.
    answers : int
        Jobs that have ended; any of them may tell of anybody.
    running : int
        Jobs that still run.
    """

    versions: tuple[datasets.Version, ...]
    plans: tuple[int, ...]
    rows: int
    answers: int
    running: int

    @property
    def anything(self) -> bool:
        """Whether anything is known to tell of the person."""
        return bool(self.versions or self.plans or self.rows)


def kept_of(accounts: Accounts, resident_id: str) -> Kept:
    """What is kept of a person; nothing is changed.

    Raises
    ------
    BadInput
        ``forget_unreadable`` for a version that cannot be searched.
    """
    resident_id = pseudonym(resident_id)
    known = tuple(
        one for one in datasets.everywhere() if resident_id in set(_inputs(one).residents["resident_id"])
    )
    answers, running = len(list(home("jobs").iterdir())), sum(one.state == "running" for one in jobs())

    def look(session: Session) -> tuple[tuple[int, ...], int]:
        rows = sum(
            session.scalar(select(func.count()).select_from(table).where(table.resident_id == resident_id))
            or 0
            for table in _ABOUT_PEOPLE
        )
        return tuple(_plans_with(session, resident_id)), rows

    plans, rows = accounts.database.read(look)
    return Kept(known, plans, rows, answers - running, running)


def forget(accounts: Accounts, resident_id: str, reason: str, actor: Actor) -> Kept:
    """Delete what is kept of a person, with rows of the audit at its beginning and at its end.

    Parameters
    ----------
    accounts : Accounts
    resident_id : str
        Or the id number that a person went by before it was exchanged for a pseudonym.
    reason : str
        Stands in the audit: no name belongs into it.
    actor : Actor

    Returns
    -------
    Kept
        What there was.

    Raises
    ------
    BadInput
        ``forget_reason``, ``forget_nobody``, ``forget_running`` while a job still runs, or as `kept_of`.
    StoreError
        When a row of the audit cannot be written: at the beginning nothing has been deleted then.
    """
    if not reason.strip():
        raise BadInput("forget_reason")
    resident_id = pseudonym(resident_id)
    datasets.remove_drafts()
    kept = kept_of(accounts, resident_id)
    if not kept.anything:
        raise BadInput("forget_nobody")
    if kept.running:
        raise BadInput("forget_running", number=kept.running)
    sign = accounts.audit.sign(resident_id)
    accounts.note(actor, "forget_begin", sign, reason.strip())
    for version in kept.versions:
        datasets.rewrite(version, without(_inputs(version), resident_id))
    for answer in home("jobs").iterdir():
        rmtree(answer)

    def work(session: Session) -> None:
        session.execute(delete(PlanRow).where(PlanRow.id.in_(list(_plans_with(session, resident_id)))))
        for table in _ABOUT_PEOPLE:
            session.execute(delete(table).where(table.resident_id == resident_id))

    accounts.note_and(actor, "forget", sign, work)
    return kept


def grant_deletion(accounts: Accounts, id: int, actor: Actor) -> Kept:
    """Delete a person as another one asked for; what dies in the middle still waits, and is granted again.

    Raises
    ------
    BadInput
        As `accounts.deletions.whom` and `forget`.
    """
    resident_id, reason = whom(accounts, id, actor)
    return forget(accounts, resident_id, reason, actor)


def without(inputs: Inputs, resident_id: str) -> Inputs:
    """Inputs in which no row of any table tells of a person."""
    changed = {}
    for name, columns in TABLES.items():
        table = getattr(inputs, name)
        own = ["resident_id"] if name == "residents" else []
        own += [one.name for one in columns if one.refers == "residents" or one.name in ALSO]
        keep = ~(table[own] == resident_id).any(axis=1) if own else None
        if keep is not None and not keep.all():
            changed[name] = table[keep].reset_index(drop=True)
    return inputs.replace(**changed)


def _inputs(version: datasets.Version) -> Inputs:
    """The tables of a version, with what is sealed."""
    settle(version.folder)
    checked = check(read_folder(version.folder, online=False))
    if checked.inputs is None:
        raise BadInput("forget_unreadable", file=version.folder)
    return with_pseudonyms(persons.joined(checked.inputs, version.folder))


def _plans_with(session: Session, resident_id: str) -> Iterator[int]:
    for row in session.scalars(
        select(PlanRow).options(undefer(PlanRow.assignments)).execution_options(yield_per=1)
    ):
        people = pq.read_table(io.BytesIO(row.assignments), columns=["resident_id"])["resident_id"]
        if resident_id in set(people.to_pylist()):
            yield row.id
