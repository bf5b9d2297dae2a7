"""``stress``: each provider closed in turn."""

from __future__ import annotations

import argparse
from pathlib import Path

from matcher.commands.common import (
    Commands,
    Parser,
    add_command,
    add_data,
    add_policy,
    both,
    load,
    refuse_out_file,
    whole,
)
from matcher.i18n import t


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "stress", _run, common, dated)
    add_data(parser)
    add_policy(parser)
    parser.add_argument("--out", type=Path, metavar="FILE.csv", help=both("cli.stress_out"))
    parser.add_argument("--top", type=whole(1), default=20, metavar="N", help=both("cli.stress_top"))
    parser.add_argument("--workers", type=whole(1), metavar="N", help=both("cli.workers"))


def _run(arguments: argparse.Namespace) -> int:
    from matcher.outputs import write_table
    from matcher.plan import Options, match
    from matcher.policy import load_policy
    from matcher.stress import stress

    if arguments.out is not None:
        refuse_out_file(arguments.out, arguments.data)
    policy = load_policy(arguments.policy)
    plan = match(load(arguments), policy, Options(progress=True))
    table = stress(plan, arguments.workers, progress=True)
    if arguments.out is None:
        print(table.head(arguments.top).to_string(index=False))
    else:
        write_table(table, arguments.out)
        print(t("cli.written", arguments.lang, folder=arguments.out))
    return 0
