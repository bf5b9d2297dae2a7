"""A person is deleted from all that is kept here; what stays is said."""

from __future__ import annotations

import io
import json

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from matcher.accounts.accounts import open_accounts
from matcher.accounts.audit import Actor
from matcher.accounts.decisions import decide, past
from matcher.accounts.requests import make_request, requests_about
from matcher.accounts.trail import last_rows
from matcher.app import datasets, forgetting
from matcher.app.forgetting import forget, kept_of, without
from matcher.app.home import home
from matcher.app.jobs import JOB
from matcher.app.parts import state
from matcher.cli import main
from matcher.errors import BadInput, StoreError
from matcher.intake.check import check
from matcher.intake.read import read_folder
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.store.location import home_folder
from matcher.store.models import PlanRow
from matcher.store.repository import open_store
from tests.helpers.app_data import SMALL, write_tables
from tests.helpers.builders import make_inputs, resident

ROOT_USER, NURSE = Actor("root", "terminal"), Actor("wang", "clinic")
GONE, STAYS = "LEAVES-0001", "STAYS-0002"  # long enough not to stand in random bytes by chance
PEOPLE = [resident(GONE, name="张三丰", phone="13812345678"), resident(STAYS, 1.0, name="李四光")]
WITH_MORE = SMALL | {
    "residents": PEOPLE,
    "travel": [{"from_code": id, "provider_id": "P1", "minutes": 3} for id in (GONE, STAYS)],
    "corrections": [{"resident_id": id, "what": "phone", "value": "13912345678"} for id in (GONE, STAYS)],
}
CITIES = (SMALL | {"residents": PEOPLE}, WITH_MORE, SMALL | {"residents": PEOPLE[1:]})


@pytest.fixture
def accounts(tmp_path):
    """Three versions, two of which know the person; a plan of each, a request, decisions, an answer."""
    with open_store() as store:
        for number, tables in enumerate(CITIES):
            folder = write_tables(tmp_path / f"data{number}", tables)
            checked = check(read_folder(folder))
            datasets.keep(
                folder, [(path.name, path.read_bytes()) for path in folder.iterdir()], checked.inputs
            )
            store.save_plan(match(checked.located, load_policy("panzhihua-2016")), "liming")
    made = open_accounts()
    make_request(made, NURSE, GONE, "P1", "phone", "打不通", "13900000000")
    decide(made, ROOT_USER, [(GONE, "frozen", "P1"), (STAYS, "frozen", "P1")], "已商定")
    (home("jobs") / "old").mkdir()
    about = {"kind": "compare", "asked": "", "amount": 1, "fingerprint": "", "begun": 1.0, "limit_s": 1.0}
    (home("jobs") / "old" / JOB).write_text(json.dumps(about | {"arguments": []}), encoding="utf-8")
    yield made
    made.database.engine.dispose()


def planned(accounts):
    """Who stands in each plan."""
    wanted = select(PlanRow).options(undefer(PlanRow.assignments)).order_by(PlanRow.id)
    return accounts.database.read(
        lambda session: [
            pq.read_table(io.BytesIO(row.assignments))["resident_id"].to_pylist()
            for row in session.scalars(wanted)
        ]
    )


def people():
    """Ids, names and phones by version."""
    return [
        state.inputs_of(one.folder).residents[["resident_id", "name", "phone"]].fillna("").to_numpy().tolist()
        for one in datasets.everywhere()
    ]


def traces():
    """Files of the home in which the id stands as it is."""
    return [
        path.name
        for path in home_folder().rglob("*")
        if path.is_file() and GONE.encode() in path.read_bytes()
    ]


def test_a_person_is_gone_everywhere_and_nobody_else(accounts):
    before = sorted(people(), key=len)
    kept = forget(accounts, GONE, "本人申请", ROOT_USER)
    assert (len(kept.versions), len(kept.plans), kept.rows, kept.answers) == (2, 2, 2, 1)
    assert [[row[0] for row in one] for one in people()] == [[STAYS]] * 3
    assert sorted(map(len, before)) == [1, 2, 2]
    assert all(row in [other for one in before for other in one] for one in people() for row in one)
    assert planned(accounts) == [[STAYS]]
    assert requests_about(accounts, GONE) == []
    assert past(accounts, GONE) == []
    assert len(past(accounts, STAYS)) == 1
    assert not (home("jobs") / "old").exists()
    assert traces() == []
    assert accounts.database.read(lambda session: list(accounts.audit.breaks(session))) == []
    told = {(row.what, row.whose) for row in last_rows(accounts.database, 2)}
    assert told == {("forget_begin", accounts.audit.sign(GONE)), ("forget", accounts.audit.sign(GONE))}
    with pytest.raises(BadInput, match="forget_nobody"):
        forget(accounts, GONE, "本人申请", ROOT_USER)


def test_what_is_left_of_a_version_whose_drop_died_goes_too(accounts, monkeypatch):
    def dies(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(datasets, "rmtree", dies)
        with pytest.raises(KeyboardInterrupt):
            datasets.drop(datasets.everywhere()[0])
    forget(accounts, GONE, "本人申请", ROOT_USER)
    assert traces() == []


@pytest.mark.parametrize("at", [1, 2, "store"])
def test_what_died_in_the_middle_is_finished_by_the_next(accounts, monkeypatch, at):
    with monkeypatch.context() as dying:
        if at == "store":
            dying.setattr(accounts, "note_and", lambda *_: (_ for _ in ()).throw(StoreError("store_full")))
        else:
            calls, rewrite = [], datasets.rewrite

            def dies(version, inputs):
                calls.append(version)
                if len(calls) == at:
                    raise OSError
                rewrite(version, inputs)

            dying.setattr(forgetting.datasets, "rewrite", dies)
        with pytest.raises((OSError, StoreError)):
            forget(accounts, GONE, "本人申请", ROOT_USER)
    assert kept_of(accounts, GONE).anything
    forget(accounts, GONE, "本人申请", ROOT_USER)
    assert not kept_of(accounts, GONE).anything
    assert traces() == []


def test_nothing_is_deleted_without_its_row_of_the_audit(accounts, monkeypatch):
    def full(*_):
        raise StoreError("store_full")

    before = people()
    monkeypatch.setattr(accounts, "note", full)
    with pytest.raises(StoreError):
        forget(accounts, GONE, "本人申请", ROOT_USER)
    assert people() == before
    assert len(planned(accounts)) == 3


def test_a_version_that_cannot_be_searched_is_told_before_anything_is_deleted(accounts):
    version = datasets.everywhere()[0]
    (version.folder / "providers.csv").unlink()
    with pytest.raises(BadInput, match="forget_unreadable"):
        forget(accounts, GONE, "本人申请", ROOT_USER)
    assert len(planned(accounts)) == 3


def test_every_column_that_may_hold_a_person_is_searched():
    inputs = make_inputs(**WITH_MORE)
    left = without(inputs, GONE)
    assert GONE not in "".join(
        getattr(left, name).to_csv() for name in ("residents", "travel", "corrections")
    )
    assert [len(getattr(left, name)) for name in ("residents", "travel", "corrections")] == [1, 1, 1]
    assert without(inputs, "nobody") == inputs


def test_the_command_tells_first_and_deletes_with_yes_and_a_reason(accounts, capsys):
    assert main(["forget", GONE, "--lang", "en"]) == 0
    assert (
        "Would delete: the person in 2 versions of the data, 2 plans, 2 requests" in capsys.readouterr().out
    )
    assert main(["forget", GONE, "--yes", "--lang", "en"]) == 1
    assert "--reason" in capsys.readouterr().err
    assert main(["forget", GONE, "--yes", "--reason", "本人申请", "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "What stays: the audit" in told
    assert GONE not in told
    assert main(["forget", GONE, "--yes", "--reason", "本人申请", "--lang", "en"]) == 1
    assert GONE not in capsys.readouterr().err
