"""How time and memory grow with the number of residents: the stages of ``match`` on sample cities.

The exponent is the slope of a least-squares line through the logarithms: 1 means twice the people, twice the time.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.measure import Run, Timed, machine, measured
from benchmarks.report import DOCS, number, table, today, write_section
from matcher.intake.check import load_inputs
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.sample.city import make_sample

SIZES = (10_000, 50_000, 250_000, 1_000_000)
STAGES = ("read", "candidates", "solve", "verify", "write")
HEAD = ("residents", "providers", "pairs", "served", *(f"{stage}, s" for stage in STAGES), "peak MB", "runs")
#: Runs of a size: three, but none after this many seconds.
RUNS = 3
ENOUGH_S = 120.0


@dataclass(frozen=True)
class Counted:
    """What one run of ``match`` had to do, and its seconds by stage."""

    providers: int
    pairs: int
    served: int
    status: str
    seconds: dict[str, float]


@dataclass(frozen=True)
class Size:
    """All runs of one size, and the median of each stage over those that finished."""

    residents: int
    runs: list[Run]

    @property
    def done(self) -> list[Run]:
        """The runs that finished."""
        return [run for run in self.runs if run.answer is not None]

    def seconds(self, stage: str) -> float:
        """Median seconds of a stage."""
        return float(statistics.median(run.answer.seconds[stage] for run in self.done))

    @property
    def peak_mb(self) -> float | None:
        """Highest peak memory of the runs; None where the system does not tell."""
        return max((run.peak_mb for run in self.done if run.peak_mb is not None), default=None)

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        if not self.done:
            note = self.runs[0].note
            return number(self.residents), note, *(["–"] * (len(HEAD) - 2))
        counted = self.done[0].answer
        return (
            number(self.residents),
            *(number(value) for value in (counted.providers, counted.pairs, counted.served)),
            *(number(self.seconds(stage), 2) for stage in STAGES),
            number(self.peak_mb),
            str(len(self.done)),
        )


def run_match(folder: Path) -> Timed:
    """``match`` with reading and without files, in a process of its own."""
    begun = time.perf_counter()
    inputs = load_inputs(folder)
    read = time.perf_counter() - begun
    plan = match(inputs, load_policy())
    outcome = plan.outcome
    counted = Counted(
        providers=len(inputs.providers),
        pairs=outcome.eligible_pairs,
        served=outcome.served,
        status=outcome.status,
        seconds={**outcome.seconds, "read": read},
    )
    return Timed((counted, sum(counted.seconds.values())))


def sizes_of(residents: list[int], distinct: bool, limit_s: float) -> Iterator[Size]:
    """Run each size in turn.

    Parameters
    ----------
    residents : list of int
    distinct : bool
        Everyone at an address of their own.
    limit_s : float
        For each run.
    """
    with tempfile.TemporaryDirectory() as folder:
        for count in residents:
            data = Path(folder) / "city"
            make_sample(data, residents=count, distinct=distinct)
            runs: list[Run] = []
            begun = time.perf_counter()
            while len(runs) < RUNS and (not runs or time.perf_counter() - begun < ENOUGH_S):
                runs.append(measured(run_match, data, limit_s=limit_s))
                if runs[-1].answer is None:
                    break
            yield Size(count, runs)


def exponent(people: list[int], values: list[float]) -> float | None:
    """Slope of the least-squares line through the logarithms; None with fewer than two sizes."""
    if len(people) < 2 or min(values) <= 0:
        return None
    return float(np.polyfit(np.log(people), np.log(values), 1)[0])


def exponents(sizes: list[Size]) -> tuple[str, ...]:
    """The last row of the table: growth of each column with the number of residents."""
    done = [size for size in sizes if size.done]
    people = [size.residents for size in done]
    stages = [[size.seconds(stage) for size in done] for stage in STAGES]
    peaks = [size.peak_mb for size in done if size.peak_mb is not None]
    memory = exponent(people, peaks) if len(peaks) == len(people) else None
    counts = [
        [float(getattr(size.done[0].answer, name)) for size in done]
        for name in ("providers", "pairs", "served")
    ]
    slopes = (*(exponent(people, values) for values in (*counts, *stages)), memory)
    return "exponent", *(number(slope, 2) for slope in slopes), ""


def main(argv: list[str] | None = None) -> int:
    """Run, print, write; exit code 1 where a plan is not proven."""
    arguments = parse(argv)
    head, parts, unproven = machine(), [], 0
    print(head)
    for distinct in (False, True):
        sizes = []
        title = "Everyone at an address of their own" if distinct else "Some 3,000 address points"
        print(f"\n{title}\n\n{table(HEAD, [])}")
        for size in sizes_of(arguments.sizes, distinct, arguments.limit):
            print(f"| {' | '.join(size.cells)} |", flush=True)
            sizes.append(size)
        print(f"| {' | '.join(exponents(sizes))} |")
        parts.append(f"### {title}\n\n{table(HEAD, [*(size.cells for size in sizes), exponents(sizes)])}")
        unproven += sum(run.answer.status != "optimal" for size in sizes for run in size.done)
    write_section("scaling", section(head, parts), arguments.docs)
    return 1 if unproven else 0


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=list(SIZES), help="residents, as 10000,50000")
    parser.add_argument("--limit", type=float, default=600.0, help="seconds for each run")
    parser.add_argument("--docs", type=Path, default=DOCS, help="Markdown file that gets the tables")
    return parser.parse_args(argv)


def _sizes(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def section(head: str, parts: list[str]) -> str:
    """The section of the docs."""
    tables = "\n\n".join(parts)
    return f"""## How it grows

`python -m benchmarks.scaling`, {today()}, median of up to {RUNS} runs of `match`, each in a process of its own; peak
memory is the highest. `solve` breaks ties too; `verify` goes over every eligible pair; `write` makes the tables.
{head}.

{tables}
"""


if __name__ == "__main__":
    sys.exit(main())
