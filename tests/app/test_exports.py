"""A file of people is fetched once, by whom it was offered to, while the right holds; its row of the audit first."""

from __future__ import annotations

import asyncio
import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl
import pytest
from starlette.requests import Request

from matcher.accounts.roles import Account
from matcher.app import exports, tickets
from matcher.app.gate import ACCOUNT
from matcher.app.serving import Serving
from matcher.errors import StoreError
from matcher.geography.locate import locate
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.results.export import XLSX, plan_archive
from matcher.results.roster import workbook
from tests.helpers.app_data import SMALL
from tests.helpers.builders import make_inputs

NURSE = Account(7, "wang", "clinic", ("provider:P1",), False, False, "", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def noted(monkeypatch):
    """Others are served; what the audit was told."""
    rows = []

    class Accounts:
        def note(self, *row):
            rows.append(row)

    monkeypatch.setattr(exports, "serving", lambda: Serving(("x",)))
    monkeypatch.setattr(exports, "accounts", Accounts)
    return rows


def offered(make=lambda first: first.encode(), account=NURSE):
    return exports.offer(account, "名册.xlsx", XLSX, "P1", "abc", make)


def fetched(address, account=NURSE):
    scope = {"type": "http", "path_params": {"token": address.rpartition("/")[2]}, "headers": []}
    return asyncio.run(exports.answer(Request(scope | ({ACCOUNT: account} if account else {}))))


def test_it_is_served_once_and_says_whose_it_is(noted):
    address = offered()
    assert exports.stands(address)
    answer = fetched(address)
    assert answer.status_code == 200
    number, user, at, fingerprint = answer.body.decode().split(" · ")
    assert (len(number), user, fingerprint) == (32, "wang", "abc")
    assert datetime.strptime(at, "%Y-%m-%d %H:%M").year >= 2026
    assert answer.headers["cache-control"] == "no-store"
    assert "%E5%90%8D%E5%86%8C.xlsx" in answer.headers["content-disposition"]
    assert [(row[0].name, *row[1:]) for row in noted] == [("wang", "export", "P1")]
    assert not exports.stands(address)
    assert fetched(address).status_code == 410
    assert fetched("/exports/guess").status_code == 410
    assert len(noted) == 1


@pytest.mark.parametrize(
    "other",
    [
        None,
        replace(NURSE, id=8, name="zhou"),
        replace(NURSE, scope=("provider:P2",)),
        replace(NURSE, role="auditor", scope=()),
        replace(NURSE, disabled=True),
    ],
)
def test_nobody_else_gets_it_and_it_stays_there_for_whom_it_is(noted, other):
    address = offered()
    assert fetched(address, other).status_code == 403
    assert noted == []
    assert fetched(address).status_code == 200


def test_an_offer_grows_old_and_the_oldest_make_room(noted, monkeypatch):
    address = offered()
    now = tickets.time.monotonic()
    monkeypatch.setattr(tickets.time, "monotonic", lambda: now + exports.LASTS - 1)
    assert exports.stands(address)
    monkeypatch.setattr(tickets.time, "monotonic", lambda: now + exports.LASTS + 1)
    assert not exports.stands(address)
    assert fetched(address).status_code == 410
    monkeypatch.undo()
    first = offered()
    for _ in range(exports.MOST):
        offered()
    assert not exports.stands(first)


def test_without_its_row_in_the_audit_there_is_no_file(noted, monkeypatch):
    made = []

    def full(*_):
        raise StoreError("store_failed", store="x", detail="disk full")

    monkeypatch.setattr(exports.accounts, "note", full)
    answer = fetched(offered(lambda first: made.append(first) or b""))
    assert answer.status_code == 500
    assert made == []


def test_the_first_line_of_each_file_is_the_export():
    plan = match(locate(make_inputs(SMALL["residents"], SMALL["providers"])), load_policy())
    book = openpyxl.load_workbook(io.BytesIO(workbook(plan, "P1", "zh", export_id="E7 · wang")))
    assert all(sheet["A1"].value.endswith("E7 · wang") for sheet in book)
    with zipfile.ZipFile(io.BytesIO(plan_archive(plan, "E7 · wang"))) as archive:
        assert archive.read("export.txt").decode() == "E7 · wang\n"
        assert len(archive.namelist()) == 6
