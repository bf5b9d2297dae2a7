"""``place``: where to build, for a number of sites or a budget."""

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
from matcher.errors import BadInput
from matcher.tables import MODES, PROVIDER_KINDS


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "place", _run, common, dated)
    amount = parser.add_mutually_exclusive_group(required=True)
    # Any whole number passes here: one that allows nothing is bad input (1), not a wrong flag (2).
    amount.add_argument("--k", type=whole(-(10**17)), metavar="K", help=both("cli.k"))
    amount.add_argument("--budget", type=whole(-(10**17)), metavar="YUAN", help=both("cli.budget"))
    parser.add_argument("--at-most", type=whole(-(10**17)), metavar="K", help=both("cli.at_most"))
    parser.add_argument("--candidates", type=Path, metavar="FILE", help=both("cli.candidates"))
    parser.add_argument("--kind", choices=PROVIDER_KINDS, default="village_clinic", help=both("cli.kind"))
    parser.add_argument(
        "--modes",
        type=listed(MODES, "cli.unknown_modes"),
        default=MODES,
        metavar="MODE,…",
        help=both("cli.modes"),
    )
    parser.add_argument("--require", action="append", default=[], metavar="ID", help=both("cli.require"))
    parser.add_argument("--forbid", action="append", default=[], metavar="ID", help=both("cli.forbid"))
    add_out_folder(parser, "cli.place_out")
    parser.add_argument("--watch", type=Path, metavar="DIR", help=both("cli.watch"))
    add_time_limit(parser, 120)


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.progress import Watch
    from matcher.scenario.siting.place import place
    from matcher.scenario.siting.report import write_placing
    from matcher.scenario.siting.told import placing_lines

    if arguments.candidates is not None and not len(case.inputs.candidates):
        raise BadInput("empty_candidates", file=arguments.candidates)
    placing = place(
        case.inputs,
        case.policy,
        arguments.k,
        budget=arguments.budget,
        most=arguments.at_most,
        modes=arguments.modes,
        kind=arguments.kind,
        required=arguments.require,
        forbidden=arguments.forbid,
        seconds=arguments.time_limit,
        options=case.options,
        watch=Watch(arguments.watch),
    )
    write_placing(placing, case.policy, arguments.out, time.perf_counter() - case.begun)
    tell_written(arguments, placing_lines(placing, arguments.lang))
    return 0
