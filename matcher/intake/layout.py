"""Where the table stands in a file: its header of one row or two below titles, and the records below it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matcher.intake.grid import Grid, Note, Sheet, filled_rows, ranges_told
from matcher.intake.headers import UNDER, column_letters, header_key, meaning
from matcher.intake.leftout import is_nobody, nobody
from matcher.tables import TABLES

#: A header is looked for in so many filled rows, and its worth judged by so many cells.
MOST_ABOVE = 20
#: Rows at the top of a file that are shown to who says which is the header.
FIRST_SHOWN = 8
_JUDGED_CELLS = 500
#: Numbers of a merged range in these units belong to all its rows together: nobody can say how they are shared.
_SHARED_UNITS = ("persons", "beds", "yuan")


@dataclass(frozen=True)
class Header:
    """Where the header stands among the first records, and what it says.

    Parameters
    ----------
    first, last : int
        Positions of its rows, from 0; the same for one row.
    texts : list of str
    known : int
        How many columns it names.
    """

    first: int
    last: int
    texts: list[str]
    known: int


def find_header(records: Sequence[Sequence[str]], table: str, told: Collection[str] = ()) -> Header | None:
    """The row, or the two rows, among the first records that name most columns; None when all are blank.

    A row that somebody called the header (`row_key` of it is among those `told`) goes before all. Where no row names
    any column, the first that is not much shorter than the widest is taken.
    """
    filled = [at for at, record in enumerate(records) if any(cell.strip() for cell in record)][:MOST_ABOVE]
    if not filled:
        return None
    for at in filled:
        if row_key(records[at]) in told:
            return Header(at, at, _trimmed(records[at]), _known(table, records[at]))
    found = [Header(at, at, _trimmed(records[at]), _known(table, records[at])) for at in filled]
    best = max(found, key=lambda header: (header.known, -header.first))
    if not best.known:
        widths = [sum(bool(cell.strip()) for cell in records[at]) for at in filled]
        return next(header for header, width in zip(found, widths, strict=True) if 2 * width >= max(widths))
    for top in (best.first - 1, best.first):
        if top in filled and top + 1 in filled and _may_be_lower(table, records[top], records[top + 1]):
            texts = _joined(records[top], records[top + 1])
            two = Header(top, top + 1, texts, _known(table, texts))
            best = two if two.known > best.known else best
    return best


def row_key(record: Sequence[str]) -> str:
    """What makes a row of headers the same in another file."""
    return "|".join(header_key(cell.strip()) for cell in record).rstrip("|")


def cut(grid: Grid, header: Header, table: str) -> Sheet:
    """The table below `header`, without blank rows and without rows that are no records; notes tell those.

    Parameters
    ----------
    grid : Grid
    header : Header
        Its positions are positions in `grid`.
    table : str
        Key of ``tables.TABLES``.
    """
    header_row, below = int(grid.rows[header.last]), header.last + 1
    texts = (header.texts + [""] * len(grid.columns))[: len(grid.columns)]
    notes = [*grid.notes, *_titles(grid, header)]
    kept = filled_rows(grid.columns)
    kept[:below] = False
    columns, marks = _fill_merged(grid, below, kept, table, texts, notes)
    columns, marks, rows = _kept(columns, marks, grid.rows, kept, below)
    columns, marks, rows = _without_nobody(table, texts, columns, marks, rows, notes)
    ragged = _ragged_records(grid, header_row, notes)
    notes += _hidden(grid, rows, texts)
    return Sheet(
        header=texts,
        header_row=header_row,
        columns=[pc.if_else(pc.equal(column, ""), None, column) for column in columns],
        row=rows,
        not_text=marks,
        ragged=ragged,
        other_sheets=grid.other_sheets,
        notes=notes,
        first=_first_rows(grid),
    )


def _first_rows(grid: Grid) -> list[tuple[int, list[str]]]:
    """The rows at the top of the file, those of another length among them."""
    number = min(FIRST_SHOWN, len(grid.rows))
    whole = [
        (int(grid.rows[at]), [column[at].as_py() or "" for column in grid.columns]) for at in range(number)
    ]
    others = [(row, list(cells)) for row, cells in grid.ragged if row <= FIRST_SHOWN]
    return sorted([*whole, *others])[:FIRST_SHOWN]


def _trimmed(record: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in record]


def _known(table: str, texts: Sequence[str]) -> int:
    found = (meaning(table, text.strip()) for text in texts[:_JUDGED_CELLS] if text.strip())
    return len({known.column for known in found if known})


def _may_be_lower(table: str, top: Sequence[str], bottom: Sequence[str]) -> bool:
    """Whether the cells of `bottom` are headings, and not somebody's data, under `top`."""
    texts = [text for text, cell in zip(_joined(top, bottom), bottom, strict=False) if cell.strip()]
    return bool(texts) and 2 * sum(meaning(table, text) is not None for text in texts) >= len(texts)


def _joined(top: Sequence[str], bottom: Sequence[str]) -> list[str]:
    """The headers of two rows: a group heading counts for the cells right of it that have a heading below only."""
    group, joined = "", []
    for at in range(max(len(top), len(bottom))):
        upper = top[at].strip() if at < len(top) else ""
        lower = bottom[at].strip() if at < len(bottom) else ""
        group = upper if upper and lower else ("" if upper or not lower else group)
        if not lower or header_key(upper) == header_key(lower):
            joined.append(upper)
        else:
            joined.append(f"{upper or group}{UNDER}{lower}" if upper or group else lower)
    return joined


def _titles(grid: Grid, header: Header) -> list[Note]:
    above = grid.rows[: header.first][filled_rows([column[: header.first] for column in grid.columns])]
    first_row = int(grid.rows[header.first])
    rows = [*above.tolist(), *(row for row, _ in grid.ragged if row < first_row)]
    return [_rows_note("title_row", rows)] if rows else []


def _rows_note(code: str, rows: Sequence[int]) -> Note:
    return Note(code, min(rows), ranges_told(rows), params={"count": str(len(rows))})


Marks = list[npt.NDArray[np.bool_] | None]
Rows = npt.NDArray[np.int64]


def _kept(
    columns: list[pa.ChunkedArray], marks: Marks, rows: Rows, kept: npt.NDArray[np.bool_], below: int
) -> tuple[list[pa.ChunkedArray], Marks, Rows]:
    if kept[below:].all():
        columns = [column.slice(below) for column in columns]
    else:
        columns = [column.filter(pa.array(kept)) for column in columns]
    return columns, [None if mark is None else mark[kept] for mark in marks], rows[kept]


def _fill_merged(
    grid: Grid,
    below: int,
    kept: npt.NDArray[np.bool_],
    table: str,
    texts: Sequence[str],
    notes: list[Note],
) -> tuple[list[pa.ChunkedArray], Marks]:
    """Give the value of a merged range to all its rows; a range over several columns keeps it in the first.

    Rows that are blank but for merged cells stay blank: they are nobody.
    """
    columns, marks = list(grid.columns), list(grid.not_text)
    ranges: dict[int, list[tuple[int, int]]] = {}
    for first, left, last, right in grid.merges:
        if first < below or left >= len(columns) or not columns[left][first].as_py():
            continue
        if right > left and kept[first] and _cells_in(grid, first) > 1:
            row = int(grid.rows[first])
            notes.append(Note("merged_across", row, column_letters(left), texts[left]))
        if last > first:
            ranges.setdefault(left, []).append((first, min(last, len(kept) - 1)))
    for at, column_ranges in ranges.items():
        source = np.arange(len(kept))
        for first, last in column_ranges:
            source[first : last + 1] = first
        filled = kept & (source != np.arange(len(kept)))
        if not filled.any():
            continue
        known = meaning(table, texts[at])
        unit = next((spec.unit for spec in TABLES[table] if known and spec.name == known.column), "")
        code = "merged_amount" if unit in _SHARED_UNITS else "merged_cells"
        note = _rows_note(code, grid.rows[filled].tolist())
        notes.append(Note(code, note.row, note.value, texts[at], note.params))
        if code == "merged_cells":
            columns[at] = columns[at].take(pa.array(np.where(kept, source, np.arange(len(kept)))))
            mark = marks[at]
            marks[at] = None if mark is None else mark[source]
    return columns, marks


def _cells_in(grid: Grid, position: int) -> int:
    return sum(bool(column[position].as_py()) for column in grid.columns)


def _without_nobody(
    table: str,
    texts: Sequence[str],
    columns: list[pa.ChunkedArray],
    marks: Marks,
    rows: Rows,
    notes: list[Note],
) -> tuple[list[pa.ChunkedArray], Marks, Rows]:
    left_out = np.full(len(rows), False)
    if any(meaning(table, text) for text in texts):
        for code, mask in nobody(table, texts, columns).items():
            if mask.any():
                notes.append(_rows_note(code, rows[mask].tolist()))
                left_out |= mask
    if not left_out.any():
        return columns, marks, rows
    return _kept(columns, marks, rows, ~left_out, 0)


def _ragged_records(grid: Grid, header_row: int, notes: list[Note]) -> list[tuple[int, list[str]]]:
    """Records of another length that may be somebody; titles are none, totals and footers are noted."""
    ragged: list[tuple[int, list[str]]] = []
    left_out: dict[str, list[int]] = {}
    for row, cells in grid.ragged:
        if row > header_row:
            code = is_nobody(cells)
            if code:
                left_out.setdefault(code, []).append(row)
            else:
                ragged.append((row, cells))
    notes += [_rows_note(code, rows) for code, rows in left_out.items()]
    return ragged


def _hidden(grid: Grid, rows: Rows, texts: Sequence[str]) -> list[Note]:
    """Warnings for records and columns that were read though Excel does not show them."""
    notes = []
    hidden = rows[np.isin(rows, np.array(grid.hidden_rows, dtype=np.int64))].tolist()
    if hidden:
        notes.append(_rows_note("filtered_rows" if grid.filtered else "hidden_rows", hidden))
    named = [at for at in grid.hidden_columns if at < len(texts) and texts[at]]
    if named:
        shown = ", ".join(f"{column_letters(at)} {texts[at]}" for at in named)
        notes.append(Note("hidden_columns", int(grid.rows[0]), shown, params={"count": str(len(named))}))
    return notes
