"""The gate: what each door answers without a session, with one that has ended, and to each role."""

from __future__ import annotations

import asyncio
import http.client
from urllib.parse import urlencode

import pytest

from matcher.app.cookies import NAME
from matcher.app.doors import middleware
from matcher.app.serving import Serving
from matcher.cli import main
from matcher.words.catalogues import t
from tests import ROOT
from tests.app.test_guard import ROUTES, SOCKET
from tests.helpers.app_accounts import PASSWORD, ROOT_USER, accounts_in
from tests.helpers.app_data import SMALL, write_tables
from tests.helpers.app_server import browser, served_others

HOST = "clinic.example"
ORIGIN = f"https://{HOST}"
TLS = ROOT / "tests" / "helpers" / "tls"
ACCOUNTS = {"admin": "administrator", "liming": "planner", "shenji": "auditor", "wang": "clinic"}


@pytest.fixture(scope="module")
def accounts(tmp_path_factory):
    """The accounts of the server, opened beside it."""
    folder = tmp_path_factory.mktemp("serving")
    people = [(name, role, ["provider:P1"] if role == "clinic" else []) for name, role in ACCOUNTS.items()]
    with accounts_in(folder, people) as made:
        made.folder = folder
        yield made


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_tables(tmp_path_factory.mktemp("data") / "city", SMALL)


@pytest.fixture(scope="module")
def port(accounts, data):
    """Behind a proxy that this test plays."""
    with served_others(accounts.folder, "--host", HOST, "--behind-proxy", "127.0.0.1", data=data) as (
        port,
        _,
    ):
        yield port


def ask(port, method, path, token=None, body=None, **headers):
    """Status, headers and text of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    sent = {"Host": HOST, "Origin": ORIGIN, **headers}
    if token:
        sent["Cookie"] = f"{NAME}={token}"
    if body is not None:
        body = urlencode(body)
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, body, {name: value for name, value in sent.items() if value})
    answer = connection.getresponse()
    text = "" if answer.status == 101 else answer.read().decode("utf-8", "replace")
    connection.close()
    return answer, text


def token_of(accounts, name):
    return accounts.log_in(name, PASSWORD, "192.0.2.1")


OPEN = {("GET", "/_stcore/health")}
DOORS = [*ROUTES, ("GET", "/roster"), ("GET", "/_stcore/stream")]


@pytest.mark.parametrize(("method", "path"), [door for door in DOORS if door not in OPEN])
@pytest.mark.parametrize("token", [None, "x" * 43, "ended", "a; b=c"])
def test_no_door_opens_without_a_session(accounts, port, method, path, token):
    if token == "ended":
        token = token_of(accounts, "liming")
        accounts.log_out(token)
    answer, _ = ask(port, method, path, token, Accept="text/html")
    pages = method == "GET" and not path.startswith(("/_stcore/metrics", "/_stcore/agent"))
    assert answer.status in ((303,) if pages else (401, 404))
    if answer.status == 303:
        assert answer.headers["Location"] == "/login"


@pytest.mark.parametrize("token", [None, "x" * 43])
def test_no_websocket_opens_without_a_session(port, token):
    assert ask(port, "GET", "/_stcore/stream", token, **SOCKET)[0].status == 403


def test_a_session_opens_pages_and_websocket_until_it_is_disabled(accounts, port):
    token = token_of(accounts, "liming")
    assert ask(port, "GET", "/", token)[0].status == 200
    assert ask(port, "GET", "/_stcore/stream", token, **SOCKET)[0].status == 101
    accounts.set_disabled("liming", True, ROOT_USER)
    assert ask(port, "GET", "/", token)[0].status == 401
    assert ask(port, "GET", "/_stcore/stream", token, **SOCKET)[0].status == 403
    accounts.set_disabled("liming", False, ROOT_USER)


def test_the_form_logs_in_and_the_cookie_is_for_the_server_alone(port):
    answer, _ = ask(port, "POST", "/login", body={"name": "liming", "password": PASSWORD})
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Secure", "Path=/"} <= set(cookie.split("; "))
    token = cookie.split("=", 1)[1].split(";")[0]
    assert ask(port, "GET", "/", token)[0].status == 200
    answer, _ = ask(port, "GET", "/login/out", token)
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert ask(port, "GET", "/", token)[0].status == 401


def test_wrong_and_unknown_are_answered_alike_and_nothing_typed_is_markup(port):
    answers = []
    for name in ("shenji", "nobody"):
        told = ask(
            port,
            "POST",
            "/login",
            body={"name": name, "password": "x"},
            **{"X-Forwarded-For": f"192.0.2.{len(name)}"},
        )
        answers.append((told[0].status, told[1].replace(name, "")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 401
    _, text = ask(
        port,
        "POST",
        "/login",
        body={"name": '"><script>alert(1)</script>', "password": "x"},
        **{"X-Forwarded-For": "192.0.2.77"},
    )
    assert "<script>alert" not in text


def test_a_password_given_by_others_must_be_changed_before_any_page_opens(accounts, port):
    accounts.add("neu", "planner", (), ROOT_USER, "Ling-shi 2026")
    answer, _ = ask(port, "POST", "/login", body={"name": "neu", "password": "Ling-shi 2026"})
    token = answer.headers["Set-Cookie"].split("=", 1)[1].split(";")[0]
    assert answer.headers["Location"] == "/login/password"
    assert ask(port, "GET", "/", token)[0].status == 401
    assert ask(port, "GET", "/_stcore/stream", token, **SOCKET)[0].status == 403
    form = {"password": "Ling-shi 2026", "new": PASSWORD, "again": PASSWORD}
    answer, _ = ask(port, "POST", "/login/password", token, form)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert ask(port, "GET", "/", token)[0].status == 401  # the old token is gone


def test_a_foreign_page_and_too_long_a_form_are_refused(port):
    body = {"name": "liming", "password": PASSWORD}
    assert ask(port, "POST", "/login", body=body, Origin="https://evil.example")[0].status == 403
    assert ask(port, "POST", "/login", body={"name": "x" * 20_000})[0].status == 413
    assert ask(port, "PUT", "/login")[0].status == 405


def test_what_is_missing_is_named_all_at_once_and_the_administrator_first(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MATCHER_DATABASE_URL", f"sqlite:///{(tmp_path / 's.sqlite3').as_posix()}")
    monkeypatch.setenv("MATCHER_HOME", str(tmp_path))
    assert main(["app", "--serve", "--lang", "en"]) == 1
    told = capsys.readouterr().err
    assert told.index("an administrator") < told.index("--host NAME") < told.index("--tls-cert")
    assert main(["app", "--host", "x", "--lang", "en"]) == 1
    assert "--serve" in capsys.readouterr().err
    assert main(["app", "--serve", "--host", "http://x", "--tls-key", "no", "--lang", "en"]) == 1
    told = capsys.readouterr().err
    assert "bare name" in told
    assert "go together" in told


@pytest.mark.parametrize(("client", "status"), [("192.0.2.9", 200), ("192.0.2.10", 403), (None, 403)])
def test_with_a_proxy_elsewhere_nobody_comes_past_it(client, status):
    (guard, *_) = middleware(Serving((HOST,), proxy="192.0.2.9"))
    told = []

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        told.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "server": ("192.0.2.1", 8501),
        "client": client and (client, 5),
        "headers": [(b"host", HOST.encode())],
    }
    asyncio.run(guard.cls(app, *guard.args, **guard.kwargs)(scope, None, send))
    assert told[0]["status"] == status


def test_one_module_reads_cookies():
    readers = {
        file.name
        for file in (ROOT / "matcher").rglob("*.py")
        if "context.cookies" in (text := file.read_text(encoding="utf-8")) or "SimpleCookie" in text
    }
    assert readers == {"cookies.py"}


def enter(page, address, name):
    page.goto(address)
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator("button").click()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning] h1").first.wait_for(timeout=60_000)


@pytest.mark.browser
def test_each_role_sees_its_pages_and_a_closed_account_is_out_at_the_next_click(accounts, data):
    """By TLS, in a browser: what is in the sidebar, whose list there is, and the click after the account was closed."""
    flags = (
        "--host", "localhost", "--tls-cert", str(TLS / "localhost.pem"), "--tls-key", str(TLS / "localhost.key")
    )  # fmt: skip
    pages = {
        "admin": ["accounts"],
        "shenji": ["audit"],
        "wang": ["roster", "visits", "requests"],
    }
    with served_others(accounts.folder, *flags, data=data) as (port, _), browser() as chromium:
        address = f"https://localhost:{port}"
        for name, shown in pages.items():
            context = chromium.new_context(locale="zh-CN", ignore_https_errors=True)
            page = context.new_page()
            enter(page, address, name)
            links = page.locator("[data-testid=stSidebarNavLink]").all_inner_texts()
            titles = (
                [t(f"app.{one}.title") for one in shown] if len(shown) > 1 else []
            )  # one page needs no links
            assert [link.splitlines()[-1] for link in links] == titles
            if name == "wang":
                chosen = page.locator(".st-key-roster_provider input")
                chosen.click()
                assert page.get_by_role("option").all_inner_texts() == ["甲镇卫生院 · P1"]
                page.keyboard.press("Escape")
                accounts.set_disabled("wang", True, ROOT_USER)
                page.locator(".st-key-roster_alone label").click()
                page.get_by_text(t("login.ended")).wait_for(timeout=30_000)
                assert page.locator(".st-key-card_roster").count() == 0
                accounts.set_disabled("wang", False, ROOT_USER)
            context.close()


@pytest.mark.browser
def test_a_viewer_sees_totals_and_nothing_else(accounts, tmp_path):
    """No other page, no layer of a map; whatever address is typed leads to the totals."""
    accounts.accept(accounts.add("kan", "viewer", [], ROOT_USER), PASSWORD)
    flags = (
        "--host", "localhost", "--tls-cert", str(TLS / "localhost.pem"), "--tls-key", str(TLS / "localhost.key")
    )  # fmt: skip
    data = write_tables(tmp_path / "city", SMALL)
    with served_others(accounts.folder, *flags, data=data) as (port, _), browser() as chromium:
        page = chromium.new_context(locale="zh-CN", ignore_https_errors=True).new_page()
        asked = []
        page.on("request", lambda one: asked.append(one.url))
        enter(page, f"https://localhost:{port}", "kan")
        for other in ("", "roster", "visits", "requests", "report", "accounts", "audit"):
            page.goto(f"https://localhost:{port}/{other}")
            page.locator("[data-testid=stApp][data-test-script-state=notRunning] h1").first.wait_for()
            assert page.locator("h1").first.inner_text() == t("app.totals.title")
        text = page.locator("body").inner_text()
        assert t("app.totals.rule") in text
        assert "张" not in text
        assert not [url for url in asked if "/layers/" in url or "/exports/" in url]
