"""Visits: who is due at one provider and what is done, the work of its months, and the rounds of a day on paper."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from matcher.app.parts import state
from matcher.app.parts.account import account, note_once
from matcher.app.parts.charts import show_heading, show_note
from matcher.app.parts.choices import choose, own_providers, pick_provider
from matcher.app.parts.daysheet import show_rounds
from matcher.app.parts.visiting import show_visits
from matcher.app.parts.words import t
from matcher.app.parts.workloads import show_workload

#: Days after that of the data for which visits can be looked at.
_AHEAD = 366


def main() -> None:
    """Draw the page."""
    asking = account()
    plan = state.with_marks(state.current_plan())
    show_heading(t("app.visits.title"), t("app.visits.line"))
    names = own_providers(plan, asking)
    with st.container(key="card_choice"):
        left, right = st.columns([3, 1])
        with left:
            provider_id = pick_provider(names, "visits_provider")
        with right:
            on = _day(plan.inputs.dataset.as_of)
        shown = {one: t(f"app.visits.{one}") for one in ("list", "workload", "rounds")}
        chosen = choose(t("app.visits.show"), shown, "visits_show")
    if plan.inputs.visits.empty:
        show_note(t("app.visits.give"))
    if chosen == "workload":
        show_workload(plan, provider_id, names)
        return
    note_once("visits_read", provider_id)
    if chosen == "list":
        show_visits(plan, provider_id, on)
    else:
        show_rounds(plan, provider_id, names[provider_id], on)


def _day(as_of: dt.date) -> dt.date:
    """The day of reckoning: that of the data, or a later one."""
    day = st.date_input(
        t("app.visits.day"),
        value=as_of,
        min_value=as_of,
        max_value=as_of + dt.timedelta(_AHEAD),
        format="YYYY-MM-DD",
        help=t("app.visits.day_help"),
        key="visits_day",
    )
    return day if isinstance(day, dt.date) else as_of


main()
