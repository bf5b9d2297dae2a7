"""``match``: the plan, proven, in five files."""

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
    load,
    refuse_data_folder,
)
from matcher.i18n import t


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "match", _run, common, dated)
    add_data(parser)
    add_policy(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=both("cli.out"))
    add_time_limit(parser)


def _run(arguments: argparse.Namespace) -> int:
    from matcher.outputs import write_plan
    from matcher.plan import Options, match
    from matcher.policy import load_policy
    from matcher.summary import summary_lines

    begun = time.perf_counter()
    refuse_data_folder(arguments.out, arguments.data)
    policy = load_policy(arguments.policy)
    inputs = load(arguments)
    read_seconds = time.perf_counter() - begun
    options = Options(progress=True, time_limit_s=arguments.time_limit)
    plan = match(inputs, policy, options).timed({"read": read_seconds})
    write_plan(plan, arguments.out)
    for line in summary_lines(plan, arguments.lang):
        print(line)
    print(t("cli.written", arguments.lang, folder=arguments.out))
    return 0
