"""Requests: what clinics ask to be mended, settled by the planner several at a time, with an answer."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from matcher.accounts.requests import ACCEPTED, OPEN, REFUSED, STATES, Request, requests, settle
from matcher.app.here import accounts
from matcher.app.parts import state
from matcher.app.parts.account import account, actor
from matcher.app.parts.charts import show_heading, show_line, show_note
from matcher.app.parts.choices import choose
from matcher.app.parts.failures import told_failures
from matcher.app.parts.words import count, label, t
from matcher.masking import mask_if_id_number, mask_name
from matcher.plan.plan import Plan
from matcher.results.desk import providers_within

_DONE = "requests_done"


def main() -> None:
    """Draw the page."""
    asking = account()
    plan = state.current_plan()
    show_heading(t("app.requests.title"), t("app.requests.line"))
    own = providers_within(plan.inputs, asking.scope) if asking.scope else None
    wanted = choose(
        t("app.requests.state"), {one: label("request_state", one) for one in STATES}, "requests_state"
    )
    found = [one for one in requests(accounts(), own) if one.state == wanted]
    with st.container(key="card_requests"):
        if _DONE in st.session_state:
            show_note(st.session_state.pop(_DONE), "good")
        if not found:
            show_line(t("app.requests.none"))
            return
        settles = asking.may("settle") and wanted == OPEN
        chosen = _table(plan, found, settles)
        if settles:
            _settle([found[at].id for at in chosen])


def _table(plan: Plan, found: Sequence[Request], choosable: bool) -> Sequence[int]:
    people = plan.inputs.residents.set_index("resident_id")["name"]
    providers = plan.inputs.providers.set_index("provider_id")["name"]
    names = [people.get(one.resident_id) for one in found]
    columns = {
        "resident": [mask_if_id_number(one.resident_id) for one in found],
        "name": [mask_name(name) if isinstance(name, str) else "" for name in names],
        "provider": [providers.get(one.provider_id) or one.provider_id for one in found],
        "kind": [label("request", one.kind) for one in found],
        "reason": [one.reason for one in found],
        "made": [f"{one.made_by} {one.made_at.astimezone():%Y-%m-%d %H:%M}" for one in found],
    }
    if any(one.answer for one in found):
        columns["answer"] = [f"{one.answer or ''} ({one.settled_by or ''})" for one in found]
    table = pd.DataFrame(columns).rename(columns={name: t(f"app.requests.{name}") for name in columns})
    if not choosable:
        st.dataframe(table, hide_index=True, key="requests_table")
        return ()
    picked = st.dataframe(
        table, hide_index=True, on_select="rerun", selection_mode="multi-row", key="requests_table"
    )
    rows: list[int] = picked["selection"]["rows"]
    return [row for row in rows if row < len(found)]


def _settle(ids: Sequence[int]) -> None:
    """One answer for all that are chosen."""
    answer = st.text_input(t("app.requests.your_answer"), key="requests_answer")
    with st.container(horizontal=True, key="requests_buttons"):
        accepts = st.button(
            t("app.requests.accept", number=count(len(ids))),
            disabled=not ids,
            type="primary",
            key="requests_accept",
        )
        refuses = st.button(
            t("app.requests.refuse", number=count(len(ids))), disabled=not ids, key="requests_refuse"
        )
    if accepts or refuses:
        with told_failures():
            number = settle(accounts(), actor(), ids, ACCEPTED if accepts else REFUSED, answer)
            st.session_state[_DONE] = t("app.requests.settled", number=count(number))
            st.rerun()


main()
