"""What stands in the XML of a workbook and the reader of cells leaves out: merged ranges, hidden rows, number formats.

The parts are searched as bytes, which takes a fraction of the time that a parser of XML takes.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from functools import cache, cached_property
from xml.etree import ElementTree

from matcher.intake.grid import Limits, SheetError

# A workbook that is made to exhaust a parser of XML exhausts a child with bounds of memory and time (`limited`).

_VALUE = re.compile(rb"<v>|<is\b|<f\b")
_MERGE = re.compile(rb'<mergeCell\b[^>]*\bref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')
_HIDDEN_ROW = re.compile(rb'<row\b(?=[^>]*\s(?:hidden="(?:1|true)"|ht="0(?:\.0*)?"))[^>]*\sr="([0-9]+)"')
_COLUMNS = re.compile(rb"<col\b[^>]*>")
_HIDDEN_COLUMN = re.compile(rb'\s(?:hidden="(?:1|true)"|width="0(?:\.0*)?")')
_WIDE_CELL = re.compile(rb'<c\b[^>]*?\sr="([A-Z]{2,3})[0-9]+"[^>/]*>')
_CELL_ROW = re.compile(rb'<c\b[^>]*\sr="[A-Z]+([0-9]+)"')
_STYLED_CELL = rb'<c\b(?=[^>]*\sr="([A-Z]+)([0-9]+)")(?=[^>]*\ss="(%s)")[^>/]*>'
_CELL_WITHOUT_VALUE = re.compile(
    rb'<c\b(?=[^>]*\sr="([A-Z]+)([0-9]+)")(?:'
    rb'(?=[^>]*\st="e")[^>]*>(?:<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>)?<v>([^<]+)</v>'  # an error
    rb'|(?![^>]*\st="str")[^>]*>(?:<f\b[^>]*/>|<f\b[^>]*>([^<]*)</f>)(?:<v\s*/>|<v></v>|(?=</c>)))'  # never calculated
)
#: A number format of zeros alone shows zeros that the cell does not hold; quoted letters may stand before them.
_ZEROS = re.compile(r'((?:"[^"]*"|\\.)*)(0{2,})(?:;.*)?')
_PERCENT = re.compile(r"[0#.,]*%")
_PERCENT_IDS = {9: "0%", 10: "0.00%"}


class Shown(str):
    """The text that Excel shows for a number: still no text in the cell, where an id may have lost digits."""


class Form:
    """A number format that shows what the cell does not hold.

    Parameters
    ----------
    prefix : str
        Letters before the digits.
    digits : int
        Least digits; 0 for a percentage.
    """

    def __init__(self, prefix: str, digits: int) -> None:
        self.prefix, self.digits = prefix, digits

    def shown(self, number: float) -> Shown:
        """The text of `number`."""
        if not self.digits:
            return Shown(f"{number * 100:.10g}%")
        whole = str(int(number)) if number.is_integer() else f"{number:.0f}"
        return Shown(self.prefix + whole.zfill(self.digits))


class Parts:
    """The parts of one workbook.

    Parameters
    ----------
    book : zipfile.ZipFile
    """

    def __init__(self, book: zipfile.ZipFile) -> None:
        self._book = book
        self._read: tuple[str, bytes] = ("", b"")

    def has_cells(self, sheet: str) -> bool:
        """Whether any cell of `sheet` holds something."""
        return bool(_VALUE.search(self._data(sheet)))

    def check_bounds(self, sheet: str, limits: Limits) -> None:
        """Raise `SheetError` where the cells reach too far right, or span too much with the gaps between them."""
        data = self._data(sheet)
        columns = max((_column(letters) for letters in set(_WIDE_CELL.findall(data))), default=25) + 1
        if columns > limits.columns:
            raise SheetError("too_many_columns", limit=f"{limits.columns:,}")
        last = _CELL_ROW.search(data, data.rfind(b"<c ", 0, max(data.rfind(b"</c>"), 0)))
        if last and int(last[1]) * columns > limits.cells:
            raise SheetError("too_many_cells", limit=f"{limits.cells:,}")

    def merges(self, sheet: str) -> list[tuple[int, int, int, int]]:
        """First row, first column, last row and last column of each merged range, from 0."""
        found = _MERGE.findall(self._data(sheet))
        return [(int(r1) - 1, _column(c1), int(r2) - 1, _column(c2)) for c1, r1, c2, r2 in found]

    def hidden_rows(self, sheet: str) -> tuple[list[int], bool]:
        """Numbers of the rows that are not shown, and whether a filter hides them."""
        data = self._data(sheet)
        return [int(row) for row in _HIDDEN_ROW.findall(data)], b"<filterColumn" in data

    def hidden_columns(self, sheet: str, width: int) -> list[int]:
        """Columns from 0 that are not shown, up to `width`."""
        hidden: list[int] = []
        for column in _COLUMNS.findall(self._data(sheet)):
            if _HIDDEN_COLUMN.search(column):
                ends = [re.search(rb'\s%s="([0-9]+)"' % end, column) for end in (b"min", b"max")]
                if ends[0] and ends[1]:
                    hidden += range(int(ends[0][1]) - 1, min(int(ends[1][1]), width))
        return hidden

    def texts(self, sheet: str) -> Iterator[tuple[int, int, str]]:
        """Row, column (from 0) and text of errors (#N/A) and formulas never calculated (=A1): both read as empty."""
        data = self._data(sheet)
        if b't="e"' not in data and b"<f" not in data:
            return
        for letters, row, error, formula in _CELL_WITHOUT_VALUE.findall(data):
            yield int(row) - 1, _column(letters), error.decode("utf-8") or "=" + formula.decode("utf-8")

    def shown_otherwise(self, sheet: str) -> Iterator[tuple[int, int, Form]]:
        """Row, column (from 0) and format of the cells whose format shows more than they hold."""
        if not self._forms:
            return
        styles = b"|".join(str(style).encode() for style in self._forms)
        for letters, row, style in re.findall(_STYLED_CELL % styles, self._data(sheet)):
            yield int(row) - 1, _column(letters), self._forms[int(style)]

    @cached_property
    def _forms(self) -> dict[int, Form]:
        """Formats that show more than the cell holds, by the number of the cell style."""
        if "xl/styles.xml" not in self._book.namelist():
            return {}
        styles = ElementTree.fromstring(self._book.read("xl/styles.xml"))  # nosec B314
        codes = {
            int(form.get("numFmtId", -1)): form.get("formatCode", "")
            for form in styles.iter()
            if _is(form, "numFmt")
        }
        cells = [cell for part in styles if _is(part, "cellXfs") for cell in part]
        used = {style: int(cell.get("numFmtId", 0)) for style, cell in enumerate(cells)}
        found = {style: _form((_PERCENT_IDS | codes).get(number, "")) for style, number in used.items()}
        return {style: form for style, form in found.items() if form}

    @cached_property
    def _paths(self) -> dict[str, str]:
        """Path of each sheet inside the zip, by way of the workbook's relations."""
        book = ElementTree.fromstring(self._book.read("xl/workbook.xml"))  # nosec B314
        relations = ElementTree.fromstring(self._book.read("xl/_rels/workbook.xml.rels"))  # nosec B314
        targets = {relation.get("Id"): str(relation.get("Target")) for relation in relations}
        paths: dict[str, str] = {}
        for entry in book.findall(".//{*}sheet"):
            key = next(value for name, value in entry.items() if name.endswith("}id"))
            paths[str(entry.get("name"))] = "xl/" + targets[key].removeprefix("/xl/")
        return paths

    def _data(self, sheet: str) -> bytes:
        if self._read[0] != sheet:
            path = self._paths[sheet]
            self._read = sheet, self._book.read(path) if path in self._book.namelist() else b""
        return self._read[1]


def _is(element: ElementTree.Element, name: str) -> bool:
    return element.tag.rpartition("}")[2] == name


@cache
def _column(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - ord("A") + 1
    return column - 1


def _form(code: str) -> Form | None:
    if _PERCENT.fullmatch(code.split(";")[0]):
        return Form("", 0)
    zeros = _ZEROS.fullmatch(code)
    if not zeros:
        return None
    prefix = re.sub(r'"([^"]*)"|\\(.)', lambda part: part[1] or part[2] or "", zeros[1])
    return Form(prefix, len(zeros[2]))
