"""What if: the plan of the whole city after one change, from the last plan, from scratch, and by the naive solve.

"Solve" is what decides who sits where, over the same eligible pairs for all: ours from the last plan or from scratch
with its proof, its ties and everybody's seat; the naive one by its ``solve()`` alone.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.changes import CHANGES
from benchmarks.instances import per_resident
from benchmarks.measure import Run, machine, measured, spread
from benchmarks.naive import naive_model, optimal_flow, served_and_cost
from benchmarks.report import DOCS, number, table, today, write_section
from matcher.eligibility.derive import derive
from matcher.inputs import Inputs
from matcher.intake.check import load_inputs
from matcher.plan.match import match
from matcher.plan.plan import Options, Plan
from matcher.plan.seating import seat_everybody
from matcher.policy.documents import load_policy
from matcher.sample.city import make_sample
from matcher.scenario.applying import apply
from matcher.scenario.edits import Scenario
from matcher.tables import CAPACITY_COLUMNS

#: What a round measures.
NAIVE, COLD, WARM, MATCH_COLD, MATCH_WARM = "naive", "cold", "warm", "match cold", "match warm"
SOLVE_HEAD = (
    "change",
    "of all places",
    "naive `solve()`, s",
    "from scratch, s",
    "from the last plan, s",
    "naive ÷ ours",
    "naive ÷ ours, CPU",
)
MATCH_HEAD = (
    "change",
    "served",
    "`match` from scratch, s",
    "`match` from the last plan, s",
    "scratch ÷ last plan",
    "the same, CPU",
    "solve from the last plan ÷ `match` from scratch",
)


@dataclass(frozen=True)
class Spent:
    """Seconds of one call, by the clock and of all processors."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Compared:
    """One change, solved in every way.

    Parameters
    ----------
    touched : float
        Places that the change makes, takes or seeks, as a share of all.
    served_before : int
    answers : dict
        (served by tier, cost in metres) of the naive solve and of both whole matches.
    proven : bool
        Whether prices prove both plans.
    rounds : list of dict
        What each way took, in turn.
    """

    touched: float
    served_before: int
    answers: dict[str, tuple[list[int], int]]
    proven: bool
    rounds: list[dict[str, Spent]]

    @property
    def agrees(self) -> bool:
        """Whether all ways serve the same numbers at the same cost, ours with a proof."""
        return self.proven and all(answer == self.answers[NAIVE] for answer in self.answers.values())

    @property
    def newly_served(self) -> int:
        """People served more than before the change."""
        return sum(self.answers[MATCH_WARM][0]) - self.served_before

    def walls(self, way: str) -> list[float]:
        """Seconds of a way by the clock, by round."""
        return [spent[way].wall for spent in self.rounds]

    def ratios(self, slow: str, fast: str, clock: str = "wall") -> list[float]:
        """How many times as long one way takes as another, by round."""
        return [getattr(spent[slow], clock) / getattr(spent[fast], clock) for spent in self.rounds]


def compare(folder: Path, change: str, runs: int) -> Compared:
    """One change in every way, some rounds of it, in a process of its own.

    The ways take turns, so that whatever else the machine does at a time slows all of them.
    """
    policy = load_policy()
    inputs = load_inputs(folder)
    before = match(inputs, policy)
    edit = CHANGES[change](inputs, before)
    after = apply(Scenario("change", (edit,)), inputs, policy).inputs
    known = derive(after, policy)
    people = per_resident(known.problem)
    model, arcs = naive_model(people)
    found: dict[str, Any] = {}
    ways: dict[str, Callable[[], Any]] = {
        WARM: lambda: seat_everybody(known, Options(), before),
        COLD: lambda: seat_everybody(known, Options(), None),
        NAIVE: lambda: optimal_flow(model, arcs),
        MATCH_WARM: lambda: match(after, policy, start=before),
        MATCH_COLD: lambda: match(after, policy),
    }
    rounds = []
    for _ in range(runs):
        spent = {}
        for way, call in ways.items():
            found[way], spent[way] = clocked(call)
        rounds.append(spent)
    plans: dict[str, Plan] = {way: found[way] for way in (MATCH_WARM, MATCH_COLD)}
    answers = {way: _answer(plan) for way, plan in plans.items()}
    return Compared(
        touched=_touched(inputs, after),
        served_before=before.outcome.served,
        answers={**answers, NAIVE: served_and_cost(people, found[NAIVE])},
        proven=all(plan.outcome.proof == "prices" for plan in plans.values()),
        rounds=rounds,
    )


def clocked(call: Callable[[], Any]) -> tuple[Any, Spent]:
    """What a call answers, and what it takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = call()
    return answer, Spent(time.perf_counter() - wall, time.process_time() - cpu)


def _answer(plan: Plan) -> tuple[list[int], int]:
    return list(plan.outcome.served_by_tier.values()), plan.outcome.total_cost_m


def _touched(before: Inputs, after: Inputs) -> float:
    """Places that there are more or fewer of, and residents that came or left, as a share of all places."""
    old, new = _places(before), _places(after)
    moved = int(new.sub(old, fill_value=0).abs().to_numpy().sum())
    return (moved + abs(len(after.residents) - len(before.residents))) / int(old.to_numpy().sum())


def _places(inputs: Inputs) -> pd.DataFrame:
    """Places of the open providers by mode."""
    table = inputs.providers
    is_open = table["status"].fillna("open") == "open"
    return table[is_open].set_index("provider_id")[list(CAPACITY_COLUMNS)].fillna(0).astype(np.int64)


def main(argv: list[str] | None = None) -> int:
    """Measure, print, write; exit code 1 where a way did not finish or the answers differ."""
    arguments = parse(argv)
    head, results, faults = machine(), {}, []
    print(head)
    with tempfile.TemporaryDirectory() as folder:
        city = Path(folder) / "city"
        make_sample(city, residents=arguments.residents)
        for change in CHANGES:
            run = measured(compare, city, change, arguments.runs, limit_s=arguments.limit)
            if run.answer is None or not run.answer.agrees:
                faults.append(f"{change}: {_fault(run)}")
            if run.answer is not None:
                results[change] = run.answer
                print(f"{change}: naive ÷ ours {spread(run.answer.ratios(NAIVE, WARM))}", flush=True)
    text = section(head, results, arguments)
    print(f"\n{text}")
    write_section("whatif", text, arguments.docs)
    for fault in faults:
        print(f"whatif: {fault}", file=sys.stderr)
    return 1 if faults else 0


def _fault(run: Run) -> str:
    return run.note if run.answer is None else f"no proof, or answers differ: {run.answer.answers}"


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whatif", description=__doc__)
    parser.add_argument("--residents", type=int, default=250_000)
    parser.add_argument("--runs", type=int, default=3, help="rounds of each change")
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds for all rounds of a change")
    parser.add_argument("--docs", type=Path, default=DOCS, help="Markdown file that gets the tables")
    return parser.parse_args(argv)


def section(head: str, results: dict[str, Compared], arguments: argparse.Namespace) -> str:
    """The section of the docs."""
    solves = [_solve_row(change, result) for change, result in results.items()]
    matches = [_match_row(change, result) for change, result in results.items()]
    return f"""## What if: one change to a city of {arguments.residents:,} residents

`python -m benchmarks.whatif --residents {arguments.residents}`, {today()}, {arguments.runs} rounds of each change, all
ways in turn, median and range; ratios are those within a round. "CPU" counts the seconds of all processors, which
other work on the machine does not lengthen. Served by tier and cost are equal in all ways. {head}.

Who sits where, over the same pairs: ours with its proof and everybody's seat, the naive one by `solve()` alone:

{table(SOLVE_HEAD, solves)}

The whole of `match`, which also finds the pairs, verifies, and makes all tables:

{table(MATCH_HEAD, matches)}
"""


def _solve_row(change: str, result: Compared) -> tuple[str, ...]:
    return (
        change,
        f"{100 * result.touched:.3f} %",
        *(spread(result.walls(way)) for way in (NAIVE, COLD, WARM)),
        spread(result.ratios(NAIVE, WARM)),
        spread(result.ratios(NAIVE, WARM, "cpu")),
    )


def _match_row(change: str, result: Compared) -> tuple[str, ...]:
    return (
        change,
        f"{result.newly_served:+,}",
        *(spread(result.walls(way)) for way in (MATCH_COLD, MATCH_WARM)),
        spread(result.ratios(MATCH_COLD, MATCH_WARM)),
        spread(result.ratios(MATCH_COLD, MATCH_WARM, "cpu")),
        f"{number(100 * statistics.median(result.ratios(WARM, MATCH_COLD)), 1)} %",
    )


if __name__ == "__main__":
    sys.exit(main())
