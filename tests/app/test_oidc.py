"""A login at an OpenID provider that runs as a process of its own, in a browser and by hand."""

from __future__ import annotations

import http.client
import json
import ssl
import sys
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from matcher.accounts.trail import last_rows
from matcher.accounts.vouched import log_in_vouched
from matcher.app.cookies import BEGUN, NAME
from matcher.app.oidc import BACK, START, read_provider
from matcher.cli import main
from matcher.errors import BadInput
from matcher.words.catalogues import t
from tests.app.test_deploy import example
from tests.app.test_gate import TLS
from tests.helpers.app_accounts import PASSWORD, ROOT_USER, accounts_in
from tests.helpers.app_data import SMALL, write_tables
from tests.helpers.app_server import browser, free_port, running, served_others

#: Who is who at the provider, and what it says of them.
PEOPLE = {
    "1001": {"preferred_username": "wang"},
    "1002": {"preferred_username": "gone"},
    "1003": {"preferred_username": "nobody"},
    "1004": {},
}


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    """Address of a provider."""
    port = free_port()
    users = [json.dumps({"sub": sub, **claims}) for sub, claims in PEOPLE.items()]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    for user in users:
        command += ["--user-claims", user]
    folder = tmp_path_factory.mktemp("provider")
    with running(command, port, folder, health="/.well-known/openid-configuration") as address:
        yield address


@pytest.fixture(scope="module")
def served(provider, tmp_path_factory):
    """Accounts, and the port of the app that knows the provider."""
    folder = tmp_path_factory.mktemp("serving")
    file = folder / "oidc.toml"
    file.write_text(settings(f"{provider}/.well-known/openid-configuration"), encoding="utf-8")
    flags = (
        "--host", "localhost", "--tls-cert", str(TLS / "localhost.pem"), "--tls-key", str(TLS / "localhost.key"),
        "--oidc", str(file),
    )  # fmt: skip
    people = [("admin", "administrator", []), ("gone", "planner", [])]
    data = write_tables(tmp_path_factory.mktemp("data") / "city", SMALL)
    with accounts_in(folder, people) as accounts:
        accounts.add("wang", "clinic", ["provider:P1"], ROOT_USER)
        accounts.set_disabled("gone", True, ROOT_USER)
        with served_others(folder, *flags, data=data) as (port, _):
            yield accounts, port


def settings(address, **more):
    told = {"server_metadata_url": address, "client_id": "matcher", "client_secret": "not a secret", **more}
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in told.items())


def ask(port, path, cookie=""):
    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("localhost", port, timeout=20, context=context)
    connection.request("GET", path, headers={"Cookie": cookie, "Accept-Language": "en"})
    answer = connection.getresponse()
    text = unescape(answer.read().decode())
    connection.close()
    return answer, text


def begun(port):
    """Where the browser is sent, and the cookie that it keeps."""
    answer, _ = ask(port, START)
    assert answer.status == 302
    return answer.headers["Location"], answer.headers["Set-Cookie"].partition(";")[0]


def signed_in(where, sub):
    """The path with which the provider sends the browser of `sub` back."""
    place = urlsplit(where)
    connection = http.client.HTTPConnection(place.netloc, timeout=20)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", f"{place.path}?{place.query}", urlencode({"sub": sub}), form)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    back = urlsplit(answer.headers["Location"])
    assert back.path == BACK
    return f"{back.path}?{back.query}"


@pytest.mark.browser
def test_who_logs_in_at_the_office_works_here_without_a_password(served):
    accounts, port = served
    with browser() as chromium:
        page = chromium.new_context(locale="zh-CN", ignore_https_errors=True).new_page()
        page.goto(f"https://localhost:{port}/")
        page.get_by_role("link", name=t("login.oidc")).click()
        page.locator("input[name=sub]").fill("1001")
        page.locator("form").filter(has=page.locator("input[name=sub]")).locator("button").first.click()
        page.get_by_role("heading", name=t("app.roster.title")).wait_for(timeout=60_000)
        kept = {one["name"]: one for one in page.context.cookies()}
        assert kept[NAME]["httpOnly"]
        assert kept[NAME]["sameSite"] == "Strict"
        session = f"{NAME}={kept[NAME]['value']}"
        assert ask(port, "/", session)[0].status == 200
        accounts.set_disabled("wang", True, ROOT_USER)
        assert ask(port, "/", session)[0].status == 401
        accounts.set_disabled("wang", False, ROOT_USER)


@pytest.mark.parametrize("sub", ["1002", "1003"])
def test_whom_the_provider_knows_and_the_accounts_do_not_stays_out(served, sub):
    """A closed account and none at all look alike; both stand in the audit."""
    accounts, port = served
    where, cookie = begun(port)
    answer, text = ask(port, signed_in(where, sub), cookie)
    assert answer.status == 401
    assert t("login.oidc_unknown", "en") in text
    assert NAME not in (answer.headers["Set-Cookie"] or "")
    last = last_rows(accounts.database, 1)[0]
    assert (last.what, last.result) == ("log_in_vouched", "refused")


def test_who_has_no_name_at_the_provider_stays_out(served):
    _, port = served
    where, cookie = begun(port)
    answer, text = ask(port, signed_in(where, "1004"), cookie)
    assert answer.status == 401
    assert t("login.oidc_failed", "en").partition(":")[0] in text


def test_a_login_comes_back_once_and_to_the_browser_that_began_it(served):
    _, port = served
    where, cookie = begun(port)
    _, other = begun(port)
    back = signed_in(where, "1001")
    assert ask(port, back)[0].status == 401
    assert ask(port, back, other)[0].status == 401
    assert ask(port, back, f"{BEGUN}=x")[0].status == 401
    answer, _ = ask(port, back, cookie)
    assert answer.status == 200
    assert answer.headers["Set-Cookie"].startswith(f"{NAME}=")
    assert ask(port, back, cookie)[0].status == 401


def test_what_goes_to_the_provider_holds_neither_secret_nor_verifier(served):
    _, port = served
    asked = parse_qs(urlsplit(begun(port)[0]).query)
    assert asked["redirect_uri"] == [f"https://localhost:{port}{BACK}"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["nonce"] != asked["state"]
    assert "client_secret" not in asked
    assert "code_verifier" not in asked


def test_a_changed_answer_opens_nothing(served):
    _, port = served
    where, cookie = begun(port)
    back = signed_in(where, "1001")
    wrong = [
        back.replace("code=", "code=x"),
        back.replace("state=", "state=x"),
        f"{BACK}?error=access_denied",
        BACK,
    ]
    for path in wrong:
        assert ask(port, path, cookie)[0].status == 401
        where, cookie = begun(port)


def test_a_password_given_by_others_opens_nothing_after_the_first_login_at_the_office(tmp_path):
    with accounts_in(tmp_path, []) as accounts:
        accounts.add("zhou", "planner", [], ROOT_USER, password="Given-by-2026")
        code = accounts.add("wang", "planner", [], ROOT_USER)
        assert accounts.who(log_in_vouched(accounts, "zhou", "192.0.2.1")).must_change is False
        assert accounts.log_in("zhou", "Given-by-2026", "192.0.2.1") is None
        assert log_in_vouched(accounts, "wang", "192.0.2.1")
        with pytest.raises(BadInput, match="account_code"):
            accounts.accept(code, PASSWORD)


def test_a_password_of_ones_own_stays_good(tmp_path):
    with accounts_in(tmp_path, [("wang", "planner", [])]) as accounts:
        assert log_in_vouched(accounts, "wang", "192.0.2.1")
        assert accounts.log_in("wang", PASSWORD, "192.0.2.1")


def test_the_example_of_the_guide_is_read(tmp_path):
    file = tmp_path / "oidc.toml"
    file.write_text(example("toml"), encoding="utf-8")
    assert read_provider(file).claim == "preferred_username"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "oidc_file"),
        ("client_id = ", "oidc_file"),
        ('client_id = "a"\n', "oidc_keys"),
        (settings("https://id.example/", client_secret=""), "oidc_keys"),
        (settings("https://id.example/", calim="sub"), "oidc_keys"),
        (settings("https://id.example/", claim=3), "oidc_keys"),
        (settings("http://id.example/"), "oidc_address"),
        (settings("id.example"), "oidc_address"),
        (settings("https://"), "oidc_address"),
        (settings("https://[::1"), "oidc_address"),
        (settings("https://id.example:port/"), "oidc_address"),
        (settings("https://id.example:99999/"), "oidc_address"),
        (settings("https://id example/"), "oidc_address"),
        (settings("https://id.example/", ca_file="nowhere.pem"), "oidc_authority"),
    ],
)
def test_a_wrong_file_is_told(tmp_path, text, code):
    file = tmp_path / "oidc.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=code):
        read_provider(file)


def test_the_command_tells_a_wrong_file_beside_all_else_that_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MATCHER_HOME", str(tmp_path))
    monkeypatch.setenv("MATCHER_DATABASE_URL", f"sqlite:///{(tmp_path / 'store.sqlite3').as_posix()}")
    file = tmp_path / "none.toml"
    assert main(["app", "--serve", "--oidc", str(file), "--lang", "en"]) == 1
    told = capsys.readouterr().err
    assert "an administrator" in told
    assert str(file) in told
