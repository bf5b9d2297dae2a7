"""Public instances with published optima: what the engine finds and proves, beside what is published.

``assign/`` and ``flow/`` run through the engine's own solver and its price proof; ``pmed/``, ``pmedcap/``, ``cap/``
and ``sscflp/`` through its location models (`matcher.location_models`).
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.measure import Run, Timed, machine, measured
from benchmarks.optima_files import InstanceError, read_assignment, read_dimacs, read_optima, read_text
from benchmarks.optima_sites import (
    read_capacitated_p_median,
    read_facility_location,
    read_p_median,
    read_single_source,
)
from benchmarks.optima_solve import Found, solve_assignment, solve_location, solve_network_flow
from benchmarks.report import table, today, write_section

#: Published and found values may differ by this share of the published one.
TOLERANCE = Fraction(1, 10**9)
#: A solver that knows its time limit gets so much more to put its answer together.
GRACE_S = 30.0
HEAD = ("instance", "published", "found", "bound", "gap", "seconds", "verdict")


@dataclass(frozen=True)
class Family:
    """How the files of a folder are read, in this process, and solved, in one of their own.

    Where it is `limited` the solver is told its time limit, and ends with what it has.
    """

    read: Callable[[str], Any]
    solve: Callable[..., Timed]
    limited: bool = False


FAMILIES: dict[str, Family] = {
    "assign": Family(read_assignment, solve_assignment),
    "flow": Family(read_dimacs, solve_network_flow),
    "pmed": Family(read_p_median, solve_location, limited=True),
    "pmedcap": Family(read_capacitated_p_median, solve_location, limited=True),
    "cap": Family(read_facility_location, solve_location, limited=True),
    "sscflp": Family(read_single_source, solve_location, limited=True),
}


@dataclass(frozen=True)
class Row:
    """One instance.

    Parameters
    ----------
    name : str
        Folder and file.
    published : Decimal or None
    found, bound : int or Fraction, or None
        Cost of a plan, and below what no plan is; None where not known.
    seconds : float or None
    note : str
        Why nothing is found.
    unreadable : bool
    """

    name: str
    published: Decimal | None
    found: int | Fraction | None = None
    bound: int | Fraction | None = None
    seconds: float | None = None
    note: str = ""
    unreadable: bool = False

    @property
    def contradicts(self) -> bool:
        """Whether the plan is better than the published optimum, the bound above it, or there is proven no plan."""
        if self.published is None:
            return False
        published = Fraction(self.published)
        slack = abs(published) * TOLERANCE
        better = self.found is not None and self.found < published - slack
        above = self.bound is not None and self.bound > published + slack
        return better or above or self.note == Found.NO_PLAN

    @property
    def verdict(self) -> str:
        """In words."""
        if self.contradicts:
            return "CONTRADICTS the published optimum"
        if self.found is None:
            return self.note
        return "proven" if self.gap is not None and self.gap <= TOLERANCE else "not proven"

    @property
    def gap(self) -> Fraction | None:
        """What is open between plan and bound, as a share of the plan's cost."""
        if self.found is None or self.bound is None:
            return None
        return Fraction(self.found - self.bound) / max(1, abs(self.found))

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        return (
            self.name,
            "–" if self.published is None else str(self.published),
            *("–" if value is None else _shown(value) for value in (self.found, self.bound)),
            "–" if self.gap is None else f"{float(self.gap):.2%}",
            "–" if self.seconds is None else f"{self.seconds:.3f}",
            self.verdict,
        )


def _shown(value: int | Fraction) -> str:
    """Whole, or with three decimals, as costs are published."""
    return str(value) if value == int(value) else f"{float(value):.3f}"


def rows_of(folder: Path, limit_s: float) -> Iterator[Row]:
    """Every instance of every family, as it is solved.

    Parameters
    ----------
    folder : Path
        With a folder for each family, and ``optima.csv``.
    limit_s : float
        For each instance.

    Raises
    ------
    InstanceError
        When ``optima.csv`` cannot be read.
    """
    optima = read_optima(folder / "optima.csv")
    for name, family in FAMILIES.items():
        for file in _instances(folder / name):
            key = f"{name}/{file.name}"
            yield _solved(key, file, family, optima.get(key), limit_s)


def _instances(folder: Path) -> list[Path]:
    """Files of a family, numbers in their names counted."""
    if not folder.is_dir():
        return []
    files = [file for file in folder.iterdir() if file.is_file() and not file.name.startswith(".")]
    return sorted(files, key=lambda file: [part.zfill(12) for part in re.split(r"(\d+)", file.name)])


def _solved(name: str, file: Path, family: Family, published: Decimal | None, limit_s: float) -> Row:
    try:
        instance = family.read(read_text(file))
    except InstanceError as error:
        return Row(name, published, note=f"unreadable: {error}", unreadable=True)
    if family.limited:
        run: Run = measured(family.solve, instance, limit_s, limit_s=limit_s + GRACE_S)
    else:
        run = measured(family.solve, instance, limit_s=limit_s)
    if run.answer is None:
        return Row(name, published, note=run.note)
    return Row(name, published, run.answer.cost, run.answer.bound, run.seconds, run.answer.note)


def main(argv: list[str] | None = None) -> int:
    """Print the table; exit code 1 for a contradiction, or a file that cannot be read."""
    arguments = parse(argv)
    if not arguments.folder.is_dir():
        print(f"known_optima: {arguments.folder} is no folder", file=sys.stderr)
        return 1
    head = machine()
    print(f"{head}\n\n{table(HEAD, [])}", flush=True)
    rows = []
    try:
        for row in rows_of(arguments.folder, arguments.seconds):
            rows.append(row)
            print(f"| {' | '.join(row.cells)} |", flush=True)
    except InstanceError as error:
        print(f"known_optima: {arguments.folder / 'optima.csv'}: {error}", file=sys.stderr)
        return 1
    if arguments.docs:
        write_section("known optima", section(head, rows, arguments.seconds), arguments.docs)
    for row in rows:
        if row.unreadable or row.contradicts:
            print(f"known_optima: {row.name}: {row.verdict}", file=sys.stderr)
    return 1 if any(row.unreadable or row.contradicts for row in rows) else 0


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.known_optima", description=__doc__)
    parser.add_argument("folder", metavar="DIR", type=Path, help="folders of instances, and optima.csv")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each instance")
    parser.add_argument("--docs", type=Path, help="Markdown file that gets the table, docs/benchmarks.md say")
    return parser.parse_args(argv)


def section(head: str, rows: list[Row], limit_s: float) -> str:
    """The section of the docs."""
    return f"""## Published optima

`python -m benchmarks.known_optima DIR`, {today()}, {limit_s:g} s for each instance. {head}.

{table(HEAD, [row.cells for row in rows])}
"""


if __name__ == "__main__":
    sys.exit(main())
