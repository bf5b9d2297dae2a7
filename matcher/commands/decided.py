"""``decided``: what people decided and marked as done in the app, as the tables that the other commands read."""

from __future__ import annotations

import argparse

from matcher.commands.common import Commands, Parser, add_command, add_out_folder, tell_written
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, _dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "decided", _run, common)
    add_out_folder(parser, "cli.decided_out")


def _run(arguments: argparse.Namespace) -> int:
    from matcher.accounts.accounts import open_accounts
    from matcher.accounts.audit import Actor
    from matcher.accounts.decisions import standing
    from matcher.accounts.visits import marked
    from matcher.files.results import write_results
    from matcher.store.pseudonym import FIRST
    from matcher.store.records import system_user

    accounts = open_accounts()
    tables = {"corrections": standing(accounts), "visits": marked(accounts)}
    # Without its row of the audit nothing of a person is written.
    accounts.note(Actor(system_user() or "?", "terminal"), "decided")
    days = {"corrections": "decided_on", "visits": "on"}
    told = {
        name: table.drop(columns="row").assign(**{days[name]: table[days[name]].dt.strftime("%Y-%m-%d")})
        for name, table in tables.items()
    }
    write_results(arguments.out, told, {})
    renamed = {id for table in tables.values() for id in table["resident_id"] if id.startswith(FIRST)}
    counts = {name: len(table) for name, table in tables.items()}
    lines = [t("cli.decided_told", arguments.lang, **counts)]
    if renamed:
        lines.append(t("cli.decided_pseudonyms", arguments.lang, people=len(renamed)))
    tell_written(arguments, lines)
    return 0
