"""What the audit costs: a row of it beside the same transaction without one, and its share of the store."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session

from benchmarks.measure import machine
from benchmarks.report import DOCS, number, table, today, write_section
from matcher.accounts.accounts import Accounts
from matcher.accounts.audit import Actor, Audit
from matcher.store.database import Database
from matcher.store.location import locate_store
from matcher.store.models import FailureRow
from matcher.store.schema import prepare

NURSE = Actor("wang", "clinic")
#: Milliseconds that a row may take.
AT_MOST_MS = 5.0


def milliseconds(times: int, call: Callable[[], object]) -> list[float]:
    """Of each of so many calls."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        call()
        found.append(1000 * (time.perf_counter() - begun))
    return found


def told(rows: int) -> str:
    """Measure, and the section of the report."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.sqlite3"
        database = Database(locate_store(f"sqlite:///{file.as_posix()}"))
        prepare(database)
        accounts = Accounts(database, Audit(b"k" * 32))

        def plain(session: Session) -> None:
            session.add(FailureRow(subject="address:192.0.2.1", at=accounts.clock()))

        bare = milliseconds(rows, lambda: database.write(plain))
        size = file.stat().st_size
        audited = milliseconds(rows, lambda: accounts.note(NURSE, "roster_read", "P057"))
        bytes_each = (file.stat().st_size - size) / rows
        database.engine.dispose()
    lines = [
        [
            name,
            number(statistics.median(found), 2),
            number(float(np.percentile(found, 95)), 2),
            number(most, 0),
        ]
        for name, found, most in (("a row of the audit", audited, AT_MOST_MS), ("any other row", bare, None))
    ]
    ratio = statistics.median(audited) / statistics.median(bare)
    head = ("a transaction with", "median, ms", "95 %, ms", "at most, ms")
    return "\n\n".join(
        [
            "## The audit",
            f"`python -m benchmarks.audit --rows {rows}`, {today()}; {machine()}",
            table(head, lines),
            f"A row of the audit takes {ratio:.2f} times as long as any other and {bytes_each:.0f} bytes.",
        ]
    )


def main(arguments: list[str] | None = None, report: Callable[[str, str], None] | None = None) -> int:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2000)
    text = told(parser.parse_args(arguments).rows)
    print(text)
    (report or (lambda name, said: write_section(name, said, DOCS)))("audit", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
