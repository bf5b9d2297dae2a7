"""``policy``: the rules of a policy, with the document that each rests on."""

from __future__ import annotations

import argparse

from matcher.commands.common import DEFAULT_POLICY, Commands, Parser, add_command, both


def register(commands: Commands, common: Parser, _dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "policy", _run, common)
    parser.add_argument(
        "policy", nargs="?", default=DEFAULT_POLICY, metavar="NAME_OR_FILE", help=both("cli.policy_name")
    )


def _run(arguments: argparse.Namespace) -> int:
    from matcher.policy import load_policy
    from matcher.ruleslist import rule_lines

    for line in rule_lines(load_policy(arguments.policy), arguments.lang):
        print(line)
    return 0
