"""``retention``: let go of what has been kept long enough."""

from __future__ import annotations

import argparse

from matcher.accounts.keeping import DEFAULTS
from matcher.commands.common import Commands, Parser, add_command, both, whole
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, _dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "retention", _run, common)
    for kind in DEFAULTS:
        parser.add_argument(f"--{kind}", type=whole(1), metavar="DAYS", help=both(f"cli.retention_{kind}"))
    parser.add_argument("--yes", action="store_true", help=both("cli.forget_yes"))


def _run(arguments: argparse.Namespace) -> int:
    from matcher.accounts.accounts import open_accounts
    from matcher.accounts.audit import Actor
    from matcher.app.retention import let_go, too_old
    from matcher.store.records import system_user

    given = {kind: getattr(arguments, kind) for kind in DEFAULTS}
    days = DEFAULTS | {kind: number for kind, number in given.items() if number is not None}
    accounts = open_accounts()
    if arguments.yes:
        found = let_go(accounts, days, Actor(system_user() or "?", "terminal"))
    else:
        found = too_old(accounts, days)
    print(t("cli.retention_done" if arguments.yes else "cli.retention_would", arguments.lang))
    for kind, number in found.items():
        told = t(f"cli.retention_{kind}", arguments.lang)
        print(t("cli.retention_line", arguments.lang, kind=told, days=days[kind], number=number))
    print(t("cli.forget_stays", arguments.lang))
    return 0
