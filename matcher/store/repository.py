"""The store: saves all or nothing, forgets nothing, and lets nobody overwrite what they have not seen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, undefer

from matcher.errors import BadInput
from matcher.store.database import WAIT_S, Database
from matcher.store.location import locate_store
from matcher.store.models import PlanRow, RevisionRow, ScenarioRow
from matcher.store.records import (
    Document,
    Revision,
    SavedPlan,
    as_text,
    checked_name,
    packed,
    parent_of,
    unpacked,
)
from matcher.store.rows import (
    all_present,
    append,
    as_revision,
    as_saved_plan,
    existing,
    known,
    named,
    parent_id,
    present,
    refuse_conflict,
    saved_before,
    unknown,
)
from matcher.store.schema import prepare

if TYPE_CHECKING:
    from types import TracebackType

    import pandas as pd

    from matcher.plan.plan import Plan


def open_store(url: str | None = None, wait_s: float = WAIT_S) -> Store:
    """Open the store, making or renewing its tables where needed.

    Parameters
    ----------
    url : str, optional
        ``sqlite:///FILE`` or ``postgresql://…``; without it ``MATCHER_DATABASE_URL``, else a file of this user.
    wait_s : float
        Seconds for which each of three tries waits while others write.

    Raises
    ------
    BadInput
        A wrong address, a file of something else, or a store of a newer program.
    StoreError
        The database cannot be reached or written.
    """
    database = Database(locate_store(url), wait_s)
    prepare(database)
    return Store(database)


class Store:
    """Scenarios and plans, see `open_store`; closes itself at the end of a ``with``.

    Every method raises `StoreError` when the database fails.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database; nothing waits to be written."""
        self.database.engine.dispose()

    def save_scenario(
        self, name: str, document: Document, by: str, based_on_version: int | None = None
    ) -> Revision:
        """Save a new scenario, or a new revision of one.

        Parameters
        ----------
        name : str
            Up to 200 characters; never used as a path.
        document : dict
            JSON; ``parent``, where given, names a stored scenario, ``title`` is shown in lists.
        by : str
            Who saves.
        based_on_version : int, optional
            The version that was edited; None where the name should be free.

        Returns
        -------
        Revision
            As saved. Saving the same once more, as after a lost connection, gives what is there.

        Raises
        ------
        ConflictError
            ``store_conflict`` when another version is there than `based_on_version`, ``store_conflict_deleted`` when
            it was deleted; carries `document`, which may be saved under another name or based on what is there.
        BadInput
            For a name, document or parent that cannot be.
        """
        name, by, text = checked_name("name", name), checked_name("by", by), as_text(document)
        parent = parent_of(document)

        def work(session: Session) -> Revision:
            row = session.scalar(named(name))
            if row is not None:
                there = present(session, row)
                if saved_before(there, text, by, based_on_version):
                    return there
                refuse_conflict(there, document, based_on_version)
            elif based_on_version is not None:
                raise unknown(session, name)
            else:
                row = ScenarioRow(name=name, version=0)
                session.add(row)
            row.parent_id = parent_id(session, row, parent)
            return append(session, row, text, by)

        return self.database.write(work)

    def delete_scenario(self, name: str, by: str) -> Revision:
        """Take a scenario out of the lists; its history and plans stay, and saving it again brings it back.

        Raises
        ------
        BadInput
            ``store_unknown``, or ``store_has_children`` while other scenarios build on it.
        """
        by = checked_name("by", by)

        def work(session: Session) -> Revision:
            row = existing(session, name)
            children = session.scalars(select(ScenarioRow.name).where(ScenarioRow.parent_id == row.id)).all()
            if children:
                raise BadInput("store_has_children", name=name, children=", ".join(sorted(children)))
            row.parent_id = None
            return append(session, row, None, by)

        return self.database.write(work)

    def scenarios(self) -> list[Revision]:
        """The present revision of every scenario, by name."""
        return self.database.read(lambda session: sorted(all_present(session), key=lambda one: one.name))

    def scenario(self, name: str, version: int | None = None) -> Revision:
        """One scenario, as it is or as it was.

        Raises
        ------
        BadInput
            ``store_unknown`` or ``store_unknown_version``.
        """

        def work(session: Session) -> Revision:
            if version is None:
                return present(session, existing(session, name))
            found = session.get(RevisionRow, (known(session, name).id, version))
            if found is None:
                raise BadInput("store_unknown_version", name=name, version=version)
            return as_revision(name, found)

        return self.database.read(work)

    def lineage(self, name: str) -> list[Revision]:
        """The present revisions of a scenario and of all that it builds on: the oldest ancestor first, itself last.

        Raises
        ------
        BadInput
            ``store_unknown``
        """

        def work(session: Session) -> list[Revision]:
            row: ScenarioRow | None = existing(session, name)
            found = []
            while row is not None:
                found.append(present(session, row))
                row = session.get(ScenarioRow, row.parent_id) if row.parent_id else None
            return found[::-1]

        return self.database.read(work)

    def history(self, name: str) -> list[Revision]:
        """All revisions, oldest first, also of a deleted scenario.

        Raises
        ------
        BadInput
            ``store_unknown``
        """

        def work(session: Session) -> list[Revision]:
            wanted = select(RevisionRow).where(RevisionRow.scenario_id == known(session, name).id)
            return [as_revision(name, row) for row in session.scalars(wanted.order_by(RevisionRow.version))]

        return self.database.read(work)

    def save_plan(self, plan: Plan, by: str, scenario: Revision | None = None) -> SavedPlan:
        """Save a plan; the same plan of the same revision is kept once.

        Parameters
        ----------
        plan : Plan
            Its outcome and `ASSIGNMENT_COLUMNS` are kept.
        by : str
            Who made it.
        scenario : Revision, optional
            The revision that was solved; None for the data as they are.
        """
        by = checked_name("by", by)
        outcome, text, blob = plan.outcome, as_text(plan.outcome.as_dict()), packed(plan.assignments)

        def work(session: Session) -> SavedPlan:
            row_id = known(session, scenario.name).id if scenario else None
            version = scenario.version if scenario else None
            row = session.scalar(
                select(PlanRow).where(
                    PlanRow.scenario_id.is_not_distinct_from(row_id),
                    PlanRow.version.is_not_distinct_from(version),
                    PlanRow.fingerprint == outcome.fingerprint,
                )
            )
            if row is None:
                row = PlanRow(
                    scenario_id=row_id,
                    version=version,
                    fingerprint=outcome.fingerprint,
                    policy_id=plan.policy.id,
                    policy_digest=plan.policy.digest,
                    residents=outcome.residents,
                    served=outcome.served,
                    total_cost_m=outcome.total_cost_m,
                    outcome=text,
                    assignments=blob,
                    saved_by=by,
                    saved_at=datetime.now(UTC),
                )
                session.add(row)
                session.flush()
            return as_saved_plan(scenario.name if scenario else None, row)

        return self.database.write(work)

    def plans_of(self, name: str | None) -> list[SavedPlan]:
        """Plans of all revisions of a scenario, oldest first; with None those of the data as they are.

        Raises
        ------
        BadInput
            ``store_unknown``
        """

        def work(session: Session) -> list[SavedPlan]:
            row_id = None if name is None else known(session, name).id
            wanted = select(PlanRow).where(PlanRow.scenario_id.is_not_distinct_from(row_id))
            return [as_saved_plan(name, row) for row in session.scalars(wanted.order_by(PlanRow.id))]

        return self.database.read(work)

    def plan_named(self, fingerprint: str) -> SavedPlan | None:
        """The plan of the data as they are with this fingerprint; None where none is kept."""

        def work(session: Session) -> SavedPlan | None:
            wanted = select(PlanRow).where(PlanRow.scenario_id.is_(None), PlanRow.fingerprint == fingerprint)
            row = session.scalar(wanted.order_by(PlanRow.id))
            return None if row is None else as_saved_plan(None, row)

        return self.database.read(work)

    def forget_plans(self, by: str, most: int) -> None:
        """Of the plans of the data as they are that one has saved, keep the newest `most`."""

        def work(session: Session) -> None:
            own = select(PlanRow.id).where(PlanRow.scenario_id.is_(None), PlanRow.saved_by == by)
            old = session.scalars(own.order_by(PlanRow.id.desc()).offset(most)).all()
            session.execute(delete(PlanRow).where(PlanRow.id.in_(old)))

        self.database.write(work)

    def assignments_of(self, plan: SavedPlan) -> pd.DataFrame:
        """Who is served by whom: `ASSIGNMENT_COLUMNS`, by resident id."""

        def work(session: Session) -> bytes:
            return session.get_one(PlanRow, plan.id, options=[undefer(PlanRow.assignments)]).assignments

        return unpacked(self.database.read(work))
