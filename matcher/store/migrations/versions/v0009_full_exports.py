"""Files with full id numbers that wait for a second person, were granted or fetched."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "full_exports",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("provider_id", sa.Text, nullable=False, index=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("settled_by", sa.Text),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
    )
