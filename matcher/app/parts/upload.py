"""Upload of a folder's files: check them, show every problem, and use them when there is no error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import streamlit as st

from matcher.app.parts import state
from matcher.app.parts.charts import show_note
from matcher.app.parts.failures import told_failures
from matcher.app.parts.tables import show_problems
from matcher.app.parts.words import count, named, t
from matcher.errors import BadInput
from matcher.geography.locate import locate
from matcher.inputs import Inputs
from matcher.intake.check import Checked, check
from matcher.intake.read import read_upload
from matcher.tables import DATUMS

KINDS = ["csv", "xlsx", "parquet", "toml"]
#: Keys of the session: whether the dialog is open, and the result of the last check.
_OPEN = "upload_dialog"
_CHECKED = "upload_checked"


def show_upload() -> None:
    """The buttons that open the dialog and that go back to the folder's data."""
    if state.UPLOAD in st.session_state:
        st.button(t("app.upload.back"), on_click=state.drop_upload, key="upload_back")
    st.button(t("app.upload.open"), on_click=_open, icon=":material/upload_file:", key="upload_open")
    if st.session_state.get(_OPEN):
        st.dialog(t("app.upload.open"), width="large", on_dismiss=_close)(_dialog)()


def _open() -> None:
    st.session_state[_OPEN] = True
    st.session_state.pop(_CHECKED, None)


def _close() -> None:
    st.session_state[_OPEN] = False


def _dialog() -> None:
    st.write(t("app.upload.intro"))
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
        submitted = st.form_submit_button(t("app.upload.check"), type="primary", key="upload_check")
    if submitted and files:
        st.session_state.pop(_CHECKED, None)
        with told_failures(), st.spinner(t("app.upload.checking")):
            st.session_state[_CHECKED] = _check(files, as_of or None, datum)
    if _CHECKED in st.session_state:
        _show_result(st.session_state[_CHECKED])


def _check(files: Sequence[Any], as_of: str | None, datum: str | None) -> Checked:
    """Read the files, each under a name of its own."""
    names = [PurePath(file.name).name for file in files]
    times = Counter(name.casefold() for name in names)
    if twice := [name for name in names if times[name.casefold()] > 1]:
        raise BadInput("upload_twice", name=twice[0])
    contents = [(name, file.getvalue()) for name, file in zip(names, files, strict=True)]
    return check(read_upload(contents, as_of=as_of, datum=datum))


def _show_result(checked: Checked) -> None:
    errors = int((checked.problems["severity"] == "error").sum())
    warnings = len(checked.problems) - errors
    if errors:
        show_note(t("app.upload.errors", errors=count(errors), warnings=count(warnings)), "error")
    elif warnings:
        show_note(t("app.upload.warnings", warnings=count(warnings)))
    else:
        show_note(t("app.upload.clean"), "good")
    if checked.inputs is not None and st.button(t("app.upload.use"), type="primary", key="upload_use"):
        _use(checked.inputs)
    if len(checked.problems):
        show_problems(checked.problems)


def _use(inputs: Inputs) -> None:
    """Go on with the data, or say why not."""
    with told_failures():
        with st.spinner(t("app.upload.locating")):
            located = locate(inputs)
        state.use_upload(located)
        _close()
        st.rerun()
