"""A list with full id numbers: asked for on the roster, granted by who sees nobody, fetched once under a password."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl
import pytest

from matcher.accounts.accounts import open_accounts
from matcher.accounts.audit import Actor
from matcher.accounts.full_exports import ask_full_export, open_full_exports, settle_full_export, standing
from matcher.accounts.trail import last_rows
from matcher.app import full_exports
from matcher.app.full_exports import full_file
from matcher.errors import BadInput
from matcher.geography.locate import locate
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.words.catalogues import LANGUAGES, t
from tests.app.test_exports import WORD, opened
from tests.app.test_gate import TLS, accounts, enter  # noqa: F401
from tests.helpers.app_accounts import PASSWORD
from tests.helpers.app_data import SMALL, open_app, words, write_tables
from tests.helpers.app_server import browser, served_others
from tests.helpers.builders import make_inputs, provider

NUMBER = "510411195503074321"
CITY = SMALL | {
    "residents": [SMALL["residents"][0] | {"id_number": NUMBER}, *SMALL["residents"][1:]],
    "providers": [*SMALL["providers"], provider("P3", 1.0, name="丙镇卫生院")],
}
NURSE, ADMIN = Actor("wang", "clinic"), Actor("admin", "administrator")


@pytest.fixture
def plan():
    made = match(locate(make_inputs(CITY["residents"], CITY["providers"])), load_policy())
    assert made.assignments.set_index("resident_id")["provider_id"].to_dict() == {"R1": "P1", "R2": "P3"}
    return made


@pytest.fixture
def store(monkeypatch):
    """Accounts with the nurse of P1, whose list was granted."""
    made = open_accounts()
    made.add("wang", "clinic", ["provider:P1"], Actor("root", "terminal"))
    monkeypatch.setattr(full_exports, "accounts", lambda: made)
    ask_full_export(made, NURSE, "P1", "甲镇卫生院 · P1", ["R1"], "医保报送")
    settle_full_export(made, open_full_exports(made)[0].id, grant=True, actor=ADMIN)
    yield made
    made.database.engine.dispose()


def account_of(store):
    return next(one for one in store.all() if one.name == "wang")


def made(plan, store):
    return full_file(plan, standing(store, "wang", "P1"), account_of(store), "zh", WORD)


def test_the_file_has_names_and_numbers_in_full_of_the_list_alone(plan, store):
    book = openpyxl.load_workbook(io.BytesIO(opened(made(plan, store)("E7 · wang"), WORD)))
    rows = [[cell for cell in row if cell is not None] for row in book.active.iter_rows(values_only=True)]
    assert rows[0][0].endswith("E7 · wang")
    titles = [t(f"column.roster.{name}", "zh") for name in ("resident_id", "name", "id_number")]
    assert [rows[1][at] for at in (0, 1)] == titles[:2]
    assert rows[2][:2] == ["R1", "张三"]
    assert rows[2][rows[1].index(titles[2])] == NUMBER
    text = str(rows)
    assert "李四" not in text
    assert "13812345678" not in text  # no more than a report needs
    assert standing(store, "wang", "P1") is None


def test_a_list_of_as_many_others_is_no_longer_what_was_granted(plan, store):
    """R1 was granted, and R2 stands there now."""
    file = full_file(moved(plan), standing(store, "wang", "P1"), account_of(store), "zh", WORD)
    with pytest.raises(BadInput, match="full_export_changed"):
        file("E7")
    assert standing(store, "wang", "P1") is not None
    assert "unmask" not in [row.what for row in last_rows(store.database, 9)]


def moved(plan):
    """The plan in which R1 and R2 have changed places."""
    others = plan.assignments.assign(provider_id=plan.assignments["provider_id"].to_numpy()[::-1])
    return replace(plan, assignments=others)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_says_that_the_list_has_changed_and_lets_ask_anew(monkeypatch, tmp_path, enter_as, lang):
    data = write_tables(tmp_path / "city", CITY)
    made = open_accounts()
    made.accept(made.add("wang", "clinic", ["provider:P1"], ADMIN), PASSWORD)
    ask_full_export(made, NURSE, "P1", "甲镇卫生院 · P1", ["R2"], "医保报送")
    settle_full_export(made, open_full_exports(made)[0].id, grant=True, actor=ADMIN)
    enter_as(made, "wang")
    page = open_app(monkeypatch, data, lang, "roster.py")
    assert t("error.full_export_changed", lang, asked=1, found=1) in words(page)
    assert not [one.key for one in page.text_input if one.key.startswith("full_export_password")]
    page.button("full_export_back").click().run()
    page.text_input("full_export_reason_P1").set_value("医保报送")
    page.button("full_export_ask").click().run()
    assert not page.exception
    assert t("app.full_export.waits", lang, people="1") in words(page)
    made.database.engine.dispose()


@pytest.mark.parametrize(
    "what", ["another scope", "another role", "closed", "fetched", "no longer granted", "the audit is full"]
)
def test_rights_are_asked_again_when_it_is_fetched(plan, store, monkeypatch, what):
    file = made(plan, store)
    if what == "another scope":
        store.set_role("wang", "clinic", ["provider:P3"], ADMIN)
    elif what == "another role":
        store.set_role("wang", "viewer", [], ADMIN)
    elif what == "closed":
        store.set_disabled("wang", True, ADMIN)
    elif what == "fetched":
        file("E7")
    elif what == "no longer granted":
        late = datetime(2100, 1, 1, tzinfo=UTC)
        monkeypatch.setattr(store, "clock", lambda: late)
    else:
        monkeypatch.setattr(
            full_exports, "fetch_full_export", lambda *_: (_ for _ in ()).throw(BadInput("x"))
        )
    with pytest.raises(BadInput):
        file("E7")


@pytest.mark.browser
def test_a_clinic_asks_an_administrator_grants_and_the_clinic_fetches_it_once(accounts, tmp_path):  # noqa: F811
    data = write_tables(tmp_path / "city", CITY)
    flags = (
        "--host", "localhost", "--tls-cert", str(TLS / "localhost.pem"), "--tls-key", str(TLS / "localhost.key")
    )  # fmt: skip
    with served_others(accounts.folder, *flags, data=data) as (port, _), browser() as chromium:
        pages = []
        for name in ("wang", "admin"):
            page = chromium.new_context(locale="zh-CN", ignore_https_errors=True).new_page()
            enter(page, f"https://localhost:{port}", name)
            pages.append(page)
        nurse, admin = pages
        nurse.get_by_text(t("app.full_export.title")).click()
        nurse.locator("[class*=st-key-full_export_reason_] input").fill("医保报送")
        nurse.locator(".st-key-full_export_ask button").click()
        nurse.get_by_text(t("app.full_export.waits", people=1)).wait_for(timeout=30_000)
        admin.reload()
        admin.locator("[class*=st-key-card_full_export_]").get_by_text("甲镇卫生院 · P1").wait_for(
            timeout=30_000
        )
        admin.locator("[class*=st-key-full_export_grant_] button").wait_for(timeout=30_000)
        text = admin.locator("body").inner_text()
        assert "甲镇卫生院 · P1" in text
        assert "医保报送" in text
        assert "张" not in text
        assert "R1" not in text
        admin.locator("[class*=st-key-full_export_grant_] button").click()
        admin.get_by_text(t("app.full_export.grant_done")).wait_for(timeout=30_000)
        nurse.reload()
        nurse.locator(".st-key-full_export_lock button").first.click()
        assert not nurse.locator(".st-key-full_export_download a").count()  # none without a password
        nurse.locator("[class*=st-key-full_export_password] input").fill(WORD)
        nurse.locator("[class*=st-key-full_export_password] input").press("Enter")
        nurse.locator(".st-key-full_export_download a").wait_for(timeout=30_000)
        nurse.keyboard.press("Escape")
        link = nurse.locator(".st-key-full_export_download a").get_attribute("href")
        first, second = (nurse.request.get(f"https://localhost:{port}{link}") for _ in range(2))
        assert (first.status, second.status) == (200, 410), first.text()
        content = first.body()
    assert NUMBER.encode() not in content
    book = openpyxl.load_workbook(io.BytesIO(opened(content, WORD)))
    assert NUMBER in [cell for row in book.active.iter_rows(values_only=True) for cell in row]
    told = [row.what for row in last_rows(accounts.database, 30)]
    assert {"full_export_ask", "full_export_grant", "full_export", "unmask", "export"} <= set(told)
    assert WORD not in str(last_rows(accounts.database, 30))
