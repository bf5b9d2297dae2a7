"""Raw cells of an Excel workbook, read in a process of its own.

A workbook of a few kilobytes can name one cell at XFD1048576 and make the reader ask for 500 GB, which aborts the
process. So this file is also a script: the child reads under limits of memory and time and hands the cells back
as an Arrow stream; whatever happens to it, the caller lives. It imports nothing of this package, to start fast.
"""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa

MAX_UNPACKED_BYTES = 2 << 30
_MEMORY_LIMIT_BYTES = 6 << 30
_TIME_LIMIT_S = 300
_OTHER_SHEETS = b"other_sheets"


class UnreadableWorkbookError(Exception):
    """The workbook is damaged, protected by a password, or no workbook at all."""


class WorkbookTooLargeError(Exception):
    """The workbook unpacks to more than `MAX_UNPACKED_BYTES`."""


def read_workbook(path: Path, sheet: str) -> tuple[list[pa.Array], list[pa.Array], list[str]]:
    """The cells of one sheet as text.

    Parameters
    ----------
    path : Path
    sheet : str
        Name of the sheet to take when there is one of that name; else the first is taken.

    Returns
    -------
    texts : list of pyarrow.Array
        One a column from A on, one value a row from 1 on; empty cells are "".
    not_text : list of pyarrow.Array
        For each column, whether Excel holds a number or a date there: an id may have lost digits in it.
    other_sheets : list of str
        Names of further sheets that are not empty.

    Raises
    ------
    WorkbookTooLargeError, UnreadableWorkbookError
    """
    try:
        with zipfile.ZipFile(path) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableWorkbookError from error
    if unpacked > MAX_UNPACKED_BYTES:
        raise WorkbookTooLargeError
    command = [sys.executable, "-P", __file__, str(path), sheet]
    try:
        child = subprocess.run(command, capture_output=True, timeout=_TIME_LIMIT_S, check=True)
        table = pa.ipc.open_stream(child.stdout).read_all().combine_chunks()
    except (subprocess.SubprocessError, pa.ArrowInvalid) as error:
        raise UnreadableWorkbookError from error
    columns = [column.combine_chunks() for column in table.columns]
    other_sheets = table.schema.metadata[_OTHER_SHEETS].decode("utf-8")
    return columns[0::2], columns[1::2], other_sheets.split("\n") if other_sheets else []


def _main(path: str, sheet: str) -> None:
    _limit_memory()
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(path)
    chosen = next(
        (name for name in book.sheet_names if name.strip().casefold() == sheet), book.sheet_names[0]
    )
    rows: list[list[Any]] = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    for row, column, text in _cells_without_value(path, chosen):
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    arrays: dict[str, pa.Array] = {}
    for number, cells in enumerate(zip(*rows, strict=True)):
        arrays[f"text{number}"] = pa.array(
            [cell if type(cell) is str else _text(cell) for cell in cells], pa.large_string()
        )
        arrays[f"not_text{number}"] = pa.array([type(cell) is not str for cell in cells])
    others = [name for name in book.sheet_names if name != chosen and book.get_sheet_by_name(name).height]
    table = pa.table(arrays).replace_schema_metadata({_OTHER_SHEETS: "\n".join(others)})
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as stream:
        stream.write_table(table)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; the process of its own must do
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = _MEMORY_LIMIT_BYTES if hard == resource.RLIM_INFINITY else min(_MEMORY_LIMIT_BYTES, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (ValueError, OSError):  # macOS refuses it on some versions
        return


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time.min:
        return cell.date().isoformat()
    return str(cell)


_CELL_WITHOUT_VALUE = re.compile(
    rb'<c\b(?=[^>]*\sr="([A-Z]+)([0-9]+)")(?:'
    rb'(?=[^>]*\st="e")[^>]*>(?:<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>)?<v>([^<]+)</v>'  # an error
    rb'|(?![^>]*\st="str")[^>]*>(?:<f\b[^>]*/>|<f\b[^>]*>([^<]*)</f>)(?:<v\s*/>|<v></v>|(?=</c>)))'  # never calculated
)


def _cells_without_value(path: str, sheet: str) -> Iterator[tuple[int, int, str]]:
    """Row, column (from 0) and text of errors (#N/A) and formulas never calculated (=A1): both read as empty."""
    with zipfile.ZipFile(path) as parts:
        data = parts.read(_part_of(parts, sheet))
    if b't="e"' not in data and b"<f" not in data:
        return
    for letters, row, error, formula in _CELL_WITHOUT_VALUE.findall(data):
        column = 0
        for letter in letters:
            column = column * 26 + letter - ord("A") + 1
        yield int(row) - 1, column - 1, error.decode("utf-8") or "=" + formula.decode("utf-8")


def _part_of(parts: zipfile.ZipFile, sheet: str) -> str:
    """Path of a sheet inside the zip, by way of the workbook's relations."""
    book = ElementTree.fromstring(parts.read("xl/workbook.xml"))
    relations = ElementTree.fromstring(parts.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): str(relation.get("Target")) for relation in relations}
    for entry in book.findall(".//{*}sheet"):
        if entry.get("name") == sheet:
            key = next(value for name, value in entry.items() if name.endswith("}id"))
            return "xl/" + targets[key].removeprefix("/xl/")
    raise KeyError(sheet)


if __name__ == "__main__":
    _main(*sys.argv[1:])
