"""What files, sheets and columns mean that nobody could know: asked on their first cells, kept for the next files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from matcher.app.meanings import keep_meanings, kept_meanings
from matcher.app.parts.charts import show_line, show_title
from matcher.app.parts.words import language, t
from matcher.intake.mapping import UNUSED, Meanings, suggested
from matcher.intake.rawtable import Strange
from matcher.intake.read import RawFolder
from matcher.masking import mask_name
from matcher.tables import TABLES
from matcher.words.catalogues import catalogue

#: Choices beside the columns: nothing is said yet.
_OPEN = "?"


def show_mapping(raw: RawFolder) -> bool:
    """A choice for each name that is not known; whether something was said just now and kept."""
    if not raw.strange and not raw.unnamed:
        return False
    with st.container(key="card_mapping"):
        show_title(t("app.mapping.title"), t("app.mapping.line"))
        with st.form("mapping_form", border=False):
            names = {which: _table_of(*which) for which in raw.unnamed}
            columns = [(one, _column_of(one, number, raw)) for number, one in enumerate(raw.strange)]
            pressed = st.form_submit_button(t("app.mapping.use"), key="mapping_use")
    if pressed:
        keep_meanings(_said(kept_meanings(), names, columns))
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


def _called(table: str, column: str) -> str:
    return catalogue(language())[f"column.{table}.{column}"]


def _shown(samples: Sequence[str]) -> str:
    """The first cells, masked: nobody knows yet whether they are names or numbers of people."""
    return "、".join(mask_name(cell) for cell in samples) or "–"
