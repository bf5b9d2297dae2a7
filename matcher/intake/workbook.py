"""The cells of an Excel workbook as Excel shows them, with its merged ranges and what it hides."""

from __future__ import annotations

import datetime as dt
import itertools
import zipfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import python_calamine

from matcher.intake.grid import Grid, Limits, Note, SheetError, filled_rows
from matcher.intake.layout import MOST_ABOVE, Header, find_header
from matcher.intake.naming import table_of
from matcher.intake.sheetparts import Parts

_FIRST_RECORDS = 2 * MOST_ABOVE
Cells = list[list[Any]]


def read_workbook(
    path: Path, table: str, limits: Limits, sheet_name: str = "", told: Collection[str] = ()
) -> tuple[Grid, Header]:
    """The cells of one sheet, and where its header stands.

    The sheet that is named or called like the table is taken; else the first that is shown and names columns of the
    table; else the first that is not empty.

    Parameters
    ----------
    path : Path
    table : str
    limits : Limits
    sheet_name : str
        Empty where nobody has named a sheet.
    told : collection of str
        See `layout.find_header`.

    Raises
    ------
    SheetError
    """
    try:
        with zipfile.ZipFile(path) as book:
            if sum(part.file_size for part in book.infolist()) > limits.unpacked_bytes:
                raise SheetError("file_too_large", limit=f"{limits.unpacked_bytes >> 20} MB")
            return _read(path, Parts(book), table, limits, sheet_name, told)
    except (
        zipfile.BadZipFile,
        python_calamine.CalamineError,
        ValueError,
        KeyError,
        SyntaxError,  # of XML
        StopIteration,
        RuntimeError,
        NotImplementedError,
        EOFError,
    ) as error:
        raise SheetError("unreadable_file") from error


def _read(
    path: Path, parts: Parts, table: str, limits: Limits, sheet_name: str, told: Collection[str]
) -> tuple[Grid, Header]:
    book = python_calamine.CalamineWorkbook.from_path(path)
    hidden = {
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible != python_calamine.SheetVisibleEnum.Visible
    }
    filled = [name for name in book.sheet_names if parts.has_cells(name)]
    if not filled:
        raise SheetError("empty_file")
    found: tuple[str, Cells, Header] | None = None
    for name in _in_turn(filled, hidden, table, sheet_name):
        parts.check_bounds(name, limits)
        cells: Cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        header = find_header(_first_records(cells, parts.merges(name)), table, told)
        if header and (found is None or (header.known and not found[2].known)):
            found = name, cells, header
        if found and (found[2].known or name == sheet_name):
            break
    if found is None:
        raise SheetError("empty_file")
    name, cells, header = found
    others = [other for other in filled if other != name and table_of(other) in (None, table)]
    notes = [Note("hidden_sheet", value=name)] if name in hidden else []
    return _grid(cells, parts, name, others, notes), header


def _in_turn(names: Sequence[str], hidden: set[str], table: str, wanted: str) -> list[str]:
    """Sheets in the order in which they are tried: the one that is named, called like the table, shown, hidden."""
    return sorted(names, key=lambda name: (name != wanted, table_of(name) != table, name in hidden))


def _first_records(cells: Cells, merges: Sequence[tuple[int, int, int, int]]) -> list[list[str]]:
    """Texts of the first rows, with the value of a merged range in all its cells, as a header is read."""
    records = [[_text(cell) for cell in row] for row in cells[:_FIRST_RECORDS]]
    for first, left, last, right in merges:
        if first >= len(records) or left >= len(records[0]):
            continue
        text = records[first][left]
        rows, columns = (
            range(first, min(last + 1, len(records))),
            range(left, min(right + 1, len(records[0]))),
        )
        for row, column in itertools.product(rows, columns):
            records[row][column] = text
    return records


def _uncover(cells: Cells, merges: Sequence[tuple[int, int, int, int]]) -> None:
    """Empty the cells below a merged one: Excel keeps and hides what stood there."""
    for first, left, last, right in merges:
        for row in range(first, min(last + 1, len(cells))):
            for column in range(left, min(right + 1, len(cells[row]))):
                if (row, column) != (first, left):
                    cells[row][column] = ""


def _grid(cells: Cells, parts: Parts, name: str, others: list[str], notes: list[Note]) -> Grid:
    for row, column, text in parts.texts(name):
        if row < len(cells) and column < len(cells[row]):
            cells[row][column] = text
    for row, column, form in parts.shown_otherwise(name):
        if row < len(cells) and column < len(cells[row]) and type(cells[row][column]) is float:
            cells[row][column] = form.shown(cells[row][column])
    _uncover(cells, parts.merges(name))
    columns, marks = [], []
    for column_cells in zip(*cells, strict=True):
        texts = pa.array(
            [cell if type(cell) is str else _text(cell) for cell in column_cells], pa.large_string()
        )
        columns.append(pa.chunked_array([pc.utf8_trim_whitespace(texts)]))
        marks.append(np.array([type(cell) is not str for cell in column_cells], dtype=bool))
    if not filled_rows(columns).any():
        raise SheetError("empty_file")
    hidden_rows, filtered = parts.hidden_rows(name)
    return Grid(
        columns,
        np.arange(1, len(cells) + 1),
        [*marks],
        merges=parts.merges(name),
        hidden_rows=hidden_rows,
        hidden_columns=parts.hidden_columns(name, len(columns)),
        filtered=filtered,
        other_sheets=others,
        notes=notes,
    )


def _text(cell: Any) -> str:
    """A cell as Excel shows it: TRUE and no 1 that would pass for a number of places, no point behind whole numbers."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time.min:
        return cell.date().isoformat()
    return str(cell)
