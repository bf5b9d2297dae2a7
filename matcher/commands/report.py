"""``report``: the plan on one page, and as files for other programs."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from matcher.commands.common import (
    Case,
    Commands,
    Parser,
    add_case_command,
    add_out_folder,
    add_time_limit,
    both,
    tell_written,
)
from matcher.sample.shipped import data_folder
from matcher.words.catalogues import t

if TYPE_CHECKING:
    from matcher.report.content import Page, Past


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "report", _run, common, dated)
    parser.add_argument("--against", type=data_folder, metavar="DATA", help=both("cli.report_against"))
    add_out_folder(parser, "cli.report_out")
    add_time_limit(parser)


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.geography.outlines import read_outlines
    from matcher.plan.match import match
    from matcher.report.actions import actions
    from matcher.report.content import page_of
    from matcher.report.written import report_files, write_report

    inputs = case.inputs
    past = _past(arguments, case)
    plan = match(inputs, case.policy, case.options)
    page = page_of(plan, actions(plan, arguments.time_limit), arguments.lang, past)
    datum = inputs.dataset.datum.get("outlines", "wgs84")
    outlines = read_outlines(arguments.data, datum, inputs.places["place_code"])
    write_report(arguments.out, report_files(plan, page, outlines, arguments.lang))
    tell_written(arguments, _lines(page, arguments.lang))
    return 0


def _past(arguments: argparse.Namespace, case: Case) -> Past | None:
    """The figures of earlier data under the same policy."""
    from matcher.intake.check import load_inputs
    from matcher.plan.match import match
    from matcher.report.content import Past
    from matcher.results.overview import figures

    if arguments.against is None:
        return None
    inputs = load_inputs(arguments.against, as_of=arguments.as_of, datum=arguments.datum)
    name = t(
        "report.past", arguments.lang, title=inputs.dataset.title, as_of=inputs.dataset.as_of.isoformat()
    )
    return Past(figures(match(inputs, case.policy, case.options)), name)


def _lines(page: Page, lang: str) -> Iterator[str]:
    for one in page.figures:
        yield f"{one['name']}: {one['value']} {one['change']}".rstrip()
    for action in page.actions:
        yield f"  {action['name']}: {action['gain']}, {action['cost']}"
    yield page.words["actions_note"]
