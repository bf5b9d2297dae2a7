"""``rounds``: which team of a provider visits whom at home on one day, in which order and when."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

from matcher.commands.common import (
    Case,
    Commands,
    Parser,
    add_case_command,
    add_out_folder,
    both,
    day,
    tell_written,
    whole,
)
from matcher.words.catalogues import t

if TYPE_CHECKING:
    from matcher.care.rounds import Rounds


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "rounds", _run, common, dated)
    parser.add_argument("--provider", required=True, metavar="ID", help=both("cli.rounds_provider"))
    parser.add_argument("--date", type=day, required=True, metavar="YYYY-MM-DD", help=both("cli.rounds_date"))
    parser.add_argument("--teams", type=whole(1, 20), metavar="N", help=both("cli.rounds_teams"))
    parser.add_argument("--until", type=_clock, metavar="HH:MM", help=both("cli.rounds_until"))
    add_out_folder(parser, "cli.rounds_out")


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.care.rounds import clock, day_of, rounds_of
    from matcher.files.results import write_results
    from matcher.plan.match import match

    plan = match(case.inputs, case.policy, case.options)
    on = date.fromisoformat(arguments.date)
    wanted = day_of(plan, arguments.provider, on, arguments.teams, arguments.until)
    rounds = rounds_of(plan, wanted)
    told = {
        "status": rounds.status,
        "travel_seconds": rounds.travel_s,
        "back": rounds.back,
        "day": asdict(wanted)
        | {"on": arguments.date, "start": clock(wanted.start), "end": clock(wanted.end)},
    }
    write_results(
        arguments.out, {"rounds": rounds.table, "left_out": rounds.left_out}, {"outcome.json": told}
    )
    tell_written(arguments, _lines(rounds, arguments.lang))
    return 0


def _lines(rounds: Rounds, lang: str) -> Iterator[str]:
    from matcher.care.rounds import NOT_MEASURED

    if rounds.status == NOT_MEASURED:
        yield t("cli.rounds_no_visits", lang)
        return
    reasons = rounds.left_out["reason"].value_counts()
    yield t(
        "cli.rounds_told",
        lang,
        visits=len(rounds.table),
        minutes=round(rounds.travel_s / 60),
        no_time=int(reasons.get("no_time", 0)),
        no_location=int(reasons.get("no_location", 0)),
    )
    for team, back in rounds.back.items():
        yield t(
            "cli.rounds_team", lang, team=team, visits=int((rounds.table["team"] == team).sum()), back=back
        )
    yield t("cli.rounds_heuristic", lang)


def _clock(text: str) -> str:
    """A time of the day on the command line; anything else is a wrong flag."""
    if not re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise argparse.ArgumentTypeError(f"{text} ≠ HH:MM")
    return text
