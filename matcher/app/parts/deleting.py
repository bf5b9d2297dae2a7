"""Deleting a person on request: a planner asks on the card, an administrator, who sees a sign alone, grants."""

from __future__ import annotations

import streamlit as st

from matcher.accounts.deletions import ask_deletion, is_asked_for, open_deletions, refuse_deletion
from matcher.app.forgetting import grant_deletion
from matcher.app.here import accounts
from matcher.app.parts.account import account, actor
from matcher.app.parts.charts import show_line, show_note, show_title
from matcher.app.parts.failures import told_failures
from matcher.app.parts.words import count, t

_ASKED = "deletion_asked"


def show_asking(resident_id: str) -> None:
    """Ask for it, with the reason; on the card of a person."""
    show_title(t("app.deleting.title"))
    if _ASKED in st.session_state:
        show_note(st.session_state.pop(_ASKED), "good")
    if is_asked_for(accounts(), resident_id):
        show_line(t("app.deleting.waits"))
        return
    sign = accounts().audit.sign(resident_id)
    with st.form(f"deletion_{sign}", border=False, clear_on_submit=True):
        reason = st.text_input(t("app.deleting.reason"), key=f"deletion_reason_{sign}")
        pressed = st.form_submit_button(t("app.deleting.ask"), key="deletion_ask")
    if pressed:
        with told_failures():
            ask_deletion(accounts(), actor(), resident_id, reason)
            st.session_state[_ASKED] = t("app.deleting.asked")
            st.rerun()


def show_waiting(done: str) -> None:
    """What waits, for an administrator; `done` is the key of the session for what became of it."""
    for one in open_deletions(accounts()):
        with st.container(key=f"card_deletion_{one.id}"):
            show_title(
                t("app.deleting.one", sign=one.sign, by=one.asked_by),
                t(
                    "app.deleting.because",
                    reason=one.reason,
                    at=f"{one.asked_at.astimezone():%Y-%m-%d %H:%M}",
                ),
            )
            own = one.asked_by == account().name
            with st.container(horizontal=True, key=f"deletion_buttons_{one.id}"):
                granted = st.button(t("app.deleting.grant"), disabled=own, key=f"delete_{one.id}")
                refused = st.button(
                    t(f"app.accounts.{'take_back' if own else 'refuse'}"), key=f"keep_{one.id}"
                )
        if not (granted or refused):
            continue
        with told_failures(), st.spinner(t("app.deleting.works")):
            if granted:
                kept = grant_deletion(accounts(), one.id, actor())
                told = {"versions": len(kept.versions), "plans": len(kept.plans)}
                told |= {"rows": kept.rows, "answers": kept.answers}
                st.session_state[done] = t(
                    "app.deleting.done", **{name: count(number) for name, number in told.items()}
                )
            else:
                refuse_deletion(accounts(), one.id, actor())
                st.session_state[done] = t("app.deleting.kept")
            st.rerun()
