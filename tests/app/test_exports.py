"""A file of people is fetched once, by whom it was offered to, while the right holds; its row of the audit first."""

from __future__ import annotations

import asyncio
import io
import random
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import msoffcrypto
import openpyxl
import pandas as pd
import pytest
from msoffcrypto.exceptions import InvalidKeyError
from starlette.requests import Request

from matcher.accounts.roles import Account
from matcher.app import exports, tickets
from matcher.app.exports import Offer
from matcher.app.gate import ACCOUNT
from matcher.app.serving import Serving
from matcher.errors import BadInput, StoreError
from matcher.geography.locate import locate
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.results.export import XLSX, excel_bytes, plan_archive
from matcher.results.locked import locked
from matcher.results.roster import workbook
from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.app_data import SMALL
from tests.helpers.builders import make_inputs

WORD = "Hetao-2026"
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


def offered(make=lambda first: first.encode(), account=NURSE, password=""):
    return exports.offer(Offer(account, "名册.xlsx", XLSX, "P1", "abc", make, password))


def fetched(address, account=NURSE):
    scope = {"type": "http", "path_params": {"token": address.rpartition("/")[2]}, "headers": []}
    return asyncio.run(exports.answer(Request(scope | ({ACCOUNT: account} if account else {}))))


def opened(content, password):
    """What is in a file under a password, its seal included."""
    file = msoffcrypto.OfficeFile(io.BytesIO(content))
    file.load_key(password=password, verify_password=True)
    plain = io.BytesIO()
    file.decrypt(plain, verify_integrity=True)
    return plain.getvalue()


def with_part(workbook, part):
    """A workbook with one more part inside, as it is."""
    filled = io.BytesIO(workbook)
    with zipfile.ZipFile(filled, "a") as archive:
        archive.writestr("filled", part)
    return filled.getvalue()


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
    assert [(row[0].name, *row[1:]) for row in noted] == [("wang", "export", "P1", "done")]
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
    assert not exports._offers._held  # with its password and its plan
    monkeypatch.undo()
    first = offered()
    for _ in range(exports.MOST):
        offered()
    assert not exports.stands(first)


def test_why_there_is_no_file_is_told(noted):
    def refused(_first):
        raise BadInput("full_export_changed", found=3, asked=2)

    answer = fetched(offered(refused))
    assert answer.status_code == 409
    for lang in LANGUAGES:
        assert t("error.full_export_changed", lang, found=3, asked=2) in answer.body.decode()


def test_without_its_row_in_the_audit_there_is_no_file(noted, monkeypatch):
    made = []

    def full(*_):
        raise StoreError("store_failed", store="x", detail="disk full")

    monkeypatch.setattr(exports.accounts, "note", full)
    answer = fetched(offered(lambda first: made.append(first) or b""))
    assert answer.status_code == 500
    assert made == []


def test_a_file_with_a_password_opens_with_it_alone_and_nothing_else_tells_it(noted):
    plan = match(locate(make_inputs(SMALL["residents"], SMALL["providers"])), load_policy())
    seen = []
    answer = fetched(offered(lambda first: seen.append(workbook(plan, "P1", "zh")) or seen[0], password=WORD))
    assert answer.status_code == 200
    (plain,) = seen
    assert [row[1:] for row in noted] == [("export", "P1", "with password")]
    assert answer.body[:8] == bytes.fromhex(
        "d0cf11e0a1b11ae1"
    )  # no ZIP file: what Office calls a compound file
    for part in zipfile.ZipFile(io.BytesIO(plain)).namelist():
        assert part.encode() not in answer.body
    with pytest.raises(InvalidKeyError):
        opened(answer.body, "Andere-1234")
    assert opened(answer.body, WORD) == plain
    assert WORD not in repr(Offer(NURSE, "x", XLSX, "P1", "abc", seen.append, WORD))


@pytest.mark.parametrize("size", [4096 * 3 - 1, 4096 * 3, 4096 * 3 + 1, 1_000_003, 8_000_000])
def test_a_file_of_any_length_comes_back(size):
    """The library ciphers by blocks of 4,096 bytes and writes the container of Office itself."""
    sheet = excel_bytes(pd.DataFrame({"a": [1]}), "x", "zh", {})
    made = with_part(sheet, b"")
    made = with_part(sheet, random.Random(size).randbytes(size - len(made)))
    assert len(made) == size
    assert opened(locked(made, WORD), WORD) == made


def test_the_first_line_of_each_file_is_the_export():
    plan = match(locate(make_inputs(SMALL["residents"], SMALL["providers"])), load_policy())
    book = openpyxl.load_workbook(io.BytesIO(workbook(plan, "P1", "zh", export_id="E7 · wang")))
    assert all(sheet["A1"].value.endswith("E7 · wang") for sheet in book)
    with zipfile.ZipFile(io.BytesIO(plan_archive(plan, "E7 · wang"))) as archive:
        assert archive.read("export.txt").decode() == "E7 · wang\n"
        assert len(archive.namelist()) == 6
