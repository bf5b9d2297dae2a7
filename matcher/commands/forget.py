"""``forget``: delete what is kept of one person."""

from __future__ import annotations

import argparse

from matcher.commands.common import Commands, Parser, add_command, both
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, _dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "forget", _run, common)
    parser.add_argument("id", metavar="RESIDENT_ID", help=both("cli.forget_id"))
    parser.add_argument("--reason", default="", metavar="TEXT", help=both("cli.forget_reason"))
    parser.add_argument("--yes", action="store_true", help=both("cli.forget_yes"))


def _run(arguments: argparse.Namespace) -> int:
    from matcher.accounts.accounts import open_accounts
    from matcher.accounts.audit import Actor
    from matcher.app.forgetting import forget, kept_of
    from matcher.store.records import system_user

    accounts = open_accounts()
    if arguments.yes:
        kept = forget(accounts, arguments.id, arguments.reason, Actor(system_user() or "?", "terminal"))
    else:
        kept = kept_of(accounts, arguments.id)
    told = {
        "versions": len(kept.versions),
        "plans": len(kept.plans),
        "rows": kept.rows,
        "answers": kept.answers,
    }
    print(t("cli.forget_done" if arguments.yes else "cli.forget_would", arguments.lang, **told))
    print(t("cli.forget_stays", arguments.lang))
    return 0
