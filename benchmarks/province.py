"""A province county by county: the commands `sample`, `match` and `verify`, files and all processes included.

What is there already is not made again, and `match` goes on where it was ended: the full size takes more than an hour.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from benchmarks.measure import machine
from benchmarks.report import DOCS, number, table, today, write_section

HEAD = (
    "residents",
    "counties",
    "command",
    "minutes",
    "minutes of processor",
    "MB of all processes",
    "MB of the largest",
)
#: Seconds between two looks at the memory.
LOOK_S = 1.0


@dataclass(frozen=True)
class Taken:
    """What a command took; megabytes are those of all its processes together, shared pages counted once."""

    seconds: float
    processor_s: float
    together_mb: float
    largest_mb: float


def main(argv: list[str] | None = None) -> int:
    """Measure, print, and write the section of the docs; 1 where a plan is not proven."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("room", type=Path, metavar="DIR", help="where data and results are kept")
    parser.add_argument("--residents", type=int, nargs="+", default=[18_000_000])
    parser.add_argument("--counties", type=int, default=183)
    parser.add_argument("--docs", type=Path, default=DOCS)
    arguments = parser.parse_args(argv)
    arguments.room.mkdir(parents=True, exist_ok=True)
    rows, proven = [], True
    for residents in arguments.residents:
        counties = max(1, round(arguments.counties * residents / max(arguments.residents)))
        told = _measured(arguments.room, residents, counties)
        outcome = json.loads(
            (arguments.room / f"plan-{residents}" / "outcome.json").read_text(encoding="utf-8")
        )
        proven = proven and outcome["status"] == "optimal"
        for name, taken in told.items():
            rows.append(
                [
                    number(residents),
                    number(len(outcome["counties"])),
                    f"`{name}`",
                    f"{taken.seconds / 60:.1f}",
                    f"{taken.processor_s / 60:.1f}",
                    number(taken.together_mb),
                    number(taken.largest_mb),
                ]
            )
        rows.append(
            [
                "",
                "",
                f"{outcome['status']}, {number(outcome['served'])} served, {number(outcome['eligible_pairs'])} pairs",
                *([""] * 4),
            ]
        )
    text = (
        f"## A province, county by county\n\n`python -m benchmarks.province DIR`, {today()}. {machine('pyarrow')}.\n\n"
        + table(HEAD, rows)
    )
    print(text)
    write_section("province", text, arguments.docs)
    return 0 if proven else 1


def _measured(room: Path, residents: int, counties: int) -> dict[str, Taken]:
    """What each command took, of an earlier run where its results are there."""
    data, plan = room / f"data-{residents}", room / f"plan-{residents}"
    commands = {
        "sample": [
            "sample",
            str(data),
            "--province",
            "--residents",
            str(residents),
            "--counties",
            str(counties),
        ],
        "match": ["match", str(data), "--out", str(plan), "--lang", "en"],
        "verify": ["verify", str(data), "--plan", str(plan), "--lang", "en"],
    }
    kept = room / f"taken-{residents}.json"
    told = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    for name, command in commands.items():
        if name not in told:
            told[name] = asdict(watched([sys.executable, "-m", "matcher", *command]))
            kept.write_text(json.dumps(told), encoding="utf-8")
    return {name: Taken(**told[name]) for name in commands}


def watched(command: list[str]) -> Taken:
    """Run a command to its end.

    Raises
    ------
    RuntimeError
        When it fails.
    """
    before, begun = _processor_s(), time.perf_counter()
    together = largest = 0.0
    with subprocess.Popen(command, stdout=sys.stderr) as process:
        while process.poll() is None:
            every = _memory_mb(process.pid)
            together, largest = max(together, sum(every)), max([largest, *every])
            time.sleep(LOOK_S)
    if process.returncode:
        raise RuntimeError(f"{command[3]}: exit code {process.returncode}")
    return Taken(time.perf_counter() - begun, _processor_s() - before, together, largest)


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory_mb(pid: int) -> list[float]:
    """Of a process and all that it has started: their own pages, and their share of those in common."""
    found = []
    try:
        parent = psutil.Process(pid)
        for one in (parent, *parent.children(recursive=True)):
            full = one.memory_full_info()
            found.append(getattr(full, "pss", full.rss) / 2**20)
    except psutil.Error:
        pass
    return found or [0.0]


if __name__ == "__main__":
    sys.exit(main())
