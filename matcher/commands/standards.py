"""``standards``: the targets and tasks of the policy against the data."""

from __future__ import annotations

import argparse

from matcher.commands.common import Case, Commands, Parser, add_case_command, add_out_folder, tell_written
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "standards", _run, common, dated)
    add_out_folder(parser, "cli.standards_out")


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.care.standards import STATUSES, standards
    from matcher.care.tasks import NOT_REPORTED, task_table
    from matcher.files.results import write_results

    found, tasks = standards(case.inputs, case.policy), task_table(case.inputs, case.policy)
    write_results(arguments.out, {"standards": found.standards, "fails": found.fails, "tasks": tasks}, {})
    counts = {status: int((found.standards["status"] == status).sum()) for status in STATUSES}
    counts |= {
        "tasks": len(tasks),
        "late": int(tasks["late"].sum()),
        NOT_REPORTED: int((tasks["state"] == NOT_REPORTED).sum()),
    }
    tell_written(arguments, [t("cli.standards_summary", arguments.lang, **counts)])
    return 0
