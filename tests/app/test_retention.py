"""What is older than it may be goes, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from matcher.accounts.accounts import open_accounts
from matcher.accounts.audit import Actor
from matcher.accounts.decisions import decide, withdraw
from matcher.accounts.keeping import DEFAULTS
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
from matcher.store.models import AuditRow, DecisionRow, PlanRow, RequestRow, VisitRow
from matcher.store.repository import open_store
from tests.helpers.app_data import SMALL, write_tables

PLANNER, NURSE = Actor("liming", "planner"), Actor("wang", "clinic")
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


def test_the_command_tells_first_and_deletes_with_yes(accounts, capsys):
    before = counts(accounts)
    assert main(["retention", "--plans", "1", "--lang", "en"]) == 0
    assert "older than 1 days: 0" in capsys.readouterr().out
    assert main(["retention", "--yes", "--lang", "en"]) == 0
    assert counts(accounts) == before
    assert main(["retention", "--audit", "10", "--lang", "en"]) == 1
    assert "184" in capsys.readouterr().err
