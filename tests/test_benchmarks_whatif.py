"""The benchmarks of changes and of sites: equal answers, ratios by round, and rows that claim no more than is known."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from benchmarks import changes, siting, whatif
from benchmarks.instances import county, per_resident
from benchmarks.measure import Run
from benchmarks.naive import naive_model, optimal_flow, served_and_cost, solve_naive
from benchmarks.whatif import COLD, MATCH_COLD, MATCH_WARM, NAIVE, WARM, Compared, Spent
from matcher.intake.check import load_inputs
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.sample.city import make_sample
from matcher.scenario.applying import apply
from matcher.scenario.edits import Scenario

ANSWER = ([3, 4], 5000)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sample city."""
    folder = tmp_path_factory.mktemp("sample") / "city"
    make_sample(folder, residents=3000)
    return folder


def here(call: Any, *arguments: Any, limit_s: float) -> Run:
    """As `measured`, without a process of its own."""
    return Run(call(*arguments), 1.0, 100.0)


def compared(**other: Any) -> Compared:
    """A change in two rounds: the naive solve takes ten and thirty times as long."""
    ways = (NAIVE, COLD, WARM, MATCH_COLD, MATCH_WARM)
    rounds = [{way: Spent(1.0, 0.5) for way in ways} | {NAIVE: Spent(wall, 10.0)} for wall in (10.0, 30.0)]
    answers = dict.fromkeys((NAIVE, MATCH_COLD, MATCH_WARM), ANSWER)
    values = {"touched": 0.001, "served_before": 5, "answers": answers, "proven": True, "rounds": rounds}
    return Compared(**(values | other))


def test_a_model_may_be_solved_again_and_again():
    """Each time from scratch with the same answer, which is the one of `solve_naive`."""
    problem = county(60, 4).problem
    people = per_resident(problem)
    model, arcs = naive_model(people)
    told = [served_and_cost(people, optimal_flow(model, arcs)) for _ in range(2)]
    assert told[0] == told[1] == solve_naive(problem)[0]


def test_each_change_does_what_its_name_says(city: Path):
    """Places or people by so many, and all of them apply to the sample city."""
    policy, inputs = load_policy(), load_inputs(city)
    plan = match(inputs, policy)
    before = whatif._places(inputs)
    moved, people = [], []
    for make_edit in changes.CHANGES.values():
        after = apply(Scenario("change", (make_edit(inputs, plan),)), inputs, policy).inputs
        moved.append(int(whatif._places(after).sub(before, fill_value=0).to_numpy().sum()))
        people.append(len(after.residents) - len(inputs.residents))
    assert moved[0] == changes.PLACES
    assert moved[1] <= -changes.PLACES
    assert moved[2:] == [changes.STEP, -changes.STEP, 0, 0]
    assert people == [0, 0, 0, 0, 6, -6]


def test_whatif_agrees_in_all_ways_and_writes_its_section(city: Path, tmp_path: Path, monkeypatch):
    """A row for each change in each of the two tables: here of provider and of people."""
    some = dict(list(changes.CHANGES.items())[3:5])
    monkeypatch.setattr(whatif, "CHANGES", some)
    monkeypatch.setattr(whatif, "measured", here)
    monkeypatch.setattr(whatif, "make_sample", lambda folder, residents: copytree(city, folder))
    docs = tmp_path / "benchmarks.md"
    assert whatif.main(["--residents", "3000", "--runs", "1", "--docs", str(docs)]) == 0
    text = docs.read_text(encoding="utf-8")
    assert all(text.count(f"| {change} |") == 2 for change in some)


def test_answers_that_differ_or_lack_a_proof_fail(tmp_path: Path, monkeypatch, capsys):
    """Whoever differs, whatever the seconds; so does a change that did not finish."""
    other = {NAIVE: ANSWER, MATCH_COLD: ANSWER, MATCH_WARM: ([3, 4], 5001)}
    assert compared().agrees
    assert not compared(proven=False).agrees
    assert not compared(answers=other).agrees
    runs = iter([Run(compared(answers=other), 1.0, 100.0), Run(None, None, None, "not finished in 9 s")])
    first, second = list(changes.CHANGES)[:2]
    monkeypatch.setattr(whatif, "CHANGES", dict.fromkeys((first, second)))
    monkeypatch.setattr(whatif, "measured", lambda *_, **__: next(runs))
    monkeypatch.setattr(whatif, "make_sample", lambda *_, **__: None)
    assert whatif.main(["--docs", str(tmp_path / "out.md")]) == 1
    told = capsys.readouterr().err
    assert f"whatif: {first}: no proof, or answers differ" in told
    assert f"whatif: {second}: not finished in 9 s" in told


def test_ratios_are_taken_within_a_round_and_told_with_their_range():
    """10 and 30 times as long by the clock, 20 times in seconds of the processors."""
    text = whatif.section("a machine", {"a change": compared()}, whatif.parse([]))
    assert "| 20.00 (10.00–30.00) | 20.00 (20.00–20.00) |" in text
    assert "| a change | 0.100 % |" in text
    assert "| a change | +2 |" in text


def test_siting_tells_a_proof_only_where_there_is_one(city: Path, tmp_path: Path, monkeypatch):
    """One site of the sample's candidates is proven; the row says what came of it."""
    monkeypatch.setattr(siting, "measured", here)
    monkeypatch.setattr(siting, "make_sample", lambda folder, residents: copytree(city, folder))
    docs = tmp_path / "benchmarks.md"
    assert siting.main(["--residents", "3000", "--k", "1", "--docs", str(docs)]) == 0
    assert "| 1 sites | 1 | proven | 0.000 % |" in docs.read_text(encoding="utf-8")


def test_siting_tells_what_stays_open_and_what_did_not_finish(tmp_path: Path, monkeypatch, capsys):
    """An open case has its gap and is no fault; a case without answer is one."""
    outcome = {
        "candidates": 300,
        "sites": 5,
        "status": "feasible",
        "gap": 0.0123,
        "served": 110,
        "served_by_tier": {"1": 30, "2": 80},
        "served_bound": {"1": 30, "2": 81},
        "served_before": 100,
        "choices_tried": 7,
        "certificate": {"valid": True},
    }
    placed = siting.Placed(outcome, 72.0, 120.0, 100.0)
    runs = iter([Run(placed, 121.0, 300.0), Run(None, None, None, "not finished in 600 s")])
    monkeypatch.setattr(siting, "CASES", siting.CASES[-2:])
    monkeypatch.setattr(siting, "measured", lambda *_, **__: next(runs))
    monkeypatch.setattr(siting, "make_sample", lambda *_, **__: None)
    assert siting.main(["--docs", str(tmp_path / "out.md")]) == 1
    told = capsys.readouterr()
    assert (
        "| 2,000,000 yuan | 5 | open: tier 2 | 1.230 % | +10 | 7 | 72.0 | 120.0 | 100.0 | 300 |" in told.out
    )
    assert "| 5 sites | – | not finished in 600 s |" in told.out
    assert "siting: 250,000 residents, 5 sites: not finished in 600 s" in told.err
