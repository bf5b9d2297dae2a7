"""A list with full id numbers: asked for below the roster, granted by a second person who sees nobody."""

from __future__ import annotations

import streamlit as st

from matcher.accounts.full_exports import (
    FullExport,
    ask_full_export,
    check_same,
    open_full_exports,
    settle_full_export,
    standing,
)
from matcher.app.exports import Offer, offer, stands
from matcher.app.full_exports import full_file
from matcher.app.here import accounts
from matcher.app.parts.account import account, actor
from matcher.app.parts.charts import show_line, show_note, show_title
from matcher.app.parts.exporting import ask_password, show_link
from matcher.app.parts.failures import told_failures
from matcher.app.parts.words import count, language, t
from matcher.plan.plan import Plan
from matcher.results.export import XLSX
from matcher.results.roster import provider_names

#: Keys of the session: what was last done; the address of the file by what was granted.
_DONE, _OFFERED = "full_export_done", "full_exports_offered"


def show_full_export(plan: Plan, provider_id: str) -> None:
    """Ask for the whole list of a provider, see that it waits, or fetch it once."""
    mine = standing(accounts(), account().name, provider_id)
    with st.expander(t("app.full_export.title"), expanded=mine is not None):
        if _DONE in st.session_state:
            show_note(st.session_state.pop(_DONE), "good")
        if mine is None:
            _ask(plan, provider_id)
            return
        with told_failures():
            check_same(accounts(), mine, _people(plan, provider_id))
            _waits_or_fetch(plan, mine)
        if st.button(t("app.accounts.take_back"), key="full_export_back"):
            _settle(mine, grant=False)


def _waits_or_fetch(plan: Plan, mine: FullExport) -> None:
    if mine.until is None:
        show_line(t("app.full_export.waits", people=count(mine.people)))
    else:
        until = f"{mine.until.astimezone():%Y-%m-%d %H:%M}"
        show_line(t("app.full_export.granted", people=count(mine.people), until=until))
        _fetch(plan, mine)


def show_waiting_exports() -> None:
    """What waits for a second person: who asks, whose list, how many people and why."""
    if _DONE in st.session_state:
        show_note(st.session_state.pop(_DONE), "good")
    for one in open_full_exports(accounts()):
        own = one.asked_by == account().name
        with st.container(key=f"card_full_export_{one.id}"):
            told = {"by": one.asked_by, "provider": one.title, "people": count(one.people)}
            at = f"{one.asked_at.astimezone():%Y-%m-%d %H:%M}"
            show_title(
                t("app.full_export.one", **told), t("app.full_export.because", reason=one.reason, at=at)
            )
            with st.container(horizontal=True, key=f"full_export_buttons_{one.id}"):
                granted = st.button(t("app.accounts.grant"), disabled=own, key=f"full_export_grant_{one.id}")
                refused = st.button(
                    t(f"app.accounts.{'take_back' if own else 'refuse'}"), key=f"full_export_refuse_{one.id}"
                )
        if granted or refused:
            _settle(one, grant=granted)


def _ask(plan: Plan, provider_id: str) -> None:
    people = _people(plan, provider_id)
    show_line(t("app.full_export.line"))
    with st.form(f"full_export_form_{provider_id}", border=False, clear_on_submit=True):
        reason = st.text_input(t("app.full_export.reason"), key=f"full_export_reason_{provider_id}")
        pressed = st.form_submit_button(
            t("app.full_export.ask", people=count(len(people))), key="full_export_ask"
        )
    if pressed:
        with told_failures():
            title = provider_names(plan)[provider_id]
            ask_full_export(accounts(), actor(), provider_id, title, people, reason)
            st.rerun()


def _people(plan: Plan, provider_id: str) -> list[str]:
    """Everybody on the list, of all modes."""
    ids: list[str] = plan.assignments.loc[
        plan.assignments["provider_id"] == provider_id, "resident_id"
    ].tolist()
    return ids


def _settle(one: FullExport, *, grant: bool) -> None:
    with told_failures():
        settle_full_export(accounts(), one.id, grant=grant, actor=actor())
        _tell("grant_done" if grant else "refuse_done")


def _tell(what: str) -> None:
    st.session_state[_DONE] = t(f"app.full_export.{what}")
    st.rerun()


def _fetch(plan: Plan, granted: FullExport) -> None:
    """The link, once a password was typed: without one there is no such file."""
    asking = account()
    offered: dict[tuple[int, str], str] = st.session_state.setdefault(_OFFERED, {})
    about = (granted.id, plan.outcome.fingerprint)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        link = st.container(key="full_export_download", width="content")
        password = ask_password("full_export", asking.name)
    if password:
        name, whose = f"full-{granted.provider_id}.xlsx", f"{granted.provider_id} full"
        make = full_file(plan, granted, asking, language(), password)
        offered[about] = offer(Offer(asking, name, XLSX, whose, plan.outcome.fingerprint, make))
        st.rerun()  # without the field in which it was typed
    if about in offered and stands(offered[about]):
        with link:
            show_link(offered[about], t("app.export.locked", label=t("app.full_export.download")))
