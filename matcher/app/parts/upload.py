"""Files from an office: check them, show every problem, give them back marked, and take them over as a version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePath
from typing import Any

import streamlit as st

from matcher.app import datasets
from matcher.app.datasets import File
from matcher.app.meanings import kept_meanings
from matcher.app.parts import state
from matcher.app.parts.account import note
from matcher.app.parts.charts import show_note
from matcher.app.parts.failures import told_failures
from matcher.app.parts.mapping import show_mapping
from matcher.app.parts.tables import show_problems
from matcher.app.parts.words import count, language, named, t
from matcher.app.serving import serving
from matcher.errors import BadInput
from matcher.intake.check import Checked, check
from matcher.intake.mapping import Meanings
from matcher.intake.marked import marked_workbook
from matcher.intake.read import RawFolder, read_upload
from matcher.results.export import XLSX
from matcher.tables import DATUMS

KINDS = ["csv", "xlsx", "parquet", "toml", "geojson"]
#: Of a legal basis.
MOST_SIGNS = 300
#: Keys of the session: the result of the last check, and what was taken over.
_CHECKED = "upload_checked"
DONE = "upload_done"


@dataclass(frozen=True)
class _Upload:
    """Files with what was found in them."""

    files: tuple[File, ...]
    as_of: str | None
    datum: str | None
    basis: str
    meanings: Meanings
    raw: RawFolder
    checked: Checked


def show_upload() -> None:
    """The form, and what the last check found."""
    with st.form("upload_form", border=False):
        files = st.file_uploader(
            t("app.upload.files"), type=KINDS, accept_multiple_files=True, key="upload_files"
        )
        left, right = st.columns(2)
        as_of = left.text_input(t("app.upload.as_of"), placeholder="2026-01-01", key="upload_as_of")
        datum = right.selectbox(
            t("app.upload.datum"),
            DATUMS,
            index=None,
            format_func=named("datum", DATUMS),
            placeholder=t("app.upload.none"),
            key="upload_datum",
        )
        basis = st.text_input(
            t("app.upload.basis"),
            placeholder=t("app.upload.basis_example"),
            max_chars=MOST_SIGNS,
            key="upload_basis",
        )
        submitted = st.form_submit_button(t("app.upload.check"), type="primary", key="upload_check")
    if submitted and files:
        st.session_state.pop(_CHECKED, None)
        with told_failures(), st.spinner(t("app.upload.checking")):
            st.session_state[_CHECKED] = _check(files, as_of or None, datum, basis.strip())
    if _CHECKED in st.session_state:
        _show_result(st.session_state[_CHECKED])


def _check(files: Sequence[Any], as_of: str | None, datum: str | None, basis: str) -> _Upload:
    """Read the files, each under a name of its own."""
    names = [PurePath(file.name).name for file in files]
    times = Counter(name.casefold() for name in names)
    if twice := [name for name in names if times[name.casefold()] > 1]:
        raise BadInput("upload_twice", name=twice[0])
    contents = tuple((name, file.getvalue()) for name, file in zip(names, files, strict=True))
    return _read(contents, as_of, datum, basis)


def _read(files: tuple[File, ...], as_of: str | None, datum: str | None, basis: str) -> _Upload:
    meanings = kept_meanings()
    raw = read_upload(files, as_of=as_of, datum=datum, meanings=meanings)
    return _Upload(files, as_of, datum, basis, meanings, raw, check(raw))


def _show_result(upload: _Upload) -> None:
    if show_mapping(upload.raw):
        with told_failures(), st.spinner(t("app.upload.checking")):
            st.session_state[_CHECKED] = _read(upload.files, upload.as_of, upload.datum, upload.basis)
            st.rerun()
    checked = upload.checked
    errors = int((checked.problems["severity"] == "error").sum())
    warnings = len(checked.problems) - errors
    if errors:
        show_note(t("app.upload.errors", errors=count(errors), warnings=count(warnings)), "error")
    elif warnings:
        show_note(t("app.upload.warnings", warnings=count(warnings)))
    else:
        show_note(t("app.upload.clean"), "good")
    with st.container(horizontal=True, key="upload_buttons"):
        if checked.inputs is not None and st.button(t("app.upload.use"), type="primary", key="upload_use"):
            _use(upload)
        if len(checked.problems):
            st.download_button(
                t("app.upload.marked"),
                partial(marked_workbook, upload.raw, checked.problems, language()),
                file_name="problems.xlsx",
                mime=XLSX,
                on_click="ignore",
                icon=":material/download:",
                key="upload_marked",
            )
    if len(checked.problems):
        show_problems(checked.problems)


def _use(upload: _Upload) -> None:
    """Take the data over as the newest version, or say why not.

    Where others are served, nobody's data come in without a legal basis (art. 13 PIPL) and a row of the audit.
    """
    inputs = upload.checked.inputs
    assert inputs is not None
    if upload.basis:
        inputs = inputs.replace(dataset=replace(inputs.dataset, legal_basis=upload.basis))
    with told_failures():
        if serving() is not None and not inputs.dataset.legal_basis:
            raise BadInput("upload_no_basis")
        note("data_taken", inputs.dataset.title, inputs.dataset.legal_basis)
        version = datasets.keep(state.base_folder(), upload.files, inputs)
        st.session_state.pop(_CHECKED)
        st.session_state[DONE] = t("app.data.taken", title=version.title)
        st.rerun()
