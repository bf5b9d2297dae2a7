"""``travel``: travel times of all pairs from a routing server."""

from __future__ import annotations

import argparse
from pathlib import Path

from matcher.commands.common import Case, Commands, Parser, add_case_command, both
from matcher.errors import BadInput
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "travel", _run, common, dated)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.csv", help=both("cli.travel_out"))
    parser.set_defaults(refuse_out=_refuse_taken)
    parser.add_argument("--cache", type=Path, metavar="FILE", help=both("cli.cache"))


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.files.results import write_table
    from matcher.travel.table import FAR_OFF_ROAD_M, OFF_ROAD_KMH, travel_table

    out: Path = arguments.out
    out.parent.mkdir(parents=True, exist_ok=True)
    cache = arguments.cache or out.with_suffix(".cache")
    table, answers = travel_table(case.inputs, case.policy, cache, progress=True)
    write_table(table, out)
    told = {
        "requests": answers.requests,
        "cached": answers.cached,
        "unreached": int(table["km"].isna().sum()),
    }
    print(t("cli.travel_done", arguments.lang, rows=len(table), file=out, **told))
    far = answers.off_road >= FAR_OFF_ROAD_M
    if far.any():
        worst = float(answers.off_road[far].max()) / 1000
        ways = {"pairs": int(far.sum()), "far": FAR_OFF_ROAD_M / 1000, "worst": f"{worst:.1f}"}
        print(t("cli.travel_off_road", arguments.lang, speed=f"{OFF_ROAD_KMH:g}", **ways))
    return 0


def _refuse_taken(out: Path, _data: Path) -> None:
    """The table may stand among the data, but replaces nothing.

    Raises
    ------
    BadInput
    """
    if out.exists():
        raise BadInput("file_taken", file=out)
