"""``match`` on the whole city, reading and writing included, against the naive solve alone."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Run, Timed, machine, measured, spread
from benchmarks.naive import solve_naive
from matcher.check import load_inputs
from matcher.policy import load_policy
from matcher.sample import make_sample
from matcher.solve.verify import derive

ROOT = Path(__file__).resolve().parent.parent


def run_match(data: Path, out: Path) -> Timed:
    """The whole command in a process of its own."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "matcher", "match", str(data), "--out", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begun
    outcome = json.loads((out / "outcome.json").read_text(encoding="utf-8"))
    return Timed(
        ((list(outcome["served_by_tier"].values()), outcome["total_cost_m"], children_mb()), seconds)
    )


def children_mb() -> float | None:
    """Peak resident memory of the finished children in MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (
        1024 if sys.platform != "darwin" else 1024**2
    )


def run_naive(data: Path) -> Timed:
    """The naive formulation over the same pairs."""
    return solve_naive(derive(load_inputs(data), load_policy()).problem)


def main() -> int:
    """Measure and print; exit code 1 where the objectives differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=250_000)
    parser.add_argument("--distinct", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds for the naive solve")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "city"
        make_sample(data, residents=arguments.residents, distinct=arguments.distinct)
        ours = [measured(run_match, data, Path(folder) / "out") for _ in range(arguments.runs)]
        naive = measured(run_naive, data, limit_s=arguments.limit)
    return report(ours, naive, arguments)


def report(ours: list[Run], naive: Run, arguments: argparse.Namespace) -> int:
    """Print both with their ratio."""
    print(machine())
    print(f"{arguments.residents} residents, distinct addresses: {arguments.distinct}")
    seconds = [run.seconds for run in ours if run.seconds is not None]
    tiers, cost, peak = ours[0].answer
    print(f"match, whole command: {spread(seconds)} s, peak {peak:.0f} MB, served {tiers}, {cost} m")
    if naive.answer is None:
        print(f"naive: {naive.note}")
        return 0
    served, metres = naive.answer
    print(f"naive, solve() alone: {naive.seconds:.2f} s, peak {naive.peak_mb:.0f} MB, served {served}, {metres} m")
    print(f"ratio {naive.seconds / sorted(seconds)[len(seconds) // 2]:.1f}")
    return 0 if (tiers, cost) == tuple(naive.answer) else 1


if __name__ == "__main__":
    sys.exit(main())
