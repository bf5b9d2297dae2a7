"""Scenarios under names: kept in the store, opened again, compared side by side with the data as they are."""

from __future__ import annotations

import hashlib
import json
from urllib.parse import urlsplit

import streamlit as st

from matcher.app import jobs
from matcher.app.jobs import Job
from matcher.app.parts import draft, state
from matcher.app.parts.charts import show_line, show_note, show_title
from matcher.app.parts.failures import told_failures
from matcher.app.parts.jobs import show_jobs
from matcher.app.parts.side_by_side import show_side_by_side
from matcher.app.parts.words import t
from matcher.plan.plan import Plan
from matcher.scenario.comparison import Comparison
from matcher.scenario.edits import Scenario
from matcher.scenario.files import as_data
from matcher.store.records import Revision, system_user
from matcher.store.repository import open_store
from matcher.store.scenarios import scenario_of

MOST_COMPARED = 4
#: The app has no login yet: where the system names nobody, somebody at this machine did it.
UNKNOWN_USER = "?"
#: How long the bar of a comparison takes to fill, for each plan of it.
SECONDS_EACH = 5
#: Parameter of the address that names a scenario.
LINK = "scenario"
#: Keys of the session: the link that was followed, and what was last done.
_LINKED = "saved_linked"
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
    asked = st.query_params.get(LINK)
    if linked := next((name for name in there if link_word(name) == asked), None):
        if st.session_state.get(_LINKED) != asked:
            st.session_state[_LINKED] = asked
            st.session_state["saved_open"] = linked
        show_note(t("app.saved.linked", name=linked), "good")
    elif asked:
        show_note(t("app.saved.link_gone"))
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
        with st.popover(t("app.saved.link"), icon=":material/link:", key="saved_link"):
            st.caption(t("app.saved.link_line"))
            st.code(f"{address()}/what_if?{LINK}={link_word(name)}", language=None, wrap_lines=True)
        st.button(
            t("app.saved.delete"), on_click=_delete, args=(chosen,), type="tertiary", key="saved_delete"
        )


def link_word(name: str) -> str:
    """What stands for a scenario in a link: its name, which people gave, is told by no address."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def address() -> str:
    """Where the browser found the app."""
    parts = urlsplit(str(st.context.url or ""))
    return f"{parts.scheme}://{parts.netloc}"


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
    asked = "/".join([plan.outcome.fingerprint, *(f"{name}@{there[name].version}" for name in sorted(names))])
    running = jobs.newest("compare", "running") is not None
    if st.button(t("app.saved.compare"), disabled=running or not names, key="saved_run"):
        with told_failures():
            _begin(names, asked)
            st.rerun()
    show_jobs("compare", asked, lambda job: _show_compared(plan, job), stale=False)


def _begin(names: list[str], asked: str) -> None:
    """Compare in a process of its own: it goes on when the page is left."""
    with open_store() as store:
        lineages = [scenario_of(store.lineage(name)) for name in names]
    files = {
        f"{number}.json": json.dumps(
            as_data(Scenario(one.id, tuple(edit for part in one.lineage() for edit in part.edits), one.title))
        ).encode()
        for number, one in enumerate(lineages)
    }
    words, shared = state.work_on()
    jobs.start(
        "compare",
        [*words, *(f"{jobs.IN_JOB}/{name}" for name in files)],
        asked="asked_compare",
        amount=len(names),
        fingerprint=asked,
        limit_s=SECONDS_EACH * (1 + len(names)),
        files={**shared, **files},
    )


def _show_compared(plan: Plan, job: Job) -> None:
    with told_failures():
        told = Comparison.read(job.out)
        show_side_by_side(plan, told, list(told.outcomes))
