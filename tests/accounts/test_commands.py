"""The commands ``accounts`` and ``audit`` as an administrator types them."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import update

from matcher.accounts.accounts import open_accounts
from matcher.cli import main
from matcher.store.models import AuditRow


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MATCHER_DATABASE_URL", f"sqlite:///{(tmp_path / 'store.sqlite3').as_posix()}")
    monkeypatch.setenv("MATCHER_HOME", str(tmp_path / "home"))

    def run(*words: str, typed: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main([*words, "--lang", "en"])
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


def test_an_administrator_is_made_with_a_password_from_the_terminal(run):
    assert "no account yet" in run("accounts", "list")[1]
    code, told = run("accounts", "add", "admin", "--role", "administrator", typed="Guan-li 2026\n")
    assert (code, "Made the account admin" in told) == (0, True)
    assert open_accounts().has_administrator()
    assert open_accounts().who(open_accounts().log_in("admin", "Guan-li 2026", "x")).must_change
    assert re.search(r"admin +administrator +– +open", run("accounts", "list")[1])


def test_a_weak_password_and_a_missing_scope_are_told_in_a_line(run):
    code, told = run("accounts", "add", "admin", "--role", "administrator", typed="admin\n")
    assert code == 1
    assert "at least 10 characters" in told
    code, told = run("accounts", "add", "w", "--role", "clinic", "--link")
    assert code == 1
    assert "--scope provider:" in told
    assert not open_accounts().all()


def test_a_code_is_printed_once_and_sets_the_password(run):
    _, told = run("accounts", "add", "w", "--role", "clinic", "--scope", "provider:P057", "--link")
    code = re.search(r"/login/first#(\S+)", told)[1]
    assert open_accounts().who(open_accounts().accept(code, "Guan-li 2026")).name == "w"
    assert "#" in run("accounts", "invite", "w")[1]
    assert run("accounts", "role", "w", "--role", "auditor")[0] == 0
    assert run("accounts", "disable", "w")[0] == 0
    assert re.search(r"w +auditor +– +disabled", run("accounts", "list")[1])
    assert run("accounts", "enable", "w")[0] == 0
    assert run("accounts", "disable", "nobody")[0] == 1


def test_the_audit_is_read_checked_and_found_broken(run):
    run("accounts", "add", "w", "--role", "auditor", "--link")
    assert "account_add  w  auditor" in run("audit", "list")[1]
    assert run("audit", "verify") == (0, "The audit holds: nothing was changed or removed.\n")
    assert "Removed 0 rows" in run("audit", "forget")[1]
    code, told = run("audit", "forget", "--days", "100")
    assert (code, "at least 184 days" in told) == (1, True)
    accounts = open_accounts()
    accounts.database.write(lambda session: session.execute(update(AuditRow).values(who="somebody")))
    code, told = run("audit", "verify")
    assert code == 1
    assert "row 1 was changed" in told
