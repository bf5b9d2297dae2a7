"""A plan from its kept assignments is the plan that was solved; anything else is refused."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from matcher.intake.check import load_inputs
from matcher.plan.match import match
from matcher.plan.recall import recall
from matcher.policy.documents import load_policy
from matcher.sample.shipped import sample_folder
from matcher.tables import OUTPUTS
from tests.helpers.builders import make_inputs, provider, resident


@pytest.fixture(scope="module")
def sample():
    return match(load_inputs(sample_folder()), load_policy())


@pytest.fixture
def small():
    """Two places for three people: who is nearest is served."""
    people = [resident("R1"), resident("R2", 1.0), resident("R3", 2.0)]
    return match(make_inputs(people, [provider("P1", capacity_home=2)]), load_policy())


def test_the_recalled_plan_is_the_solved_one(sample):
    """All tables, the outcome and the prices, but for the seconds."""
    found = recall(sample.inputs, sample.policy, sample.assignments)
    for name in ("assignments", "unserved", "coverage", "people", "loads"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(sample, name))
    assert replace(found.outcome, seconds={}) == replace(sample.outcome, seconds={})
    assert {*OUTPUTS} == {"assignments", "unserved", "providers", "coverage"}
    assert "solve" not in found.outcome.seconds


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.iloc[:1],
        lambda rows: pd.concat([rows, rows.iloc[:1]]),
        lambda rows: rows.assign(provider_id="P9"),
        lambda rows: rows.assign(resident_id=["R1", "R9"]),
        lambda rows: rows.assign(resident_id=["R1", "R3"]),
        lambda rows: rows.assign(mode="high_end"),
    ],
    ids=["one is missing", "one is twice", "no such provider", "no such person", "worse", "other mode"],
)
def test_what_is_not_an_optimal_plan_of_these_inputs_is_refused(small, change):
    assert recall(small.inputs, small.policy, small.assignments) is not None
    assert recall(small.inputs, small.policy, change(small.assignments)) is None


def test_a_plan_of_other_data_is_refused(small):
    """The place is gone that somebody has."""
    fewer = make_inputs([resident("R1"), resident("R2", 1.0)], [provider("P1", capacity_home=1)])
    assert recall(fewer, small.policy, small.assignments) is None


def test_households_are_solved_anew(small, tmp_path):
    """Nothing but the solver's word would prove such a plan."""
    file = tmp_path / "together.toml"
    file.write_text('id = "together"\nkeep_households_together = true\n', encoding="utf-8")
    policy = load_policy(str(file))
    couple = [resident(id, 1.0, household_id="H1") for id in ("R1", "R2")]
    plan = match(make_inputs(couple, [provider("P1", capacity_home=2)]), policy)
    assert plan.outcome.served == 2
    assert recall(plan.inputs, policy, plan.assignments) is None
