"""What files, sheets and columns mean that nobody could know: asked on their first cells, kept for the next files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from matcher.app.meanings import keep_meanings, kept_meanings
from matcher.app.parts.charts import show_line, show_title
from matcher.app.parts.words import language, t
from matcher.intake.headers import meaning
from matcher.intake.mapping import UNUSED, Meanings, suggested
from matcher.intake.rawtable import Strange
from matcher.intake.read import RawFolder, Top
from matcher.masking import mask_name
from matcher.tables import TABLES
from matcher.words.catalogues import catalogue

#: Findings that the wrong row for a header brings.
_DOUBTS = ("missing_column", "no_header", "unknown_column")
#: Cells of a row that are shown.
_CELLS = 6
#: Choices beside the columns: nothing is said yet.
_OPEN = "?"


def show_mapping(raw: RawFolder) -> bool:
    """A choice for each name that is not known; whether something was said just now and kept."""
    doubtful = _doubtful(raw)
    if not raw.strange and not raw.unnamed and not doubtful:
        return False
    with st.container(key="card_mapping"):
        show_title(t("app.mapping.title"), t("app.mapping.line"))
        with st.form("mapping_form", border=False):
            names = {which: _table_of(*which) for which in raw.unnamed}
            headers = {table: _header_of(table, raw.tops[table]) for table in doubtful}
            columns = [(one, _column_of(one, number, raw)) for number, one in enumerate(raw.strange)]
            pressed = st.form_submit_button(t("app.mapping.use"), key="mapping_use")
    if pressed:
        now = _said(kept_meanings(), names, columns)
        for table, row in headers.items():
            if row is not None:
                now = now.with_header(table, row)
        keep_meanings(now)
    return pressed


def _said(
    before: Meanings,
    names: dict[tuple[str, str], str],
    columns: Iterable[tuple[Strange, str]],
) -> Meanings:
    """What was known, and what was chosen."""
    now = before
    for (file, sheet), table in names.items():
        if table != _OPEN:
            now = now.with_name(sheet or file.rpartition(".")[0], table)
    for one, column in columns:
        if column != _OPEN:
            now = now.with_column(one.table, one.header, column)
    return now


def _doubtful(raw: RawFolder) -> list[str]:
    """Tables whose header may stand in another row: columns are missing, or nobody knows some of them."""
    files = {finding.file for finding in raw.findings if finding.code in _DOUBTS}
    return [table for table, top in raw.tops.items() if top.file in files and len(top.rows) > 1]


def _header_of(table: str, top: Top) -> list[str] | None:
    """The row that is called the header; None where it is the one that was taken."""
    rows = dict(top.rows)
    rows.setdefault(top.header_row, [])
    names = {row: t("app.mapping.row", row=row, cells=_headings(table, cells)) for row, cells in rows.items()}
    options = sorted(names)
    row = st.selectbox(
        t("app.mapping.header", table=t(f"table.{table}"), file=top.file),
        options,
        index=options.index(top.header_row),
        format_func=names.__getitem__,
        key=f"mapping_header_{table}_{top.file}_{top.header_row}",
    )
    return None if row == top.header_row else rows[row]


def _table_of(file: str, sheet: str) -> str:
    names = {_OPEN: t("app.mapping.open")} | {table: t(f"table.{table}") for table in TABLES}
    return st.selectbox(
        t("app.mapping.sheet", file=file, sheet=sheet) if sheet else t("app.mapping.file", file=file),
        list(names),
        format_func=names.__getitem__,
        key=f"mapping_name_{file}_{sheet}",
    )


def _column_of(one: Strange, number: int, raw: RawFolder) -> str:
    """The choice for one column, what is most likely chosen already."""
    taken = set(raw.tables[one.table].headers) if one.table in raw.tables else set()
    likely = suggested(one.table, one.header, one.samples, taken)
    names = {_OPEN: t("app.mapping.open"), UNUSED: t("app.mapping.unused")}
    names |= {spec.name: _called(one.table, spec.name) for spec in TABLES[one.table]}
    chosen = one.told if one.told is not None else likely or _OPEN
    if one.told is not None:
        names[chosen] = t("app.mapping.as_before", name=names[chosen])
    elif likely:
        names[likely] = t("app.mapping.likely", name=names[likely])
    left, right = st.columns([1.3, 1])
    with left:
        show_line(t("app.mapping.column", table=t(f"table.{one.table}"), header=one.header, file=one.file))
        st.caption(t("app.mapping.cells", cells=_shown(one.samples)))
    with right:
        options = list(names)
        return st.selectbox(
            one.header,
            options,
            index=options.index(chosen),
            format_func=names.__getitem__,
            label_visibility="collapsed",
            key=f"mapping_column_{number}_{one.table}_{one.header}",
        )


def _headings(table: str, cells: Sequence[str]) -> str:
    """Cells of a row that may be the header or somebody: words that are headers stand in full."""
    filled = [cell for cell in cells if cell.strip()][:_CELLS]
    return "、".join(cell if meaning(table, cell) else mask_name(cell) for cell in filled) or "–"


def _called(table: str, column: str) -> str:
    return catalogue(language())[f"column.{table}.{column}"]


def _shown(samples: Sequence[str]) -> str:
    """The first cells, masked: nobody knows yet whether they are names or numbers of people."""
    return "、".join(mask_name(cell) for cell in samples) or "–"
