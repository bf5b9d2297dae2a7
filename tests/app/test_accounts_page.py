"""The page of the administrators: one asks, another one grants."""

from __future__ import annotations

import pytest

from matcher.accounts.accounts import open_accounts
from matcher.accounts.audit import Actor
from matcher.words.catalogues import t
from tests.app.test_gate import PASSWORD, ROOT_USER, TLS, accounts, data, enter  # noqa: F401
from tests.helpers.app_data import SMALL, open_app, words, write_tables
from tests.helpers.app_server import browser, served_others


def test_the_owner_reads_who_reset_the_password(monkeypatch, tmp_path, enter_as):
    made, folder = open_accounts(), write_tables(tmp_path / "data", SMALL)
    for name in ("wang", "zhao"):
        made.accept(made.add(name, "clinic", ["provider:P1"], ROOT_USER), PASSWORD)
    made.accept(made.invite("wang", Actor("admin", "administrator")), PASSWORD)
    enter_as(made, "wang")
    told = "由 admin 重设"
    assert told in words(open_app(monkeypatch, folder))
    enter_as(made, "zhao")
    assert told not in words(open_app(monkeypatch, folder))
    made.database.engine.dispose()


@pytest.mark.browser
def test_a_new_account_is_asked_for_by_one_and_granted_by_another(accounts, data):  # noqa: F811
    accounts.accept(accounts.add("boss", "administrator", [], ROOT_USER), PASSWORD)
    flags = (
        "--host", "localhost", "--tls-cert", str(TLS / "localhost.pem"), "--tls-key", str(TLS / "localhost.key")
    )  # fmt: skip
    with served_others(accounts.folder, *flags, data=data) as (port, _), browser() as chromium:
        pages = []
        for name in ("admin", "boss"):
            page = chromium.new_context(locale="zh-CN", ignore_https_errors=True).new_page()
            enter(page, f"https://localhost:{port}", name)
            pages.append(page)
        asks, grants = pages
        asks.locator(".st-key-account_name input").fill("zhaoli")
        asks.locator(".st-key-new_scope input").fill("provider:P1")
        asks.locator(".st-key-account_add_button button").click()
        asks.get_by_text(t("app.accounts.asked", name="zhaoli")).wait_for(timeout=30_000)
        assert asks.locator("[class*=st-key-grant_] button").is_disabled()
        assert "zhaoli" not in [one.name for one in accounts.all()]
        grants.reload()
        grants.locator("[class*=st-key-grant_] button").click()
        grants.get_by_text("/login/first#").wait_for(timeout=30_000)
        made = next(one for one in accounts.all() if one.name == "zhaoli")
        assert (made.role, made.scope) == (
            "planner",
            ("provider:P1",),
        )  # a scope that was typed is never lost
