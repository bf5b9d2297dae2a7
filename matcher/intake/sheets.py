"""One file (csv, xlsx, parquet) → the table in it as text cells with their rows, within bounds."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from matcher.intake.csvfile import read_csv
from matcher.intake.fileforms import foreign_form
from matcher.intake.grid import COMMAND_LIMITS, MAX_CELL, Limits, Sheet, SheetError
from matcher.intake.layout import cut
from matcher.intake.parquetfile import read_parquet
from matcher.intake.workbook import read_workbook

SUFFIXES = (".csv", ".xlsx", ".parquet")


def read_sheet(
    path: Path,
    table: str,
    limits: Limits = COMMAND_LIMITS,
    sheet_name: str = "",
    told: Collection[str] = (),
) -> Sheet:
    """Read a file whose suffix is one of `SUFFIXES`, in this very process: see ``limited`` for what is not trusted.

    Parameters
    ----------
    path : Path
    table : str
        Name of the table, whose headers are looked for and which picks the sheet of a workbook.
    limits : Limits
    sheet_name : str
        The sheet of a workbook; empty where its name or its headers tell.
    told : collection of str
        Rows that somebody called the header, see `layout.find_header`.

    Raises
    ------
    SheetError
        With the code of the problem.
    """
    try:
        check_form(path, limits)
        suffix = path.suffix.lower()
        if suffix == ".xlsx":
            grid, header = read_workbook(path, table, limits, sheet_name, told)
        elif suffix == ".csv":
            grid, header = read_csv(path, table, limits, told)
        else:
            grid, header = read_parquet(path, table, limits)
    except OSError as error:
        raise SheetError("unreadable_file") from error
    sheet = cut(grid, header, table)
    _check_cells(sheet)
    return sheet


def check_form(path: Path, limits: Limits) -> None:
    """Raise `SheetError` for a file that is empty, too large, or no file of the kind that its suffix says."""
    size = path.stat().st_size
    if not size:
        raise SheetError("empty_file")
    if size > limits.file_bytes:
        raise SheetError("file_too_large", limit=f"{limits.file_bytes >> 20} MB")
    form = foreign_form(path)
    if form:
        raise SheetError("foreign_format", form=form)


def _check_cells(sheet: Sheet) -> None:
    for column in sheet.columns:
        if column.nbytes > MAX_CELL and (pc.max(pc.utf8_length(column)).as_py() or 0) > MAX_CELL:
            position = pc.index(pc.greater(pc.utf8_length(column), MAX_CELL), pa.scalar(True)).as_py()
            raise SheetError("cell_too_long", int(sheet.row[position]), limit=f"{MAX_CELL:,}")
