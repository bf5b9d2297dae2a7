"""What can go wrong with a store: afterwards it holds the old state or the new one, and a message says which."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event, text

from matcher.errors import BadInput, StoreError
from matcher.store.repository import open_store
from matcher.words.catalogues import LANGUAGES, t
from tests import ROOT
from tests.helpers.postgres import Server

OLD = {"edits": ["old"]}
NEW = {"edits": ["new"], "parent": "base"}

#: Saves versions of one scenario as fast as it can, each a long list of its own number, and tells each that is saved.
SAVER = """
import sys
from matcher.store.repository import open_store
with open_store(sys.argv[1]) as store:
    version = store.scenario("shared").version
    while True:
        document = {"edits": [version + 1] * 20_000}
        version = store.save_scenario("shared", document, "saver", version).version
        print(version, flush=True)
"""


@pytest.fixture
def store(store_url):
    """A store with a scenario `shared` at its first version, and one to build on."""
    with open_store(store_url, wait_s=0.3) as store:
        store.save_scenario("base", OLD, by="Li")
        store.save_scenario("shared", OLD, by="Li")
        yield store


@pytest.fixture
def lite(tmp_path):
    """The same on SQLite alone."""
    with open_store(f"sqlite:///{(tmp_path / 'store.sqlite3').as_posix()}", wait_s=0.1) as store:
        store.save_scenario("base", OLD, by="Li")
        store.save_scenario("shared", OLD, by="Li")
        yield store


def save(store):
    """The change that the faults hit: a new version with another parent."""
    return store.save_scenario("shared", NEW, by="Wang", based_on_version=1)


def state(store) -> str:
    """`old` or `new`; anything between fails."""
    documents = [one.document for one in store.history("shared")]
    with store.database.engine.connect() as connection:
        parent = connection.scalar(text("SELECT parent_id FROM scenarios WHERE name = 'shared'"))
        orphans = connection.scalar(
            text(
                "SELECT count(*) FROM revisions r JOIN scenarios s ON s.id = r.scenario_id WHERE r.version > s.version"
            )
        )
    assert orphans == 0
    if documents == [OLD]:
        assert parent is None
        return "old"
    assert documents == [OLD, NEW]
    assert parent is not None
    return "new"


def failing(work, *arguments) -> StoreError:
    """The error of a call that must fail; its message is whole in both languages."""
    with pytest.raises(StoreError) as error:
        work(*arguments)
    assert all(t(f"error.{error.value.code}", lang, **error.value.values) for lang in LANGUAGES)
    return error.value


def refused(work, *arguments) -> BadInput:
    """The same where the user can mend it."""
    with pytest.raises(BadInput) as error:
        work(*arguments)
    assert all(t(f"error.{error.value.code}", lang, **error.value.values) for lang in LANGUAGES)
    return error.value


def broken(store) -> Exception:
    """An error as the driver raises it when a disk fails."""
    if not store.database.sqlite:
        return psycopg.errors.IoError("invented")
    error = sqlite3.OperationalError("invented")
    error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_IOERR, "SQLITE_IOERR"
    return error


def test_whichever_operation_fails_nothing_is_half_saved(store, store_url):
    """The N-th statement fails, for every N until the save gets through."""
    left = [0]

    def count(connection, cursor, statement, *rest):
        left[0] -= 1
        if left[0] == 0:
            raise broken(store)

    event.listen(store.database.engine, "before_cursor_execute", count)
    codes = []
    for number in range(1, 50):
        left[0] = number
        try:
            save(store)
        except StoreError as error:
            codes.append(error.code)
        left[0] = 0
        if state(store) == "new":
            break
    assert len(codes) > 5
    assert set(codes) == {"store_broken"}
    assert len(store.history("shared")) == 2


@pytest.mark.parametrize("before", [True, False])
def test_when_commit_fails_the_user_is_told_that_it_may_be_saved(store, monkeypatch, before):
    """Before or after the database has done it: old or new, and saving once more is safe."""
    dialect = store.database.engine.dialect
    commit = dialect.do_commit

    def failing_commit(connection):
        if not before:
            commit(connection)
        raise broken(store)

    with monkeypatch.context() as patch:
        patch.setattr(dialect, "do_commit", failing_commit)
        assert failing(save, store).code == "store_unsure"
    assert state(store) == ("old" if before else "new")
    assert save(store).version == 2
    assert state(store) == "new"


def test_killed_in_the_middle_of_a_save(store, store_url):
    """What was acknowledged is there, at most one save more, and every version is whole."""
    clock, version = random.Random(1), 1
    for _ in range(8 if store.database.sqlite else 2):
        saver = subprocess.Popen(
            [sys.executable, "-c", SAVER, store_url], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        told = [saver.stdout.readline()]
        time.sleep(clock.uniform(0, 0.1))
        saver.kill()
        told += saver.stdout.read().splitlines()
        saver.wait(30)
        acknowledged = int(told[-1])
        assert acknowledged > version
        version = store.scenario("shared").version
        assert version in (acknowledged, acknowledged + 1)
    history = store.history("shared")
    assert [one.version for one in history] == list(range(1, version + 1))
    assert all(one.document["edits"] == [one.version] * 20_000 for one in history[1:])
    if store.database.sqlite:
        with store.database.engine.connect() as connection:
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"


def test_two_processes_that_save_at_once_leave_every_version_whole(store, store_url):
    """Each stops at its first conflict, which is told as one; together they wrote one unbroken history."""
    savers = [
        subprocess.Popen(
            [sys.executable, "-c", SAVER, store_url],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    deadline = time.monotonic() + 20
    while all(saver.poll() is None for saver in savers) and time.monotonic() < deadline:
        time.sleep(0.05)
    loser = next(saver for saver in savers if saver.poll() is not None)
    for saver in savers:
        if saver is not loser:
            saver.kill()
    complaints = {saver: saver.communicate(timeout=30)[1] for saver in savers}
    assert "ConflictError: store_conflict" in complaints[loser]
    history = store.history("shared")
    assert [one.version for one in history] == list(range(1, len(history) + 1))
    assert all(one.document["edits"] == [one.version] * 20_000 for one in history[1:])


def test_a_store_that_another_holds_is_told_as_busy_after_three_tries(store, store_url):
    with open_store(store_url) as other, other.database.engine.connect() as connection:
        connection.execution_options(turn="write").begin()
        begun = time.monotonic()
        assert failing(save, store).code == "store_busy"
        assert 0.25 < time.monotonic() - begun < 10
        assert store.scenario("shared").version == 1
    assert save(store).version == 2


def test_a_writer_gets_its_turn_when_the_other_is_done_in_time(store, store_url):
    """The second try finds what the first waited for."""
    tries = []

    def hold(connection, cursor, statement, *rest):
        tries.append(statement)
        if len(tries) == 1:
            error = psycopg.errors.LockNotAvailable("invented")
            if store.database.sqlite:
                error = sqlite3.OperationalError("database is locked")
                error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error

    event.listen(store.database.engine, "before_cursor_execute", hold)
    assert save(store).version == 2
    assert len(tries) > 1


def test_sqlite_keeps_its_promises_in_every_connection(lite):
    """No WAL, full synchronous writes, references that hold."""
    with lite.database.engine.connect() as connection:
        asked = {
            name: connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert asked == {"journal_mode": "delete", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


@pytest.mark.parametrize(
    ("pragma", "code"), [("query_only = ON", "readonly"), ("max_page_count = 1", "full")]
)
def test_a_file_that_cannot_be_written_or_grow(lite, pragma, code):
    """Read-only or the disk full (as SQLite itself tells it): reading goes on, the old state stays."""

    @event.listens_for(lite.database.engine, "connect")
    def limit(connection, record):
        connection.execute(f"PRAGMA {pragma}")

    big = {"edits": ["x" * 100_000]}
    assert failing(lite.save_scenario, "shared", big, "Li", 1).code == f"store_{code}"
    assert state(lite) == "old"
    event.remove(lite.database.engine, "connect", limit)
    assert save(lite).version == 2


@pytest.mark.parametrize(
    "content", [b"garbage " * 1000, b"resident_id,name\n1,2\n", b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_file_of_something_else_is_refused_and_not_touched(tmp_path, content):
    file = tmp_path / "store.sqlite3"
    file.write_bytes(content)
    assert refused(open_store, f"sqlite:///{file.as_posix()}").code == "store_not_ours"
    assert file.read_bytes() == content


def test_a_truncated_file_is_refused_and_not_touched(lite):
    file = Path(lite.database.name)
    content = file.read_bytes()[:5000]
    file.write_bytes(content)
    assert refused(lambda: open_store(f"sqlite:///{file.as_posix()}").scenarios()).code == "store_not_ours"
    assert file.read_bytes() == content


def test_a_database_of_another_program_is_refused_and_not_touched(store_url):
    from matcher.store.database import Database
    from matcher.store.location import locate_store

    other = Database(locate_store(store_url)).engine
    with other.begin() as connection:
        connection.execute(text("CREATE TABLE scenarios (id INTEGER)"))
    assert refused(open_store, store_url).code == "store_not_ours"
    with other.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM scenarios")) == 0


def test_a_store_of_a_newer_program_is_refused_and_not_touched(store, store_url):
    with store.database.engine.begin() as connection:
        connection.execute(text("UPDATE matcher_version SET version_num = '9999'"))
    error = refused(open_store, store_url)
    assert (error.code, error.values["found"]) == ("store_newer", "9999")
    assert state(store) == "old"


def test_making_the_tables_happens_whole_or_not_at_all(store_url, monkeypatch):
    """A migration that breaks off leaves an empty database, and the next start makes it."""
    from alembic import command

    upgrade = command.upgrade

    def broken_off(config, revision):
        upgrade(config, revision)
        raise (
            sqlite3.OperationalError("invented")
            if "sqlite" in store_url
            else psycopg.errors.IoError("invented")
        )

    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", broken_off)
        assert failing(open_store, store_url).code == "store_broken"
    with open_store(store_url) as store:
        assert store.scenarios() == []


def test_a_folder_or_a_path_that_cannot_be_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path, tmp_path / "file" / "store.sqlite3"):
        error = failing(open_store, f"sqlite:///{path.as_posix()}")
        assert error.code == "store_unreachable"
        assert str(error.values["store"]) == path.as_posix()


@pytest.mark.parametrize(
    ("right", "wrong"), [("tester:", "tester:x"), ("127.0.0.1", "127.0.0.2"), ("/store", "/nowhere")]
)
def test_a_server_that_refuses_is_told_without_the_password(postgres: Server, right, wrong):
    """Wrong password, wrong host, no such database."""
    with pytest.raises(StoreError) as error:
        open_store(postgres.new_database().replace(right, wrong))
    assert error.value.code == "store_unreachable"
    assert postgres.password not in f"{error.value} {error.value.__cause__}"


@pytest.fixture
def crashing(postgres: Server):
    """The server, running again afterwards."""
    yield postgres
    postgres.crash()
    postgres.start()


def on_postgres(server: Server):
    store = open_store(server.new_database(), wait_s=1)
    store.save_scenario("base", OLD, by="Li")
    store.save_scenario("shared", OLD, by="Li")
    return store


def test_postgres_gone_before_commit_saves_nothing_and_says_so(crashing: Server):
    store = on_postgres(crashing)

    @event.listens_for(store.database.engine, "before_cursor_execute")
    def crash(connection, cursor, statement, *rest):
        if statement.startswith("INSERT INTO revisions"):
            crashing.crash()

    assert failing(save, store).code == "store_lost"
    assert failing(store.scenarios).code == "store_unreachable"
    crashing.start()
    assert state(store) == "old"


@pytest.mark.parametrize("done", [False, True])
def test_postgres_gone_at_commit_says_that_it_may_be_saved(crashing: Server, monkeypatch, done):
    """Gone before COMMIT arrives, or after it was done and before the answer: saving once more is safe."""
    store = on_postgres(crashing)
    dialect = store.database.engine.dialect
    commit = dialect.do_commit

    def lost(connection):
        if done:
            commit(connection)
        crashing.crash()
        connection.execute("SELECT 1")

    with monkeypatch.context() as patch:
        patch.setattr(dialect, "do_commit", lost)
        assert failing(save, store).code == "store_unsure"
    crashing.start()
    assert state(store) == ("new" if done else "old")
    assert save(store).version == 2
    assert state(store) == "new"
