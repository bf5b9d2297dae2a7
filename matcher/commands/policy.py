"""``policy``: the rules of a policy, with the document that each rests on; or what a policy file may say."""

from __future__ import annotations

import argparse
import json

from matcher.commands.common import DEFAULT_POLICY, Commands, Parser, add_command, both


def register(commands: Commands, common: Parser, _dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "policy", _run, common)
    parser.add_argument(
        "policy", nargs="?", default=DEFAULT_POLICY, metavar="NAME_OR_FILE", help=both("cli.policy_name")
    )
    parser.add_argument("--schema", action="store_true", help=both("cli.policy_schema"))


def _run(arguments: argparse.Namespace) -> int:
    from matcher.policy.documents import file_schema, load_policy
    from matcher.policy.listing import rule_lines

    if arguments.schema:
        print(json.dumps(file_schema(), ensure_ascii=False, indent=2))
        return 0
    for line in rule_lines(load_policy(arguments.policy), arguments.lang):
        print(line)
    return 0
