"""`match` lets no plan out that the checker does not accept, whatever the solver says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from matcher.cli import main
from matcher.eligibility.derive import Eligibility
from matcher.errors import PlanRefused, SolverError
from matcher.inputs import Inputs
from matcher.plan import match as plan_module
from matcher.plan.claim import insist
from matcher.plan.match import match
from matcher.plan.verify import Certificate
from matcher.plan.witness import Move
from matcher.policy.documents import load_policy
from tests.helpers.builders import make_inputs, provider, resident
from tests.helpers.folders import write_folder

POLICY = load_policy("panzhihua-2016")


def seats(monkeypatch: pytest.MonkeyPatch, *slot: int) -> None:
    """Let the solver answer this: the slot of each person."""

    def seated(known: Eligibility, options: object, start: object) -> tuple[np.ndarray, list[int | None]]:
        return np.array(slot, np.int64), [None] * (known.problem.tiers + 1)

    monkeypatch.setattr(plan_module, "seat_everybody", seated)


def two_and_one_place() -> Inputs:
    return make_inputs([resident("a"), resident("b")], [provider("p", capacity_home=1)])


def test_a_provider_above_its_capacity_is_refused(monkeypatch: pytest.MonkeyPatch):
    seats(monkeypatch, 0, 0)
    with pytest.raises(SolverError) as error:
        match(two_and_one_place(), POLICY)
    assert isinstance(error.value, PlanRefused)
    assert (error.value.code, error.value.values["found"]) == (
        "plan_faulty",
        "provider p is above its capacity",
    )


def test_a_plan_that_is_not_the_best_is_refused(monkeypatch: pytest.MonkeyPatch):
    """Both wait though there is a place: prices find the person who may have it."""
    seats(monkeypatch, -1, -1)
    with pytest.raises(PlanRefused) as error:
        match(two_and_one_place(), POLICY)
    assert (error.value.code, error.value.values["found"]) == ("plan_not_best", "a: – → p")


def test_a_split_household_is_refused(monkeypatch: pytest.MonkeyPatch):
    seats(monkeypatch, 0, -1)
    couple = make_inputs(
        [resident("a", household_id="h"), resident("b", household_id="h")], [provider("p", capacity_home=1)]
    )
    with pytest.raises(PlanRefused, match="household h is split"):
        match(couple, replace(POLICY, keep_households_together=True))


@pytest.mark.parametrize(
    ("certificate", "by_prices", "code"),
    [
        (Certificate(True, 1, 0), True, None),
        (Certificate(False, 1, None), False, None),
        (Certificate(False, 1, None), True, "plan_unproven"),
        (Certificate(False, 1, -5), True, "plan_unproven"),
        (Certificate(False, 1, None, ("wrong",)), False, "plan_faulty"),
        (Certificate(False, 1, None, witness=(Move("a", None, "p", None),)), False, "plan_not_best"),
    ],
)
def test_only_prices_will_do_where_prices_can(certificate: Certificate, by_prices: bool, code: str | None):
    """Undecided is enough only where households stay together."""
    if code is None:
        insist(certificate, by_prices)
        return
    with pytest.raises(PlanRefused) as error:
        insist(certificate, by_prices)
    assert error.value.code == code


def test_the_command_writes_nothing_and_says_whose_fault_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """A solver that leaves the only person unserved: exit 3, no folder of results."""
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    write_folder(data)
    seats(monkeypatch, -1)
    assert main(["match", str(data), "--out", str(out), "--lang", "en"]) == 3
    told = capsys.readouterr().err
    assert "R1: – → P1" in told
    assert "fault of the program" in told
    assert not out.exists()
