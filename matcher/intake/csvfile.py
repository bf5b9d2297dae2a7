"""A text file of separated cells: encoding, separator and bounds from its bytes, then its grid."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from matcher.intake.grid import MAX_CELL, Grid, Limits, Note, SheetError
from matcher.intake.layout import MOST_ABOVE, Header, find_header

#: In the order in which they are tried; the first of two that are as good is taken.
SEPARATORS = (",", ";", "\t", "|")
_BOM = b"\xef\xbb\xbf"
_SEP_LINE = re.compile(rb'"?sep=(.)"?[,;\t]*\r?\n', re.IGNORECASE)
_CJK_IN_UTF8 = re.compile(rb"[\xe4-\xe9][\x80-\xbf][\x80-\xbf]")
_FIRST_RECORDS = 2 * MOST_ABOVE
_SCANNED = 1 << 24
_BLOCK = 1 << 20
#: A line longer than this holds a cell too long, or more columns than anybody may have.
_LONGEST_LINE = 1 << 28


def read_csv(path: Path, table: str, limits: Limits, told: Collection[str] = ()) -> tuple[Grid, Header]:
    """The cells of a text file, and where its header stands.

    Parameters
    ----------
    path : Path
    table : str
        Whose headers are looked for.
    limits : Limits
    told : collection of str
        See `layout.find_header`.

    Raises
    ------
    SheetError
    """
    data = as_utf8(path.read_bytes())
    declared = _SEP_LINE.match(data)
    if declared:  # Excel takes this line for itself: the rows that it shows count from the next
        data = data[declared.end() :]
    longest = _check_bounds(data, limits)
    separators = (declared[1].decode("ascii", "replace"),) if declared else SEPARATORS
    separator, records, header = _header(data, table, separators, limits, told)
    width = max(len(records[header.first]), len(records[header.last]))
    columns, rows, ragged = _cells(data, separator, width, longest)
    notes = [] if separator == "," else [Note("separator", value=separator.replace("\t", "Tab"))]
    grid = Grid(columns, rows, [None] * width, ragged, notes=notes)
    first, last = np.searchsorted(rows, (header.first + 1, header.last + 1))
    return grid, Header(int(first), int(last), header.texts, header.known)


def as_utf8(data: bytes) -> bytes:
    """The bytes of a text file in UTF-8 without byte order mark.

    A mark binds to UTF-8; without one strict UTF-8 is tried, then strict GB18030. A file that is good UTF-8 up to a
    cut-off end, or with Chinese words up to some row, was truncated or glued: GB18030 would read nonsense from it.
    """
    if b"\0" in data:
        raise SheetError("unknown_encoding")
    try:
        data.removeprefix(_BOM).decode("utf-8")
        return data.removeprefix(_BOM)
    except UnicodeDecodeError as error:
        if data.startswith(_BOM) or error.reason == "unexpected end of data":
            raise SheetError("unknown_encoding", _row_at(data, error.start)) from error
        good = data[max(0, error.start - _BLOCK) : error.start]
        if len(_CJK_IN_UTF8.findall(good)) > 2:
            raise SheetError("unknown_encoding", _row_at(data, error.start)) from error
    try:
        return data.decode("gb18030").encode("utf-8")
    except UnicodeDecodeError as error:
        raise SheetError("unknown_encoding", _row_at(data, error.start)) from error
    except UnicodeError as error:
        raise SheetError("unknown_encoding") from error


def _row_at(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _check_bounds(data: bytes, limits: Limits) -> int:
    """Refuse too many rows, or columns in the first lines; returns the length of the longest line in bytes."""
    if data.count(b"\n") > limits.rows:
        raise SheetError("too_many_rows", limit=f"{limits.rows:,}")
    start = 0
    for row in range(1, _FIRST_RECORDS + 1):
        end = data.find(b"\n", start)
        stop = len(data) if end < 0 else end
        if max(data.count(mark.encode(), start, stop) for mark in SEPARATORS) >= limits.columns:
            raise SheetError("too_many_columns", row, limit=f"{limits.columns:,}")
        if end < 0:
            break
        start = end + 1
    longest = _longest_line(data)
    if longest > _LONGEST_LINE:
        raise SheetError("cell_too_long", limit=f"{MAX_CELL:,}")
    return longest


def _longest_line(data: bytes) -> int:
    longest, last = 0, -1
    for start in range(0, len(data), _SCANNED):
        part = np.frombuffer(data, np.uint8, min(_SCANNED, len(data) - start), start)
        ends = np.flatnonzero(part == ord("\n")) + start
        if len(ends):
            longest = max(longest, int(np.diff(ends, prepend=last).max()))
            last = int(ends[-1])
    return max(longest, len(data) - last)


def _header(
    data: bytes, table: str, separators: tuple[str, ...], limits: Limits, told: Collection[str]
) -> tuple[str, list[list[str]], Header]:
    """The separator under which the first records name most columns; the first records, and their header."""
    best: tuple[tuple[int, int], str, list[list[str]], Header] | None = None
    for separator in separators:
        records = list(itertools.islice(_records(data, separator), _FIRST_RECORDS))
        header = find_header(records, table, told)
        if header is None:
            raise SheetError("empty_file")
        # Where no column is known under any separator, the one that cuts the file into cells is the likelier.
        worth = (header.known, 0 if header.known else min(len(header.texts), 2))
        if best is None or worth > best[0]:
            best = (worth, separator, records, header)
    if best is None:
        raise SheetError("empty_file")
    _, separator, records, header = best
    if max(len(record) for record in records) > limits.columns:
        raise SheetError("too_many_columns", header.first + 1, limit=f"{limits.columns:,}")
    return separator, records, header


def _records(data: bytes, separator: str, *, strict: bool = False) -> Iterator[list[str]]:
    with io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="") as text:
        try:
            yield from csv.reader(text, delimiter=separator, strict=strict)
        except csv.Error as error:
            code = "cell_too_long" if "field limit" in str(error) else "unreadable_file"
            raise SheetError(code, limit=f"{MAX_CELL:,}") from error


def _cells(
    data: bytes, separator: str, width: int, longest: int
) -> tuple[list[pa.ChunkedArray], Any, list[tuple[int, list[str]]]]:
    """Trimmed columns, the row of each record, and the records of another length."""
    names = [str(number) for number in range(width)]
    bad: list[Any] = []

    def keep(row: Any) -> str:
        bad.append(row)
        return "skip"

    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(data),
            # A single thread counts the rows, and is as fast. The header is a record here: rows count from 1.
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False, column_names=names, block_size=max(_BLOCK, 2 * longest)
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=separator,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=keep,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid as error:
        _look_for_open_quote(data, separator)
        raise SheetError("unreadable_file") from error
    columns = [pc.utf8_trim_whitespace(column) for column in table.columns]
    if data.count(b'"') % 2 or (b'"' in data and any(_any(pc.match_substring(c, "\n")) for c in columns)):
        _look_for_open_quote(data, separator)
    ragged = [(row.number, next(csv.reader([row.text], delimiter=separator), [])) for row in bad]
    skipped = np.array([number for number, _ in ragged], dtype=np.int64)
    rows = np.delete(np.arange(1, table.num_rows + len(bad) + 1), skipped - 1)
    return columns, rows, ragged


def _look_for_open_quote(data: bytes, separator: str) -> None:
    """Raise for the first record whose quotes do not pair: it would swallow the records behind it."""
    row = 0
    try:
        for record in _records(data, separator, strict=True):
            row += 1
            if any(len(cell) > MAX_CELL for cell in record):
                raise SheetError("cell_too_long", row, limit=f"{MAX_CELL:,}")
    except SheetError as error:
        if error.code == "unreadable_file":
            raise SheetError("unclosed_quote", row + 1) from error
        raise SheetError(error.code, error.row or row + 1, **error.params) from error


def _any(mask: pa.ChunkedArray) -> bool:
    return bool(pc.any(mask).as_py())
