"""What stands for the very people of a list with full id numbers; what was granted before has none."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the column."""
    op.add_column("full_exports", sa.Column("persons", sa.Text))
