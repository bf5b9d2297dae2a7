"""A night of somebody who means harm: at the door, with a stolen cookie, and as a clinic that wants others' people."""

from __future__ import annotations

import random

import pytest

from matcher.app.cookies import NAME
from tests.app.test_gate import HOST, ask
from tests.helpers.app_accounts import PASSWORD, accounts_in
from tests.helpers.app_data import SERVICES, write_tables
from tests.helpers.app_server import served_others
from tests.helpers.builders import PLACES, provider, resident
from tests.helpers.examples import examples
from tests.helpers.streamlit_socket import fields_in, has_failed, opened, pages_in

#: Who has an account: name, role, scope.
ACCOUNTS = (
    ("liming", "planner", []),
    ("anna", "clinic", ["provider:PA"]),
    ("bei", "clinic", ["provider:PB"]),
    ("pang", "planner", ["provider:PB"]),
    ("mei", "viewer", []),
    ("admin", "administrator", []),
    ("shenji", "auditor", []),
)
PEOPLE_A = [f"QAQ{number:04}" for number in range(8)]
PEOPLE_B = [f"ZBZ{number:04}" for number in range(8)]
HOSTILE = (
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "\u202ega\u202c",
    "名" * 300,
    "a\nb",
    "=1+1",
    "../../etc",
)
CITY = {
    "residents": [
        *(resident(id, 0.1 * at, name="张甲", phone="13800000000") for at, id in enumerate(PEOPLE_A)),
        *(resident(id, 20 + 0.1 * at, name=HOSTILE[at % 3]) for at, id in enumerate(PEOPLE_B)),
    ],
    "providers": [
        provider("PA", name="甲镇卫生院", services=SERVICES, capacity_home=20),
        provider("PB", 20.0, name="乙镇卫生院", services=SERVICES, capacity_home=20),
    ],
    "places": PLACES,
}
#: Pages of each role by their addresses; "" is the page where it starts.
PAGES = {
    "liming": {
        "", "data", "access", "policy", "siting", "what_if", "report", "totals", "standards", "referral",
        "agreements", "planning", "roster", "visits", "requests", "proof",
    },
    "anna": {"", "visits", "requests"},
    "bei": {"", "visits", "requests"},
    "pang": {"", "roster", "visits", "requests"},
    "mei": {""},
    "admin": {""},
    "shenji": {""},
}  # fmt: skip
#: Whose people each account may ever see.
SEES = {"liming": {*PEOPLE_A, *PEOPLE_B}, "anna": set(PEOPLE_A), "bei": set(PEOPLE_B), "pang": set(PEOPLE_B)}
EVERY_PAGE = sorted({*PAGES["liming"], "overview", "accounts", "audit", "no such page", "../app"})
#: Doors beside the pages, and what they answer to planner, clinic, planner with a scope, viewer, administrator and
#: auditor.
DOORS = {
    ("GET", "/layers/guess.json"): (404, 403, 403, 403, 403, 403),
    ("GET", "/exports/guess"): (410,) * 6,
    ("GET", "/media/guess.xlsx"): (404,) * 6,
    ("GET", "/static/../../keys/audit.key"): (400,) * 6,
    ("PUT", "/_stcore/upload_file/guess/guess"): (403,) * 6,
    ("GET", "/_stcore/metrics"): (404,) * 6,
}
#: Requests of a clinic with values that no page offered it; with MATCHER_EXPLORE=84 ten thousand (docs/security.md).
REQUESTS = examples(120).max_examples
#: Of them in one tab at most: what was typed stays in it.
TURNS = 6


@pytest.fixture(scope="module")
def accounts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("night")
    with accounts_in(folder, ACCOUNTS) as made:
        made.folder = folder
        yield made


@pytest.fixture(scope="module")
def port(accounts):
    data = write_tables(accounts.folder / "city", CITY)
    with served_others(accounts.folder, "--host", HOST, "--behind-proxy", "127.0.0.1", data=data) as (
        port,
        _,
    ):
        yield port


def cookie(accounts, name):
    return f"{NAME}={accounts.log_in(name, PASSWORD, '192.0.2.1')}"


def people_in(answers):
    """Ids of people that stand anywhere in what the server sent."""
    sent = b"".join(answers)
    return {id for id in (*PEOPLE_A, *PEOPLE_B) if id.encode() in sent}


@pytest.mark.parametrize("name", PAGES)
def test_each_role_is_offered_its_pages_and_whatever_it_asks_for_sees_its_own_people_alone(
    accounts, port, name
):
    with opened(port, HOST, cookie(accounts, name)) as tab:
        assert pages_in(tab.run()) == PAGES[name]
        seen = set().union(*(people_in(tab.run(page)) for page in EVERY_PAGE))
    assert seen <= SEES.get(name, set())
    assert bool(seen) == (name in SEES)


@pytest.mark.parametrize(("door", "expected"), DOORS.items())
def test_a_door_that_was_guessed_gives_nothing_to_any_role(accounts, port, door, expected):
    names = ("liming", "anna", "pang", "mei", "admin", "shenji")
    tokens = [cookie(accounts, name).partition("=")[2] for name in names]
    assert tuple(ask(port, *door, token)[0].status for token in tokens) == expected


def test_whatever_a_clinic_or_a_planner_with_a_scope_sends_it_never_sees_the_people_of_another(
    accounts, port
):
    fields = set()
    for name in ("liming", "anna", "admin"):
        with opened(port, HOST, cookie(accounts, name)) as tab:
            fields |= {id for page in sorted(PAGES[name]) for id in fields_in(tab.run(page))}
    values = [*PEOPLE_A, "PA", "甲镇卫生院", "张甲", "unserved", *HOSTILE, True, False, None, 0, 1, -1, 2**31]
    chance = random.Random(4)
    with opened(port, HOST, cookie(accounts, "bei")) as tab:
        fields |= fields_in(tab.run())
    fields = sorted(id for id in fields if not id.endswith("-log_out"))
    seen, asked, alive = set(), 0, 0
    while asked < REQUESTS:
        with opened(port, HOST, cookie(accounts, chance.choice(("bei", "pang")))) as tab:
            for _ in range(TURNS):
                sent = {id: chance.choice(values) for id in chance.sample(fields, chance.randint(1, 6))}
                answers = tab.run(chance.choice(EVERY_PAGE), sent)
                found = people_in(answers)
                seen, asked, alive = seen | found, asked + 1, alive + bool(found)
                if has_failed(answers):
                    break  # what was sent stays in the tab, which shows nobody any more
    print(f"{asked} requests, {alive} answered with people, none of them another's: {seen == set(PEOPLE_B)}")
    assert seen == set(PEOPLE_B)
    assert alive > REQUESTS / 4  # else nothing was tried
    assert [row.name for row in accounts.all()] == sorted(name for name, *_ in ACCOUNTS)
    assert accounts.database.read(lambda session: list(accounts.audit.breaks(session))) == []


def guess(port, name, password, claimed, real="203.0.113.9"):
    """Log in through the proxy, which adds where the request came from behind what the request claims."""
    body = {"name": name, "password": password}
    return ask(port, "POST", "/login", body=body, **{"X-Forwarded-For": f"{claimed}, {real}"})[0].status


def test_guessing_is_ended_by_address_whatever_the_request_says_of_itself(accounts, port):
    for turn in range(5):
        assert guess(port, f"user{turn}", "Falsch-1234", f"198.51.100.{turn}") == 401
    assert guess(port, "liming", PASSWORD, "198.51.100.77") == 401
    assert guess(port, "liming", PASSWORD, "203.0.113.9", "203.0.113.10") == 303


def test_a_cookie_chosen_before_the_login_and_one_kept_after_the_logout_open_nothing(accounts, port):
    chosen = "A" * 43
    body = {"name": "bei", "password": PASSWORD}
    answer, _ = ask(port, "POST", "/login", chosen, body, **{"X-Forwarded-For": "192.0.2.7"})
    given = answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    assert given != chosen
    assert ask(port, "GET", "/", chosen)[0].status == 401
    assert ask(port, "GET", "/", given)[0].status == 200
    accounts.log_out(given)
    assert ask(port, "GET", "/", given)[0].status == 401
