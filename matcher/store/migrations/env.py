"""Alembic's door: runs the migrations on the connection, and in the transaction, that `schema.prepare` gives."""

from alembic import context

from matcher.store.models import Base
from matcher.store.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
