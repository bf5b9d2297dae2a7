"""Decisions about people and providers that are no longer in the data are shown to the planner, who ends them."""

from __future__ import annotations

import pytest

from matcher.accounts.accounts import open_accounts
from matcher.accounts.audit import Actor
from matcher.accounts.decisions import decide, standing
from matcher.accounts.trail import last_rows
from matcher.app import datasets
from matcher.app.settings import DATA_VARIABLE
from matcher.intake.check import check
from matcher.intake.read import read_folder
from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.app_accounts import PASSWORD, ROOT_USER
from tests.helpers.app_data import SMALL, open_app, words, write_tables
from tests.helpers.builders import resident

CHIEF = Actor("liming", "planner")
PEOPLE = (
    ("liming", "planner", []),
    ("pang", "planner", ["provider:P1"]),
    ("wang", "clinic", ["provider:P1"]),
)
NUMBER = "510411195503074321"


@pytest.fixture
def base(tmp_path, monkeypatch):
    """R1 to R3 in the folder; R2 has gone from what was taken over, and was not published."""
    folder = write_tables(tmp_path / "data", SMALL)
    monkeypatch.setenv(DATA_VARIABLE, str(folder))
    fewer = write_tables(
        tmp_path / "next", SMALL | {"residents": [SMALL["residents"][0], SMALL["residents"][2]]}
    )
    files = [(path.name, path.read_bytes()) for path in sorted(fewer.iterdir())]
    datasets.keep(folder, files, check(read_folder(fewer)).inputs)
    return folder


@pytest.fixture
def accounts():
    """One decision of each kind that rests, beside one that is followed and one that was ended."""
    made = open_accounts()
    for name, role, scope in PEOPLE:
        made.accept(made.add(name, role, scope, ROOT_USER), PASSWORD)
    decide(
        made, CHIEF, [("R1", "frozen", "P1"), ("R2", "frozen", "P1"), ("R3", "override", "P9")], "名单已商定"
    )
    decide(made, CHIEF, [(NUMBER, "frozen", "P1"), ("R8", "override", "P2")], "名单已商定")
    decide(made, CHIEF, [("R3", "frozen", "P2"), ("R3", "died", None)], "家属告知")
    yield made
    made.database.engine.dispose()


def table_of(page, lang="zh"):
    title = t("app.resting.why", lang)
    return next((one.value for one in page.dataframe if title in one.value), None)


def choose(monkeypatch, *rows):
    monkeypatch.setattr(
        "matcher.app.parts.resting.st.dataframe", lambda *_, **__: {"selection": {"rows": list(rows)}}
    )


def held(accounts):
    table = standing(accounts)
    return set(zip(table["resident_id"], table["what"], strict=True))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_planner_sees_what_rests_and_why(monkeypatch, base, accounts, enter_as, lang):
    enter_as(accounts, "liming")
    page = open_app(monkeypatch, base, lang, "requests.py")
    assert not page.exception
    table = table_of(page, lang)
    told = table[[t(f"app.resting.{name}", lang) for name in ("resident", "what", "why")]]
    assert [tuple(row) for row in told.to_numpy()] == [
        (id, t(f"code.match_state.{what}", lang), t(f"app.resting.{why}", lang))
        for id, what, why in (
            ("R2", "frozen", "clinics"),
            ("R3", "override", "gone"),
            (f"{NUMBER[0]}{'*' * 16}{NUMBER[-1]}", "frozen", "nobody"),
            ("R8", "override", "nobody"),
            ("R3", "frozen", "gone"),
        )
    ]
    assert t("app.resting.title", lang, number="5") in words(page)
    assert page.button("resting_end").disabled
    assert NUMBER not in words(page) + table.to_string()


def test_one_and_then_all_are_ended_with_a_reason(monkeypatch, base, accounts, enter_as):
    enter_as(accounts, "liming")
    before = held(accounts)
    choose(monkeypatch, 3)
    page = open_app(monkeypatch, base, page="requests.py")
    page.button("resting_end").click().run()
    assert t("error.decision_reason") in words(page)
    assert held(accounts) == before
    page.text_input("resting_reason").set_value("已不在册")
    page.button("resting_end").click().run()
    assert t("app.resting.done", number="1") in words(page)
    assert held(accounts) == before - {("R8", "override")}
    choose(monkeypatch, 0, 1, 2, 3, 7)  # the last is of a table that was longer
    page.run()
    page.text_input("resting_reason").set_value("每年清理")
    page.button("resting_end").click().run()
    assert not page.exception
    assert t("app.resting.done", number="4") in words(page)
    assert held(accounts) == {("R1", "frozen"), ("R3", "died")}
    told = [(row.what, row.whose, row.result) for row in last_rows(accounts.database, 5)]
    assert ("withdraw_frozen", accounts.audit.sign(NUMBER), "每年清理") in told
    assert ("withdraw_override", accounts.audit.sign("R8"), "已不在册") in told
    page.run()
    assert t("app.resting.line") not in words(page)


def test_clinics_and_planners_with_a_scope_do_not_see_it(monkeypatch, base, accounts, enter_as):
    for name in ("wang", "pang"):
        enter_as(accounts, name)
        page = open_app(monkeypatch, base, page="requests.py")
        assert not page.exception
        assert table_of(page) is None
        assert t("app.resting.line") not in words(page)


def test_it_holds_again_when_the_person_comes_back_and_was_not_ended(monkeypatch, base, accounts, enter_as):
    enter_as(accounts, "liming")
    datasets.use(base, None)
    page = open_app(monkeypatch, base, page="requests.py")
    assert "R2" not in table_of(page)[t("app.resting.resident")].tolist()


def test_a_provider_that_is_no_longer_there_is_told_of_a_person_who_is(monkeypatch, tmp_path, own_home):
    data = write_tables(tmp_path / "one", SMALL | {"residents": [resident("R1")]})
    made = open_accounts()
    decide(made, CHIEF, [("R1", "frozen", "P9")], "名单已商定")
    page = open_app(monkeypatch, data, page="requests.py")
    (why,) = table_of(page)[t("app.resting.why")]
    assert why == t("app.resting.no_provider")
    made.database.engine.dispose()
