"""``match`` on the whole city, reading and writing included, against the naive solve alone."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pyarrow import csv

from benchmarks.measure import Run, Timed, machine, measured, spread
from benchmarks.naive import solve_naive
from benchmarks.report import DOCS, number, table, today, write_section
from matcher.eligibility.derive import derive
from matcher.intake.check import load_inputs
from matcher.policy.documents import load_policy
from matcher.sample.city import make_sample

ROOT = Path(__file__).resolve().parent.parent


def run_match(data: Path, out: Path) -> Timed:
    """The whole command in a process of its own."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "matcher", "match", str(data), "--out", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begun
    outcome = json.loads((out / "outcome.json").read_text(encoding="utf-8"))
    processor, peak = of_children()
    files = outcome["seconds"]["read"] + outcome["seconds"]["write"]
    told = list(outcome["served_by_tier"].values()), outcome["total_cost_m"]
    return Timed(((*told, processor, files, peak), seconds))


def of_children() -> tuple[float | None, float | None]:
    """Processor seconds and peak resident MB of the finished children; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None, None
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


def run_pyarrow(data: Path, out: Path) -> Timed:
    """The floor: pyarrow reads the same tables, whatever is in them, and writes the same results."""
    results = [csv.read_csv(path) for path in sorted(out.glob("*.csv"))]
    begun = time.perf_counter()
    for path in sorted(data.glob("*.csv")):
        csv.read_csv(path)
    for at, result in enumerate(results):
        csv.write_csv(result, data.parent / f"floor-{at}.csv")
    return Timed((None, time.perf_counter() - begun))


def run_naive(data: Path) -> Timed:
    """The naive formulation over the same pairs."""
    return solve_naive(derive(load_inputs(data), load_policy()).problem)


def main(argv: list[str] | None = None) -> int:
    """Measure, print, write; exit code 1 where the objectives differ."""
    arguments = parse(argv)
    head = machine()
    # What is compiled once and kept is not part of a run.
    subprocess.run(
        [sys.executable, "-m", "matcher", "prepare"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "city"
        make_sample(data, residents=arguments.residents, distinct=arguments.distinct)
        ours = [measured(run_match, data, Path(folder) / "out") for _ in range(arguments.runs)]
        floor = [measured(run_pyarrow, data, Path(folder) / "out") for _ in range(arguments.runs)]
        naive = measured(run_naive, data, limit_s=arguments.limit)
    if ours[0].answer is None:
        print(f"city: {ours[0].note}", file=sys.stderr)
        return 1
    text = section(head, ours, naive, floor, arguments)
    print(text)
    write_section("city, distinct" if arguments.distinct else "city", text, arguments.docs)
    tiers, cost, *_ = ours[0].answer
    return 1 if naive.answer is not None and tuple(naive.answer) != (tiers, cost) else 0


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.city", description=__doc__)
    parser.add_argument("--residents", type=int, default=250_000)
    parser.add_argument("--distinct", action="store_true", help="everyone at an address of their own")
    parser.add_argument("--runs", type=int, default=3, help="of the whole command")
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds for the naive solve")
    parser.add_argument("--docs", type=Path, default=DOCS, help="Markdown file that gets the table")
    return parser.parse_args(argv)


def section(head: str, ours: list[Run], naive: Run, floor: list[Run], arguments: argparse.Namespace) -> str:
    """The section of the docs: both with their ratio, and what files alone take."""
    seconds, answers = seconds_of(ours), [run.answer for run in ours if run.answer is not None]
    tiers, cost, _, _, peak = ours[0].answer
    served, metres = " + ".join(map(number, tiers)), number(cost / 1000, 3)
    rows = [
        (
            "`match`, files included",
            served,
            metres,
            spread(seconds),
            _spread([told[2] for told in answers]),
            number(peak),
        ),
        ("of it reading with all checks, and writing", "", "", spread([told[3] for told in answers]), "", ""),
        ("pyarrow alone reads and writes the same files", "", "", spread(seconds_of(floor)), "", ""),
    ]
    if naive.answer is None or naive.seconds is None:
        rows.append(("naive `solve()` alone", "–", "–", naive.note, "–", "–"))
        ratio = ""
    else:
        tiers, cost = naive.answer
        served, metres = " + ".join(map(number, tiers)), number(cost / 1000, 3)
        rows.append(
            (
                "naive `solve()` alone",
                served,
                metres,
                number(naive.seconds, 2),
                number(naive.seconds, 2),
                number(naive.peak_mb),
            )
        )
        ratio = f"The naive solve alone takes {naive.seconds / statistics.median(seconds):.1f} times as long."
    where = "everyone at an address of their own" if arguments.distinct else "some 3,000 address points"
    flag = " --distinct" if arguments.distinct else ""
    return f"""## The whole command on {arguments.residents:,} residents, {where}

`python -m benchmarks.city --residents {arguments.residents}{flag}`, {today()}, {arguments.runs} runs from reading to
writing, median and range. {head}.

{table(("", "served by tier", "cost, km", "seconds", "of processor", "peak MB"), rows)}

{ratio}
"""


def seconds_of(runs: list[Run]) -> list[float]:
    """Of those that ended."""
    return [run.seconds for run in runs if run.seconds is not None]


def _spread(values: list[float | None]) -> str:
    known = [one for one in values if one is not None]
    return spread(known) if known else "–"


if __name__ == "__main__":
    sys.exit(main())
