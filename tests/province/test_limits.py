"""A province that is stopped early says how far it may be from the best, and is gone on with."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.cli import main
from matcher.intake.check import load_inputs
from matcher.intake.parts import read_whole
from matcher.plan.match import match
from matcher.plan.plan import Plan
from matcher.policy.documents import load_policy
from matcher.province import coordinate
from matcher.province.block import Block
from matcher.province.limits import limits
from matcher.province.machines import OneMachine
from matcher.province.match import Matched, match_province
from matcher.province.verify import verify_province
from matcher.solve.flow import solve_flow
from matcher.solve.prices import served_and_cost
from matcher.solve.problem import Problem
from tests.helpers.examples import examples
from tests.helpers.parted import city_and_parts
from tests.helpers.problems import problems

HERE = partial(OneMachine, workers=1)


class OneBlock:
    """Machines with a problem as their only county."""

    def __init__(self, problem: Problem) -> None:
        self.block = Block(
            problem.size, problem.tier, problem.start, problem.slot, problem.cost, np.zeros(0, np.uint64)
        )

    def ask(self, question, slots, common, own=None):  # type: ignore[no-untyped-def]
        return [question(slots, self.block, common, None)]


@examples(150)
@given(problem=problems(max_people=8, max_slots=5, max_size=3), data=st.data())
def test_no_plan_does_better_than_the_limits_of_any_prices(problem: Problem, data: st.DataObject) -> None:
    found = solve_flow(problem)
    served, cost = served_and_cost(problem, found.seats)
    residents = np.bincount(problem.tier, problem.size, problem.tiers + 1)[1:].astype(int)
    unserved = (residents - served).tolist()
    figures = [*served.tolist(), cost]
    some = st.integers(0, (problem.tiers + 1) * problem.unit)
    any_price = np.array([data.draw(some) for _ in problem.capacity], np.int64)
    limit = limits(OneBlock(problem), problem, any_price)  # type: ignore[arg-type]
    *most, least = limit.bounds(figures, unserved)
    assert all(one >= there for one, there in zip(most, served, strict=True))
    assert least <= cost
    best = limits(OneBlock(problem), problem, found.prices.slot)  # type: ignore[arg-type]
    if (
        problem.total < 0
    ).all():  # with totals the price of a slot holds that of the total, which is parted anew
        assert best.bounds(figures, unserved) == figures


def matched(parted: Path, out: Path, rounds: int | None = None) -> Matched:
    return match_province(
        read_whole(parted), load_policy("panzhihua-2016"), out, machines=HERE, rounds=rounds
    )


def test_an_early_end_has_bounds_and_the_next_run_goes_on(
    folders: tuple[Path, Path], whole_plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinate, "FEW", 0)
    out, kept = tmp_path / "out", tmp_path / ".out.counties"
    told = matched(folders[1], out, rounds=1).plan.outcome
    best = whole_plan.outcome
    assert (told.status, told.proof) == ("feasible", "none")
    assert told.gap is not None
    assert 0 < told.gap < 0.2
    before = 0
    for tier, most in told.served_bound.items():
        assert most is not None
        before += best.served_by_tier[tier]
        others = sum(told.served_by_tier[one] for one in told.served_by_tier if one < tier)
        assert most + others >= before
    assert told.served_by_tier.keys() == best.served_by_tier.keys()
    assert told.served <= best.served
    policy = load_policy("panzhihua-2016")
    again = verify_province(read_whole(folders[1]), policy, out, machines=HERE)
    assert again.passed
    assert again.certificate is not None
    assert not again.certificate.valid
    assert (kept / "prices.npz").is_file()
    rest = matched(folders[1], out)
    assert rest.plan.outcome.status == "optimal"
    assert rest.plan.outcome.served_by_tier == best.served_by_tier
    assert rest.plan.outcome.total_cost_m == best.total_cost_m
    assert not kept.exists()


def test_whatever_the_round_the_written_plan_verifies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the plan of a round is the best before the rounds know it."""
    monkeypatch.setattr(coordinate, "FEW", 0)
    policy = load_policy("panzhihua-2016")
    whole, parted = city_and_parts(tmp_path, 250, 5, short=0.6)
    status = []
    for rounds in (1, 3, 5, 99):
        out = tmp_path / f"out-{rounds}"
        told = matched(parted, out, rounds=rounds)
        assert verify_province(read_whole(parted), policy, out, machines=HERE).passed
        status.append(told.plan.outcome.status)
    assert (status[0], status[-1]) == ("feasible", "optimal")
    assert told.plan.outcome.total_cost_m == match(load_inputs(whole), policy).outcome.total_cost_m


def test_a_plan_that_is_not_the_best_does_not_pass_as_it(
    folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinate, "FEW", 0)
    out = tmp_path / "out"
    matched(folders[1], out, rounds=1)
    file = out / "outcome.json"
    told = json.loads(file.read_text(encoding="utf-8"))
    told |= {"status": "optimal", "proof": "prices", "gap": 0.0, "bound": told["total_cost_m"]}
    told["served_bound"] = told["served_by_tier"]
    told["certificate"] |= {"valid": True, "min_reduced_cost": 0}
    file.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    found = verify_province(read_whole(folders[1]), load_policy("panzhihua-2016"), out, machines=HERE)
    assert not found.passed
    assert "status" in {difference.column for difference in found.differences}


def test_the_command_says_that_it_ended_early(
    folders: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(coordinate, "FEW", 0)
    out = str(tmp_path / "out")
    assert main(["match", str(folders[1]), "--out", out, "--rounds", "1", "--lang", "en"]) == 0
    told = capsys.readouterr()
    assert "1 rounds" in told.err
    assert "%" in told.out
    assert main(["verify", str(folders[1]), "--plan", out, "--lang", "en"]) == 0
    assert "not the best" in capsys.readouterr().out
    assert main(["match", str(folders[0]), "--out", out, "--rounds", "1", "--lang", "zh"]) == 1
    assert "--rounds" in capsys.readouterr().err
