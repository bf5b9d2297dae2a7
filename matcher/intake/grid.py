"""The nouns of reading a file: its cells as they stand, the table cut out of them, the bounds, what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

#: Most characters of a cell, as in Excel.
MAX_CELL = 32_767
_SHOWN_RANGES = 8


@dataclass(frozen=True)
class Limits:
    """What a file may hold at most; checked before it is parsed.

    Parameters
    ----------
    columns, rows : int
    file_bytes, unpacked_bytes : int
        Of the file, and of a workbook when it is unpacked.
    cells : int
        Of a workbook's sheet, gaps included.
    memory_bytes, seconds : int
        Of the process that reads.
    """

    columns: int
    rows: int
    file_bytes: int
    unpacked_bytes: int
    cells: int
    memory_bytes: int
    seconds: int


COMMAND_LIMITS = Limits(10_000, 30_000_000, 4 << 30, 2 << 30, 300_000_000, 6 << 30, 300)
UPLOAD_LIMITS = Limits(500, 30_000_000, 100 << 20, 1 << 30, 100_000_000, 3 << 30, 120)


@dataclass(frozen=True)
class Note:
    """What the user should know of how a file was understood; becomes a ``problems.Finding``.

    Parameters
    ----------
    code : str
        Key of ``problems.SEVERITY``.
    row : int or None
        First row that is meant.
    value : str
        What stands there, or all the rows.
    column : str
        Its header as in the file.
    params : dict
        What the words name.
    """

    code: str
    row: int | None = None
    value: str = ""
    column: str = ""
    params: dict[str, str] = field(default_factory=dict)


class SheetError(Exception):
    """A file that cannot be read at all; `code` is the problem, `row` its place where one is known."""

    def __init__(self, code: str, row: int | None = None, **params: object) -> None:
        super().__init__(code)
        self.code, self.row, self.params = code, row, params


@dataclass(frozen=True)
class Grid:
    """All the cells of a file, before anybody knows which row is the header.

    Parameters
    ----------
    columns : list of pyarrow.ChunkedArray
        ``large_string``, trimmed; "" for an empty cell.
    rows : int array of shape (n,)
        Row in the file of each record.
    not_text : list of bool arrays of shape (n,), or None
        As in `Sheet`.
    ragged : list of (int, list of str)
        Row and cells of records of another length; they are not in `columns`.
    merges : list of (int, int, int, int)
        First row, first column, last row and last column of merged ranges, from 0.
    hidden_rows, hidden_columns : list of int
        Row numbers as in the file, and columns from 0, that Excel does not show.
    filtered : bool
        Whether a filter hides the rows.
    other_sheets : list of str
        As in `Sheet`.
    notes : list of Note
    """

    columns: list[pa.ChunkedArray]
    rows: npt.NDArray[np.int64]
    not_text: list[npt.NDArray[np.bool_] | None]
    ragged: list[tuple[int, list[str]]] = field(default_factory=list)
    merges: Sequence[tuple[int, int, int, int]] = ()
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()
    filtered: bool = False
    other_sheets: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True)
class Sheet:
    """The table in a file.

    Parameters
    ----------
    header : list of str
        Trimmed; "" for a column without a header; a group heading and the one below it joined by ``headers.UNDER``.
    header_row : int
        Row of the (last) header in the file, 1 unless titles or blank rows stand above it.
    columns : list of pyarrow.ChunkedArray
        ``large_string``, trimmed, null for an empty cell; blank rows, totals and footers are left out.
    row : int array of shape (n,)
        Row in the file of each record; blank rows, and line breaks inside quotes, count as a spreadsheet counts.
    not_text : list of bool arrays of shape (n,), or None
        For each column, where the file holds a number or a date, in which an id may have lost digits;
        None where that cannot be.
    ragged : list of (int, list of str)
        Row and cells of records with more or fewer cells than the header; they are not in `columns`.
    other_sheets : list of str
        Further sheets of a workbook that are not empty.
    notes : list of Note
        What was left out, filled or hidden.
    first : list of (int, list of str)
        The first rows of the file, as somebody has to see them who says which is the header.
    """

    header: list[str]
    header_row: int
    columns: list[pa.ChunkedArray]
    row: npt.NDArray[np.int64]
    not_text: list[npt.NDArray[np.bool_] | None]
    ragged: list[tuple[int, list[str]]] = field(default_factory=list)
    other_sheets: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    first: list[tuple[int, list[str]]] = field(default_factory=list)


def filled_rows(columns: Sequence[pa.ChunkedArray]) -> npt.NDArray[np.bool_]:
    """Where a record has anything in it."""
    filled = np.zeros(len(columns[0]) if columns else 0, dtype=bool)
    for column in columns:
        filled |= pc.not_equal(column, "").to_numpy(zero_copy_only=False)
        if filled.all():
            break
    return filled


def ranges_told(rows: Iterable[int]) -> str:
    """Row numbers in short: "3–5, 9"; the first few ranges of many."""
    ranges: list[list[int]] = []
    for row in sorted(set(rows)):
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1][1] = row
        else:
            ranges.append([row, row])
    told = [str(first) if first == last else f"{first}–{last}" for first, last in ranges[:_SHOWN_RANGES]]
    return ", ".join(told) + (" …" if len(ranges) > _SHOWN_RANGES else "")
