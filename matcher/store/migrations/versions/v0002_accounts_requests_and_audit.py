"""Accounts with sessions, requests of clinics, and the audit."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    _accounts()
    op.create_table(
        "requests",
        sa.Column("id", sa.Integer, primary_key=True),
        _text("resident_id", index=True),
        _text("provider_id", index=True),
        _text("kind"),
        _text("reason"),
        _text("state"),
        _text("made_by"),
        _time("made_at"),
        sa.Column("answer", sa.Text),
        sa.Column("settled_by", sa.Text),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        _time("at"),
        *(_text(name) for name in ("local_at", "who", "role", "what", "whose", "result", "seal")),
    )
    op.create_table(
        "audit_ends",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("first", sa.Integer, nullable=False),
        _text("before"),
        sa.Column("last", sa.Integer, nullable=False),
        _text("seal"),
    )


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer, primary_key=True),
        _text("name", unique=True),
        _text("role"),
        _text("scope"),
        sa.Column("password", sa.Text),
        sa.Column("must_change", sa.Boolean, nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        _text("made_by"),
        _time("made_at"),
    )
    op.create_table(
        "sessions", _text("token", primary_key=True), _account(), _time("began_at"), _time("seen_at")
    )
    op.create_table("invitations", _text("code", primary_key=True), _account(), _time("until"))
    op.create_table(
        "failures",
        sa.Column("id", sa.Integer, primary_key=True),
        _text("subject", index=True),
        _time("at"),
    )
    op.create_table("locks", _text("subject", primary_key=True), _time("until"))


def _text(
    name: str, *, primary_key: bool = False, unique: bool = False, index: bool = False
) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, primary_key=primary_key, unique=unique, index=index)


def _time(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _account() -> sa.Column[int]:
    return sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False, index=True)
