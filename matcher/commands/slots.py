"""``slots``: where one more place helps most."""

from __future__ import annotations

import argparse
from pathlib import Path

from matcher.commands.common import (
    Commands,
    Parser,
    add_command,
    add_data,
    add_policy,
    add_time_limit,
    both,
    load,
    refuse_out_file,
    whole,
)
from matcher.i18n import t


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "slots", _run, common, dated)
    add_data(parser)
    add_policy(parser)
    parser.add_argument("--places", type=whole(1), default=10, metavar="N", help=both("cli.places"))
    parser.add_argument("--top", type=whole(1), default=20, metavar="N", help=both("cli.top"))
    parser.add_argument("--out", type=Path, metavar="FILE.csv", help=both("cli.slots_out"))
    add_time_limit(parser)


def _run(arguments: argparse.Namespace) -> int:
    from matcher.outputs import write_table
    from matcher.placement import where_to_add
    from matcher.plan import Options, match
    from matcher.policy import load_policy

    if arguments.out is not None:
        refuse_out_file(arguments.out, arguments.data)
    policy = load_policy(arguments.policy)
    plan = match(load(arguments), policy, Options(progress=True, time_limit_s=arguments.time_limit))
    table = where_to_add(plan, places=arguments.places, top=arguments.top, progress=True)
    if arguments.out is None:
        print(table.to_string(index=False, na_rep="-"))
    else:
        write_table(table, arguments.out)
        print(t("cli.written", arguments.lang, folder=arguments.out))
    return 0
