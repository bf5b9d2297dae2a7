"""The same instances through our solver, through others, and through what planners do without one.

Everybody but us gets a row for each resident; groups of alike residents are our idea. OR-Tools and LEMON get them too,
in rows of their own: what grouping gains and what the algorithm gains can be read apart. Seconds are those of the
solver's own call, with its model built beforehand; for ours they are all of `solve_flow`, networks and proof included.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

import numpy as np

from benchmarks.instances import Instance, city, county
from benchmarks.measure import Run, Timed, machine, measured
from benchmarks.peer_answers import Answer, answer_of
from benchmarks.report import DOCS, number, table, today, write_section
from matcher.sample.city import make_sample


@dataclass(frozen=True)
class Peer:
    """A way to solve: a function of a module, named by text so that each process loads one solver only."""

    name: str
    module: str
    function: str
    exact: bool = True
    grouped: bool = False


OURS = Peer("ours", "peer_ours", "our_flow", grouped=True)
PEERS = (
    OURS,
    Peer("OR-Tools, naive", "naive", "naive_flow"),
    Peer("OR-Tools, on our groups", "naive", "naive_flow", grouped=True),
    Peer("LEMON, naive", "peer_lemon", "lemon_flow"),
    Peer("LEMON, on our groups", "peer_lemon", "lemon_flow", grouped=True),
    Peer("networkx min_cost_flow", "peer_networkx", "networkx_flow"),
    Peer("POT ot.emd", "peer_programs", "pot_flow"),
    Peer("HiGHS, scipy linprog", "peer_programs", "highs_flow"),
    Peer("spopt PMedian", "peer_programs", "spopt_flow"),
    Peer("nearest free place", "peer_heuristics", "nearest_free", exact=False),
    Peer("AccessMod's order", "peer_heuristics", "biggest_first", exact=False),
)
#: A quick solve is repeated, so that nobody pays for a cold start; the least counts.
REPEATS = 5
ENOUGH_S = 1.0
PACKAGES = ("pylmcf", "networkx", "POT", "spopt", "PuLP", "highspy")
HEAD = ("instance", "solver", "served", "against ours", "cost, km", "seconds", "× ours", "peak MB")


@dataclass(frozen=True)
class Case:
    """An instance on disk, with its name."""

    name: str
    size: str
    file: Path


@dataclass(frozen=True)
class Result:
    """What a peer did with a case, beside what ours did."""

    case: Case
    peer: Peer
    run: Run
    ours: Run

    @property
    def fault(self) -> str | None:
        """What must not be: ours fails, an exact solver disagrees, or a heuristic beats ours."""
        told = f"{self.peer.name} on {self.case.name}"
        if self.ours.answer is None:
            return f"ours on {self.case.name}: {self.ours.note}" if self.peer == OURS else None
        if self.run.answer is None:
            return None
        if self.peer.exact:
            return None if self.run.answer == self.ours.answer else f"{told} disagrees: {self.run.answer}"
        return f"{told} beats ours: {self.run.answer}" if _rank(self.run) < _rank(self.ours) else None

    @property
    def row(self) -> tuple[str, ...]:
        """The row of the table."""
        if self.run.answer is None:
            return self.case.name, self.peer.name, "–", self.run.note, "–", "–", "–", "–"
        answer, seconds = self.run.answer, self.run.seconds
        times = seconds / self.ours.seconds if seconds and self.ours.seconds else None
        return (
            self.case.name,
            self.peer.name,
            number(sum(answer.served)),
            self._comparison(),
            number(answer.cost_m / 1000, 3),
            number(seconds, 3),
            number(times, 1),
            number(self.run.peak_mb),
        )

    def _comparison(self) -> str:
        if self.peer == OURS:
            return "proven optimal"
        if self.ours.answer is None:
            return "–"
        if self.run.answer == self.ours.answer:
            return "equal"
        return _loss(self.ours.answer, self.run.answer)


def _loss(best: Answer, answer: Answer) -> str:
    """How far an answer stays behind the best: people, people of the first tier, kilometres for as many people."""
    people, told = sum(best.served), sum(answer.served)
    first = best.served[0] - answer.served[0]
    farther = 100 * (answer.cost_m / max(1, best.cost_m) - 1)
    words = f"{people - told:,} fewer ({_percent(people - told, people)})" if told < people else "as many"
    words += f", of tier 1 {first:,} fewer ({_percent(first, best.served[0])})" if first else ""
    return f"{words}, {farther:.1f} % farther" if told == people else words


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / max(1, whole):.1f} %"


def _rank(run: Run) -> tuple[int, ...]:
    """Smaller is better: most of tier 1, then of tier 2, …, then least cost."""
    return (*(-count for count in run.answer.served), run.answer.cost_m)


def run_peer(peer: Peer, file: Path) -> Timed:
    """One solver on one instance, in a process of its own."""
    instance = Instance.load(file)
    problem = instance.problem if peer.grouped else instance.persons()
    solve = getattr(import_module(f"benchmarks.{peer.module}"), peer.function)
    spent: list[float] = []
    while len(spent) < REPEATS and sum(spent) < ENOUGH_S:
        flow, seconds = solve(problem)
        spent.append(seconds)
    return Timed((answer_of(problem, flow), min(spent)))


def compare(case: Case, limit_s: float, gave_up: set[str]) -> Iterator[Result]:
    """All peers on one case, ours first.

    Parameters
    ----------
    case : Case
    limit_s : float
        For each peer, building its model included.
    gave_up : set of str
        Peers that did not finish a smaller case; who does not finish this one is added.
    """
    ours = Run(None, None, None, "not run")
    for peer in PEERS:
        if peer.name in gave_up:
            run = Run(None, None, None, "not tried: a smaller one did not finish")
        else:
            run = _explained(measured(run_peer, peer, case.file, limit_s=limit_s))
        if run.note.startswith(("not finished", "died")):
            gave_up.add(peer.name)
        if peer == OURS:
            ours = run
        yield Result(case, peer, run, ours)


def _explained(run: Run) -> Run:
    """A package that is not there, or a model that cannot say the instance, in words of a table."""
    kind, _, text = run.note.partition(": ")
    words = {"ModuleNotFoundError": "not installed", "NotApplicable": f"does not apply: {text}"}
    return replace(run, note=words.get(kind, run.note))


def cases(arguments: argparse.Namespace, folder: Path) -> Iterator[Case]:
    """The instances asked for, smallest first, made as they are needed."""
    if arguments.residents is None:
        yield _county_case(1_000, 20, folder)
        yield _county_case(3_000, 30, folder)
        yield _city_case(12_000, False, folder)
        yield _county_case(50_000, 200, folder)
        yield _city_case(250_000, False, folder)
        yield _city_case(250_000, True, folder)
    elif arguments.providers is None:
        yield _city_case(arguments.residents, arguments.distinct, folder)
    else:
        yield _county_case(arguments.residents, arguments.providers, folder)


def _county_case(residents: int, providers: int, folder: Path) -> Case:
    return _stored(f"county {residents:,} × {providers:,}", county(residents, providers), folder)


def _city_case(residents: int, distinct: bool, folder: Path) -> Case:
    data = folder / "city"
    make_sample(data, residents=residents, distinct=distinct)
    instance = city(data)
    name = f"city {residents:,} × {len(instance.problem.total):,}"
    return _stored(f"{name}, distinct" if distinct else name, instance, folder)


def _stored(name: str, instance: Instance, folder: Path) -> Case:
    """Put an instance where the solvers' processes find it."""
    problem = instance.problem
    pairs = int((np.diff(problem.start) * problem.size).sum())
    size = (
        f"{len(instance.member):,} residents in {len(problem.size):,} groups, {len(problem.capacity):,} slots "
        f"with {int(problem.capacity.sum()):,} places, {pairs:,} eligible pairs of resident and slot"
    )
    file = folder / "instance.npz"
    instance.save(file)
    return Case(name, size, file)


def main(argv: list[str] | None = None) -> int:
    """Run, print, write; exit code 1 where exact solvers disagree."""
    arguments = parse(argv)
    gave_up: set[str] = set()
    results = []
    print(head := machine(*PACKAGES))
    with tempfile.TemporaryDirectory() as folder:
        for case in cases(arguments, Path(folder)):
            print(f"{case.name}: {case.size}", flush=True)
            for result in compare(case, arguments.limit, gave_up):
                print("  " + " | ".join(result.row[1:]), flush=True)
                results.append(result)
    text = table(HEAD, [result.row for result in results])
    print(f"\n{text}")
    write_section("peers", section(head, text, results, arguments.limit), arguments.docs)
    faults = [result.fault for result in results if result.fault]
    for fault in faults:
        print(f"peers: {fault}", file=sys.stderr)
    return 1 if faults else 0


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--residents", type=int, help="one instance of this size instead of the usual six")
    parser.add_argument("--providers", type=int, help="… a county with so many; without it, the sample city")
    parser.add_argument("--distinct", action="store_true", help="… everyone at an address of their own")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each solver on each instance")
    parser.add_argument("--docs", type=Path, default=DOCS, help="Markdown file that gets the table")
    return parser.parse_args(argv)


def section(head: str, text: str, results: list[Result], limit_s: float) -> str:
    """The section of the docs."""
    sizes = dict.fromkeys(f"- {result.case.name}: {result.case.size}" for result in results)
    return f"""## Against other solvers

`python -m benchmarks.peers`, {today()}, {limit_s:g} s for each solver on each instance. {head}.

{chr(10).join(sizes)}

{text}
"""


if __name__ == "__main__":
    sys.exit(main())
