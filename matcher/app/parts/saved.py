"""Scenarios under names: kept in the store, opened again, compared side by side with the data as they are."""

from __future__ import annotations

import json

import streamlit as st

from matcher.app.parts import draft
from matcher.app.parts.charts import show_line, show_note, show_title
from matcher.app.parts.failures import told_failures
from matcher.app.parts.side_by_side import show_side_by_side
from matcher.app.parts.words import t
from matcher.plan.plan import Plan
from matcher.scenario.comparison import BASELINE, Comparison, compare_scenarios
from matcher.scenario.edits import Scenario
from matcher.scenario.files import as_data
from matcher.store.records import Revision, system_user
from matcher.store.repository import open_store
from matcher.store.scenarios import scenario_of

MOST_COMPARED = 4
#: The app has no login yet: where the system names nobody, somebody at this machine did it.
UNKNOWN_USER = "?"
#: Keys of the session: what was compared, and what was last done.
_COMPARED = "compared"
_DONE = "saved_done"


def show_saved(plan: Plan) -> None:
    """Save, open, compare."""
    show_title(t("app.saved.title"), t("app.saved.line"))
    there: dict[str, Revision] | None = None
    with told_failures(), open_store() as store:
        there = {one.name: one for one in store.scenarios()}
    if there is None:  # the store cannot be read, and that is told
        return
    if _DONE in st.session_state:
        show_note(st.session_state.pop(_DONE), "good")
    left, right = st.columns(2)
    with left:
        _save(there)
    with right:
        _open(there)
    if there:
        _compare(plan, there)


def _save(there: dict[str, Revision]) -> None:
    with st.form("save_scenario", border=False):
        name = st.text_input(t("app.saved.name"), key="saved_name", placeholder=t("app.saved.example"))
        pressed = st.form_submit_button(t("app.saved.save"), key="saved_save")
    if not pressed:
        return
    if not name.strip():
        show_note(t("app.saved.no_name"))
        return
    name = name.strip()
    with told_failures(), open_store() as store:
        document = as_data(Scenario(name, draft.draft().edits, name))
        known = there.get(name)
        one = store.save_scenario(
            name, document, system_user() or UNKNOWN_USER, known.version if known else None
        )
        st.session_state[_DONE] = t("app.saved.saved", name=name, version=one.version)
        st.rerun()


def _open(there: dict[str, Revision]) -> None:
    if not there:
        show_line(t("app.saved.none"))
        return
    entries = {name: _named(one) for name, one in there.items()}
    name = st.selectbox(
        t("app.saved.choose"), list(entries), format_func=entries.__getitem__, key="saved_open"
    )
    chosen = there[name]
    with st.container(horizontal=True, key="saved_buttons"):
        st.button(t("app.saved.open"), on_click=_take, args=(chosen,), key="saved_take")
        st.download_button(
            t("app.saved.download"),
            json.dumps(chosen.document, ensure_ascii=False, indent=2),
            file_name="scenario.json",
            mime="application/json",
            on_click="ignore",
            key="saved_download",
        )
        st.button(
            t("app.saved.delete"), on_click=_delete, args=(chosen,), type="tertiary", key="saved_delete"
        )


def _named(one: Revision) -> str:
    at = one.saved_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return t("app.saved.entry", name=one.name, version=one.version, by=one.saved_by, at=at)


def _take(one: Revision) -> None:
    """Its edits, and those of the scenarios that it builds on, take the place of the present ones; it can be undone."""
    with told_failures(), open_store() as store:
        whole = scenario_of(store.lineage(one.name))
        draft.set_edits([edit for part in whole.lineage() for edit in part.edits])
        st.session_state[_DONE] = t("app.saved.opened", name=one.name)


def _delete(one: Revision) -> None:
    with told_failures(), open_store() as store:
        store.delete_scenario(one.name, system_user() or UNKNOWN_USER)
        st.session_state[_DONE] = t("app.saved.deleted", name=one.name)


def _compare(plan: Plan, there: dict[str, Revision]) -> None:
    names = st.multiselect(
        t("app.saved.which"),
        list(there),
        max_selections=MOST_COMPARED,
        placeholder=t("app.what_if.choose"),
        key="saved_compare",
    )
    asked = (plan.outcome.fingerprint, tuple((name, there[name].version) for name in names))
    if st.button(t("app.saved.compare"), disabled=not names, key="saved_run"):
        with told_failures(), st.spinner(t("app.matching")), open_store() as store:
            scenarios = [scenario_of(store.lineage(name)) for name in names]
            st.session_state[_COMPARED] = (
                asked,
                compare_scenarios(plan.inputs, plan.policy, scenarios, workers=1),
            )
    found: tuple[object, Comparison] | None = st.session_state.get(_COMPARED)
    if found is None or not names:
        return
    if found[0] != asked:
        show_note(t("app.saved.stale"))
        return
    show_side_by_side(plan, found[1], [BASELINE, *sorted(names)])
