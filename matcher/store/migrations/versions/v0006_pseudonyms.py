"""Residents who go by their id numbers get pseudonyms in what is kept of them."""

import sqlalchemy as sa
from alembic import op

from matcher.masking import id_number_mask, is_id_number
from matcher.store.pseudonym import pseudonym, pseudonyms
from matcher.store.records import packed, unpacked

revision = "0006"
down_revision = "0005"

_ABOUT_PEOPLE = ("requests", "decisions", "visits")


def upgrade() -> None:
    """Exchange the numbers; everybody else's id stays."""
    connection = op.get_bind()
    for name in _ABOUT_PEOPLE:
        table = sa.table(name, sa.column("resident_id", sa.Text))
        for id in connection.scalars(sa.select(table.c.resident_id).distinct()).all():
            if is_id_number(id):
                change = table.update().where(table.c.resident_id == id).values(resident_id=pseudonym(id))
                connection.execute(change)
    plans = sa.table("plans", sa.column("id", sa.Integer), sa.column("assignments", sa.LargeBinary))
    for id in connection.scalars(sa.select(plans.c.id)).all():
        kept = unpacked(
            connection.execute(sa.select(plans.c.assignments).where(plans.c.id == id)).scalar_one()
        )
        shaped = id_number_mask(kept["resident_id"])
        if shaped.any():
            kept.loc[shaped, "resident_id"] = pseudonyms(list(kept.loc[shaped, "resident_id"]))
            connection.execute(plans.update().where(plans.c.id == id).values(assignments=packed(kept)))
