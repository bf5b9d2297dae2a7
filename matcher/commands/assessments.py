"""``assessments``: whose ability is to be assessed again, and the hours that long-term care insurance grants."""

from __future__ import annotations

import argparse

from matcher.commands.common import Case, Commands, Parser, add_case_command, add_out_folder, tell_written
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "assessments", _run, common, dated)
    add_out_folder(parser, "cli.assessments_out")


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.care.assessments import care_hours_table, reassessment_table
    from matcher.files.results import write_results

    due, hours = reassessment_table(case.inputs, case.policy), care_hours_table(case.inputs, case.policy)
    write_results(arguments.out, {"reassessment": due, "care_hours": hours}, {})
    counts = {state: int((due["state"] == state).sum()) for state in ("overdue", "due", "not_measured")}
    entitled = int(case.inputs.residents["ltc_entitled"].fillna(False).sum())
    lines = [
        t("cli.assessments_summary", arguments.lang, people=len(due), **counts),
        t("cli.assessments_entitled", arguments.lang, people=entitled),
    ]
    if case.inputs.residents["ltc_entitled"].isna().all():
        lines[1] = t("cli.assessments_no_entitlement", arguments.lang)
    elif not case.policy.care_hours:
        lines.append(t("cli.assessments_no_hours", arguments.lang, policy=case.policy.id))
    tell_written(arguments, lines)
    return 0
