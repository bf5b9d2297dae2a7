"""Where residents go by their id numbers, no file, no row and no page of ours has one as an id."""

from __future__ import annotations

from importlib import import_module

import pandas as pd
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations

from matcher.accounts.accounts import Accounts, open_accounts
from matcher.accounts.audit import Actor, Audit
from matcher.accounts.decisions import decide, past
from matcher.accounts.requests import make_request, requests
from matcher.app import datasets
from matcher.app.forgetting import forget, kept_of
from matcher.app.parts import state
from matcher.app.pseudonyms import as_they_came, with_pseudonyms
from matcher.app.settings import DATA_VARIABLE
from matcher.intake.check import check
from matcher.intake.read import read_folder
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.store.database import Database
from matcher.store.location import home_folder, locate_store
from matcher.store.pseudonym import pseudonym
from matcher.store.repository import open_store
from matcher.store.schema import prepare
from tests.helpers.app_data import SMALL, open_app, write_tables
from tests.helpers.builders import make_inputs, resident

#: Made up; the last is of the older kind.
WANG, LI, OLD = "510402194001011231", "51040219410202123X", "510402420303123"
NURSE = Actor("wang", "clinic")
BY_NUMBER = SMALL | {
    "residents": [
        resident(WANG, name="王五一", household_id=WANG),
        resident(LI.lower(), 1.0, name="李四光", household_id=WANG),
        resident(OLD, 2.0, name="张三丰"),
        resident("R4", 3.0, name="赵六"),
    ],
    "corrections": [{"resident_id": WANG, "what": "phone", "value": "13912345678"}],
    "travel": [{"from_code": LI.lower(), "provider_id": "P1", "minutes": 3}],
}


@pytest.fixture
def folder(tmp_path):
    return write_tables(tmp_path / "data", BY_NUMBER)


def read(folder):
    return check(read_folder(folder)).inputs


def kept(folder):
    return datasets.keep(folder, [(path.name, path.read_bytes()) for path in folder.iterdir()], read(folder))


def files_with(*numbers):
    """Files of the home in which a number stands as it is."""
    return [
        path.name
        for path in home_folder().rglob("*")
        if path.is_file() and any(one.encode() in path.read_bytes() for one in numbers)
    ]


def test_a_pseudonym_is_the_same_each_time_and_however_the_number_is_written():
    assert pseudonym(WANG) == pseudonym(f" {WANG} ")
    assert pseudonym(LI) == pseudonym(LI.lower())
    assert len({pseudonym(one) for one in (WANG, LI, OLD)}) == 3
    assert pseudonym("R4") == "R4"
    assert pseudonym(pseudonym(WANG)) == pseudonym(WANG)


def test_every_column_that_tells_a_person_is_exchanged_and_the_number_kept_apart(folder):
    inputs = with_pseudonyms(read(folder))
    wang, li, old = (pseudonym(one) for one in (WANG, LI, OLD))
    assert inputs.residents["resident_id"].tolist() == [wang, li, old, "R4"]
    assert inputs.residents["household_id"].fillna("").tolist() == [wang, wang, "", ""]
    assert inputs.residents["id_number"].fillna("").tolist() == [WANG, LI.lower(), OLD, ""]
    assert inputs.corrections["resident_id"].tolist() == [wang]
    assert inputs.travel["from_code"].tolist() == [li]
    came = as_they_came(pd.Series([wang, li, old, "R4"], dtype="str"), inputs.residents)
    assert came.tolist() == [WANG, LI.lower(), OLD, "R4"]
    assert with_pseudonyms(inputs) is inputs


def test_who_goes_by_another_id_keeps_it():
    inputs = make_inputs(SMALL["residents"], SMALL["providers"])
    assert with_pseudonyms(inputs) is inputs


def test_a_version_holds_no_number_that_can_be_read(folder):
    version = kept(folder)
    assert files_with(WANG, LI, LI.lower(), OLD) == []
    back = state.inputs_of(version.folder).residents
    assert back["id_number"].fillna("").tolist() == [WANG, LI.lower(), OLD, ""]
    assert back["name"].tolist() == ["王五一", "李四光", "张三丰", "赵六"]
    assert kept(folder).id != version.id
    again = datasets.current(folder)
    assert state.inputs_of(again.folder).residents["resident_id"].tolist() == back["resident_id"].tolist()


def test_a_version_of_an_earlier_release_is_mended_when_it_is_opened(folder, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(datasets, "with_pseudonyms", lambda inputs: inputs)
        version = kept(folder)
    assert "residents.csv" in files_with(WANG)
    back = state.inputs_of(version.folder).residents
    assert back["id_number"].fillna("").tolist() == [WANG, LI.lower(), OLD, ""]
    assert back["name"].tolist() == ["王五一", "李四光", "张三丰", "赵六"]
    assert files_with(WANG, LI.lower(), OLD) == []


def test_the_desk_finds_a_person_by_the_end_of_the_number_and_the_store_has_none(folder, monkeypatch):
    app = open_app(monkeypatch, folder, page="roster.py")
    assert not app.exception
    app.text_input("roster_search").set_value(WANG[-4:]).run()
    assert not app.exception
    shown = app.dataframe[0].value
    assert len(shown) == 1
    assert WANG not in shown.to_csv()
    assert files_with(WANG, LI.lower(), OLD) == []


def test_what_is_settled_about_a_person_reaches_a_job_by_the_id_that_the_folder_has(folder, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(folder))
    decide(open_accounts(), Actor("liming", "planner"), [(pseudonym(WANG), "frozen", "P1")], "已商定")
    _, sent = state.work_on()
    assert f"{WANG},frozen" in sent["corrections.csv"].decode()
    kept(folder)
    _, sent = state.work_on()
    assert f"{pseudonym(WANG)},frozen" in sent["corrections.csv"].decode()


def test_a_person_is_forgotten_by_the_number(folder):
    version = kept(folder)
    accounts = open_accounts()
    make_request(accounts, NURSE, pseudonym(WANG), "P1", "phone", "打不通", "13900000000")
    assert kept_of(accounts, WANG).versions == (version,)
    forget(accounts, WANG, "本人要求", NURSE)
    assert requests(accounts) == []
    assert state.inputs_of(version.folder).residents["name"].tolist() == ["李四光", "张三丰", "赵六"]


def test_a_store_of_an_earlier_release_is_mended_when_it_is_opened(folder, store_url):
    """Requests, decisions and plans that know people by their numbers know them by pseudonyms afterwards."""
    database = Database(locate_store(store_url))
    prepare(database)
    accounts = Accounts(database, Audit(b"k" * 32))
    with open_store(store_url) as store:
        plan = match(check(read_folder(folder)).located, load_policy("panzhihua-2016"))
        saved = store.save_plan(plan, "liming")
        assert WANG in store.assignments_of(saved)["resident_id"].tolist()
    for id in (WANG, "R4"):
        make_request(accounts, NURSE, id, "P1", "phone", "打不通", "13900000000")
    decide(accounts, NURSE, [(LI, "frozen", "P1")], "已商定")
    migration = import_module("matcher.store.migrations.versions.v0006_pseudonyms")
    with database.engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        migration.upgrade()
    assert {one.resident_id for one in requests(accounts)} == {pseudonym(WANG), "R4"}
    assert [one.what for one in past(accounts, pseudonym(LI))] == ["frozen"]
    with open_store(store_url) as store:
        (mended,) = store.plans_of(None)
        kept = set(store.assignments_of(mended)["resident_id"])
    before = {pseudonym(id.upper()) for id in plan.assignments["resident_id"]}
    assert kept == before
    database.engine.dispose()
