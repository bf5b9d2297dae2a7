"""``travel``: travel times of all pairs from a routing server."""

from __future__ import annotations

import argparse
from pathlib import Path

from matcher.commands.common import Commands, Parser, add_command, add_data, add_policy, both, load
from matcher.errors import BadInput
from matcher.i18n import t


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "travel", _run, common, dated)
    add_data(parser)
    add_policy(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.csv", help=both("cli.travel_out"))
    parser.add_argument("--cache", type=Path, metavar="FILE", help=both("cli.cache"))


def _run(arguments: argparse.Namespace) -> int:
    from matcher.policy import load_policy
    from matcher.routing import travel_table, write_travel

    out: Path = arguments.out
    if out.exists():
        raise BadInput("file_taken", file=out)
    policy = load_policy(arguments.policy)
    inputs = load(arguments)
    out.parent.mkdir(parents=True, exist_ok=True)
    cache = arguments.cache or out.with_suffix(".cache")
    table, answers = travel_table(inputs, policy, cache, progress=True)
    write_travel(table, out)
    told = {
        "requests": answers.requests,
        "cached": answers.cached,
        "unreached": int(table["km"].isna().sum()),
    }
    print(t("cli.travel_done", arguments.lang, rows=len(table), file=out, **told))
    return 0
