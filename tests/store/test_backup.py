"""A backup is made while others write, comes back equal, and one that was changed puts back nothing."""

from __future__ import annotations

import hashlib
import os
import zipfile
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from matcher.accounts.accounts import Accounts
from matcher.accounts.audit import Actor, Audit
from matcher.accounts.requests import make_request, requests
from matcher.cli import main
from matcher.errors import BadInput
from matcher.store import backup
from matcher.store.backup import FOLDERS, make_backup, restore_backup
from matcher.store.keys import secret
from matcher.store.models import Base
from matcher.store.repository import open_store

NURSE = Actor("wang", "clinic")


@pytest.fixture
def filled(tmp_path):
    """See `fill`."""
    with fill(f"sqlite:///{(tmp_path / 'store.sqlite3').as_posix()}", tmp_path) as made:
        yield made


@contextmanager
def fill(store_url, tmp_path):
    """A store with a tree of scenarios, a request and its audit; a home with two files."""
    home = tmp_path / "home"
    (home / "datasets" / "a").mkdir(parents=True)
    (home / "datasets" / "a" / "residents.csv").write_bytes("甲,1\n".encode())
    (home / "policies").mkdir()
    (home / "policies" / "own.toml").write_bytes(b"title = 'x'\n")
    (home / "jobs" / "1").mkdir(parents=True)
    (home / "jobs" / "1" / "job.json").write_bytes(b"{}")
    (home / "keys").mkdir()
    with open_store(store_url) as store:
        store.save_scenario("底", {"id": "底", "edits": []}, "李")
        store.save_scenario("上", {"id": "上", "edits": [], "parent": "底"}, "李")
        accounts = Accounts(store.database, Audit(secret(home / "keys", "audit")))
        make_request(accounts, NURSE, "R1", "P1", "died", "家属来电")
        yield store, home, accounts


def counts(store):
    """Rows of each table."""
    return store.database.read(
        lambda session: {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        }
    )


def hashes(home):
    """Files of the folders that are kept."""
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in FOLDERS
        for path in sorted((home / folder).rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def elsewhere(tmp_path):
    """Another empty store, and an empty home."""
    with open_store(f"sqlite:///{(tmp_path / 'other.sqlite3').as_posix()}") as store:
        yield store, tmp_path / "other"


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_the_drill_everything_comes_back_equal_and_goes_on_from_there(request, store_url, tmp_path, target):
    """From either database to either: counts, hashes, histories, the audit; and new rows get new numbers."""
    url = f"sqlite:///{(tmp_path / 'other.sqlite3').as_posix()}"
    if target == "postgresql":
        url = request.getfixturevalue("postgres").new_database()
    with fill(store_url, tmp_path) as filled, open_store(url) as other:
        drill(filled, (other, tmp_path / "other"), tmp_path)


def drill(filled, elsewhere, tmp_path):
    """Back up, restore, compare, go on."""
    store, home, accounts = filled
    kept = make_backup(store.database, home, tmp_path / "backup.zip", with_keys=True)
    assert restore_backup(tmp_path / "backup.zip", elsewhere[0].database, elsewhere[1]) == kept
    again, other_home = elsewhere
    assert counts(again) == counts(store)
    assert hashes(other_home) == hashes(home)
    assert not (other_home / "jobs").exists()
    assert [(one.name, one.version, one.saved_at) for one in again.scenarios()] == [
        (one.name, one.version, one.saved_at) for one in store.scenarios()
    ]
    back = Accounts(again.database, Audit(secret(other_home / "keys", "audit")))
    assert requests(back) == requests(accounts)
    assert list(again.database.read(lambda session: list(back.audit.breaks(session)))) == []
    make_request(back, NURSE, "R2", "P1", "moved", "搬走")
    again.save_scenario("新", {"id": "新", "edits": []}, "李")
    assert len(requests(back)) == 2
    assert list(again.database.read(lambda session: list(back.audit.breaks(session)))) == []


def test_without_the_flag_no_key_is_in_it(filled, tmp_path):
    store, home, _ = filled
    make_backup(store.database, home, tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        assert not [name for name in archive.namelist() if "key" in name]
    if os.name != "nt":
        assert (tmp_path / "backup.zip").stat().st_mode & 0o077 == 0
    with pytest.raises(BadInput, match="backup_exists"):
        make_backup(store.database, home, tmp_path / "backup.zip")


def changed(source, target, change):
    """The backup with one member changed, left out or added."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        extra = change("", b"")
        if extra:
            new.writestr("home/../evil.txt", extra)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            lambda name, content: content + b"x" if name.endswith("residents.csv") else content,
            "backup_changed",
        ),
        (lambda name, content: None if name == "store/audit.jsonl" else content, "backup_changed"),
        (lambda name, content: b"" if name == "store/requests.jsonl" else content, "backup_changed"),
        (lambda name, content: content or b"evil", "backup_changed"),
        (lambda name, content: b"{" if name == "manifest.json" else content, "backup_unreadable"),
        (
            lambda name, content: (
                content.replace(b'"schema": "', b'"schema": "9') if name == "manifest.json" else content
            ),
            "backup_schema",
        ),
    ],
)
def test_a_backup_that_was_changed_puts_back_nothing(filled, elsewhere, tmp_path, change, code):
    store, home, _ = filled
    make_backup(store.database, home, tmp_path / "backup.zip")
    changed(tmp_path / "backup.zip", tmp_path / "changed.zip", change)
    with pytest.raises(BadInput, match=code):
        restore_backup(tmp_path / "changed.zip", elsewhere[0].database, elsewhere[1])
    assert not elsewhere[1].exists()
    assert not any(counts(elsewhere[0]).values())


def test_nothing_is_overwritten(filled, elsewhere, tmp_path):
    store, home, _ = filled
    make_backup(store.database, home, tmp_path / "backup.zip")
    with pytest.raises(BadInput, match="restore_not_empty"):
        restore_backup(tmp_path / "backup.zip", store.database, tmp_path / "third")
    again, other_home = elsewhere
    (other_home / "policies").mkdir(parents=True)
    (other_home / "policies" / "mine.toml").write_bytes(b"mine")
    with pytest.raises(BadInput, match="restore_not_empty"):
        restore_backup(tmp_path / "backup.zip", again.database, other_home)
    assert hashes(other_home).keys() == {"policies/mine.toml"}


def test_keys_are_put_back_by_hand_before_a_backup_without_them(filled, elsewhere, tmp_path):
    store, home, _ = filled
    make_backup(store.database, home, tmp_path / "backup.zip")
    again, other_home = elsewhere
    (other_home / "keys").mkdir(parents=True)
    (other_home / "keys" / "audit.key").write_bytes((home / "keys" / "audit.key").read_bytes())
    restore_backup(tmp_path / "backup.zip", again.database, other_home)
    back = Accounts(again.database, Audit(secret(other_home / "keys", "audit")))
    assert list(again.database.read(lambda session: list(back.audit.breaks(session)))) == []


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_restore_that_dies_is_gone_on_with_by_the_next(filled, elsewhere, tmp_path, monkeypatch, at):
    """Between any two files, and before the rows."""
    store, home, _ = filled
    kept = make_backup(store.database, home, tmp_path / "backup.zip")
    again, other_home = elsewhere
    calls = []

    def dying(real):
        def step(*arguments):
            calls.append(real)
            if len(calls) == at:
                raise KeyboardInterrupt
            return real(*arguments)

        return step

    with monkeypatch.context() as patched:
        patched.setattr(backup, "_put", dying(backup._put))
        patched.setattr(backup, "_filled", dying(backup._filled))
        with pytest.raises(KeyboardInterrupt):
            restore_backup(tmp_path / "backup.zip", again.database, other_home)
    assert not any(counts(again).values())
    assert restore_backup(tmp_path / "backup.zip", again.database, other_home) == kept
    assert counts(again) == counts(store)


def test_the_commands_say_what_was_kept_and_that_keys_lie_elsewhere(filled, tmp_path, monkeypatch, capsys):
    home = filled[1]
    monkeypatch.setenv("MATCHER_HOME", str(home))
    monkeypatch.setenv("MATCHER_DATABASE_URL", f"sqlite:///{(tmp_path / 'cli.sqlite3').as_posix()}")
    assert main(["backup", str(tmp_path / "cli.zip"), "--lang", "en"]) == 0
    assert "The keys are not in it" in capsys.readouterr().out
    monkeypatch.setenv("MATCHER_HOME", str(tmp_path / "home2"))
    monkeypatch.setenv("MATCHER_DATABASE_URL", f"sqlite:///{(tmp_path / 'cli2.sqlite3').as_posix()}")
    assert main(["restore", str(tmp_path / "cli.zip"), "--lang", "en"]) == 0
    assert main(["restore", str(tmp_path / "none.zip"), "--lang", "en"]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_a_disk_without_links_takes_a_backup_too(filled, tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    store, home, _ = filled
    kept = make_backup(store.database, home, tmp_path / "backup.zip")
    assert [path.name for path in tmp_path.glob("*.zip*")] == ["backup.zip"]
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        assert len(archive.namelist()) == len(kept.tables) + len(kept.files) + 1
