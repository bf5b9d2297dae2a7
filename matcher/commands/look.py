"""``look``: what the overview shows, of everybody or of some: figures, places, loads, and who is not served."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from matcher.commands.common import (
    Case,
    Commands,
    Parser,
    add_case_command,
    add_time_limit,
    both,
    refuse_data_folder,
    tell_written,
    whole,
)
from matcher.plan.figures import ALL
from matcher.tables import MODES, PLACE_LEVELS, VOCABULARIES
from matcher.words.catalogues import label, t

if TYPE_CHECKING:
    from matcher.plan.plan import Plan

#: Townships named in the summary; the table has all.
NAMED = 5


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "look", _run, common, dated)
    parser.add_argument("--mode", choices=MODES, default=ALL, help=both("cli.look_mode"))
    parser.add_argument("--place", metavar="CODE", help=both("cli.look_place"))
    parser.add_argument("--ages", type=_ages, metavar="FIRST-LAST", help=both("cli.look_ages"))
    parser.add_argument("--group", choices=VOCABULARIES["group"], help=both("cli.look_group"))
    parser.add_argument("--tier", type=whole(1, 9), metavar="N", help=both("cli.look_tier"))
    parser.add_argument("--out", type=Path, metavar="DIR", help=both("cli.look_out"))
    parser.set_defaults(refuse_out=refuse_data_folder)
    add_time_limit(parser)


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.files.results import write_results
    from matcher.plan.match import match
    from matcher.results.filters import Filter, narrowed
    from matcher.results.inside import unserved_people
    from matcher.results.overview import place_shares, provider_loads

    wanted = Filter(arguments.place, arguments.ages, arguments.group, arguments.tier)
    plan = narrowed(match(case.inputs, case.policy, case.options), wanted)
    mode = arguments.mode
    if arguments.out is not None:
        places = [place_shares(plan, level, mode).assign(level=level) for level in PLACE_LEVELS]
        tables = {
            "places": pd.concat(places, ignore_index=True),
            "loads": provider_loads(plan, mode),
            "unserved": unserved_people(plan, mode=mode),
        }
        write_results(arguments.out, tables, {})
        tell_written(arguments, _lines(plan, mode, arguments.lang))
    else:
        print(*_lines(plan, mode, arguments.lang), sep="\n")
    return 0


def _lines(plan: Plan, mode: str, lang: str) -> Iterator[str]:
    """How many, how far, why not, and where most people are not served."""
    from matcher.results.overview import by_reason, figures, place_shares

    told = figures(plan, mode)
    none = t("summary.none", lang)
    yield t(
        "summary.served",
        lang,
        residents=told.residents,
        served=told.served,
        share=none if told.share is None else f"{told.share:.1%}",
    )
    if told.median_km is not None:
        yield t("cli.look_distance", lang, median=f"{told.median_km:.1f}", p90=f"{told.p90_km:.1f}")
    for reason, count in by_reason(plan, mode).items():
        if count:
            yield t("summary.reason", lang, reason=label("reason", str(reason), lang), count=int(count))
    worst = place_shares(plan, "township", mode).query("unserved > 0").head(NAMED)
    for place in worst.to_dict("records"):
        yield t(
            "cli.look_worst",
            lang,
            place=place["name"],
            unserved=place["unserved"],
            share=f"{place['share']:.1%}",
        )


def _ages(text: str) -> tuple[int, int]:
    """Type of a flag: two whole numbers of years, the first not above the last."""
    found = re.fullmatch("([0-9]{1,3})-([0-9]{1,3})", text)
    if found is None or int(found[1]) > int(found[2]):
        raise argparse.ArgumentTypeError(both("cli.bad_ages", found=text))
    return int(found[1]), int(found[2])
