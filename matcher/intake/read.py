"""A data folder → raw text tables with their rows, and what went wrong on the way."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path, PurePath

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matcher.inputs import Dataset
from matcher.intake import accessmod, odtable
from matcher.intake.dataset import read_dataset
from matcher.intake.grid import COMMAND_LIMITS, UPLOAD_LIMITS, Sheet, SheetError
from matcher.intake.headers import column_letters, header_key, header_words, meaning
from matcher.intake.limited import read_limited
from matcher.intake.outlinefile import check_outlines
from matcher.intake.problems import Finding, masked
from matcher.intake.sheets import check_form, read_sheet
from matcher.intake.tablefiles import table_files
from matcher.tables import KEYS, REQUIRED_TABLES, TABLES
from matcher.words.aliases import PLACE_NAME_COLUMNS
from matcher.words.nearest import nearest

#: Looking for the nearest word is slow; where more are strange, no hint helps.
MOST_HINTS = 100
_LONGEST_HINT = 64


@dataclass(frozen=True)
class RawTable:
    """One table as it stands in its file.

    Parameters
    ----------
    file : str
        File name.
    cells : pyarrow.Table
        The columns that were found, by English name: ``large_string``, trimmed, null for an empty cell.
    row : int array of shape (n,)
        Row in the file (header = 1).
    not_text : dict of str to bool array of shape (n,)
        By column, where the file holds a number or a date instead of text; columns without are left out.
    lost_keys : tuple of str
        Ids in records that could not be read, so that references to them are not called unknown.
    units : dict of str to Fraction
        By column, what its numbers are to be multiplied by to be in our unit; columns without are in it.
    headers : dict of str to str
        By column, what the file calls it.
    """

    file: str
    cells: pa.Table
    row: npt.NDArray[np.int64]
    not_text: dict[str, npt.NDArray[np.bool_]] = field(default_factory=dict)
    lost_keys: tuple[str, ...] = ()
    units: dict[str, Fraction] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RawFolder:
    """The raw tables of a folder; what is optional and absent, or could not be read, is not among them."""

    tables: dict[str, RawTable]
    unreadable: frozenset[str]
    dataset: Dataset | None
    findings: tuple[Finding, ...]


def read_folder(
    folder: Path,
    *,
    as_of: str | None = None,
    datum: str | None = None,
    online: bool = True,
    candidates: Path | None = None,
    upload: bool = False,
) -> RawFolder:
    """Read every table of a data folder; never raises for bad data.

    Parameters
    ----------
    folder : Path
        Holds residents, providers, places and optional tables as .csv, .xlsx or .parquet, and dataset.toml.
    as_of, datum : str, optional
        ISO date and datum of all files; each goes before what dataset.toml says.
    online : bool
        False refuses an online geocoder even where the environment allows it.
    candidates : Path, optional
        File of the candidates table, instead of one in the folder.
    upload : bool
        True reads every table in one process of its own, within the bounds of an upload; else only workbooks are.
    """
    folder = Path(folder)
    if not folder.is_dir():
        return RawFolder({}, frozenset(TABLES), None, (Finding("no_folder", str(folder)),))
    dataset, found = read_dataset(folder, as_of, datum, online)
    files, labels = table_files(folder, found)
    if candidates is not None:
        files["candidates"] = [candidates]
        labels.pop("candidates", None)
    sheets = _read_sheets({name: paths[0] for name, paths in files.items() if len(paths) == 1}, upload)
    tables: dict[str, RawTable] = {}
    unreadable: set[str] = set()
    for name in TABLES:
        paths = files.get(name, [])
        table = _read_table(name, paths, sheets, tables, found, labels.get(name))
        if table is not None:
            tables[name] = table
        elif paths or name in REQUIRED_TABLES:
            unreadable.add(name)
    codes = {str(code) for ids in _ids("places", tables) for code in ids.drop_null().to_pylist()}
    found += check_outlines(folder, codes, dataset)
    return RawFolder(tables, frozenset(unreadable), dataset, tuple(found))


def read_upload(
    files: Iterable[tuple[str, bytes]], *, as_of: str | None = None, datum: str | None = None
) -> RawFolder:
    """Read uploaded files by way of a folder that is gone before anything is shown; no address leaves the machine.

    Parameters
    ----------
    files : iterable of (str, bytes)
        Name and content; a path in a name counts for nothing.
    as_of, datum : str, optional
        As in `read_folder`.
    """
    with tempfile.TemporaryDirectory() as name:
        size = 0
        for path, content in files:
            size += len(content)
            if size > UPLOAD_LIMITS.file_bytes:
                limit = f"{UPLOAD_LIMITS.file_bytes >> 20} MB"
                found = Finding("file_too_large", PurePath(path).name, params={"limit": limit})
                return RawFolder({}, frozenset(TABLES), None, (found,))
            (Path(name) / PurePath(path).name).write_bytes(content)
        return read_folder(Path(name), as_of=as_of, datum=datum, online=False, upload=True)


def _read_sheets(files: Mapping[str, Path], upload: bool) -> dict[str, Sheet | SheetError]:
    """The sheet of each table, or why there is none."""
    limits = UPLOAD_LIMITS if upload else COMMAND_LIMITS
    sheets: dict[str, Sheet | SheetError] = {}
    apart: dict[str, Path] = {}
    for name, path in files.items():
        try:
            check_form(path, limits)
            if upload or path.suffix.lower() == ".xlsx":
                apart[name] = path
            else:
                sheets[name] = read_sheet(path, name, limits)
        except SheetError as error:
            sheets[name] = error
        except OSError:
            sheets[name] = SheetError("unreadable_file")
    answers = read_limited([(path, name) for name, path in apart.items()], limits)
    return sheets | dict(zip(apart, answers, strict=True))


def _read_table(
    name: str,
    paths: Sequence[Path],
    sheets: Mapping[str, Sheet | SheetError],
    tables: Mapping[str, RawTable],
    found: list[Finding],
    label: str | None = None,
) -> RawTable | None:
    """One table; `tables` are those read before it, `label` names its sheet in a workbook of several."""
    if not paths:
        if name in REQUIRED_TABLES:
            found.append(Finding("missing_table", name, params={"table": name}))
        return None
    if len(paths) > 1:
        names = ", ".join(path.name for path in paths)
        found += [Finding("table_twice", path.name, params={"table": name, "files": names}) for path in paths]
        return None
    file, sheet = label or paths[0].name, sheets[name]
    if isinstance(sheet, SheetError):
        rows = () if sheet.row is None else (sheet.row,)
        found.append(Finding(sheet.code, file, rows=rows, params=sheet.params))
        return None
    found += _told(name, file, sheet)
    if name == "travel" and accessmod.is_referral(sheet.header):
        return _referral_table(file, sheet, tables, found)
    if name == "travel" and (ends := odtable.ends_of(sheet.header)):
        params = {"origin": ends[0], "destination": ends[1]}
        found.append(
            Finding("foreign_travel", file, "", (sheet.header_row,), (", ".join(sheet.header),), params)
        )
        return None
    return _named_columns(name, file, sheet, found)


def _told(name: str, file: str, sheet: Sheet) -> Iterator[Finding]:
    """What the sheet says of records of another length, further sheets, and how it was understood."""
    if sheet.ragged:
        rows, lengths = [row for row, _ in sheet.ragged], [str(len(cells)) for _, cells in sheet.ragged]
        yield Finding("ragged_row", file, "", rows, lengths, {"expected": len(sheet.header)})
    if sheet.other_sheets:
        yield Finding("sheet_ignored", file, values=(", ".join(sheet.other_sheets),))
    for note in sheet.notes:
        rows = [] if note.row is None else [note.row]
        yield Finding(note.code, file, masked(name, "", note.column), rows, (note.value,), note.params)


def _referral_table(
    file: str, sheet: Sheet, tables: Mapping[str, RawTable], found: list[Finding]
) -> RawTable | None:
    """A travel table from AccessMod, with a warning that says how it was understood."""
    origins = [*_ids("places", tables), *_ids("residents", tables)]
    known = {"from_code": _joined(origins), "provider_id": _joined(_ids("providers", tables))}
    referral = accessmod.as_travel(sheet, known)
    params = {"unreached": referral.unreached}
    found.append(Finding("accessmod_table", file, "", (sheet.header_row,), (referral.told,), params))
    table = _named_columns("travel", file, referral.sheet, found)
    return None if table is None else replace(table, units=referral.units)


def _ids(name: str, tables: Mapping[str, RawTable]) -> list[pa.Array]:
    key = KEYS[name][0]
    if name not in tables or key not in tables[name].cells.column_names:
        return []
    return list(tables[name].cells[key].chunks)


def _joined(ids: list[pa.Array]) -> pa.Array:
    return pa.chunked_array(ids, pa.large_string()).combine_chunks()


def _named_columns(name: str, file: str, sheet: Sheet, found: list[Finding]) -> RawTable | None:
    """Give each column its English name, or say what is wrong with the header."""
    named: dict[str, int] = {}
    units: dict[str, Fraction] = {}
    strange: list[int] = []
    rows = (sheet.header_row,)
    for position, header in enumerate(sheet.header):
        known = meaning(name, header)
        if known is None:
            if header or sheet.columns[position].null_count < len(sheet.row):
                strange.append(position)
        elif known.column in named and known.column in PLACE_NAME_COLUMNS.values():
            strange.append(position)
        elif known.column in named:
            found.append(Finding("duplicate_column", file, known.column, rows, (masked(name, "", header),)))
        else:
            named[known.column] = position
            units |= {known.column: known.unit} if known.unit != 1 else {}
    if not named:
        found.append(_no_header(name, file, sheet))
        return None
    found += _unknown_columns(name, file, sheet, strange)
    for spec in TABLES[name]:
        if spec.required and spec.name not in named:
            found.append(Finding("missing_column", file, spec.name, rows=(sheet.header_row,)))
    headers = {column: sheet.header[position] for column, position in named.items()}
    return replace(_raw_table(KEYS[name][0], file, sheet, named), units=units, headers=headers)


def _no_header(name: str, file: str, sheet: Sheet) -> Finding:
    """Without a header the first row holds somebody's data: nothing of it is shown but how many cells it has."""
    wanted = [spec.name for spec in TABLES[name] if spec.required]
    params = {"keys": ", ".join(wanted), "cells": str(len(sheet.header))}
    return Finding("no_header", file, rows=(sheet.header_row,), params=params)


def _unknown_columns(name: str, file: str, sheet: Sheet, strange: Sequence[int]) -> Iterator[Finding]:
    """A warning for each column that is not read, up to `MOST_HINTS`; the others are counted in one line."""
    for position in strange[:MOST_HINTS]:
        header = masked(name, "", sheet.header[position])
        words, key = header_words(name), header_key(header)
        meant = nearest(key, words) if key and len(key) <= _LONGEST_HINT else []
        params = {"nearest": "".join(words[word] for word in meant)}
        shown = header or column_letters(position)
        yield Finding("unknown_column", file, header, (sheet.header_row,), (shown,), params)
    if len(strange) > MOST_HINTS:
        more = f"+{len(strange) - MOST_HINTS}"
        yield Finding("unknown_column", file, "", (sheet.header_row,), (more,), {"nearest": ""})


def _raw_table(key: str, file: str, sheet: Sheet, named: dict[str, int]) -> RawTable:
    cells = pa.table({column: sheet.columns[position] for column, position in named.items()})
    marks = {column: sheet.not_text[position] for column, position in named.items()}
    at = named.get(key)
    return RawTable(
        file=file,
        cells=cells,
        row=sheet.row,
        not_text={column: mark for column, mark in marks.items() if mark is not None},
        lost_keys=tuple(texts[at].strip() for _, texts in sheet.ragged if at is not None and at < len(texts)),
    )


def _nearest(word: str, words: Iterable[str]) -> dict[str, str]:
    return {"nearest": "".join(nearest(word, words))}
