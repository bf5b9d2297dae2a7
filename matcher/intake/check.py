"""Raw tables → typed tables and one table of every problem; errors stop, warnings do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from matcher.errors import DataError
from matcher.geography.locate import locate
from matcher.inputs import Inputs
from matcher.intake.cells import typed_table
from matcher.intake.cleaning import cleaned
from matcher.intake.corrections import check_corrections, corrected
from matcher.intake.journeys import check_journeys
from matcher.intake.links import check_keys, check_references, check_travel
from matcher.intake.mapping import Meanings
from matcher.intake.people import check_people
from matcher.intake.placed import check_placed
from matcher.intake.placenames import named_places
from matcher.intake.placetree import check_place_tree
from matcher.intake.positions import check_datums, check_positions, check_providers
from matcher.intake.problems import SEVERITY, Reporter
from matcher.intake.read import RawFolder, read_folder
from matcher.intake.sense import check_sense
from matcher.intake.telling import problem_table
from matcher.tables import TABLES


@dataclass(frozen=True)
class Checked:
    """What a check gives.

    Parameters
    ----------
    problems : DataFrame
        From `problem_table`.
    inputs : Inputs or None
        The typed tables, neither corrected nor located; None when a problem is an error.
    located : Inputs or None
        The same, corrected and located; None also where an online geocoder would have to be asked.
    """

    problems: pd.DataFrame
    inputs: Inputs | None
    located: Inputs | None = None


def check(raw: RawFolder) -> Checked:
    """Find every problem of a folder at once, and type its tables.

    Parameters
    ----------
    raw : RawFolder
        From ``read_folder``.
    """
    found = list(raw.findings)
    raw = named_places(cleaned(raw, found), found)
    reporters = {
        name: Reporter(name, table.file, table.row, table.cells, found) for name, table in raw.tables.items()
    }
    frames = {name: typed_table(name, raw.tables.get(name), reporters.get(name)) for name in TABLES}
    check_datums(frames, raw.dataset, found)
    judge(raw, frames, reporters)
    headers = {
        (table.file, column): header
        for table in raw.tables.values()
        for column, header in table.headers.items()
    }
    sound = not any(SEVERITY[finding.code] == "error" for finding in found)
    inputs = Inputs(**frames, dataset=raw.dataset) if sound and raw.dataset else None
    located = locate(inputs) if inputs and not inputs.dataset.geocoder else None
    if inputs and located:
        check_located(inputs, located, reporters)
        if len(inputs.corrections):
            located = locate(corrected(inputs))
    return Checked(problem_table(found, headers), inputs, located)


def judge(raw: RawFolder, frames: dict[str, pd.DataFrame], reporters: Mapping[str, Reporter]) -> None:
    """Hold typed tables against the rules between cells, rows and tables.

    Parameters
    ----------
    raw : RawFolder
        Where ids of other tables are looked up.
    frames : dict of str to DataFrame
        Every table; those of people and places are exchanged for what the rules make of them.
    reporters : mapping of str to Reporter
        Of the tables that are looked at.
    """
    as_of = raw.dataset.as_of if raw.dataset else None
    check_keys(frames, reporters)
    check_references(raw, frames, reporters)
    for name, report in reporters.items():
        if "lat" in frames[name]:
            check_positions(frames[name], report)
        if name in ("providers", "candidates"):
            check_providers(frames[name], report)
    if "residents" in reporters:
        frames["residents"] = check_people(frames["residents"], as_of, reporters["residents"])
    if "places" in reporters:
        frames["places"] = check_place_tree(frames["places"], reporters["places"])
    if "travel" in reporters:
        check_travel(frames["travel"], reporters["travel"])
    if "corrections" in reporters:
        check_corrections(frames, reporters["corrections"])
    check_sense(frames, reporters, as_of)


def check_located(inputs: Inputs, located: Inputs, reporters: Mapping[str, Reporter]) -> None:
    """What only positions tell."""
    for table in ("residents", "providers", "candidates"):
        if table in reporters:
            check_placed(getattr(inputs, table), located, reporters[table])
    if "travel" in reporters:
        check_journeys(located, reporters["travel"])


def load_inputs(folder: Path, *, as_of: str | None = None, datum: str | None = None) -> Inputs:
    """`checked_inputs` without its warnings."""
    return checked_inputs(folder, as_of=as_of, datum=datum)[0]


def checked_inputs(
    folder: Path,
    *,
    as_of: str | None = None,
    datum: str | None = None,
    candidates: Path | None = None,
    corrections: Path | None = None,
    meanings: Meanings | None = None,
) -> tuple[Inputs, pd.DataFrame]:
    """Read, check, correct and locate a data folder.

    Parameters
    ----------
    folder : Path
    as_of, datum, candidates, corrections, meanings
        As in ``read_folder``.

    Returns
    -------
    Inputs, DataFrame
        And the table of warnings.

    Raises
    ------
    DataError
        When the folder has errors; it carries the whole table of problems.
    """
    raw = read_folder(
        folder, as_of=as_of, datum=datum, candidates=candidates, corrections=corrections, meanings=meanings
    )
    checked = check(raw)
    if checked.inputs is None:
        raise DataError(checked.problems)
    return checked.located or locate(corrected(checked.inputs)), checked.problems
