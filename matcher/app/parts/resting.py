"""Decisions on providers whose person or provider is no longer in the data: no roster shows them, so they end here."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd
import streamlit as st

from matcher.accounts.decisions import Resting, end, resting
from matcher.app.here import accounts
from matcher.app.parts import state
from matcher.app.parts.account import actor
from matcher.app.parts.charts import show_note, show_title
from matcher.app.parts.failures import told_failures
from matcher.app.parts.publishing import works_on_other
from matcher.app.parts.tables import pick_rows
from matcher.app.parts.words import count, label, t
from matcher.errors import MatcherError
from matcher.intake.corrections import GONE
from matcher.masking import mask_if_id_number
from matcher.plan.plan import Plan
from matcher.results.decisions import followed
from matcher.results.roster import provider_names

_DONE = "resting_done"
#: Pixels of what a browser, which measures the first rows alone, might cut further down.
_WIDTHS = {"what": 90, "why": 164}
#: As long a reason as the audit takes.
_LONGEST = 300


def show_resting(plan: Plan) -> None:
    """What rests, and the way to end some or all of it, for a planner of all data."""
    found = resting(accounts(), followed(plan))
    if not found and _DONE not in st.session_state:
        return
    with st.container(key="card_resting"):
        show_title(t("app.resting.title", number=count(len(found))), t("app.resting.line"))
        if _DONE in st.session_state:
            show_note(st.session_state.pop(_DONE), "good")
        if found:
            _end(_table(plan, found))


def _table(plan: Plan, found: Sequence[Resting]) -> list[int]:
    """Numbers of those that are chosen."""
    seen = _published()
    names = provider_names(plan) | (provider_names(seen) if seen else {})
    shown = followed(seen) if seen else ()
    about = plan.inputs.corrections
    gone = set(about.loc[about["what"].isin(GONE), "resident_id"])
    known = set(plan.people["resident_id"])
    columns = {
        "resident": [mask_if_id_number(one.resident_id) for one in found],
        "what": [label("match_state", one.what) for one in found],
        "provider": [names.get(one.provider_id, one.provider_id) for one in found],
        "why": [t(f"app.resting.{_why(one, shown, gone, known)}") for one in found],
        "made": [f"{one.made_by} {one.made_at.astimezone():%Y-%m-%d}" for one in found],
        "reason": [one.reason for one in found],  # the longest: a narrow screen may cut it
    }
    table = pd.DataFrame(columns).rename(columns={name: t(f"app.resting.{name}") for name in columns})
    widths = {t(f"app.resting.{name}"): px for name, px in _WIDTHS.items()}
    return [found[row].id for row in pick_rows(table, [one.id for one in found], "resting_table", widths)]


def _published() -> Plan | None:
    """What clinics see, where that is something else and can be seen."""
    try:
        return state.published_plan() if works_on_other() else None
    except MatcherError:
        return None


def _why(
    one: Resting, shown: Collection[tuple[str, str]], gone: Collection[str], known: Collection[str]
) -> str:
    if (one.resident_id, one.what) in shown:
        return "clinics"
    if one.resident_id in known:
        return "no_provider"
    return "gone" if one.resident_id in gone else "nobody"


def _end(ids: list[int]) -> None:
    reason = st.text_input(t("app.resting.your_reason"), max_chars=_LONGEST, key="resting_reason")
    if st.button(t("app.resting.end", number=count(len(ids))), disabled=not ids, key="resting_end"):
        with told_failures():
            number = end(accounts(), actor(), ids, reason)
            st.session_state[_DONE] = t("app.resting.done", number=count(number))
            st.rerun()
