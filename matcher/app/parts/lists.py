"""Working lists of a roster: chosen, saved and dropped above the fields that they fill."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from matcher.accounts.lists import WorkingList, drop_list, lists_of, save_list
from matcher.app.here import accounts
from matcher.app.parts.account import actor
from matcher.app.parts.charts import show_note
from matcher.app.parts.choices import ANY
from matcher.app.parts.failures import told_failures
from matcher.app.parts.words import t
from matcher.results.desk import Wanted

_DONE = "lists_done"
#: The field of the roster that holds each part of what is wanted.
FIELDS = {
    "text": "roster_search",
    "tier": "roster_tier",
    "alone": "roster_alone",
    "least_grade": "roster_grade",
    "visits": "roster_visits",
}


def show_lists(provider_id: str) -> None:
    """The lists to choose from; one that is chosen fills the fields below."""
    there = {one.id: one for one in lists_of(accounts(), actor(), provider_id)}
    if not there:
        return
    st.pills(
        t("app.lists.title"),
        list(there),
        format_func=lambda id: there[id].name,
        key=f"lists_{provider_id}",
        on_change=_fill,
        args=(provider_id, there),
    )


def _fill(provider_id: str, there: dict[int, WorkingList]) -> None:
    chosen = there.get(st.session_state[f"lists_{provider_id}"])
    wanted = Wanted(**chosen.wanted) if chosen else Wanted()  # type: ignore[arg-type]
    for name, field in FIELDS.items():
        value = getattr(wanted, name)
        st.session_state[field] = ANY if value is None else value


def show_saving(provider_id: str, wanted: Wanted) -> None:
    """Keep what the fields say now under a name, or drop the list that is chosen."""
    if _DONE in st.session_state:
        show_note(st.session_state.pop(_DONE), "good")
    there = {one.id: one for one in lists_of(accounts(), actor(), provider_id)}
    chosen = there.get(st.session_state.get(f"lists_{provider_id}", 0))
    with st.popover(t("app.lists.save"), key="lists_popover"):
        name = st.text_input(t("app.lists.name"), key="lists_name")
        shared = st.checkbox(t("app.lists.shared"), key="lists_shared")
        if st.button(t("app.lists.keep"), disabled=not name.strip(), key="lists_keep"):
            with told_failures():
                save_list(accounts(), actor(), provider_id, name.strip(), asdict(wanted), shared=shared)
                st.session_state[_DONE] = t("app.lists.kept", name=name.strip())
                st.rerun()
        if (
            chosen
            and chosen.made_by == actor().name
            and st.button(t("app.lists.drop", name=chosen.name), key="lists_drop")
        ):
            with told_failures():
                drop_list(accounts(), actor(), chosen.id)
                st.rerun()
