"""Excel workbooks, safe to open: text stays text, and the sheet says where its numbers come from."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

import pandas as pd
import xlsxwriter

from matcher.errors import BadInput, Failure
from matcher.files.results import FORMULA_STARTS
from matcher.plan.written import write_plan
from matcher.words.catalogues import t

if TYPE_CHECKING:
    from matcher.plan.plan import Plan

#: What browsers call an Excel file.
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Rows of a sheet, less the title, the headers and the closing lines.
MAX_ROWS = 1_048_576 - 20
#: What the closing lines may state, in this order; ``export.<key>`` in the catalogues.
META = ("title", "as_of", "policy", "fingerprint")
_HEADER_ROW = 1
_WIDTHS = (6, 44)


def plan_facts(plan: Plan) -> dict[str, str]:
    """What a plan was made from, for the closing lines."""
    return {
        "title": plan.inputs.dataset.title,
        "as_of": plan.inputs.dataset.as_of.isoformat(),
        "policy": plan.policy.id,
        "fingerprint": plan.outcome.fingerprint,
    }


def plan_archive(plan: Plan, export_id: str | None = None) -> bytes:
    """The five files of ``match``, as the command writes them, in a ZIP file; an `export_id` stands in one beside."""
    with TemporaryDirectory() as folder:
        write_plan(plan, Path(folder) / "plan")
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted((Path(folder) / "plan").iterdir()):
                archive.write(file, file.name)
            if export_id is not None:
                archive.writestr("export.txt", f"{export_id}\n")
        return buffer.getvalue()


def excel_bytes(
    frame: pd.DataFrame,
    title: str,
    lang: str,
    meta: Mapping[str, str],
    *,
    export_id: str | None = None,
    by: str | None = None,
) -> bytes:
    """One sheet: a title line, headers that stay in view with a filter, the rows, and where they come from.

    Parameters
    ----------
    frame : pandas.DataFrame
        Headers and texts already in words; numbers stay numbers, missing is an empty cell.
    title : str
        Title line and name of the sheet (shortened to what Excel allows).
    lang : {"zh", "en"}
        Language of the closing lines.
    meta : mapping
        Values of the closing lines, keyed by `META`.
    export_id : str, optional
        Stands in the first line; drawn anew unless given. Two exports never share their bytes, so that no
        cache between here and the browser can hand out an older file for a newer one.
    by : str, optional
        A column, each of whose values gets a further sheet with its rows.

    Returns
    -------
    bytes
        An .xlsx file.

    Raises
    ------
    BadInput
        ``too_many_rows``: more rows than a sheet holds.
    KeyError
        When `meta` has a key that is not in `META`.
    """
    if len(frame) > MAX_ROWS:
        raise BadInput("too_many_rows", rows=len(frame), allowed=MAX_ROWS)
    lines = _closing_lines(meta, lang)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    style = Style(
        title=book.add_format({"bold": True, "font_size": 13}),
        header=book.add_format({"bold": True, "bg_color": "#E0F2EE", "bottom": 1, "valign": "vcenter"}),
        number=book.add_format({"num_format": "0.0##"}),
    )
    head = f"{title} · {t('export.id', lang)} {export_id or uuid4().hex}"
    names: set[str] = set()
    for name, rows in _sheets(frame, title, by):
        _fill(book.add_worksheet(_free_name(name, names)), rows, head, lines, style)
    book.close()
    return buffer.getvalue()


@dataclass(frozen=True)
class Style:
    """Formats of a workbook."""

    title: object
    header: object
    number: object


def _sheets(frame: pd.DataFrame, title: str, by: str | None) -> Iterator[tuple[str, pd.DataFrame]]:
    """All rows, and then those of each value."""
    yield title, frame
    if by is not None:
        for value, rows in frame.groupby(by, sort=True):
            if str(value).strip():
                yield str(value), rows


def _free_name(name: str, taken: set[str]) -> str:
    """A sheet's name that no other has, whatever its case."""
    short = _sheet_name(name)
    free, number = short, 1
    while free.casefold() in taken:
        number += 1
        free = f"{short[: 31 - len(str(number)) - 1]} {number}"
    taken.add(free.casefold())
    return free


def _fill(
    sheet: xlsxwriter.worksheet.Worksheet,
    frame: pd.DataFrame,
    head: str,
    lines: Sequence[str],
    style: Style,
) -> None:
    """Title line, headers, rows and closing lines of one sheet, ready for paper."""
    _write(sheet, 0, 0, head, style.title)
    for at, name in enumerate(frame.columns):
        _write(sheet, _HEADER_ROW, at, str(name), style.header)
        _write_column(sheet, at, frame[name], style.number)
        sheet.set_column(at, at, _width(frame[name], str(name)))
    last = _HEADER_ROW + len(frame)
    for at, line in enumerate(lines):
        _write(sheet, last + 2 + at, 0, line)
    sheet.freeze_panes(_HEADER_ROW + 1, 0)
    if len(frame.columns):
        sheet.autofilter(_HEADER_ROW, 0, max(last, _HEADER_ROW + 1), len(frame.columns) - 1)
    sheet.repeat_rows(_HEADER_ROW)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")


def safe_text(text: str) -> str:
    """`text` with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _write_column(sheet: xlsxwriter.worksheet.Worksheet, at: int, values: pd.Series, number: object) -> None:
    is_float = pd.api.types.is_float_dtype(values)
    for row, value in enumerate(values, start=_HEADER_ROW + 1):
        if pd.isna(value):
            continue
        if is_float:
            status = sheet.write_number(row, at, float(value), number)
        elif pd.api.types.is_integer(value):
            status = sheet.write_number(row, at, int(value))
        else:
            _write(sheet, row, at, str(value))
            continue
        _written(status, row, at)


def _write(sheet: xlsxwriter.worksheet.Worksheet, row: int, at: int, text: str, *style: object) -> None:
    _written(sheet.write_string(row, at, safe_text(text), *style), row, at)


def _written(status: int, row: int, at: int) -> None:
    """The library answers a cell that it cannot hold with a number below zero and goes on."""
    if status:
        raise Failure(f"cell not written: row {row + 1}, column {at + 1}, status {status}")


def _closing_lines(meta: Mapping[str, str], lang: str) -> list[str]:
    unknown = set(meta) - set(META)
    if unknown:
        raise KeyError(*sorted(unknown))
    return [f"{t(f'export.{key}', lang)}: {meta[key]}" for key in META if meta.get(key)]


def _sheet_name(title: str) -> str:
    """At most 31 characters, none of those that Excel refuses."""
    return re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:31].strip() or "1"


def _width(values: pd.Series, header: str) -> int:
    """Column width in Latin characters; a Chinese character takes two, the filter arrow three."""
    longest = max((_cells(str(value)) for value in values.dropna().unique()), default=0)
    return min(max(longest + 1, _cells(header) + 3, _WIDTHS[0]), _WIDTHS[1])


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
