"""One database, SQLite or PostgreSQL: transactions that happen or do not, and what its errors mean to a user."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from matcher.errors import BadInput, StoreError
from matcher.store.location import told

T = TypeVar("T")

WAIT_S = 5.0
_TRIES = 3
#: Who brings the schema up to date holds this lock of the PostgreSQL server ("Mtch").
_MIGRATION_LOCK = 0x4D746368

_SQLITE_KINDS = {
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "readonly",
    sqlite3.SQLITE_PERM: "readonly",
    sqlite3.SQLITE_CANTOPEN: "unreachable",
    sqlite3.SQLITE_NOTADB: "not_ours",
    sqlite3.SQLITE_CORRUPT: "not_ours",
}
_POSTGRESQL_KINDS = {
    "40001": "busy",  # serialization_failure
    "40P01": "busy",  # deadlock_detected
    "55P03": "busy",  # lock_not_available
    "53100": "full",  # disk_full
    "25006": "readonly",  # read_only_sql_transaction
    "42501": "readonly",  # insufficient_privilege
    "57P01": "lost",  # admin_shutdown
    "57P02": "lost",  # crash_shutdown
    "57P03": "unreachable",  # cannot_connect_now
}


class Database:
    """Runs work in transactions.

    Writers take turns: ``BEGIN IMMEDIATE`` on SQLite, a lock of the table of scenarios on PostgreSQL, both before the
    first look. So what a writer has read is still true when it writes. Readers see one state and block nobody.

    Parameters
    ----------
    url : URL
        From `locate_store`; a SQLite file is made, for this user only, where it lacks.
    wait_s : float
        How long each of three tries waits for its turn.

    Raises
    ------
    StoreError
        ``store_unreachable`` when the file cannot be made.
    """

    def __init__(self, url: URL, wait_s: float = WAIT_S) -> None:
        self.name = told(url)
        self._wait_s = wait_s
        self.sqlite = url.drivername == "sqlite"
        if self.sqlite:
            self._make_file(Path(str(url.database)))
        self.engine = _engine(url, wait_s)

    def _make_file(self, path: Path) -> None:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return
        except OSError as error:
            raise StoreError("store_unreachable", store=self.name, detail=error.strerror) from error

    def read(self, work: Callable[[Session], T]) -> T:
        """What `work` returns; it sees one state of the whole database."""
        return self._run(self.engine, work)

    def write(self, work: Callable[[Session], T], turn: str = "write") -> T:
        """What `work` returns, after everything that it changed was saved; or an error, and nothing was.

        Parameters
        ----------
        work : callable
            May be called up to three times, each time on a fresh state.
        turn : {"write", "migrate"}
            What to wait for.

        Raises
        ------
        StoreError
            ``store_unsure`` when the answer to COMMIT got lost: saved whole or not at all. Otherwise nothing is saved.
        """
        options: dict[str, Any] = {"turn": turn}
        if turn == "migrate" and not self.sqlite:
            options["isolation_level"] = "READ COMMITTED"  # what others migrated while we waited must be seen
        return self._run(self.engine.execution_options(**options), work)

    def _run(self, engine: Engine, work: Callable[[Session], T]) -> T:
        for _ in range(_TRIES):
            stage = "connect"
            try:
                with Session(engine, expire_on_commit=False) as session:
                    session.connection()
                    stage = "work"
                    result = work(session)
                    session.flush()
                    stage = "commit"
                    session.commit()
                    return result
            except (DBAPIError, sqlite3.Error, psycopg.Error) as error:
                refused = self._meaning(error, stage)
                if refused.code != "store_busy":
                    raise refused from error
        raise refused

    def _meaning(self, error: Exception, stage: str) -> BadInput | StoreError:
        """The error in our words; never in the driver's, which may quote addresses and values."""
        cause = getattr(error, "orig", None) or error
        kind = _kind(cause)
        if kind == "lost" and stage == "connect":
            kind = "unreachable"
        elif kind in ("lost", "broken") and stage == "commit":
            kind = "unsure"
        if kind == "not_ours":
            return BadInput("store_not_ours", store=self.name)
        return StoreError(
            f"store_{kind}",
            store=self.name,
            detail=f"{type(cause).__name__} {_code(cause)}".strip(),
            seconds=f"{self._wait_s * _TRIES:g}",
        )


def _kind(error: BaseException) -> str:
    if isinstance(error, sqlite3.Error):
        return _SQLITE_KINDS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "broken")
    state = getattr(error, "sqlstate", None)
    if state is None or state.startswith("08"):
        return "lost" if isinstance(error, psycopg.OperationalError) else "broken"
    return _POSTGRESQL_KINDS.get(state, "broken")


def _code(error: BaseException) -> str:
    return getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None) or ""


def _engine(url: URL, wait_s: float) -> Engine:
    """No pool: a planner saves a few times an hour, and no connection that went stale is ever used."""
    if url.drivername == "sqlite":
        engine = create_engine(
            url, poolclass=NullPool, hide_parameters=True, connect_args={"timeout": wait_s}
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    alive = {  # a server or a network that is silently gone is noticed within half a minute
        "connect_timeout": 10,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    }
    engine = create_engine(
        url, poolclass=NullPool, hide_parameters=True, connect_args=alive, isolation_level="SERIALIZABLE"
    )

    def begin(connection: Connection) -> None:
        if turn := connection.get_execution_options().get("turn"):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, round(wait_s * 1000))}")
            connection.exec_driver_sql(
                "LOCK TABLE scenarios IN SHARE ROW EXCLUSIVE MODE"
                if turn == "write"
                else f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"
            )

    event.listen(engine, "begin", begin)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """A rollback journal, for WAL can corrupt before SQLite 3.51.3; COMMIT returns when the disk has it.

    What is deleted is overwritten: it may have told of a person.
    """
    connection.isolation_level = None  # transactions are begun by _begin_sqlite and by nobody else
    for setting in ("foreign_keys = ON", "journal_mode = DELETE", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {setting}")


def _begin_sqlite(connection: Connection) -> None:
    """A read that becomes a write fails at once when another writes, whatever the timeout: writers say so first."""
    writes = "turn" in connection.get_execution_options()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
