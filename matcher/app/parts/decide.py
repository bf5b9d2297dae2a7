"""What a planner settles about who serves a person, and what was asked and settled before."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from matcher.accounts.decisions import decide, past, withdraw
from matcher.accounts.requests import requests_about
from matcher.app.here import accounts
from matcher.app.parts.account import account, actor
from matcher.app.parts.charts import show_line, show_note, show_terms, show_title
from matcher.app.parts.failures import told_failures
from matcher.app.parts.words import label, t
from matcher.eligibility.fixed import decisions
from matcher.plan.plan import Plan
from matcher.results.decisions import eligible_providers
from matcher.results.desk import providers_of, within
from matcher.results.roster import provider_names

_DONE = "decide_done"


def show_decision(plan: Plan, person: pd.Series, row: int) -> None:
    """The provider that was decided on, with the way back; else the choice of one, and why.

    Parameters
    ----------
    plan : Plan
    person : Series
        A row of `roster_people`.
    row : int
        Of the person in ``plan.people``.
    """
    show_title(t("app.decide.title"))
    if _DONE in st.session_state:
        show_note(st.session_state.pop(_DONE), "good")
    id, names = str(person["resident_id"]), provider_names(plan)
    rows = decisions(plan.inputs.corrections)
    there = rows[rows["resident_id"] == id]
    with st.container(key="person_decide"):
        if len(there):
            _standing(id, there.iloc[0], names)
        else:
            own = providers_of(plan.inputs, account().scope)
            _choice(id, within(eligible_providers(plan, row), own), names)


def _choice(id: str, possible: list[str], names: dict[str, str]) -> None:
    """A form of this person's own: what was typed for another is not meant."""
    if not possible:
        show_line(t("app.decide.nowhere"))
        return
    sign = accounts().audit.sign(id)
    with st.form(f"decide_{sign}", border=False, clear_on_submit=True):
        chosen = st.selectbox(
            t("app.decide.provider"),
            possible,
            format_func=lambda one: names.get(one, one),
            key=f"decide_provider_{sign}",
        )
        reason = st.text_input(t("app.decide.reason"), key=f"decide_reason_{sign}")
        pressed = st.form_submit_button(t("app.decide.send"), key="decide_send")
    if pressed and not reason.strip():
        show_note(t("app.card.no_reason"), "error")
    elif pressed:
        with told_failures():
            decide(accounts(), actor(), [(id, "override", str(chosen))], reason.strip())
            st.session_state[_DONE] = t("app.decide.done")
            st.rerun()


def _standing(id: str, decision: Any, names: dict[str, str]) -> None:
    show_line(
        t(
            "app.decide.stands",
            what=label("correction", decision["what"]),
            provider=names.get(decision["value"], decision["value"]),
            reason=decision["reason"] or "–",
            by=decision["decided_by"] or "–",
        )
    )
    if st.button(t("app.decide.withdraw"), key="decide_withdraw"):
        with told_failures():
            ended = withdraw(accounts(), actor(), [id], str(decision["what"]))
            st.session_state[_DONE] = t("app.decide.withdrawn" if ended else "app.decide.in_data")
            st.rerun()


def show_history(resident_id: str) -> None:
    """What was asked about a person and what became of it; never the values themselves."""
    lines = [
        (
            one.made_at,
            label("request", one.kind),
            [one.made_by, one.reason, label("request_state", one.state), one.answer],
        )
        for one in requests_about(accounts(), resident_id)
    ]
    for one in past(accounts(), resident_id):
        ended = t("app.decide.ended", by=one.ended_by) if one.ended_by else ""
        lines.append((one.made_at, label("correction", one.what), [one.made_by, one.reason, ended]))
    if lines:
        show_title(t("app.decide.history"))
        show_terms(
            (f"{at.astimezone():%Y-%m-%d %H:%M} {what}", " · ".join(filter(None, told)))
            for at, what, told in sorted(lines, key=lambda line: line[0])
        )
