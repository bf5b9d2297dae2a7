"""Data: what is in use, files from an office checked and taken over, versions and what changed between them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from matcher.app import datasets
from matcher.app.datasets import Version
from matcher.app.parts import state, upload
from matcher.app.parts.account import note
from matcher.app.parts.charts import (
    Row,
    show_heading,
    show_line,
    show_note,
    show_table,
    show_terms,
    show_title,
)
from matcher.app.parts.failures import told_failures
from matcher.app.parts.publishing import show_publishing
from matcher.app.parts.tables import rows_of
from matcher.app.parts.words import count, language, t
from matcher.inputs import Inputs
from matcher.intake.templates import template_workbook
from matcher.results.export import XLSX
from matcher.results.versions import changed_rows
from matcher.tables import TABLES

#: Stands for the folder itself among the versions.
FIRST = ""


def main() -> None:
    """Draw the page; it works where the data in use do not."""
    show_heading(t("app.data.title"), t("app.data.line"))
    if upload.DONE in st.session_state:
        show_note(st.session_state.pop(upload.DONE), "good")
    with st.container(key="split_data"):
        left, right = st.columns([1.4, 1])
        with left, st.container(key="card_upload"):
            show_title(t("app.data.upload"), t("app.upload.intro"))
            upload.show_upload()
            st.download_button(
                t("app.data.template"),
                lambda: template_workbook(language()),
                file_name="template.xlsx",
                mime=XLSX,
                on_click="ignore",
                icon=":material/download:",
                key="data_template",
            )
        with right:
            with st.container(key="card_versions"):
                _versions()
            show_publishing()
    with st.container(key="card_now"):
        _now()


def _now() -> None:
    """What is in use; where it cannot be used, why."""
    show_title(t("app.data.now"))
    with told_failures(), st.spinner(t("app.upload.checking")):
        inputs = state.current_inputs()
        dataset = inputs.dataset
        facts = [(t("app.data.name"), dataset.title), (t("app.data.as_of"), dataset.as_of.isoformat())]
        facts += [(t("app.data.basis"), dataset.legal_basis or t("app.data.no_basis"))]
        facts += [(t(f"table.{table}"), count(len(getattr(inputs, table)))) for table in TABLES]
        show_terms([*facts, (t("app.data.where"), str(state.folder()))])
        if state.is_sample():
            show_note(t("app.sample_note"))


def _versions() -> None:
    """All versions, which one is in use, the way to any of them, and what changed."""
    base = state.base_folder()
    show_title(t("app.data.versions"), t("app.data.versions_line"))
    known = datasets.versions(base)
    if not known:
        show_line(t("app.data.none"))
        return
    now = datasets.current(base)
    names = {FIRST: t("app.data.first")}
    names |= {one.id: _named(one) for one in known}
    options = list(names)
    chosen = st.radio(
        t("app.data.versions"),
        options,
        index=options.index(now.id if now else FIRST),
        format_func=names.__getitem__,
        label_visibility="collapsed",
        key=f"data_version_{now.id if now else ''}_{len(known)}",
    )
    same = chosen == (now.id if now else FIRST)
    if st.button(t("app.data.use"), disabled=same, key="data_use"):
        with told_failures():
            note("data_used", chosen or "0")
            datasets.use(base, chosen or None)
            st.rerun()
    if not same:
        with told_failures():
            _changes(_load(base, chosen), state.current_inputs())


def _named(one: Version) -> str:
    return t(
        "app.data.version",
        title=one.title,
        at=one.kept_at[:16].replace("T", " "),
        residents=count(one.residents),
        providers=count(one.providers),
    )


def _load(base: Path, id: str) -> Inputs:
    folder = base if id == FIRST else next(one.folder for one in datasets.versions(base) if one.id == id)
    return state.inputs_of(folder)


def _changes(before: Inputs, now: Inputs) -> None:
    show_title(t("app.data.changes"), t("app.data.changes_line"))
    rows = [
        Row(t(f"table.{row.table}"), [count(row.came), count(row.gone), count(row.changed), count(row.same)])
        for row in rows_of(changed_rows(before, now))
    ]
    show_table(["", *(t(f"app.data.{name}") for name in ("came", "gone", "changed", "same"))], rows)


main()
