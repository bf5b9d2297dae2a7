"""Brings a store to the schema of this version of the program, in one transaction."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from matcher.errors import BadInput
from matcher.store.database import Database

#: The newest migration; a test holds it against the folder, which is read only when a store is of another schema.
SCHEMA = "0011"
VERSION_TABLE = "matcher_version"
MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def prepare(database: Database) -> None:
    """Make or renew the tables where needed; a store that is up to date is only read.

    Raises
    ------
    BadInput
        ``store_not_ours`` for a database of something else, ``store_newer`` when a newer program made it.
    StoreError
        As `Database.write`; the store is as it was.
    """
    if database.read(lambda session: _found(session, database)) != SCHEMA:
        database.write(lambda session: _migrate(session, database), turn="migrate")


def _found(session: Session, database: Database) -> str | None:
    """The schema that is there, None in an empty database."""
    tables = inspect(session.connection()).get_table_names()
    if not tables:
        return None
    version = None
    if VERSION_TABLE in tables:
        version = session.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # nosec B608
    if version is None:
        raise BadInput("store_not_ours", store=database.name)
    return str(version)


def _migrate(session: Session, database: Database) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    found = _found(session, database)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    if found is not None and found not in known:
        raise BadInput("store_newer", store=database.name, found=found, known=SCHEMA)
    config.attributes["connection"] = session.connection()
    command.upgrade(config, "head")
