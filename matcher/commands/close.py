"""``close``: which providers to close or merge."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from matcher.commands.common import (
    Commands,
    Parser,
    add_command,
    add_data,
    add_policy,
    add_time_limit,
    both,
    listed,
    load,
    refuse_data_folder,
    whole,
)
from matcher.i18n import t
from matcher.tables import PROVIDER_KINDS


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "close", _run, common, dated)
    add_data(parser)
    add_policy(parser)
    # Any whole number passes here: one that allows nothing is bad input (1), not a wrong flag (2).
    parser.add_argument("--k", type=whole(-(10**17)), required=True, metavar="K", help=both("cli.close_k"))
    parser.add_argument(
        "--kinds",
        type=listed(PROVIDER_KINDS, "cli.unknown_kinds"),
        default=("township_health_centre",),
        metavar="KIND,…",
        help=both("cli.kinds"),
    )
    parser.add_argument("--keep", action="append", default=[], metavar="ID", help=both("cli.keep"))
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=both("cli.close_out"))
    add_time_limit(parser, 120)


def _run(arguments: argparse.Namespace) -> int:
    from matcher.plan import Options
    from matcher.policy import load_policy
    from matcher.siting.close import close
    from matcher.siting.report import write_closing
    from matcher.summary import closing_lines

    begun = time.perf_counter()
    refuse_data_folder(arguments.out, arguments.data)
    policy = load_policy(arguments.policy)
    closing = close(
        load(arguments),
        policy,
        arguments.k,
        kinds=arguments.kinds,
        keep=arguments.keep,
        seconds=arguments.time_limit,
        options=Options(progress=True),
    )
    write_closing(closing, arguments.out, time.perf_counter() - begun)
    for line in closing_lines(closing, arguments.lang):
        print(line)
    print(t("cli.written", arguments.lang, folder=arguments.out))
    return 0
