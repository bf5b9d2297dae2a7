"""One file (csv, xlsx, parquet) as text cells with their rows, before anybody asks what they mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from matcher import workbook

SUFFIXES = (".csv", ".xlsx", ".parquet")
MAX_PARQUET_ROWS = 20_000_000


@dataclass(frozen=True)
class Sheet:
    """The cells of one file.

    Parameters
    ----------
    header : list of str
        Trimmed; "" for a column without a header.
    header_row : int
        Row of the header in the file, 1 unless blank rows stand above it.
    columns : list of pyarrow.ChunkedArray
        ``large_string``, trimmed, null for an empty cell; blank rows are left out.
    row : int array of shape (n,)
        Row in the file of each record; blank rows, and line breaks inside quotes, count as a spreadsheet counts.
    not_text : list of bool arrays of shape (n,), or None
        For each column, where the file holds a number or a date, in which an id may have lost digits;
        None where that cannot be.
    ragged : list of (int, list of str)
        Row and cells of records with more or fewer cells than the header; they are not in `columns`.
    other_sheets : list of str
        Further sheets of a workbook that are not empty.
    """

    header: list[str]
    header_row: int
    columns: list[pa.ChunkedArray]
    row: npt.NDArray[np.int64]
    not_text: list[npt.NDArray[np.bool_] | None]
    ragged: list[tuple[int, list[str]]] = field(default_factory=list)
    other_sheets: list[str] = field(default_factory=list)


class SheetError(Exception):
    """A file that cannot be read at all; `code` is the problem, `row` its place where one is known."""

    def __init__(self, code: str, row: int | None = None, **params: object) -> None:
        super().__init__(code)
        self.code, self.row, self.params = code, row, params


def read_sheet(path: Path, table: str) -> Sheet:
    """Read a file whose suffix is one of `SUFFIXES`.

    Parameters
    ----------
    path : Path
    table : str
        Name of the table, which picks the sheet of a workbook when one is called so.

    Raises
    ------
    SheetError
        With the code of the problem.
    """
    try:
        if not path.stat().st_size:
            raise SheetError("empty_file")
        if path.suffix.lower() == ".csv":
            return _read_csv(path)
        return _read_xlsx(path, table) if path.suffix.lower() == ".xlsx" else _read_parquet(path)
    except OSError as error:
        raise SheetError("unreadable_file") from error


def _read_csv(path: Path) -> Sheet:
    data = _as_utf8(path.read_bytes())
    header_row, header = _first_record(data)
    names = [str(number) for number in range(len(header))]
    bad: list[Any] = []

    def keep(row: Any) -> str:
        bad.append(row)
        return "skip"

    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(data),
            # A single thread counts the rows, and is as fast. The header is a record here: rows count from 1.
            read_options=pyarrow.csv.ReadOptions(use_threads=False, column_names=names),
            parse_options=pyarrow.csv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid as error:
        _look_for_open_quote(data)
        raise SheetError("unreadable_file") from error
    columns = [pc.utf8_trim_whitespace(column) for column in table.columns]
    if data.count(b'"') % 2 or (b'"' in data and any(_any(pc.match_substring(c, "\n")) for c in columns)):
        _look_for_open_quote(data)
    ragged = [(row.number, next(csv.reader([row.text]), [])) for row in bad]
    skipped = np.array([number for number, _ in ragged], dtype=np.int64)
    rows = np.delete(np.arange(1, table.num_rows + len(bad) + 1), skipped - 1)
    return _below_header(columns, rows, header_row, ragged=ragged)


def _as_utf8(data: bytes) -> bytes:
    """The bytes of a text file in UTF-8 without BOM.

    A byte order mark binds to UTF-8; without one strict UTF-8 is tried, then strict GB18030. A file that is good
    UTF-8 up to a character cut off at its end was truncated: GB18030 would read nonsense out of it.
    """
    if b"\0" in data:
        raise SheetError("unknown_encoding")
    bom = b"\xef\xbb\xbf"
    try:
        data.removeprefix(bom).decode("utf-8")
        return data.removeprefix(bom)
    except UnicodeDecodeError as error:
        if data.startswith(bom) or error.reason == "unexpected end of data":
            raise SheetError("unknown_encoding") from error
    try:
        return data.decode("gb18030").encode("utf-8")
    except UnicodeError as error:
        raise SheetError("unknown_encoding") from error


def _first_record(data: bytes) -> tuple[int, list[str]]:
    with io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="") as text:
        try:
            for row, record in enumerate(csv.reader(text), start=1):
                if any(cell.strip() for cell in record):
                    return row, record
        except csv.Error as error:
            raise SheetError("unreadable_file") from error
    raise SheetError("empty_file")


def _look_for_open_quote(data: bytes) -> None:
    """Raise for the first record whose quotes do not pair: it would swallow the records behind it."""
    row = 0
    with io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="") as text:
        try:
            for _ in csv.reader(text, strict=True):
                row += 1
        except csv.Error as error:
            raise SheetError("unclosed_quote", row + 1) from error


def _read_xlsx(path: Path, table: str) -> Sheet:
    try:
        texts, not_text, other_sheets = workbook.read_workbook(path, table)
    except workbook.WorkbookTooLargeError as error:
        raise SheetError("file_too_large", limit=f"{workbook.MAX_UNPACKED_BYTES >> 20} MB") from error
    except workbook.UnreadableWorkbookError as error:
        raise SheetError("unreadable_file") from error
    columns = [pa.chunked_array([pc.utf8_trim_whitespace(text)]) for text in texts]
    filled = _filled(columns)
    if not filled.any():
        raise SheetError("empty_file")
    marks = [mark.to_numpy(zero_copy_only=False) for mark in not_text]
    rows = np.arange(1, len(filled) + 1)
    return _below_header(columns, rows, int(rows[filled][0]), not_text=marks, other_sheets=other_sheets)


def _read_parquet(path: Path) -> Sheet:
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            if file.metadata.num_rows > MAX_PARQUET_ROWS:
                raise SheetError("file_too_large", limit=str(MAX_PARQUET_ROWS))
            table = file.read()
        columns = [_parquet_texts(column) for column in table.columns]
    except (pa.ArrowException, OSError) as error:
        raise SheetError("unreadable_file") from error
    rows = np.arange(1, table.num_rows + 2)
    header = [pa.chunked_array([pa.array([name], pa.large_string())]) for name in table.column_names]
    joined = [
        pa.chunked_array([*top.chunks, *below.chunks], pa.large_string())
        for top, below in zip(header, columns, strict=True)
    ]
    floating = [pa.types.is_floating(column.type) for column in table.columns]
    marks = [np.full(len(rows), True) if is_float else None for is_float in floating]
    return _below_header(joined, rows, 1, not_text=marks)


def _parquet_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A typed column as people would have typed it: whole numbers without point, lists with ``;``, flags 1 and 0."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _parquet_texts(column.cast(kind.value_type))
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        column = pc.binary_join(column.cast(pa.list_(pa.string())), ";")
    texts = pc.fill_null(column.cast(pa.large_string()), "")
    return pc.utf8_trim_whitespace(texts)


def _below_header(
    columns: list[pa.ChunkedArray],
    rows: npt.NDArray[np.int64],
    header_row: int,
    *,
    not_text: Iterable[npt.NDArray[np.bool_] | None] | None = None,
    ragged: list[tuple[int, list[str]]] | None = None,
    other_sheets: list[str] | None = None,
) -> Sheet:
    """Split trimmed columns, whose empty cells are "", into header and filled records."""
    position = int(np.flatnonzero(rows == header_row)[0])
    header = [column[position].as_py() for column in columns]
    kept = _filled(columns)
    kept[: position + 1] = False
    marks = [None] * len(columns) if not_text is None else list(not_text)
    if kept[position + 1 :].all():
        columns = [column.slice(position + 1) for column in columns]
    else:
        columns = [column.filter(pa.array(kept)) for column in columns]
    return Sheet(
        header=header,
        header_row=header_row,
        columns=[pc.if_else(pc.equal(column, ""), None, column) for column in columns],
        row=rows[kept],
        not_text=[None if mark is None else mark[kept] for mark in marks],
        ragged=ragged or [],
        other_sheets=other_sheets or [],
    )


def _filled(columns: list[pa.ChunkedArray]) -> npt.NDArray[np.bool_]:
    """Where a record has anything in it."""
    filled = np.zeros(len(columns[0]) if columns else 0, dtype=bool)
    for column in columns:
        filled |= pc.not_equal(column, "").to_numpy(zero_copy_only=False)
        if filled.all():
            break
    return filled


def _any(mask: pa.ChunkedArray) -> bool:
    return bool(pc.any(mask).as_py())
