"""Figures of a plan are counted once, for each question by itself, and stay behind when the plan is sent elsewhere."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from matcher.plan.match import match
from matcher.plan.once import KNOWN, once_per_plan
from matcher.policy.documents import load_policy
from matcher.results.filters import Filter, narrowed
from matcher.results.overview import figures, place_shares
from tests.helpers.builders import PLACES, make_inputs, provider, resident


@pytest.fixture(scope="module")
def plan():
    people = [resident("R1"), resident("R2", 1.0), resident("R3", 300.0)]
    return match(make_inputs(people, [provider("P1", place_code="V1")], places=PLACES), load_policy())


def test_each_question_is_answered_once_and_by_itself(plan):
    asked = []

    @once_per_plan
    def number(plan, base, power=1):
        asked.append((base, power))
        return base**power

    assert [number(plan, 2), number(plan, 2, power=3), number(plan, 3), number(plan, 2)] == [2, 8, 3, 2]
    assert asked == [(2, 1), (2, 3), (3, 1)]
    assert number(replace(plan), 2) == 2
    assert len(asked) == 4


def test_a_narrowed_plan_counts_anew(plan):
    everybody = figures(plan, "all").residents
    assert narrowed(plan, Filter(tier=1)).people.shape[0] < everybody
    assert figures(narrowed(plan, Filter(tier=1)), "all").residents < everybody


def test_another_process_gets_the_plan_alone(plan):
    place_shares(plan, "township")
    assert plan.coverage is plan.coverage
    again = pickle.loads(pickle.dumps(plan))
    assert KNOWN not in vars(again)
    assert "coverage" not in vars(again)
    assert again.outcome == plan.outcome
    assert place_shares(again, "township").equals(place_shares(plan, "township"))


def test_functions_of_one_name_in_two_files_of_one_module_name_are_told_apart(plan, tmp_path):
    """Each page of the app is run as ``__main__``; a page that is run anew finds what it had kept."""

    def run(name, answer):
        code = f"from matcher.plan.once import once_per_plan\n@once_per_plan\ndef _found(plan):\n    return {answer}\n"
        there = {"__name__": "__main__"}
        exec(compile(code, str(tmp_path / name), "exec"), there)
        return there["_found"](plan)

    assert (run("one.py", 1), run("other.py", 2)) == (1, 2)
    assert run("one.py", 3) == 1
