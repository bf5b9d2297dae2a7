"""``audit``: read the rows, check that none was changed or removed, let go of old ones."""

from __future__ import annotations

import argparse

from matcher.commands.common import Commands, Parser, Run, add_command, both, whole
from matcher.words.catalogues import t

#: Exit code when the audit does not hold.
BROKEN = 1


def register(commands: Commands, common: Parser, _dated: Parser) -> None:
    """Add the family."""
    from matcher.accounts.keeping import KEPT_DAYS, LEAST_DAYS

    family = add_command(commands, "audit", _verify).add_subparsers(required=True, metavar="ACTION")

    def add(name: str, run: Run) -> Parser:
        text = both(f"cli.audit_{name}")
        parser = family.add_parser(name, parents=[common], help=text, description=text)
        parser.set_defaults(run=run)
        return parser

    add("verify", _verify)
    show, forget = add("list", _list), add("forget", _forget)
    show.add_argument("--last", type=whole(1), default=50, metavar="N", help=both("cli.audit_last"))
    forget.add_argument(
        "--days",
        type=whole(1),
        default=KEPT_DAYS,
        metavar="N",
        help=both("cli.audit_days", least=LEAST_DAYS),
    )


def _verify(arguments: argparse.Namespace) -> int:
    from matcher.accounts.accounts import open_accounts

    accounts = open_accounts()
    breaks = accounts.database.read(lambda session: list(accounts.audit.breaks(session)))
    for one in breaks:
        print(t(f"cli.audit_break_{one.kind}", arguments.lang, number=one.number))
    print(t("cli.audit_broken" if breaks else "cli.audit_holds", arguments.lang, number=len(breaks)))
    return BROKEN if breaks else 0


def _list(arguments: argparse.Namespace) -> int:
    from matcher.accounts.accounts import open_accounts
    from matcher.accounts.trail import last_rows

    for row in last_rows(open_accounts().database, arguments.last):
        print("  ".join((row.local_at, row.role, row.who, row.what, row.whose, row.result)))
    return 0


def _forget(arguments: argparse.Namespace) -> int:
    from matcher.accounts.accounts import open_accounts
    from matcher.accounts.audit import Actor
    from matcher.store.records import system_user

    accounts = open_accounts()
    gone = accounts.note_and(
        Actor(system_user() or "?", "terminal"),
        "audit_forget",
        f"{arguments.days} days",
        lambda session: accounts.audit.forget(session, arguments.days),
    )
    print(t("cli.audit_forgotten", arguments.lang, number=gone))
    return 0
