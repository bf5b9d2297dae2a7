"""A person is deleted in the app: asked for by a planner, granted by an administrator who sees a sign."""

from __future__ import annotations

import pytest

from matcher.accounts.accounts import open_accounts
from matcher.accounts.audit import Actor
from matcher.accounts.deletions import ask_deletion, open_deletions
from matcher.accounts.requests import make_request, requests
from matcher.app import datasets, forgetting
from matcher.app.forgetting import grant_deletion
from matcher.app.parts import state
from matcher.errors import BadInput
from matcher.intake.check import check
from matcher.intake.read import read_folder
from matcher.words.catalogues import t
from tests.app.test_gate import PASSWORD, ROOT_USER, TLS, accounts, data, enter  # noqa: F401
from tests.helpers.app_data import SMALL, write_tables
from tests.helpers.app_server import browser, served_others

PLANNER, ADMIN, NURSE = Actor("liming", "planner"), Actor("admin", "administrator"), Actor("wang", "clinic")


@pytest.fixture
def kept(tmp_path):
    """Accounts, and a version that knows R1, whose deletion was asked for."""
    folder = write_tables(tmp_path / "data", SMALL)
    inputs = check(read_folder(folder)).inputs
    version = datasets.keep(folder, [(path.name, path.read_bytes()) for path in folder.iterdir()], inputs)
    made = open_accounts()
    make_request(made, NURSE, "R1", "P1", "phone", "打不通", "13900000000")
    ask_deletion(made, PLANNER, "R1", "本人要求")
    yield made, version
    made.database.engine.dispose()


def names(version):
    return state.inputs_of(version.folder).residents["name"].tolist()


def test_who_grants_deletes_the_person_and_nothing_waits_any_longer(kept):
    made, version = kept
    (one,) = open_deletions(made)
    assert grant_deletion(made, one.id, ADMIN).versions == (version,)
    assert names(version) == ["李四", "王五"]
    assert requests(made) == open_deletions(made) == []


def test_who_asked_deletes_nobody(kept):
    made, version = kept
    with pytest.raises(BadInput, match="approval_own"):
        grant_deletion(made, open_deletions(made)[0].id, PLANNER)
    assert names(version) == ["张三", "李四", "王五"]


def test_what_died_in_the_middle_still_waits_and_is_granted_again(kept, monkeypatch):
    made, version = kept
    (one,) = open_deletions(made)

    def dies(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(forgetting, "rmtree", dies)
        patched.setattr(made, "note_and", dies)
        with pytest.raises(KeyboardInterrupt):
            grant_deletion(made, one.id, ADMIN)
    assert open_deletions(made) == [one]
    grant_deletion(made, one.id, ADMIN)
    assert names(version) == ["李四", "王五"]
    assert open_deletions(made) == []


@pytest.mark.browser
def test_a_planner_asks_on_the_card_and_an_administrator_sees_a_sign(accounts, data):  # noqa: F811
    """Here the data are the folder of the office, which is its own: of the app's, only the request of a clinic goes."""
    make_request(accounts, NURSE, "R1", "P1", "died", "家属告知", None)
    flags = (
        "--host", "localhost", "--tls-cert", str(TLS / "localhost.pem"), "--tls-key", str(TLS / "localhost.key")
    )  # fmt: skip
    with served_others(accounts.folder, *flags, data=data) as (port, _), browser() as chromium:
        pages = []
        for name in ("liming", "admin"):
            page = chromium.new_context(locale="zh-CN", ignore_https_errors=True).new_page()
            enter(page, f"https://localhost:{port}", name)
            pages.append(page)
        planner, admin = pages
        planner.goto(f"https://localhost:{port}/roster")
        planner.locator(".st-key-roster_table canvas").first.wait_for()
        box = planner.locator(".st-key-roster_table canvas").first.bounding_box()
        planner.mouse.click(box["x"] + 20, box["y"] + 52)
        planner.locator("[class*=st-key-deletion_reason_] input").fill("本人要求")
        planner.locator(".st-key-deletion_ask button").click()
        planner.get_by_text(t("app.deleting.asked")).wait_for(timeout=30_000)
        admin.reload()
        admin.locator("[class*=st-key-card_deletion_]").get_by_text(accounts.audit.sign("R1")).wait_for()
        assert "张" not in admin.locator("body").inner_text()
        admin.locator("[class*=st-key-delete_] button").click()
        done = admin.get_by_text(t("app.deleting.done").partition("{")[0])
        done.wait_for(timeout=30_000)
        assert done.inner_text() == t("app.deleting.done", versions=0, plans=1, rows=2, answers=0)
    assert requests(accounts) == []
