"""``fhir``: the people of one provider, and what is due to them, as a file that hospital systems read."""

from __future__ import annotations

import argparse

from matcher.commands.common import (
    Case,
    Commands,
    Parser,
    add_case_command,
    add_out_folder,
    both,
    tell_written,
)
from matcher.words.catalogues import t

FILE = "fhir.json"
#: Name of the key under which ids of resources are made.
_KEY = "fhir"


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "fhir", _run, common, dated)
    parser.add_argument("--provider", required=True, metavar="ID", help=both("cli.fhir_provider"))
    parser.add_argument("--full", action="store_true", help=both("cli.fhir_full"))
    parser.add_argument("--reason", default="", metavar="TEXT", help=both("cli.fhir_reason"))
    add_out_folder(parser, "cli.fhir_out")


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.care.fhir import Ids, entries, write_bundle
    from matcher.errors import BadInput
    from matcher.files.results import all_or_none
    from matcher.plan.match import match
    from matcher.results.roster import check_provider
    from matcher.store.keys import secret
    from matcher.store.location import home

    if arguments.full and not arguments.reason.strip():
        raise BadInput("fhir_reason")
    plan = match(case.inputs, case.policy, case.options)
    check_provider(plan, arguments.provider)
    if arguments.full:
        _note(arguments.provider, arguments.reason.strip())
    resources = entries(
        plan, arguments.provider, Ids(secret(home("keys"), _KEY)), arguments.lang, full=arguments.full
    )
    with (
        all_or_none(arguments.out, [FILE]) as draft,
        (draft / FILE).open("w", encoding="utf-8", newline="\n") as file,
    ):
        count = write_bundle(file, resources, masked=not arguments.full)
    people = int((plan.assignments["provider_id"] == arguments.provider).sum())
    lines = [t("summary.fhir", arguments.lang, people=people, entries=count)]
    if case.inputs.visits.empty:
        lines.append(t("summary.fhir_no_visits", arguments.lang))
    tell_written(arguments, lines)
    return 0


def _note(provider_id: str, reason: str) -> None:
    """The row of the audit; without it there is no file with names."""
    from matcher.accounts.accounts import open_accounts
    from matcher.accounts.audit import Actor
    from matcher.store.records import system_user

    open_accounts().note(Actor(system_user() or "?", "terminal"), "fhir_full", provider_id, reason)
