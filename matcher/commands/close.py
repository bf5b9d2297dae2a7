"""``close``: which providers to close or merge."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from matcher.commands.common import (
    Case,
    Commands,
    Parser,
    add_case_command,
    add_out_folder,
    add_time_limit,
    both,
    listed,
    tell_written,
    whole,
)
from matcher.tables import PROVIDER_KINDS


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "close", _run, common, dated)
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
    add_out_folder(parser, "cli.close_out")
    parser.add_argument("--watch", type=Path, metavar="DIR", help=both("cli.watch"))
    add_time_limit(parser, 120)


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.progress import Watch
    from matcher.scenario.siting.close import close
    from matcher.scenario.siting.report import write_closing
    from matcher.scenario.siting.told import closing_lines

    closing = close(
        case.inputs,
        case.policy,
        arguments.k,
        kinds=arguments.kinds,
        keep=arguments.keep,
        seconds=arguments.time_limit,
        options=case.options,
        watch=Watch(arguments.watch),
    )
    write_closing(closing, arguments.out, time.perf_counter() - case.begun)
    tell_written(arguments, closing_lines(closing, arguments.lang))
    return 0
