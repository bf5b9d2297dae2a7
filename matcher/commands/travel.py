"""``travel``: travel times of all pairs, from a routing server or from the roads of an extract."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matcher.commands.common import Case, Commands, Parser, add_case_command, both, whole
from matcher.errors import BadInput
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "travel", _run, common, dated)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.csv", help=both("cli.travel_out"))
    parser.set_defaults(refuse_out=_refuse_taken)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--cache", type=Path, metavar="FILE", help=both("cli.cache"))
    source.add_argument("--osm", type=Path, metavar="FILE.osm.pbf", help=both("cli.osm"))
    parser.add_argument(
        "--without",
        type=whole(1),
        nargs="+",
        action="extend",
        default=[],
        metavar="WAY_ID",
        help=both("cli.osm_without"),
    )


def _run(arguments: argparse.Namespace, case: Case) -> int:
    if arguments.osm is not None:
        return _by_road(arguments, case)
    if arguments.without:
        raise BadInput("without_osm")
    return _by_server(arguments, case)


def _by_road(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.files.results import write_table
    from matcher.travel.roads import road_journeys
    from matcher.travel.snapping import FARTHEST_KM

    found = road_journeys(case.inputs, case.policy, arguments.osm, arguments.without, progress=True)
    write_table(found.table, arguments.out)
    told = {"file": arguments.out, "rows": len(found.table), "unreached": int(found.table["km"].isna().sum())}
    print(t("cli.osm_done", arguments.lang, **told))
    far = f"{FARTHEST_KM:g}"
    for what, (near, asked) in (("places", found.places), ("providers", found.providers)):
        if near < asked:
            print(t(f"cli.osm_uncovered_{what}", arguments.lang, number=asked - near, asked=asked, far=far))
    _tell_off_road(arguments.lang, found.off_road, case.policy.roads.off_road)
    return 0


def _by_server(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.files.results import write_table
    from matcher.travel.table import travel_table

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
    _tell_off_road(arguments.lang, answers.off_road, case.policy.roads.off_road)
    return 0


def _tell_off_road(lang: str, off_road_m: npt.NDArray[np.float64], kmh: float) -> None:
    """A word where journeys lead far off the roads."""
    from matcher.travel.table import FAR_OFF_ROAD_M

    far = off_road_m >= FAR_OFF_ROAD_M
    if far.any():
        worst = float(off_road_m[far].max()) / 1000
        ways = {"pairs": int(far.sum()), "far": FAR_OFF_ROAD_M / 1000, "worst": f"{worst:.1f}"}
        print(t("cli.travel_off_road", lang, speed=f"{kmh:g}", **ways))


def _refuse_taken(out: Path, _data: Path) -> None:
    """The table may stand among the data, but replaces nothing.

    Raises
    ------
    BadInput
    """
    if out.exists():
        raise BadInput("file_taken", file=out)
