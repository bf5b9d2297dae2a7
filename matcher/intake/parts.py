"""A data folder whose residents stand county by county: ``residents/county=CODE/part.parquet``, other tables whole.

The other tables are read and checked once, the residents of each part against them, so that never more than one part
is in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import BadInput, DataError
from matcher.geography.locate import locate
from matcher.inputs import Inputs
from matcher.intake.cells import typed_table
from matcher.intake.check import check, check_located, judge
from matcher.intake.cleaning import cleaned
from matcher.intake.mapping import Meanings
from matcher.intake.placenames import named_places
from matcher.intake.problems import SEVERITY, Finding, Reporter
from matcher.intake.rawtable import RawTable, Reader
from matcher.intake.read import RawFolder, meanings_beside, read_folder, read_sheets, read_table
from matcher.intake.sheets import SUFFIXES
from matcher.intake.telling import problem_table
from matcher.masking import mask_if_id_number
from matcher.tables import TABLES

Hashes: TypeAlias = npt.NDArray[np.uint64]

#: The folder of the parts, and how each of them is called.
FOLDER = "residents"
_NAME = re.compile(r"county=([0-9A-Za-z]+)")


@dataclass(frozen=True)
class Whole:
    """What all parts share.

    Parameters
    ----------
    folder : Path
    files : dict of str to Path
        File of each part by county code, in the order of the codes.
    raw : RawFolder
        The other tables, cleaned.
    inputs : Inputs
        The same, typed, neither located nor with any resident.
    problems : DataFrame
        Warnings.
    meanings : Meanings
    """

    folder: Path
    files: dict[str, Path]
    raw: RawFolder
    inputs: Inputs
    problems: pd.DataFrame
    meanings: Meanings


@dataclass(frozen=True)
class Part:
    """The people of one part.

    Parameters
    ----------
    inputs : Inputs
        Located.
    problems : DataFrame
        Warnings about them.
    columns : frozenset of str
        Columns of ours that the file has.
    """

    inputs: Inputs
    problems: pd.DataFrame
    columns: frozenset[str]


def is_partitioned(folder: Path) -> bool:
    """Whether the residents of a data folder stand in parts."""
    return (Path(folder) / FOLDER).is_dir()


def read_whole(
    folder: Path, *, as_of: str | None = None, datum: str | None = None, meanings: Meanings | None = None
) -> Whole:
    """Read and check what all parts share, and find the parts.

    Parameters
    ----------
    folder : Path
    as_of, datum, meanings
        As in `read_folder`.

    Raises
    ------
    DataError
        When the tables have errors.
    BadInput
        When a part is not there, called otherwise, or stands twice; or the folder has corrections, which only a folder
        in one piece may have.
    """
    folder = Path(folder)
    files = part_files(folder)
    raw = read_folder(folder, as_of=as_of, datum=datum, meanings=meanings)
    if "residents" in raw.tables:
        raise BadInput("parts_beside_table", folder=folder, file=raw.tables["residents"].file)
    lacking = Finding("missing_table", "residents", params={"table": "residents"})
    raw = replace(raw, findings=tuple(one for one in raw.findings if one != lacking))
    checked = check(raw)
    if checked.inputs is None:
        raise DataError(checked.problems)
    if len(checked.inputs.corrections):
        raise BadInput("parts_corrections", folder=folder)
    codes = set(checked.inputs.places["place_code"])
    for code in files:
        if code not in codes:
            raise BadInput("part_unknown_county", part=_label(files[code]), found=code)
    meanings = meanings or meanings_beside(folder, [])
    clean = named_places(cleaned(raw, []), [])
    return Whole(folder, files, clean, checked.inputs, checked.problems, meanings)


def part_files(folder: Path) -> dict[str, Path]:
    """The file of each part, by county code.

    Raises
    ------
    BadInput
    """
    files = {}
    for path in sorted((folder / FOLDER).iterdir()):
        if path.name.startswith("."):
            continue
        code = _NAME.fullmatch(path.name)
        if code is None or not path.is_dir():
            raise BadInput("part_name", found=f"{FOLDER}/{path.name}")
        there = [
            one for one in sorted(path.iterdir()) if one.suffix.lower() in SUFFIXES and one.name[0] != "."
        ]
        if len(there) != 1:
            names = ", ".join(one.name for one in there)
            raise BadInput("part_files", part=f"{FOLDER}/{path.name}", found=names or "–")
        files[code[1]] = there[0]
    if not files:
        raise BadInput("parts_none", folder=folder / FOLDER)
    return files


def read_part(whole: Whole, code: str) -> Part:
    """Read, check and locate the residents of one part.

    Parameters
    ----------
    whole : Whole
    code : str
        Of the county.

    Raises
    ------
    DataError
        When the part has errors.
    """
    found: list[Finding] = []
    table = _table(whole, whole.files[code], found)
    inputs = None
    if table is not None:
        own = cleaned(RawFolder({"residents": table}, frozenset(), None, ()), found).tables
        raw = replace(
            whole.raw,
            tables={**whole.raw.tables, **own},
            unreadable=whole.raw.unreadable - {"residents"},
        )
        places = {name: raw.tables[name] for name in ("places", "residents")}
        raw = replace(raw, tables={**raw.tables, **named_places(replace(raw, tables=places), found).tables})
        inputs = _judged(whole, raw, found)
    problems = problem_table(found, _headers(table))
    if inputs is None or table is None:
        raise DataError(problems)
    return Part(inputs, problems, frozenset(table.headers))


def part_problems(whole: Whole) -> Iterator[pd.DataFrame]:
    """Every problem of a folder in parts as `problem_table`: what all share first, then county by county.

    Raises
    ------
    BadInput
        At the end, where no county has errors: they have different columns, or two share a resident.
    """
    yield whole.problems
    columns, ids = {}, {}
    for code in whole.files:
        try:
            part = read_part(whole, code)
        except DataError as error:
            yield error.problems
            continue
        yield part.problems
        columns[code] = part.columns
        ids[code] = id_hashes(part.inputs.residents["resident_id"])
    insist_on_same_columns(columns)
    insist_on_own_ids(whole, ids)


def insist_on_same_columns(columns: Mapping[str, frozenset[str]]) -> None:
    """Refuse counties whose tables have different columns: what one lacks would silently be missing there.

    Raises
    ------
    BadInput
    """
    first = next(iter(columns), "")
    for code, some in columns.items():
        if some != columns[first]:
            more, fewer = sorted(some - columns[first]), sorted(columns[first] - some)
            found = ", ".join([*(f"+{name}" for name in more), *(f"-{name}" for name in fewer)])
            raise BadInput("parts_columns", part=code, other=first, found=found)


def insist_on_own_ids(whole: Whole, hashes: Mapping[str, Hashes]) -> None:
    """Refuse a resident who stands in two counties; hashes that meet are held against the ids themselves.

    Parameters
    ----------
    whole : Whole
    hashes : mapping of str to array
        `id_hashes` of each county.

    Raises
    ------
    BadInput
        Naming both counties.
    """
    every = np.sort(np.concatenate([np.zeros(0, np.uint64), *hashes.values()]))
    met = np.unique(every[1:][every[1:] == every[:-1]])
    where: dict[str, str] = {}
    for code, ids in hashes.items():
        if not np.isin(met, ids).any():
            continue
        people = read_part(whole, code).inputs.residents["resident_id"]
        for name in people[np.isin(id_hashes(people), met)]:
            if name in where:
                raise BadInput("parts_shared_id", found=mask_if_id_number(name), part=where[name], other=code)
            where[name] = code


def id_hashes(ids: pd.Series) -> Hashes:
    """A number for each id, the same on every machine."""
    return pd.util.hash_array(ids.to_numpy(dtype=object))


def _table(whole: Whole, file: Path, found: list[Finding]) -> RawTable | None:
    told = whole.meanings
    sheets = read_sheets({"residents": file}, {}, False, told.headers)
    reader = Reader(found, [], told.columns.get("residents", {}))
    return read_table("residents", [file], sheets, {}, reader, _label(file))


def _judged(whole: Whole, raw: RawFolder, found: list[Finding]) -> Inputs | None:
    """Typed, held against the rules and located; None where there is an error."""
    table = raw.tables["residents"]
    report = Reporter("residents", table.file, table.row, table.cells, found)
    frames = {name: getattr(whole.inputs, name) for name in TABLES}
    frames["residents"] = typed_table("residents", table, report)
    judge(raw, frames, {"residents": report})
    if any(SEVERITY[finding.code] == "error" for finding in found):
        return None
    inputs = whole.inputs.replace(residents=frames["residents"])
    located = locate(inputs)
    check_located(inputs, located, {"residents": report})
    return located


def _headers(table: RawTable | None) -> dict[tuple[str, str], str]:
    if table is None:
        return {}
    return {(table.file, column): header for column, header in table.headers.items()}


def _label(file: Path) -> str:
    """A part as it is called in messages."""
    return f"{FOLDER}/{file.parent.name}/{file.name}"
