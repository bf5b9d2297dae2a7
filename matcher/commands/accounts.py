"""``accounts``: who may log in, with which role, made and closed from the terminal."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from matcher.commands.common import Commands, Parser, Run, add_command, both
from matcher.words.catalogues import t

if TYPE_CHECKING:
    from matcher.accounts.accounts import Accounts
    from matcher.accounts.audit import Actor


def register(commands: Commands, common: Parser, _dated: Parser) -> None:
    """Add the family."""
    from matcher.accounts.roles import ROLES

    family = add_command(commands, "accounts", _list).add_subparsers(required=True, metavar="ACTION")

    def add(name: str, run: Run) -> Parser:
        text = both(f"cli.accounts_{name}")
        parser = family.add_parser(name, parents=[common], help=text, description=text)
        parser.set_defaults(run=run)
        return parser

    add("list", _list)
    new, role = add("add", _add), add("role", _role)
    others = [add("disable", _disable), add("enable", _enable), add("invite", _invite)]
    for parser in (new, role, *others):
        parser.add_argument("name", metavar="NAME", help=both("cli.account_name"))
    for parser in (new, role):
        parser.add_argument("--role", required=True, choices=ROLES, help=both("cli.account_role"))
        parser.add_argument(
            "--scope", action="append", default=[], metavar="KIND:CODE", help=both("cli.account_scope")
        )
    new.add_argument("--link", action="store_true", help=both("cli.account_link"))


def _list(arguments: argparse.Namespace) -> int:
    found = _accounts().all()
    for one in found:
        told = {
            "name": one.name,
            "role": t(f"role.{one.role}", arguments.lang),
            "scope": " ".join(one.scope) or t("role.everything", arguments.lang),
            "state": t(f"cli.account_{'disabled' if one.disabled else 'open'}", arguments.lang),
        }
        print(t("cli.account_line", arguments.lang, **told))
    if not found:
        print(t("cli.accounts_none", arguments.lang))
    return 0


def _add(arguments: argparse.Namespace) -> int:
    password = None if arguments.link else _asked(arguments.lang)
    code = _accounts().add(arguments.name, arguments.role, arguments.scope, _actor(), password)
    print(t("cli.account_added", arguments.lang, name=arguments.name))
    _tell_code(code, arguments.lang)
    return 0


def _role(arguments: argparse.Namespace) -> int:
    _accounts().set_role(arguments.name, arguments.role, arguments.scope, _actor())
    return _done(arguments)


def _disable(arguments: argparse.Namespace) -> int:
    _accounts().set_disabled(arguments.name, True, _actor())
    return _done(arguments)


def _enable(arguments: argparse.Namespace) -> int:
    _accounts().set_disabled(arguments.name, False, _actor())
    return _done(arguments)


def _invite(arguments: argparse.Namespace) -> int:
    _tell_code(_accounts().invite(arguments.name, _actor()), arguments.lang)
    return 0


def _done(arguments: argparse.Namespace) -> int:
    print(t("cli.account_changed", arguments.lang, name=arguments.name))
    return 0


def _tell_code(code: str, lang: str) -> None:
    """The code stands behind the # of a link: a browser sends that part to nobody, so no log has it."""
    if code:
        print(t("cli.account_code", lang, path=f"/login/first#{code}"))


def _asked(lang: str) -> str:
    """A password typed twice without being shown; from a pipe, its first line."""
    from matcher.errors import BadInput

    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass(t("cli.account_password", lang))
    if getpass.getpass(t("cli.account_password_again", lang)) != password:
        raise BadInput("password_differs")
    return password


def _accounts() -> Accounts:
    from matcher.accounts.accounts import open_accounts

    return open_accounts()


def _actor() -> Actor:
    from matcher.accounts.audit import Actor
    from matcher.store.records import system_user

    return Actor(system_user() or "?", "terminal")
