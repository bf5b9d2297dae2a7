"""``agreements``: one provider for each site, the others matched alone."""

from __future__ import annotations

import argparse

from matcher.commands.common import (
    Case,
    Commands,
    Parser,
    add_plan_command,
    tell_written,
)
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    add_plan_command(commands, "agreements", _run, common, dated)


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.care.agreed_written import write_agreed
    from matcher.care.agreements import agree

    agreed = agree(case.inputs, case.policy, case.options)
    made = write_agreed(agreed, arguments.out, case.options.time_limit_s, case.read_seconds)
    rows, via = made.tables["agreements"], made.tables["assignments"]["via"]
    states = rows["state"].value_counts()
    counts = {state: int(states.get(state, 0)) for state in ("kept", "new", "dropped")}
    people = {one: int((via == one).sum()) for one in ("site", "person")}
    unserved = made.tables["unserved_sites"]
    waiting = {"sites": len(unserved), "residents": int(unserved["residents"].sum())}
    lines = [
        t("summary.agreements", arguments.lang, **counts, **people),
        t("summary.agreements_unserved", arguments.lang, **waiting),
        t(f"summary.agreements_{made.outcome['status']}", arguments.lang, gap=_gap(made.outcome["gap"])),
    ]
    tell_written(arguments, lines)
    return 0


def _gap(gap: object) -> str:
    return f"{gap:.2%}" if isinstance(gap, float) else "–"
