"""Tables in Markdown, and ``docs/benchmarks.md``, in which each command writes its own section."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table: first column to the left, the others to the right."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def number(value: float | None, decimals: int = 0) -> str:
    """A number with thousands apart, "–" where there is none."""
    return "–" if value is None else f"{value:,.{decimals}f}"


def today() -> str:
    """The day of the run."""
    return time.strftime("%Y-%m-%d")


def write_section(name: str, text: str, docs: Path = DOCS) -> None:
    """Put `text` between the markers of section `name`; the rest of the file stays as it is.

    Parameters
    ----------
    name : str
        Stands in the markers; a file without them gets the section at its end.
    text : str
        Markdown.
    docs : Path
        Made where it does not exist.
    """
    begin, end = f"<!-- {name}: written by the command, do not edit -->", f"<!-- end of {name} -->"
    section = f"{begin}\n{text.strip()}\n{end}"
    old = docs.read_text(encoding="utf-8") if docs.exists() else "# Benchmarks\n"
    before, found, rest = old.partition(begin)
    known = found and end in rest
    new = before + section + rest.partition(end)[2] if known else f"{old.rstrip()}\n\n{section}\n"
    docs.parent.mkdir(parents=True, exist_ok=True)
    docs.write_text(new, encoding="utf-8", newline="\n")
