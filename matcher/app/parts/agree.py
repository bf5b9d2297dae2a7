"""How far a list is agreed on: confirmed by the clinic, contested, frozen by the planner; for all that are listed."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from matcher.accounts.decisions import CONFIRMED, confirmed, decide, withdraw
from matcher.accounts.requests import OPEN, requests
from matcher.app.here import accounts
from matcher.app.parts.account import account, actor
from matcher.app.parts.charts import show_line, show_note
from matcher.app.parts.failures import told_failures
from matcher.app.parts.publishing import works_on_other
from matcher.app.parts.words import count, t
from matcher.plan.plan import Plan
from matcher.results.decisions import decided, match_states

_DONE = "agree_done"


def states_of(plan: Plan, rows: pd.DataFrame, provider_id: str) -> list[str]:
    """State of the match of each of some rows of `roster_people`, see `match_states`."""
    contested = {one.resident_id for one in requests(accounts(), [provider_id]) if one.state == OPEN}
    table = decided(plan)
    table = table[table["state"] == "kept"]
    settled = dict(zip(table["resident_id"], table["what"], strict=True))
    ids = rows["resident_id"].tolist()
    return match_states(ids, settled, contested, confirmed(accounts(), provider_id, ids))


def show_agreement(rows: pd.DataFrame, states: list[str], provider_id: str) -> None:
    """What a clinic or a planner may do with all that are listed at once."""
    asking = account()
    if _DONE in st.session_state:
        show_note(st.session_state.pop(_DONE), "good")
    by_state = rows.groupby(pd.Series(states, index=rows.index))["resident_id"].apply(list).to_dict()
    proposed, agreed = by_state.get("proposed", []), by_state.get("confirmed", [])
    frozen = by_state.get("frozen", [])
    with st.container(horizontal=True, key="roster_agree"):
        if asking.may("request") and proposed:
            _button("confirm", proposed, CONFIRMED, provider_id)
        if asking.may("settle") and (proposed or agreed):
            if works_on_other():  # what is frozen holds for clinics at once, and nobody has published this
                show_line(t("app.agree.publish_first"))
            else:
                _button("freeze", [*proposed, *agreed], "frozen", provider_id)
        if (
            asking.may("settle")
            and frozen
            and st.button(t("app.agree.unfreeze", number=count(len(frozen))), key="agree_unfreeze")
        ):
            with told_failures():
                number = withdraw(accounts(), actor(), frozen, "frozen")
                st.session_state[_DONE] = t("app.agree.unfreeze_done", number=count(number))
                st.rerun()


def _button(name: str, ids: list[str], what: str, provider_id: str) -> None:
    if st.button(t(f"app.agree.{name}", number=count(len(ids))), key=f"agree_{name}"):
        with told_failures():
            rows = [(id, what, provider_id) for id in ids]
            number = decide(accounts(), actor(), rows, t(f"app.agree.{name}_reason"))
            st.session_state[_DONE] = t(f"app.agree.{name}_done", number=count(number))
            st.rerun()
