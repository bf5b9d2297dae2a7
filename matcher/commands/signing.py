"""``signing``: who has signed with a family doctor, and whether a visit followed."""

from __future__ import annotations

import argparse

from matcher.commands.common import Case, Commands, Parser, add_case_command, add_out_folder, tell_written
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "signing", _run, common, dated)
    add_out_folder(parser, "cli.signing_out")


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.care.signing import SIGNING_STATES, signing_table
    from matcher.files.results import write_results

    table = signing_table(case.inputs)
    write_results(arguments.out, {"signing": table}, {})
    counts = {state: int((table["state"] == state).sum()) for state in SIGNING_STATES}
    lines = [t("cli.signing_summary", arguments.lang, people=len(table), **counts)]
    for name in ("signings", "visits"):
        if getattr(case.inputs, name).empty:
            lines.append(t(f"cli.signing_no_{name}", arguments.lang))
    tell_written(arguments, lines)
    return 0
