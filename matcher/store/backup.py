"""One file with all that is kept, made while the app runs; and the way back, checked before anything is written."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import LargeBinary, Table, func, select, text
from sqlalchemy.orm import Session

from matcher import __version__
from matcher.errors import BadInput
from matcher.store.database import Database
from matcher.store.models import Base, UtcDateTime
from matcher.store.schema import SCHEMA

#: Folders of ``MATCHER_HOME`` that belong to it; jobs and open tabs do not outlive a machine.
FOLDERS = ("datasets", "drafts", "meanings", "policies")
KEYS = "keys"
MANIFEST = "manifest.json"
#: Tables whose rows end with the machine: who was logged in there logs in again.
_PASSING = ("sessions", "failures", "locks")
_FORM = 1


@dataclass(frozen=True)
class Kept:
    """What a backup holds.

    Parameters
    ----------
    tables : dict of str to int
        Rows of each table of the store.
    files : dict of str to str
        SHA-256 of each file, by its place below ``MATCHER_HOME``.
    """

    tables: dict[str, int]
    files: dict[str, str]


def make_backup(database: Database, home: Path, file: Path, *, with_keys: bool = False) -> Kept:
    """Write the backup, all of it or nothing; the store is seen in one state.

    Parameters
    ----------
    database : Database
    home : Path
        The folder ``MATCHER_HOME``.
    file : Path
        Must not exist; readable by this user alone.
    with_keys : bool
        Whether the keys of the audit and of the sealed names go with it: whoever has them and it can read all.

    Raises
    ------
    BadInput
        ``backup_exists``.
    OSError, StoreError
    """
    if file.exists():
        raise BadInput("backup_exists", file=file)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as stream:
            kept = database.read(lambda session: _written(session, home, stream, with_keys))
        _give_name(draft, file)
    finally:
        draft.unlink(missing_ok=True)
    return kept


def _give_name(draft: Path, file: Path) -> None:
    """The draft's content under its name, which nobody has taken meanwhile; the sticks of offices know no links."""
    try:
        os.link(draft, file)
    except FileExistsError:
        raise BadInput("backup_exists", file=file) from None
    except (OSError, NotImplementedError, AttributeError):
        os.replace(draft, file)


def _written(session: Session, home: Path, stream: Any, with_keys: bool) -> Kept:
    stream.seek(0)
    stream.truncate()
    tables, files = {}, {}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in _tables():
            rows = [_plain(row._mapping) for row in session.execute(select(table))]
            tables[table.name] = len(rows)
            lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
            archive.writestr(f"store/{table.name}.jsonl", lines)
        for path, name in _files(home, with_keys):
            content = path.read_bytes()
            files[name] = _hash(content)
            archive.writestr(f"home/{name}", content)
        told = {"form": _FORM, "schema": SCHEMA, "version": __version__, "made_at": _now()}
        archive.writestr(MANIFEST, json.dumps(told | {"tables": tables, "files": files}, indent=1))
    return Kept(tables, files)


def restore_backup(file: Path, database: Database, home: Path) -> Kept:
    """Put everything back into an empty store and home: all of it or nothing of the store.

    Nothing is written before the whole file was checked. Where a run before died, the next one goes on: files that are
    there already must be those of the backup.

    Parameters
    ----------
    file : Path
    database : Database
        Its schema up to date (`schema.prepare`), without rows.
    home : Path

    Raises
    ------
    BadInput
        ``backup_unreadable``, ``backup_changed``, ``backup_schema``, ``restore_not_empty``.
    OSError, StoreError
    """
    with _opened(file) as archive:
        kept = _checked(archive, file)
        _must_be_free(kept, home)
        for name in kept.files:
            _put(home, name, archive.read(f"home/{name}"))
        database.write(lambda session: _filled(session, archive, kept, database))
    return kept


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, FileNotFoundError) as error:
        raise BadInput("backup_unreadable", file=file) from error


def _checked(archive: zipfile.ZipFile, file: Path) -> Kept:
    """What the manifest says, once the rest of the file agrees."""
    try:
        told = json.loads(archive.read(MANIFEST))
        form, schema, kept = told["form"], told["schema"], Kept(dict(told["tables"]), dict(told["files"]))
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise BadInput("backup_unreadable", file=file) from error
    if (form, schema) != (_FORM, SCHEMA):
        raise BadInput("backup_schema", file=file, found=schema, known=SCHEMA)
    try:
        same = _agrees(archive, kept)
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile):
        same = False
    if not same:
        raise BadInput("backup_changed", file=file)
    return kept


def _agrees(archive: zipfile.ZipFile, kept: Kept) -> bool:
    """Whether the file holds what its manifest says, no more and no less, in places that are ours."""
    named = [f"store/{name}.jsonl" for name in kept.tables] + [f"home/{name}" for name in kept.files]
    return (
        sorted([*named, MANIFEST]) == sorted(archive.namelist())
        and set(kept.tables) == {table.name for table in _tables()}
        and all(map(_is_ours, kept.files))
        and all(_hash(archive.read(f"home/{name}")) == told for name, told in kept.files.items())
        and all(len(_rows(archive, name)) == number for name, number in kept.tables.items())
    )


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _is_ours(name: str) -> bool:
    """Whether a file lies in one of the folders, and nowhere else by way of ``..``."""
    parts = PurePosixPath(name).parts
    return len(parts) > 1 and parts[0] in (*FOLDERS, KEYS) and ".." not in parts and "\\" not in name


def _must_be_free(kept: Kept, home: Path) -> None:
    """Keys may have been put there before, as a backup without them asks for."""
    with_keys = any(name.startswith(f"{KEYS}/") for name in kept.files)
    for path, name in _files(home, with_keys):
        if kept.files.get(name) != _hash(path.read_bytes()):
            raise BadInput("restore_not_empty", where=path)


def _put(home: Path, name: str, content: bytes) -> None:
    """A file that this user alone may read, whole."""
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as stream:
        stream.write(content)
    os.replace(draft, path)


def _filled(session: Session, archive: zipfile.ZipFile, kept: Kept, database: Database) -> None:
    for table in _tables():
        if session.scalar(select(func.count()).select_from(table)):
            raise BadInput("restore_not_empty", where=f"{database.name} · {table.name}")
    for table in _tables():
        rows = [_typed(table, row) for row in _rows(archive, table.name)]
        own = [column for column in table.columns if any(map(column.references, table.primary_key.columns))]
        if rows:  # rows that refer to others of their table do so when these are there
            session.execute(table.insert(), [row | {column.name: None for column in own} for row in rows])
        for column in own:
            for row in rows:
                if row[column.name] is not None:
                    same = [key == row[key.name] for key in table.primary_key.columns]
                    session.execute(table.update().where(*same).values({column: row[column.name]}))
        if not database.sqlite:
            _count_on(session, table)


def _count_on(session: Session, table: Table) -> None:
    """Let PostgreSQL number new rows behind those that were put back."""
    (column, *others) = table.primary_key.columns
    if others or table.autoincrement_column is not column:
        return
    last = session.scalar(select(func.max(column)))
    if last is not None:
        told = {"table": table.name, "column": column.name, "last": last}
        session.execute(text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"), told)


def _tables() -> list[Table]:
    """Those that outlive a machine, each behind those that it refers to."""
    return [table for table in Base.metadata.sorted_tables if table.name not in _PASSING]


def _files(home: Path, with_keys: bool) -> Iterator[tuple[Path, str]]:
    for folder in (*FOLDERS, *((KEYS,) if with_keys else ())):
        for path in sorted((home / folder).rglob("*")):
            parts = path.relative_to(home).parts
            if path.is_file() and not any(part.startswith(".") for part in parts):
                yield path, "/".join(parts)


def _rows(archive: zipfile.ZipFile, table: str) -> list[dict[str, Any]]:
    lines = archive.read(f"store/{table}.jsonl").decode().split("\n")
    return [json.loads(line) for line in lines if line]


def _plain(row: Any) -> dict[str, Any]:
    return {name: _as_json(value) for name, value in row.items()}


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Values as the columns want them; a row with other columns is no row of the table."""
    made = {}
    for column in table.columns:
        value = row[column.name]
        if value is not None and isinstance(column.type, UtcDateTime):
            value = datetime.fromisoformat(value)
        elif value is not None and isinstance(column.type, LargeBinary):
            value = base64.b64decode(value)
        made[column.name] = value
    return made


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
