"""Accounts in an empty store, with a clock that the test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from matcher.accounts.accounts import Accounts
from matcher.accounts.audit import Actor, Audit
from matcher.store.database import Database
from matcher.store.location import locate_store
from matcher.store.schema import prepare

BOSS = Actor("root", "terminal")
GOOD = "Guan-li 2026"


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def accounts(store_url, clock):
    """On both databases, with the planner `liming` who has set a password."""
    database = Database(locate_store(store_url))
    prepare(database)
    accounts = Accounts(database, Audit(b"k" * 32), clock)
    code = accounts.add("liming", "planner", (), BOSS)
    accounts.log_out(accounts.accept(code, GOOD))
    yield accounts
    database.engine.dispose()
