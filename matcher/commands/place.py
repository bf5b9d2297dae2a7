"""``place``: where to build, for a number of sites or a budget."""

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
from matcher.errors import BadInput
from matcher.i18n import t
from matcher.tables import MODES, PROVIDER_KINDS


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "place", _run, common, dated)
    add_data(parser)
    add_policy(parser)
    amount = parser.add_mutually_exclusive_group(required=True)
    # Any whole number passes here: one that allows nothing is bad input (1), not a wrong flag (2).
    amount.add_argument("--k", type=whole(-(10**17)), metavar="K", help=both("cli.k"))
    amount.add_argument("--budget", type=whole(-(10**17)), metavar="YUAN", help=both("cli.budget"))
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
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=both("cli.place_out"))
    add_time_limit(parser, 120)


def _run(arguments: argparse.Namespace) -> int:
    from matcher.plan import Options
    from matcher.policy import load_policy
    from matcher.siting.place import Request, place
    from matcher.siting.report import write_placing
    from matcher.summary import placing_lines

    begun = time.perf_counter()
    refuse_data_folder(arguments.out, arguments.data)
    policy = load_policy(arguments.policy)
    inputs = load(arguments, candidates=arguments.candidates)
    if arguments.candidates is not None and not len(inputs.candidates):
        raise BadInput("empty_candidates", file=arguments.candidates)
    request = Request(
        k=arguments.k,
        budget=arguments.budget,
        modes=arguments.modes,
        kind=arguments.kind,
        required=arguments.require,
        forbidden=arguments.forbid,
        seconds=arguments.time_limit,
    )
    placing = place(inputs, policy, request, Options(progress=True))
    write_placing(placing, policy, arguments.out, time.perf_counter() - begun)
    for line in placing_lines(placing, arguments.lang):
        print(line)
    print(t("cli.written", arguments.lang, folder=arguments.out))
    return 0
