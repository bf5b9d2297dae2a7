"""``seasons``: who is here in each month of a year, for whom the places suffice, and the peak of each place."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from matcher.commands.common import (
    Case,
    Commands,
    Parser,
    add_plan_command,
    tell_written,
)
from matcher.words.catalogues import t

if TYPE_CHECKING:
    from matcher.care.seasons import Year


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    add_plan_command(commands, "seasons", _run, common, dated)


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.care.seasons import seasons
    from matcher.files.results import write_results

    year = seasons(case.inputs, case.policy, case.options)
    write_results(arguments.out, {"seasons": year.seasons, "peak": year.peak}, {})
    tell_written(arguments, _lines(year, arguments.lang))
    return 0


def _lines(year: Year, lang: str) -> Iterator[str]:
    """The year in person-months, what was proven, and the month of the most people without a provider."""
    months = year.by_month()
    yield t(
        "summary.seasons",
        lang,
        residents=int(months["residents"].sum()),
        served=int(months["served"].sum()),
        moved=int(months["moved"].sum()),
        unknown=int(months["unknown"].max()),
    )
    yield t("summary.seasons_proven", lang, problems=year.problems, proven=year.proven)
    short = months["short"]
    if short.max() > 0:
        yield t(
            "summary.seasons_peak", lang, month=int(short.index[int(short.argmax())]), short=int(short.max())
        )
