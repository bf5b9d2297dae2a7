"""Accounts of a server that serves others, made before it starts and opened beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from matcher.accounts.accounts import Accounts
from matcher.accounts.audit import Actor, Audit
from matcher.store.database import Database
from matcher.store.keys import secret
from matcher.store.location import locate_store
from matcher.store.schema import prepare

PASSWORD = "Guan-li 2026"
ROOT_USER = Actor("root", "terminal")


@contextmanager
def accounts_in(folder: Path, people: Iterable[tuple[str, str, Sequence[str]]]) -> Iterator[Accounts]:
    """Accounts whose store and keys are where `served_others` looks for them; `people` are name, role and scope."""
    database = Database(locate_store(f"sqlite:///{(folder / 'store.sqlite3').as_posix()}"))
    prepare(database)
    (folder / "home" / "keys").mkdir(parents=True)
    made = Accounts(database, Audit(secret(folder / "home" / "keys", "audit")))
    for name, role, scope in people:
        made.accept(made.add(name, role, scope, ROOT_USER), PASSWORD)
    yield made
    database.engine.dispose()
