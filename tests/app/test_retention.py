"""What is older than it may be goes, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from matcher.accounts.accounts import open_accounts
from matcher.accounts.approvals import ask_role, open_approvals
from matcher.accounts.approvals import settle as settle_approval
from matcher.accounts.audit import Actor
from matcher.accounts.decisions import CONFIRMED, confirmed, decide, standing, withdraw
from matcher.accounts.full_exports import (
    ask_full_export,
    fetch_full_export,
    open_full_exports,
    settle_full_export,
)
from matcher.accounts.full_exports import standing as standing_export
from matcher.accounts.keeping import DEFAULTS
from matcher.accounts.publications import (
    Edition,
    ask_publication,
    grant_publication,
    newest,
    published,
    refuse_publication,
)
from matcher.accounts.requests import ACCEPTED, REFUSED, make_request, settle
from matcher.accounts.trail import last_rows
from matcher.accounts.visits import mark_done
from matcher.app import datasets
from matcher.app.home import home
from matcher.app.job import JOB
from matcher.app.retention import let_go, too_old
from matcher.cli import main
from matcher.errors import BadInput, StoreError
from matcher.intake.check import check
from matcher.intake.read import read_folder
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.store.models import (
    ApprovalRow,
    AuditRow,
    DecisionRow,
    FailureRow,
    FullExportRow,
    InvitationRow,
    LockRow,
    PlanRow,
    PublicationRow,
    RequestRow,
    SessionRow,
    VisitRow,
)
from matcher.store.repository import open_store
from tests import ROOT
from tests.helpers.app_accounts import PASSWORD
from tests.helpers.app_data import SMALL, write_tables

PLANNER, NURSE = Actor("liming", "planner"), Actor("wang", "clinic")
ADMIN, OTHER = Actor("admin", "administrator"), Actor("root", "administrator")
ROWS = {"plans": PlanRow, "decisions": DecisionRow, "requests": RequestRow, "visits": VisitRow}


@pytest.fixture
def accounts(tmp_path):
    """Two versions, of which the second is in use; a plan, an answer, four requests, decisions that hold and ended."""
    folder = write_tables(tmp_path / "data", SMALL)
    checked = check(read_folder(folder))
    for _ in range(2):
        datasets.keep(folder, [(path.name, path.read_bytes()) for path in folder.iterdir()], checked.inputs)
    with open_store() as store:
        store.save_plan(match(checked.located, load_policy("panzhihua-2016")), "liming")
    made = open_accounts()
    for id in ("R1", "R2", "R3"):
        make_request(made, NURSE, id, "P1", "phone", "打不通", "13900000000")
    make_request(made, NURSE, "R1", "P1", "grade", "重了", "3")
    settle(made, PLANNER, [1], ACCEPTED, "好")
    settle(made, PLANNER, [2], REFUSED, "不")
    decide(made, PLANNER, [("R1", "frozen", "P1"), ("R2", "frozen", "P1")], "已商定")
    withdraw(made, PLANNER, ["R2"], "frozen")
    mark_done(made, NURSE, "P1", [("R1", "home_visit")], date(2026, 1, 1))
    (home("jobs") / "old").mkdir()
    about = {"kind": "compare", "asked": "", "amount": 1, "fingerprint": "", "limit_s": 1.0, "arguments": []}
    (home("jobs") / "old" / JOB).write_text(
        json.dumps(about | {"begun": datetime.now(UTC).timestamp()}), encoding="utf-8"
    )
    yield made
    made.database.engine.dispose()


def counts(accounts):
    rows = accounts.database.read(
        lambda session: {
            kind: session.scalar(select(func.count()).select_from(table)) for kind, table in ROWS.items()
        }
    )
    return rows | {"versions": len(datasets.everywhere()), "answers": len(list(home("jobs").iterdir()))}


def later(accounts, days):
    accounts.clock = lambda: datetime.now(UTC) + timedelta(days=days)


def test_nothing_goes_before_its_day(accounts):
    later(accounts, 89)
    before = counts(accounts)
    assert set(let_go(accounts, DEFAULTS, PLANNER).values()) == {0}
    assert counts(accounts) == before


def test_each_kind_goes_by_its_own_days_and_what_is_in_use_stays(accounts):
    before = counts(accounts)
    later(accounts, 366)
    told = too_old(accounts, DEFAULTS)
    assert {kind: told[kind] for kind in before} == {
        "versions": 1, "answers": 1, "plans": 1, "decisions": 0, "requests": 0, "visits": 0
    }  # fmt: skip
    assert told["audit"] > 0
    assert counts(accounts) == before
    assert let_go(accounts, DEFAULTS, PLANNER) == told
    assert counts(accounts) == before | {"versions": 1, "answers": 0, "plans": 0}
    assert datasets.is_in_use(datasets.everywhere()[0])
    later(accounts, 1096)
    let_go(accounts, DEFAULTS, PLANNER)
    # One decision has ended; a request was refused. The open ones stay, and the one whose decision holds.
    assert counts(accounts) == before | {
        "versions": 1,
        "answers": 0,
        "plans": 0,
        "decisions": 2,
        "requests": 3,
        "visits": 0,
    }


def test_the_audit_holds_afterwards_and_says_what_went(accounts):
    later(accounts, 400)
    number = let_go(accounts, DEFAULTS, PLANNER)["audit"]
    assert accounts.database.read(lambda session: list(accounts.audit.breaks(session))) == []
    (last,) = last_rows(accounts.database, 1)
    assert (last.what, last.who) == ("retention", "liming")
    assert f"audit={number}" in last.whose
    assert accounts.database.read(lambda session: session.scalar(select(func.count(AuditRow.number)))) == 1


def test_less_than_the_law_asks_for_is_refused_before_anything_goes(accounts):
    later(accounts, 400)
    before = counts(accounts)
    with pytest.raises(BadInput, match="audit_days"):
        let_go(accounts, DEFAULTS | {"audit": 183}, PLANNER)
    assert counts(accounts) == before


def test_nothing_goes_without_its_row_of_the_audit(accounts, monkeypatch):
    later(accounts, 400)
    before = counts(accounts)

    def fails(*_):
        raise StoreError("store_full")

    monkeypatch.setattr(accounts, "note", fails)
    with pytest.raises(StoreError):
        let_go(accounts, DEFAULTS, PLANNER)
    assert counts(accounts) == before


@pytest.mark.parametrize("dies_before", ["os.replace", "rmtree", "the last file"])
def test_a_version_whose_drop_died_is_whole_or_gone_and_the_next_finishes_it(
    accounts, monkeypatch, dies_before
):
    later(accounts, 400)
    (old,) = [one for one in datasets.everywhere() if not datasets.is_in_use(one)]
    before = {file.name for file in old.folder.iterdir()}

    def dies(path, *_, **__):
        if dies_before == "the last file":
            for file in sorted(path.glob("data/*"))[1:]:
                file.unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        if dies_before == "os.replace":
            patched.setattr(datasets.os, "replace", dies)
        else:
            patched.setattr(datasets, "rmtree", dies)
        with pytest.raises(KeyboardInterrupt):
            let_go(accounts, DEFAULTS, PLANNER)
    left = [one for one in datasets.everywhere() if one.id == old.id]
    if dies_before == "os.replace":
        assert {file.name for file in left[0].folder.iterdir()} == before
    else:
        assert left == []
    let_go(accounts, DEFAULTS, PLANNER)
    assert {kind for kind, number in too_old(accounts, DEFAULTS).items() if number} <= {"audit"}
    (kept,) = datasets.everywhere()
    assert list(kept.folder.parents[2].glob("*/.*")) == []


#: Two kinds whose rows tell of no person.
OTHERS = {
    "approvals": (ApprovalRow, PublicationRow, FullExportRow),
    "logins": (SessionRow, InvitationRow, FailureRow, LockRow),
}
MARCH = Edition("here", "v1", "三月", "panzhihua-2016", "", "f1", 300, 12, 250)
_KILLED = """
import sys
from tests.accounts.test_faults import dying
from tests.app.test_retention import DEFAULTS, PLANNER, later, let_go, open_accounts
accounts = open_accounts(sys.argv[1])
later(accounts, 400)
note_and = accounts.note_and
accounts.note_and = lambda *told: (dying(accounts), note_and(*told))
let_go(accounts, DEFAULTS, PLANNER)
"""


@pytest.fixture
def settled(store_url):
    """On both databases: of each thing that one asks and another settles what waits, what is old, and what shows."""
    made = open_accounts(store_url)
    for name in ("wang", "zhou", "chen"):
        code = made.add(name, "viewer", [], ADMIN)
        if name == "wang":
            made.accept(code, PASSWORD)
    for _ in range(6):
        made.log_in("zhou", "falsch", "192.0.2.1")
    made.log_in("chen", "falsch", "192.0.2.2")
    for name, grants in (("wang", True), ("zhou", None)):
        ask_role(made, name, "planner", [], ADMIN)
        if grants is not None:
            settle_approval(made, open_approvals(made)[0].id, grant=grants, actor=OTHER)
    for version, grants in (("v1", True), ("v2", True), ("v3", False), ("v4", None)):
        ask_publication(made, PLANNER, replace(MARCH, version=version))
        if grants is not None:
            act = grant_publication if grants else refuse_publication
            act(made, ADMIN, newest(made, "here").id, "f1")
    for provider_id, grants in (("P1", False), ("P2", True), ("P3", True), ("P4", None)):
        ask_full_export(made, NURSE, provider_id, "甲", ["R1"], "医保报送")
        if grants is not None:
            settle_full_export(made, open_full_exports(made)[0].id, grant=grants, actor=ADMIN)
    fetch_full_export(made, 3, NURSE, ["R1"], "abc")
    yield made
    made.database.engine.dispose()


def kept(accounts):
    """Rows of each of the `OTHERS`."""
    return accounts.database.read(
        lambda session: {
            table: session.scalar(select(func.count()).select_from(table))
            for tables in OTHERS.values()
            for table in tables
        }
    )


def test_what_a_second_person_settled_and_logins_that_are_over_go_and_what_waits_or_shows_stays(settled):
    before = kept(settled)
    assert min(before.values()) > 0
    told = too_old(settled, DEFAULTS)
    assert (told["approvals"], told["logins"]) == (0, 0)
    later(settled, 366)
    told = too_old(settled, DEFAULTS)
    assert kept(settled) == before
    assert told["approvals"] == 1 + 2 + 3
    assert told["logins"] == sum(before[table] for table in OTHERS["logins"])
    assert let_go(settled, DEFAULTS, PLANNER) == told
    assert kept(settled) == {
        ApprovalRow: 1, PublicationRow: 2, FullExportRow: 1, **dict.fromkeys(OTHERS["logins"], 0)
    }  # fmt: skip
    assert published(settled, "here").edition.version == "v2"
    assert newest(settled, "here").edition.version == "v4"
    assert [one.name for one in open_approvals(settled)] == ["zhou"]
    assert [one.provider_id for one in open_full_exports(settled)] == ["P4"]
    assert settled.database.read(lambda session: list(settled.audit.breaks(session))) == []


def test_a_list_that_can_be_fetched_stays_however_few_days_are_asked_for(settled):
    shortest = DEFAULTS | {"approvals": 1}
    for hours, name in ((23.9, "P2"), (24.1, None)):
        later(settled, hours / 24)
        let_go(settled, shortest, PLANNER)
        found = standing_export(settled, "wang", "P2")
        assert (found and found.provider_id) == name
    assert kept(settled)[FullExportRow] == 1


def test_a_session_and_a_lock_that_hold_stay(settled):
    token = settled.log_in("wang", PASSWORD, "192.0.2.3")
    before = kept(settled)
    assert let_go(settled, DEFAULTS, PLANNER)["logins"] == 0
    assert kept(settled) == before
    assert settled.who(token).name == "wang"
    assert settled.log_in("zhou", PASSWORD, "192.0.2.1") is None
    assert last_rows(settled.database, 1)[0].result == "locked"


def test_what_a_clinic_confirmed_goes_by_its_age_and_what_binds_a_match_does_not(accounts):
    decide(accounts, NURSE, [("R1", CONFIRMED, "P1"), ("R3", CONFIRMED, "P1")], "x")
    later(accounts, 1094)
    assert too_old(accounts, DEFAULTS)["decisions"] == 0
    later(accounts, 1096)
    assert let_go(accounts, DEFAULTS, PLANNER)["decisions"] == 3  # with the one that has ended
    assert confirmed(accounts, "P1", ["R1", "R3"]) == set()
    assert len(standing(accounts)) == 2


def test_killed_before_the_end_no_row_is_gone_and_the_next_run_does_it(settled, store_url):
    before = kept(settled)
    child = subprocess.run(
        [sys.executable, "-c", _KILLED, store_url], cwd=ROOT, timeout=120, check=False, capture_output=True
    )
    assert child.returncode not in (0, 1), child.stderr.decode()
    assert last_rows(settled.database, 1)[0].what == "retention_begin"
    assert kept(settled) == before
    later(settled, 400)
    let_go(settled, DEFAULTS, PLANNER)
    assert last_rows(settled.database, 1)[0].what == "retention"
    assert sum(kept(settled).values()) == 4
    assert settled.database.read(lambda session: list(settled.audit.breaks(session))) == []


def test_the_command_tells_first_and_deletes_with_yes(accounts, capsys):
    before = counts(accounts)
    assert main(["retention", "--plans", "1", "--lang", "en"]) == 0
    assert "older than 1 days: 0" in capsys.readouterr().out
    assert main(["retention", "--yes", "--lang", "en"]) == 0
    assert counts(accounts) == before
    assert main(["retention", "--audit", "10", "--lang", "en"]) == 1
    assert "184" in capsys.readouterr().err
