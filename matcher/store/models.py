"""The tables: scenarios, their revisions and plans; accounts and sessions; requests, decisions, visits; the audit."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, ForeignKey, ForeignKeyConstraint, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time; SQLite, which knows no zones, keeps it as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """In UTC, whatever zone the server speaks in."""
        if value is None or value.tzinfo is not None:
            return value and value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Root of the tables."""


class ScenarioRow(Base):
    """A name, and which revision of it is the present one. A deleted scenario keeps its row and its history."""

    __tablename__ = "scenarios"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    version: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("scenarios.id"), index=True)


class RevisionRow(Base):
    """What was saved under a name, by whom and when; never changed. Without a document it tells of a deletion."""

    __tablename__ = "revisions"

    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenarios.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[str | None] = mapped_column(Text)
    saved_by: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlanRow(Base):
    """A plan of one revision, or of the data as they are (no scenario).

    The assignments are one Parquet file in a blob: nobody asks the database for a single one of 250,000 rows, plans
    are read and written whole, and so a plan is one insert of a few megabytes.
    """

    __tablename__ = "plans"
    __table_args__ = (
        ForeignKeyConstraint(["scenario_id", "version"], ["revisions.scenario_id", "revisions.version"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scenario_id: Mapped[int | None] = mapped_column(index=True)
    version: Mapped[int | None]
    fingerprint: Mapped[str] = mapped_column(Text)
    policy_id: Mapped[str] = mapped_column(Text)
    policy_digest: Mapped[str] = mapped_column(Text)
    residents: Mapped[int]
    served: Mapped[int]
    total_cost_m: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(Text)
    assignments: Mapped[bytes] = mapped_column(deferred=True)
    saved_by: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AccountRow(Base):
    """Somebody who may log in; never deleted, since the audit names them."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    role: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    password: Mapped[str | None] = mapped_column(Text)
    must_change: Mapped[bool]
    disabled: Mapped[bool]
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SessionRow(Base):
    """A browser that is logged in; the token itself is in the browser alone."""

    __tablename__ = "sessions"

    token: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class InvitationRow(Base):
    """A code with which somebody sets a password once."""

    __tablename__ = "invitations"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class FailureRow(Base):
    """A failed login, of an account or from an address."""

    __tablename__ = "failures"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(Text, index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LockRow(Base):
    """An account or an address from which nobody logs in until then."""

    __tablename__ = "locks"

    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class RequestRow(Base):
    """What a clinic says of a person on its list, and what became of it."""

    __tablename__ = "requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[str] = mapped_column(Text, index=True)
    provider_id: Mapped[str] = mapped_column(Text, index=True)
    kind: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(Text)
    settled_by: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    value: Mapped[str | None] = mapped_column(Text)


class DecisionRow(Base):
    """What was settled about a person, for the next match; one that ended stays as history. The value is sealed."""

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[str] = mapped_column(Text, index=True)
    what: Mapped[str] = mapped_column(Text)
    value: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"))
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class VisitRow(Base):
    """A visit that a clinic marked as done; one taken back stays as history. Service and outcome are sealed."""

    __tablename__ = "visits"

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[str] = mapped_column(Text, index=True)
    provider_id: Mapped[str] = mapped_column(Text, index=True)
    value: Mapped[str] = mapped_column(Text)
    visited_on: Mapped[date]
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ListRow(Base):
    """How somebody narrows a roster, under a name."""

    __tablename__ = "lists"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[str] = mapped_column(Text, index=True)
    name: Mapped[str] = mapped_column(Text)
    wanted: Mapped[str] = mapped_column(Text)
    shared: Mapped[bool]
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ApprovalRow(Base):
    """An account or a role that one administrator asks for and another one grants; what is settled stays."""

    __tablename__ = "approvals"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, index=True)
    role: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(Text)
    settled_by: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeletionRow(Base):
    """A person whose deletion one asks for and another grants; gone when the person is."""

    __tablename__ = "deletions"

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[str] = mapped_column(Text, index=True)
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PublicationRow(Base):
    """Data and a policy that one asks to be shown to everybody and another grants; what is settled stays."""

    __tablename__ = "publications"

    id: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[str] = mapped_column(Text, index=True)
    version: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    policy: Mapped[str] = mapped_column(Text)
    policy_text: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(Text)
    residents: Mapped[int]
    providers: Mapped[int]
    served: Mapped[int]
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    settled_by: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    policy_digest: Mapped[str | None] = mapped_column(Text)


class FullExportRow(Base):
    """A list with full id numbers that one asks for and another grants; what is settled stays, nobody stands in it."""

    __tablename__ = "full_exports"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[str] = mapped_column(Text, index=True)
    title: Mapped[str] = mapped_column(Text)
    people: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(Text)
    settled_by: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    persons: Mapped[str | None] = mapped_column(Text)


class AuditRow(Base):
    """What was done, once and for good: each row seals the one before it."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    local_at: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text)
    whose: Mapped[str] = mapped_column(Text)
    result: Mapped[str] = mapped_column(Text)
    seal: Mapped[str] = mapped_column(Text)


class AuditEndRow(Base):
    """The ends of the audit: what was removed when it was old enough, and the last row; so a cut shows."""

    __tablename__ = "audit_ends"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first: Mapped[int]
    before: Mapped[str] = mapped_column(Text)
    last: Mapped[int]
    seal: Mapped[str] = mapped_column(Text)
