"""``access``: how much care is within reach of each place."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from matcher.commands.common import Case, Commands, Parser, add_case_command, add_out_file, tell_written
from matcher.tables import MODES
from matcher.words.catalogues import label, t

if TYPE_CHECKING:
    import pandas as pd

#: Places named in the summary; the table has all.
NAMED = 5


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "access", _run, common, dated)
    add_out_file(parser, "cli.access_out", required=True)


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.files.results import write_table
    from matcher.results.access import access

    table = access(case.inputs, case.policy, progress=True)
    write_table(table, arguments.out)
    tell_written(arguments, _lines(table, arguments.lang))
    return 0


def _lines(table: pd.DataFrame, lang: str) -> Iterator[str]:
    """For each mode and score: how unequal it is, and where the worst-off tenth of the people live."""
    from matcher.results.access import gini, worst_tenth

    for mode in MODES:
        rows = table[table["mode"] == mode]
        people = rows["residents"].to_numpy()
        yield t("cli.access_mode", lang, mode=label("mode", mode, lang), residents=int(people.sum()))
        for score in ("two_step", "enhanced_two_step"):
            value = rows[score].to_numpy(float)
            worst, places = worst_tenth(value, people)
            codes = rows["place_code"].iloc[places].tolist()
            more = t("cli.access_more", lang, count=len(codes) - NAMED) if len(codes) > NAMED else ""
            yield t(
                f"cli.access_{score}",
                lang,
                gini=_number(gini(value, people)),
                worst=_number(worst),
                places=", ".join(code or "?" for code in codes[:NAMED]) or "-",
                more=more,
            )


def _number(value: float) -> str:
    return "-" if value != value else f"{value:.3f}"
