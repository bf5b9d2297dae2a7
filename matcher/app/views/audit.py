"""Audit: what was done by whom, and whether any of it was touched; for the auditor, who sees nobody's data."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd
import streamlit as st

from matcher.accounts.trail import last_rows
from matcher.app.here import accounts
from matcher.app.parts.account import note_once
from matcher.app.parts.charts import show_heading, show_note
from matcher.app.parts.words import count, t

_MOST = 1000
_COLUMNS = ("local_at", "who", "role", "what", "whose", "result")


def main() -> None:
    """Draw the page."""
    show_heading(t("app.audit.title"), t("app.audit.line"))
    note_once("audit_read")
    here = accounts()
    breaks = here.database.read(lambda session: list(here.audit.breaks(session)))
    if breaks:
        first = breaks[0]
        told = t(f"cli.audit_break_{first.kind}", number=first.number)
        show_note(f"{t('cli.audit_broken', number=count(len(breaks)))} {told}", "error")
    else:
        show_note(t("cli.audit_holds"), "good")
    with st.container(key="card_audit"):
        rows = pd.DataFrame([asdict(one) for one in last_rows(here.database, _MOST)][::-1])
        shown = rows[list(_COLUMNS)].rename(columns={name: t(f"app.audit.{name}") for name in _COLUMNS})
        st.dataframe(shown, hide_index=True, key="audit_table", height=600)


main()
