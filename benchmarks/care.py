"""The commands on the network of care, files included, beside a cold `match` of the same city."""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import Run, machine, measured, spread
from benchmarks.report import DOCS, number, table, today, write_section

#: Command, and the seconds or cold matches that it may take at 250,000 residents (None: nothing is promised).
COMMANDS: dict[str, tuple[float | None, float | None]] = {
    "match": (None, None),
    "standards": (None, None),
    "packages": (10.0, None),
    "waiting": (None, None),
    "referral": (None, None),
    "money": (None, None),
    "seasons": (None, 4.0),
    "seasons, twelve different months": (None, 4.0),
    "signing": (None, None),
    "assessments": (None, None),
    "rounds": (None, None),
    "fhir": (None, None),
}
HEAD = ("command", "seconds", "times a cold match", "MB", "may take")
POLICY = "panzhihua-2016"
#: Visitors come in one month after the other and stay for so many months.
STAYS = (3, 4, 5, 6)


def main(argv: list[str] | None = None) -> int:
    """Measure, print, and write the section of the docs; 1 where a command takes longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=250_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--docs", type=Path, default=DOCS)
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as room:
        data = Path(room) / "data"
        run(["sample", str(data), "--residents", str(arguments.residents)])
        provider = busiest(data, Path(room))
        twelve = of_twelve_months(data, Path(room) / "twelve")
        runs = {}
        for name in COMMANDS:
            told = command(name, twelve if "twelve" in name else data, Path(room), provider)
            runs[name] = [measured(run, told) for _ in range(arguments.runs)]
        sizes = {
            name: len(pd.read_csv(data / f"{name}.csv", usecols=[0])) for name in ("sites", "visits", "stays")
        }
    cold = statistics.median(seconds_of(runs["match"]))
    rows, late = [], 0
    for name, (most_s, most_times) in COMMANDS.items():
        taken = seconds_of(runs[name])
        median = statistics.median(taken)
        most = most_s if most_s is not None else None if most_times is None else most_times * cold
        late += most is not None and median > most
        told = f"{most_s:g} s" if most_s is not None else f"{most_times:g} matches" if most_times else "–"
        peak = max(one.peak_mb or 0 for one in runs[name])
        word, comma, which = name.partition(",")
        rows.append(
            [f"`{word}`{comma}{which}", spread(taken), f"{median / cold:.2f}", number(peak or None), told]
        )
    text = (
        "## The commands on the network of care\n\n"
        f"`python -m benchmarks.care --residents {arguments.residents}`, {today()}, {arguments.runs} runs, each in a"
        f" process of its own, from reading to writing: median (range), peak memory. {number(sizes['sites'])} sites,"
        f" {number(sizes['visits'])} visits, {number(sizes['stays'])} stays; `rounds` and `fhir` of the provider with"
        f" most people. {machine()}.\n\n"
    ) + table(HEAD, rows)
    print(text)
    write_section("care", text, arguments.docs)
    return 1 if late else 0


def command(name: str, data: Path, room: Path, provider: str) -> list[str]:
    """Arguments of a command; what follows a comma tells the data."""
    name = name.partition(",")[0]
    told = [name, str(data), "--policy", POLICY, "--out", str(room / name), "--lang", "en"]
    more = {
        "rounds": ["--provider", provider, "--date", "2026-01-15"],
        "fhir": ["--provider", provider],
    }
    return told + more.get(name, [])


def of_twelve_months(data: Path, copy: Path) -> Path:
    """The same city with other people in each month: its visitors come all through the year."""
    shutil.copytree(data, copy)
    people = pd.read_csv(data / "residents.csv", dtype=str, keep_default_na=False)
    visitor = people["origin"] == "visitor"
    turn = np.arange(visitor.sum())
    first, stay = turn % 12, np.array(STAYS)[turn // 12 % len(STAYS)]
    people.loc[visitor, "season_from"] = (first + 1).astype(str)
    people.loc[visitor, "season_to"] = ((first + stay - 1) % 12 + 1).astype(str)
    people.to_csv(copy / "residents.csv", index=False)
    return copy


def run(arguments: list[str]) -> int:
    """A command; its lines of text are no part of the table."""
    from matcher.cli import main as matcher

    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        code = matcher(arguments)
    if code:
        raise RuntimeError(f"{arguments[0]}: exit code {code}")
    return code


def busiest(data: Path, room: Path) -> str:
    """The provider with most people at home."""
    run(["match", str(data), "--policy", POLICY, "--out", str(room / "first"), "--lang", "en"])
    plan = pd.read_csv(room / "first" / "assignments.csv", dtype=str)
    return str(plan.loc[plan["mode"] == "home", "provider_id"].mode()[0])


def seconds_of(runs: list[Run]) -> list[float]:
    """Seconds of runs that ended well.

    Raises
    ------
    RuntimeError
        Where one did not.
    """
    for one in runs:
        if one.seconds is None:
            raise RuntimeError(one.note)
    return [one.seconds for one in runs if one.seconds is not None]


if __name__ == "__main__":
    sys.exit(main())
