"""The digest of the policy of a publication; what was published before has none."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column."""
    op.add_column("publications", sa.Column("policy_digest", sa.Text))
