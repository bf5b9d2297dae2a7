"""Plans are read from the store after a restart, and solved where they cannot be read."""

from __future__ import annotations

import pytest

from matcher.app import plans
from matcher.app.plans import KEPT_BY, MOST_KEPT, kept_or_solved
from matcher.intake.check import load_inputs
from matcher.policy.documents import load_policy
from matcher.store.location import ENVIRONMENT
from matcher.store.repository import open_store
from tests.helpers.app_data import SMALL, write_tables
from tests.helpers.builders import make_inputs, provider, resident


@pytest.fixture
def inputs(tmp_path):
    return load_inputs(write_tables(tmp_path / "data", SMALL))


@pytest.fixture
def solved(monkeypatch):
    """How often something was solved."""
    times = []

    def counted(*arguments):
        times.append(1)
        return match(*arguments)

    match = plans.match
    monkeypatch.setattr(plans, "match", counted)
    return times


def test_a_plan_is_solved_once_and_then_read(inputs, solved):
    first, second = (kept_or_solved(inputs, load_policy()) for _ in range(2))
    assert len(solved) == 1
    assert first.assignments.equals(second.assignments)
    assert first.outcome.fingerprint == second.outcome.fingerprint


def test_other_data_or_another_policy_are_solved(inputs, solved):
    kept_or_solved(inputs, load_policy())
    kept_or_solved(inputs, load_policy("xuanhan-2022"))
    kept_or_solved(make_inputs([resident("R1")], [provider("P1")]), load_policy())
    assert len(solved) == 3


def test_a_store_that_cannot_be_used_is_no_reason_for_having_no_plan(inputs, solved, monkeypatch, tmp_path):
    """A folder stands where the file should be."""
    monkeypatch.setenv(ENVIRONMENT, f"sqlite:///{tmp_path.as_posix()}")
    for _ in range(2):
        assert kept_or_solved(inputs, load_policy()).outcome.served == 1
    assert len(solved) == 2


def test_a_kept_plan_that_somebody_changed_is_solved_anew(inputs, solved, monkeypatch):
    kept_or_solved(inputs, load_policy())
    monkeypatch.setattr("matcher.store.repository.unpacked", lambda blob: read(blob).assign(provider_id="P2"))
    assert kept_or_solved(inputs, load_policy()).outcome.served == 1
    assert len(solved) == 2


def read(blob):
    """As the store reads it."""
    from matcher.store.records import unpacked

    return unpacked(blob)


def test_the_newest_are_kept_and_what_people_saved_stays(solved):
    """One more than may be kept: the oldest goes."""
    policy = load_policy()
    every = [make_inputs([resident(f"R{number}")], [provider("P1")]) for number in range(MOST_KEPT + 1)]
    with open_store() as store:
        store.save_plan(kept_or_solved(every[0], policy), "somebody")
    for inputs in every:
        kept_or_solved(inputs, policy)
    with open_store() as store:
        saved = store.plans_of(None)
    assert len([one for one in saved if one.saved_by == KEPT_BY]) == MOST_KEPT
    kept_or_solved(every[-1], policy)
    assert len(solved) == MOST_KEPT + 1
