"""``referral``: the hospital upstream of each provider, and the minutes of each person to their green channel."""

from __future__ import annotations

import argparse

from matcher.commands.common import Case, Commands, Parser, add_case_command, add_out_folder, tell_written
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "referral", _run, common, dated)
    add_out_folder(parser, "cli.referral_out")


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.care.green_channel import BANDS, NOT_MEASURED, green_by_place, green_channel
    from matcher.care.upstream import upstream_table
    from matcher.files.results import write_results

    upstream, green = upstream_table(case.inputs, case.policy), green_channel(case.inputs, case.policy)
    tables = {
        "upstream": upstream,
        "green_channel": green,
        "green_by_place": green_by_place(green, case.inputs),
    }
    write_results(arguments.out, tables, {})
    found = upstream["upstream_id"].notna()
    bands = {f"band_{band}": int((green["band"] == band).sum()) for band in (*BANDS, NOT_MEASURED)}
    lines = [
        t(
            "summary.upstream",
            arguments.lang,
            providers=len(upstream),
            given=int(upstream["given"].sum()),
            nearest=int((found & (upstream["given"] == 0)).sum()),
            without=int((~found).sum()),
        ),
        t("summary.green_channel", arguments.lang, people=len(green), **bands),
    ]
    if bands[f"band_{NOT_MEASURED}"]:
        lines.append(t("summary.green_not_measured", arguments.lang))
    tell_written(arguments, lines)
    return 0
