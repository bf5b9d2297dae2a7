"""A data folder → raw text tables with their rows, and what went wrong on the way."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

import pyarrow as pa

from matcher.errors import BadInput
from matcher.inputs import Dataset
from matcher.intake import accessmod, odtable
from matcher.intake.basemapfile import check_basemap
from matcher.intake.dataset import read_dataset
from matcher.intake.grid import COMMAND_LIMITS, UPLOAD_LIMITS, Sheet, SheetError
from matcher.intake.limited import read_limited
from matcher.intake.mapping import Meanings, read_meanings
from matcher.intake.outlinefile import check_outlines
from matcher.intake.problems import Finding, masked
from matcher.intake.rawtable import RawTable, Reader, Strange, named_columns
from matcher.intake.sheets import check_form, read_sheet
from matcher.intake.tablefiles import table_files
from matcher.tables import KEYS, REQUIRED_TABLES, TABLES

#: Stands beside the tables where somebody had to say what names in them mean.
MEANINGS = "mapping.json"


@dataclass(frozen=True)
class Top:
    """The first rows of a table's file with their numbers, and which of them was taken for the header."""

    file: str
    header_row: int
    rows: list[tuple[int, list[str]]]


@dataclass(frozen=True)
class RawFolder:
    """The raw tables of a folder; what is optional and absent, or could not be read, is not among them.

    ``strange`` are the columns that nobody could know, those that somebody explained among them; ``unnamed`` the files
    and their sheets that are called like no table; ``tops`` what stands at the top of each table's file; ``replaced``
    the tables of the folder whose place another file took.
    """

    tables: dict[str, RawTable]
    unreadable: frozenset[str]
    dataset: Dataset | None
    findings: tuple[Finding, ...]
    strange: tuple[Strange, ...] = ()
    unnamed: tuple[tuple[str, str], ...] = ()
    tops: Mapping[str, Top] = field(default_factory=dict)
    replaced: frozenset[str] = frozenset()


def read_folder(
    folder: Path,
    *,
    as_of: str | None = None,
    datum: str | None = None,
    online: bool = True,
    candidates: Path | None = None,
    corrections: Path | None = None,
    upload: bool = False,
    meanings: Meanings | None = None,
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
    candidates, corrections : Path, optional
        File of the table, instead of one in the folder.
    upload : bool
        True reads every table in one process of its own, within the bounds of an upload; else only workbooks are.
    meanings : Meanings, optional
        What somebody said of names that nobody could know; without it, what ``mapping.json`` in the folder says.
    """
    folder = Path(folder)
    if not folder.is_dir():
        return RawFolder({}, frozenset(TABLES), None, (Finding("no_folder", str(folder)),))
    dataset, found = read_dataset(folder, as_of, datum, online)
    meanings = meanings or meanings_beside(folder, found)
    where = table_files(folder, found, meanings.names)
    files = where.files
    replaced = set()
    for name, file in (("candidates", candidates), ("corrections", corrections)):
        if file is not None:
            replaced.update({name} & files.keys())
            files[name] = [file]
            where.sheets.pop(name, None)
    single = {name: paths[0] for name, paths in files.items() if len(paths) == 1}
    sheets = read_sheets(single, where.sheets, upload, meanings.headers)
    strange: list[Strange] = []
    tables: dict[str, RawTable] = {}
    unreadable: set[str] = set()
    for name in TABLES:
        paths = files.get(name, [])
        reader = Reader(found, strange, meanings.columns.get(name, {}))
        table = read_table(name, paths, sheets, tables, reader, where.label(name) if paths else None)
        if table is not None:
            tables[name] = table
        elif paths or name in REQUIRED_TABLES:
            unreadable.add(name)
    codes = {str(code) for ids in _ids("places", tables) for code in ids.drop_null().to_pylist()}
    found += check_outlines(folder, codes, dataset)
    found += check_basemap(folder)
    tops = {
        name: Top(where.label(name) or single[name].name, sheet.header_row, sheet.first)
        for name, sheet in sheets.items()
        if isinstance(sheet, Sheet)
    }
    unnamed = tuple(where.unknown)
    return RawFolder(
        tables,
        frozenset(unreadable),
        dataset,
        tuple(found),
        tuple(strange),
        unnamed,
        tops,
        frozenset(replaced),
    )


def meanings_beside(folder: Path, found: list[Finding]) -> Meanings:
    if not (folder / MEANINGS).is_file():
        return Meanings()
    try:
        return read_meanings(folder / MEANINGS)
    except BadInput:
        found.append(Finding("unreadable_file", MEANINGS))
        return Meanings()


def read_upload(
    files: Iterable[tuple[str, bytes]],
    *,
    as_of: str | None = None,
    datum: str | None = None,
    meanings: Meanings | None = None,
) -> RawFolder:
    """Read uploaded files by way of a folder that is gone before anything is shown; no address leaves the machine.

    Parameters
    ----------
    files : iterable of (str, bytes)
        Name and content; a path in a name counts for nothing.
    as_of, datum, meanings
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
        return read_folder(Path(name), as_of=as_of, datum=datum, online=False, upload=True, meanings=meanings)


def read_sheets(
    files: Mapping[str, Path],
    named: Mapping[str, str],
    upload: bool,
    headers: Mapping[str, Sequence[str]],
) -> dict[str, Sheet | SheetError]:
    """The sheet of each table, or why there is none; `named` are the sheets of tables that share a workbook."""
    limits = UPLOAD_LIMITS if upload else COMMAND_LIMITS
    sheets: dict[str, Sheet | SheetError] = {}
    apart: dict[str, Path] = {}
    for name, path in files.items():
        try:
            check_form(path, limits)
            if upload or path.suffix.lower() == ".xlsx":
                apart[name] = path
            else:
                sheets[name] = read_sheet(path, name, limits, told=headers.get(name, ()))
        except SheetError as error:
            sheets[name] = error
        except OSError:
            sheets[name] = SheetError("unreadable_file")
    jobs = [(path, name, named.get(name, ""), headers.get(name, ())) for name, path in apart.items()]
    answers = read_limited(jobs, limits)
    return sheets | dict(zip(apart, answers, strict=True))


def read_table(
    name: str,
    paths: Sequence[Path],
    sheets: Mapping[str, Sheet | SheetError],
    tables: Mapping[str, RawTable],
    reader: Reader,
    label: str | None = None,
) -> RawTable | None:
    """One table; `tables` are those read before it, `label` names its sheet in a workbook of several."""
    found = reader.found
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
        return _referral_table(file, sheet, tables, reader)
    if name == "travel" and (ends := odtable.ends_of(sheet.header)):
        params = {"origin": ends[0], "destination": ends[1]}
        found.append(
            Finding("foreign_travel", file, "", (sheet.header_row,), (", ".join(sheet.header),), params)
        )
        return None
    return named_columns(name, file, sheet, reader)


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
    file: str, sheet: Sheet, tables: Mapping[str, RawTable], reader: Reader
) -> RawTable | None:
    """A travel table from AccessMod, with a warning that says how it was understood."""
    origins = [*_ids("places", tables), *_ids("residents", tables)]
    known = {"from_code": _joined(origins), "provider_id": _joined(_ids("providers", tables))}
    referral = accessmod.as_travel(sheet, known)
    params = {"unreached": referral.unreached}
    reader.found.append(Finding("accessmod_table", file, "", (sheet.header_row,), (referral.told,), params))
    table = named_columns("travel", file, referral.sheet, reader)
    return None if table is None else replace(table, units=referral.units)


def _ids(name: str, tables: Mapping[str, RawTable]) -> list[pa.Array]:
    key = KEYS[name][0]
    if name not in tables or key not in tables[name].cells.column_names:
        return []
    return list(tables[name].cells[key].chunks)


def _joined(ids: list[pa.Array]) -> pa.Array:
    return pa.chunked_array(ids, pa.large_string()).combine_chunks()
