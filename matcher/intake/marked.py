"""What an office sent, given back with every wrong cell marked, as a workbook to mend and send again."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import xlsxwriter

from matcher.errors import BadInput
from matcher.intake.rawtable import RawTable
from matcher.intake.read import RawFolder
from matcher.intake.telling import causes, render_problems
from matcher.words.catalogues import t

#: More comments make a workbook slow; further cells are marked by colour alone.
MOST_COMMENTS = 2000
#: Rows of a sheet.
MAX_ROWS = 1_048_576
_LONGEST_NAME = 31
_COLOURS = {"error": "#f8c9b8", "warning": "#fff1c9"}


def marked_workbook(raw: RawFolder, problems: pd.DataFrame, lang: str) -> bytes:
    """A sheet of all problems, one line a cause, and the tables as they were read, with the cells in question marked.

    Parameters
    ----------
    raw : RawFolder
        What was read; columns that are not understood are left out, and told among the problems.
    problems : DataFrame
        From ``intake.check.check``.
    lang : {"en", "zh"}

    Returns
    -------
    bytes
        An .xlsx file. All cells are texts, so that ids stay as they are.

    Raises
    ------
    BadInput
        ``too_many_rows`` for one sheet.
    """
    longest = max((len(table.row) and int(table.row.max()) for table in raw.tables.values()), default=0)
    if longest > MAX_ROWS:
        raise BadInput("too_many_rows", rows=longest, allowed=MAX_ROWS)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False})
    formats = {severity: book.add_format({"bg_color": colour}) for severity, colour in _COLOURS.items()}
    formats["head"] = book.add_format({"bold": True, "bottom": 1})
    _list(book, problems, formats, lang)
    told = render_problems(problems, lang).assign(column=problems["column"])
    for table in raw.tables.values():
        _table(book, table, told[told["file"] == table.file], formats)
    book.close()
    return buffer.getvalue()


def _list(book: Any, problems: pd.DataFrame, formats: dict[str, Any], lang: str) -> None:
    sheet = book.add_worksheet(t("marked.problems", lang))
    columns = ["severity", "file", "rows", "count", "column", "value", "fix", "allowed"]
    told = causes(problems, lang)
    for number, name in enumerate(columns):
        sheet.write_string(0, number, t(f"app.problem.{name}", lang), formats["head"])
        for row, value in enumerate(told[name].tolist(), start=1):
            shown = t(f"app.problem.{value}", lang) if name == "severity" else str(value)
            sheet.write_string(row, number, shown, formats.get(value) if name == "severity" else None)
    sheet.set_column(0, len(columns) - 1, 18)
    sheet.freeze_panes(1, 0)


def _table(book: Any, table: RawTable, problems: pd.DataFrame, formats: dict[str, Any]) -> None:
    """One table: each row where it stood in its file, the header right above the first."""
    sheet = book.add_worksheet(_sheet_name(book, table.file))
    names = table.cells.column_names
    top = int(table.row.min(initial=2)) - 2
    for number, name in enumerate(names):
        sheet.write_string(top, number, table.headers.get(name, name), formats["head"])
        for row, text in zip(table.row.tolist(), table.cells[name].to_pylist(), strict=True):
            if text is not None:
                sheet.write_string(row - 1, number, text)
    texts = {
        name: dict(zip(table.row.tolist(), table.cells[name].to_pylist(), strict=True)) for name in names
    }
    comments = 0
    for problem in problems[problems["row"].notna()].to_dict("records"):
        for name in str(problem["column"]).split(","):
            if name not in texts:
                continue
            row, number = int(problem["row"]) - 1, names.index(name)
            sheet.write_string(row, number, texts[name].get(row + 1) or "", formats[problem["severity"]])
            if comments < MOST_COMMENTS:
                sheet.write_comment(row, number, f"{problem['allowed']}\n{problem['fix']}")
                comments += 1


def _sheet_name(book: Any, file: str) -> str:
    """A name that Excel takes, and that says which table it is when the workbook comes back."""
    name = file.rsplit(" · ", 1)[-1].removesuffix(".csv").removesuffix(".xlsx").removesuffix(".parquet")
    name = "".join("_" if letter in "[]:*?/\\'" else letter for letter in name)[:_LONGEST_NAME] or "table"
    taken = {sheet.get_name().lower() for sheet in book.worksheets()}
    return name if name.lower() not in taken else f"{name[: _LONGEST_NAME - 3]}_{len(taken)}"
