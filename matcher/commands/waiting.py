"""``waiting``: who waits for a care home, how long, and who looks after them until then."""

from __future__ import annotations

import argparse

from matcher.commands.common import Case, Commands, Parser, add_case_command, add_out_folder, tell_written
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "waiting", _run, common, dated)
    add_out_folder(parser, "cli.out")


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.care.waiting import beds_table, waiting_table
    from matcher.files.results import write_results
    from matcher.plan.match import match

    plan = match(case.inputs, case.policy, case.options)
    waiting = waiting_table(plan, case.options)
    write_results(arguments.out, {"waiting": waiting, "beds": beds_table(plan)}, {})
    counts = {
        "people": len(waiting),
        "interim": int(waiting["interim_provider_id"].notna().sum()),
        "unknown": int(waiting["months"].isna().sum()),
    }
    tell_written(arguments, [t("summary.waiting", arguments.lang, **counts)])
    return 0
