"""What is published: asked for by one planner, granted by another one or by an administrator."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from matcher.accounts.audit import Actor
from matcher.accounts.publications import (
    Edition,
    ask_publication,
    grant_publication,
    newest,
    published,
    published_versions,
    refuse_publication,
)
from matcher.accounts.trail import last_rows
from matcher.errors import BadInput, StoreError

ANNA, BERT = Actor("anna", "planner"), Actor("bert", "planner")
ADMIN = Actor("admin", "administrator")
MARCH = Edition("here", "v1", "三月", "panzhihua-2016", "", "f1", 300, 12, 250)
APRIL = replace(MARCH, version="v2", title="四月", fingerprint="f2")
ELSEWHERE = replace(APRIL, data="there", version="v9")


def ask(accounts, edition=MARCH, actor=ANNA):
    """What was asked for."""
    ask_publication(accounts, actor, edition)
    return newest(accounts, edition.data)


def publish(accounts, edition):
    grant_publication(accounts, BERT, ask(accounts, edition).id, edition.fingerprint)


def trail(accounts, most):
    return sorted((row.who, row.what, row.whose, row.result) for row in last_rows(accounts.database, most))


def test_the_same_policy_is_published_again_once_another_release_reads_it_otherwise(accounts):
    publish(accounts, replace(MARCH, policy_digest="d1"))
    with pytest.raises(BadInput, match="publication_same"):
        ask(accounts, replace(MARCH, policy_digest="d1"))
    publish(accounts, replace(MARCH, policy_digest="d2"))
    assert published(accounts, "here").edition.policy_digest == "d2"


@pytest.mark.parametrize("actor", [BERT, ADMIN])
def test_what_was_asked_for_is_published_once_another_person_grants_it(accounts, actor):
    asked = ask(accounts)
    assert (asked.edition, asked.asked_by, asked.state) == (MARCH, "anna", "open")
    assert published(accounts, "here") is None
    with pytest.raises(BadInput, match="publication_own"):
        grant_publication(accounts, ANNA, asked.id, "f1")
    assert published(accounts, "here") is None
    grant_publication(accounts, actor, asked.id, "f1")
    now = published(accounts, "here")
    assert (now.edition, now.settled_by, now.settled_at) == (MARCH, actor.name, accounts.clock())
    assert trail(accounts, 2) == sorted(
        [
            ("anna", "publication_ask", "三月 v1", "panzhihua-2016"),
            (actor.name, "publication_grant", "三月 v1", "panzhihua-2016"),
        ]
    )


def test_the_newest_that_was_granted_is_published_each_folder_by_itself(accounts):
    for edition in (MARCH, ELSEWHERE, APRIL, MARCH):
        publish(accounts, edition)
    assert published(accounts, "here").edition == MARCH
    assert published(accounts, "there").edition == ELSEWHERE
    assert published(accounts, "nowhere") is None
    assert published_versions(accounts) == {("here", "v1"), ("there", "v9")}


def test_while_one_waits_no_other_is_asked_for_nor_what_is_published_already(accounts):
    ask(accounts)
    for edition, actor in ((MARCH, ANNA), (MARCH, BERT), (APRIL, BERT)):
        with pytest.raises(BadInput, match="publication_twice"):
            ask_publication(accounts, actor, edition)
    ask(accounts, ELSEWHERE)
    grant_publication(accounts, BERT, newest(accounts, "here").id, "f1")
    with pytest.raises(BadInput, match="publication_same"):
        ask_publication(accounts, ANNA, MARCH)
    ask(accounts, replace(MARCH, policy="", policy_text='id = "own"'))  # the same data under another policy


def test_who_asked_reads_why_it_was_refused_and_may_ask_anew(accounts):
    asked = ask(accounts)
    with pytest.raises(BadInput, match="publication_no_answer"):
        refuse_publication(accounts, BERT, asked.id, "  ")
    assert newest(accounts, "here") == asked
    refuse_publication(accounts, BERT, asked.id, " 乙镇还没报 ")
    told = newest(accounts, "here")
    assert (told.state, told.answer, told.was_refused) == ("refused", "乙镇还没报", True)
    assert published(accounts, "here") is None
    assert published_versions(accounts) == set()
    assert trail(accounts, 1) == [("bert", "publication_refuse", "三月 v1", "done")]
    for settle in (
        lambda: grant_publication(accounts, BERT, asked.id, "f1"),
        lambda: refuse_publication(accounts, BERT, asked.id, "x"),
    ):
        with pytest.raises(BadInput, match="approval_settled"):
            settle()
    ask(accounts)


def test_who_asked_takes_it_back_without_a_word(accounts):
    refuse_publication(accounts, ANNA, ask(accounts).id)
    assert not newest(accounts, "here").was_refused
    ask(accounts, APRIL)


def test_what_changed_since_it_was_asked_for_is_not_published(accounts):
    asked = ask(accounts)
    with pytest.raises(BadInput, match="publication_stale"):
        grant_publication(accounts, BERT, asked.id, "f2")
    assert published(accounts, "here") is None
    assert newest(accounts, "here") == asked


def at_once(*works):
    """What two who begin at the same moment get: None, or the code of the refusal."""
    together = Barrier(len(works))

    def done(work):
        together.wait()
        try:
            return work()
        except BadInput as error:
            return error.code

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(done, works))


def test_of_two_who_grant_at_once_one_does(accounts):
    id = ask(accounts).id
    answers = at_once(*(lambda who=who: grant_publication(accounts, who, id, "f1") for who in (BERT, ADMIN)))
    assert sorted(answers, key=str) == [None, "approval_settled"]
    assert sum(row.what == "publication_grant" for row in last_rows(accounts.database, 5)) == 1


def test_of_one_who_grants_and_one_who_refuses_at_once_one_does(accounts):
    id = ask(accounts).id
    granted, refused = at_once(
        lambda: grant_publication(accounts, BERT, id, "f1"),
        lambda: refuse_publication(accounts, ADMIN, id, "不"),
    )
    assert {granted, refused} == {None, "approval_settled"}
    assert (published(accounts, "here") is not None) == (granted is None)


def test_of_two_who_ask_at_once_one_does(accounts):
    answers = at_once(
        lambda: ask_publication(accounts, ANNA, MARCH), lambda: ask_publication(accounts, BERT, APRIL)
    )
    assert sorted(answers, key=str) == [None, "publication_twice"]


@pytest.mark.parametrize("act", ["ask", "grant", "refuse"])
def test_nothing_happens_without_its_row_of_the_audit(accounts, monkeypatch, act):
    asked = ask(accounts, ELSEWHERE)
    todo = {
        "ask": lambda: ask_publication(accounts, ANNA, MARCH),
        "grant": lambda: grant_publication(accounts, BERT, asked.id, "f2"),
        "refuse": lambda: refuse_publication(accounts, BERT, asked.id, "不"),
    }[act]

    def fails(*_):
        raise StoreError("store_full")

    with monkeypatch.context() as patched:
        patched.setattr(accounts.audit, "append", fails)
        with pytest.raises(StoreError):
            todo()
    assert newest(accounts, "there") == asked
    assert newest(accounts, "here") is None
    todo()
    assert (newest(accounts, "there"), newest(accounts, "here")) != (asked, None)
