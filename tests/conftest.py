"""The two databases that the store is tried on; random examples that are the same every time."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.helpers.browser import must_not_skip
from tests.helpers.examples import examples
from tests.helpers.postgres import Server, find_postgres

# Whoever starts the tests in the background (nohup, a job of a shell) may have let Ctrl+C be ignored, and what the
# tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("same", examples(100))
settings.load_profile("same")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server for this run of the tests; without one the test is skipped, but fails in CI."""
    programs = find_postgres()
    if programs is None:
        reason = "no PostgreSQL server found on this machine"
        if must_not_skip():
            pytest.fail(f"{reason}, and in CI its tests must not be skipped")
        pytest.skip(reason)
    server = Server(programs)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path) -> str:
    """Address of an empty store, once on each database."""
    if request.param == "sqlite":
        return f"sqlite:///{(tmp_path / 'store.sqlite3').as_posix()}"
    return request.getfixturevalue("postgres").new_database()
