"""``sample``: a synthetic city."""

from __future__ import annotations

import argparse
from pathlib import Path

from matcher.commands.common import Commands, Parser, add_command, both, whole
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, _dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "sample", _run, common)
    parser.add_argument("folder", type=Path, metavar="DIR", help=both("cli.sample_folder"))
    parser.add_argument("--residents", type=whole(0), metavar="N", help=both("cli.residents"))
    parser.add_argument("--seed", type=int, default=1, metavar="S", help=both("cli.seed"))
    parser.add_argument("--county", metavar="CODE", help=both("cli.county"))
    parser.add_argument("--distinct", action="store_true", help=both("cli.distinct"))


def _run(arguments: argparse.Namespace) -> int:
    from matcher.sample.city import make_sample

    made = make_sample(
        arguments.folder,
        residents=arguments.residents,
        seed=arguments.seed,
        distinct=arguments.distinct,
        county=arguments.county,
    )
    print(t("cli.sample_done", arguments.lang, folder=arguments.folder, residents=made))
    return 0
