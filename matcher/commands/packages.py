"""``packages``: what each person is granted, when it is due, and the work it makes."""

from __future__ import annotations

import argparse

from matcher.commands.common import Case, Commands, Parser, add_case_command, add_out_folder, tell_written
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "packages", _run, common, dated)
    add_out_folder(parser, "cli.packages_out")


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.care.packages import due_table
    from matcher.care.workload import services_of_plan, workload
    from matcher.files.results import write_results
    from matcher.plan.match import match

    plan = match(case.inputs, case.policy, case.options)
    services = services_of_plan(plan)
    tables = {"due": due_table(services), "workload": workload(services, plan)}
    write_results(arguments.out, tables, {})
    count = services["state"].value_counts()
    overdue, due, unknown = (int(count.get(state, 0)) for state in ("overdue", "due", "not_measured"))
    lines = [t("cli.packages_due", arguments.lang, due=due + overdue, overdue=overdue, not_measured=unknown)]
    for table in ("visits", "staff"):
        if getattr(case.inputs, table).empty:
            lines.append(t(f"cli.packages_no_{table}", arguments.lang))
    tell_written(arguments, lines)
    return 0
