"""The commands ``accounts`` and ``audit`` as an administrator types them."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
from sqlalchemy import update

from matcher.accounts.accounts import open_accounts
from matcher.accounts.audit import Actor
from matcher.accounts.decisions import decide
from matcher.accounts.visits import mark_done
from matcher.cli import main
from matcher.intake.check import checked_inputs
from matcher.store.models import AuditRow
from tests.helpers.app_data import write_tables
from tests.helpers.builders import PLACES, provider, resident


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


def test_what_was_decided_in_the_app_is_read_by_the_other_commands(run, tmp_path):
    nurse = Actor("wang", "clinic")
    accounts, out = open_accounts(), tmp_path / "out"
    decide(accounts, nurse, [("R1", "frozen", "P1")], "as it was")
    mark_done(accounts, nurse, "P1", [("R2", "chronic_care")], dt.date(2025, 12, 10), "ok")
    code, told = run("decided", "--out", str(out))
    assert (code, "hold: 1; visits marked as done: 1" in told) == (0, True)
    assert "pseudonym" not in told
    assert "decided" in run("audit", "list")[1]
    people = [resident("R1"), resident("R2")]
    data = write_tables(
        tmp_path / "data", {"residents": people, "providers": [provider("P1")], "places": PLACES}
    )
    for name in ("corrections.csv", "visits.csv"):
        (data / name).write_bytes((out / name).read_bytes())
    inputs, warnings = checked_inputs(data)
    assert warnings.empty
    assert inputs.corrections[["resident_id", "what", "value"]].to_numpy().tolist() == [
        ["R1", "frozen", "P1"]
    ]
    assert inputs.visits[["resident_id", "service", "outcome"]].to_numpy().tolist() == [
        ["R2", "chronic_care", "ok"]
    ]
    assert inputs.visits["on"].dt.date.tolist() == [dt.date(2025, 12, 10)]


def test_who_goes_by_a_pseudonym_of_the_app_is_told(run, tmp_path):
    mark_done(
        open_accounts(), Actor("wang", "clinic"), "P1", [("P-ABC", "home_visit")], dt.date(2025, 12, 10)
    )
    assert "1 people go by the pseudonym" in run("decided", "--out", str(tmp_path / "out"))[1]
