"""``sample``: a synthetic city or province."""

from __future__ import annotations

import argparse
from pathlib import Path

from matcher.commands.common import Commands, Parser, add_command, both, whole
from matcher.errors import BadInput
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, _dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "sample", _run, common)
    parser.add_argument("folder", type=Path, metavar="DIR", help=both("cli.sample_folder"))
    parser.add_argument("--residents", type=whole(0), metavar="N", help=both("cli.residents"))
    parser.add_argument("--seed", type=int, default=1, metavar="S", help=both("cli.seed"))
    ground = parser.add_mutually_exclusive_group()
    ground.add_argument("--county", metavar="CODE", help=both("cli.county"))
    ground.add_argument("--province", action="store_true", help=both("cli.province"))
    parser.add_argument("--counties", type=whole(1), metavar="K", help=both("cli.sample_counties"))
    parser.add_argument("--distinct", action="store_true", help=both("cli.distinct"))


def _run(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    if arguments.province:
        from matcher.sample.province import make_province

        made = make_province(folder, arguments.residents, arguments.seed, arguments.counties, progress=True)
        print(t("cli.sample_province_done", arguments.lang, folder=folder, residents=made))
        return 0
    if arguments.counties is not None:
        raise BadInput("sample_counties_alone", found=arguments.counties)
    from matcher.sample.city import make_sample

    made = make_sample(
        folder,
        residents=arguments.residents,
        seed=arguments.seed,
        distinct=arguments.distinct,
        county=arguments.county,
    )
    print(t("cli.sample_done", arguments.lang, folder=folder, residents=made))
    return 0
