"""Where to build: how soon the best sites among the candidates of a sample city are proven, and what stays open."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.measure import Run, machine, measured
from benchmarks.report import DOCS, number, table, today, write_section
from matcher.intake.check import load_inputs
from matcher.policy.documents import load_policy
from matcher.sample.city import make_sample
from matcher.scenario.siting import place as siting
from matcher.scenario.siting.report import outcome_of

HEAD = (
    "residents",
    "candidates",
    "asked",
    "sites",
    "status",
    "gap",
    "served more",
    "choices tried",
    "search, s",
    "all, s",
    "all, CPU s",
    "peak MB",
)


@dataclass(frozen=True)
class Case:
    """What to place in which city: so many sites, or for so much money."""

    residents: int
    k: int | None = None
    budget: int | None = None

    @property
    def asked(self) -> str:
        """In words of the table."""
        return f"{self.k} sites" if self.budget is None else f"{number(self.budget)} yuan"


CASES = (
    Case(12_000, k=5),
    Case(12_000, k=10),
    Case(12_000, k=20),
    Case(12_000, budget=2_000_000),
    Case(250_000, k=5),
)


@dataclass(frozen=True)
class Placed:
    """What ``place`` answered.

    Parameters
    ----------
    outcome : dict
        As ``outcome.json`` tells it.
    search_s, all_s, all_cpu_s : float
        Seconds of the search for the answer, which ends with its proof or its time; of all of ``place``: plans
        before and after, building order and curve included; and those of all processors.
    """

    outcome: dict[str, Any]
    search_s: float
    all_s: float
    all_cpu_s: float


def run_place(folder: Path, case: Case, seconds: float) -> Placed:
    """``place`` without reading and writing, in a process of its own."""
    policy, inputs = load_policy(), load_inputs(folder)
    spent: list[float] = []
    wall, cpu = time.perf_counter(), time.process_time()
    with patch.object(siting, "search", _timed(siting.search, spent)):
        placing = siting.place(inputs, policy, case.k, budget=case.budget, seconds=seconds)
    all_s, all_cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    return Placed(outcome_of(placing, policy, all_s), sum(spent), all_s, all_cpu_s)


def _timed(call: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    """The same call, which also notes its seconds."""

    def timed(*arguments: Any, **named: Any) -> Any:
        begun = time.perf_counter()
        try:
            return call(*arguments, **named)
        finally:
            spent.append(time.perf_counter() - begun)

    return timed


def run_cases(arguments: argparse.Namespace) -> Iterator[tuple[Case, Run]]:
    """Each case in its city; a city is made once for the cases that follow each other in it."""
    with tempfile.TemporaryDirectory() as folder:
        made: set[int] = set()
        for case in cases_of(arguments):
            data = Path(folder) / str(case.residents)
            if case.residents not in made:
                make_sample(data, residents=case.residents)
                made.add(case.residents)
            yield case, measured(run_place, data, case, arguments.seconds, limit_s=arguments.limit)


def cases_of(arguments: argparse.Namespace) -> tuple[Case, ...]:
    """The usual cases, or the one that the command line names."""
    if arguments.k is None and arguments.budget is None:
        return CASES
    return (Case(arguments.residents, arguments.k, arguments.budget),)


def main(argv: list[str] | None = None) -> int:
    """Measure, print, write; exit code 1 where a case did not finish or a plan is not proven."""
    arguments = parse(argv)
    head, rows, faults = machine(), [], []
    print(f"{head}\n\n{table(HEAD, [])}")
    for case, run in run_cases(arguments):
        rows.append(row_of(case, run))
        print(f"| {' | '.join(rows[-1])} |", flush=True)
        if run.answer is None:
            faults.append(f"{case.residents:,} residents, {case.asked}: {run.note}")
        elif not run.answer.outcome["certificate"]["valid"]:
            faults.append(f"{case.residents:,} residents, {case.asked}: the plan is not proven")
    write_section("siting", section(head, rows, arguments.seconds), arguments.docs)
    for fault in faults:
        print(f"siting: {fault}", file=sys.stderr)
    return 1 if faults else 0


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.siting", description=__doc__)
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--k", type=int, help="one case with so many sites instead of the usual five")
    amount.add_argument("--budget", type=int, help="one case with so many yuan instead of the usual five")
    parser.add_argument("--residents", type=int, default=12_000, help="of the one case")
    parser.add_argument("--seconds", type=float, default=120.0, help="time limit of each `place`")
    parser.add_argument("--limit", type=float, default=600.0, help="seconds after which a case is given up")
    parser.add_argument("--docs", type=Path, default=DOCS, help="Markdown file that gets the table")
    return parser.parse_args(argv)


def row_of(case: Case, run: Run) -> tuple[str, ...]:
    """The row of the table."""
    if run.answer is None:
        return number(case.residents), "–", case.asked, "–", run.note, *(["–"] * (len(HEAD) - 5))
    placed: Placed = run.answer
    told = placed.outcome
    return (
        number(case.residents),
        number(told["candidates"]),
        case.asked,
        number(told["sites"]),
        _status(told),
        "–" if told["gap"] is None else f"{100 * told['gap']:.3f} %",
        f"{told['served'] - told['served_before']:+,}",
        number(told["choices_tried"]),
        number(placed.search_s, 1),
        number(placed.all_s, 1),
        number(placed.all_cpu_s, 1),
        number(run.peak_mb),
    )


def _status(told: dict[str, Any]) -> str:
    """Proven, or which figure is the first that is open."""
    if told["status"] == "optimal":
        return "proven"
    tiers = [tier for tier, served in told["served_by_tier"].items() if told["served_bound"][tier] != served]
    return f"open: tier {tiers[0]}" if tiers else "open: travel"


def section(head: str, rows: list[tuple[str, ...]], seconds: float) -> str:
    """The section of the docs."""
    return f"""## Where to build

`python -m benchmarks.siting`, {today()}, at most {seconds:g} s for each. "Search" ends with the proof or with its share
of the time; "all" is the whole of `place`, with the plans before and after, the building order and the curve, but
without reading and writing. The gap is that of the first figure that is not proven: people served by tier, then travel.
A capacitated p-median of 3,000 × 30 against spopt is among the peers above. {head}.

{table(HEAD, rows)}
"""


if __name__ == "__main__":
    sys.exit(main())
