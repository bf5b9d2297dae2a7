"""Publishing: what clinics see beside what a planner works with, asked for by one and granted by another."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from matcher.accounts.approvals import OPEN
from matcher.accounts.publications import (
    Edition,
    Publication,
    ask_publication,
    newest,
    refuse_publication,
)
from matcher.app import datasets, publishing
from matcher.app.here import accounts
from matcher.app.home import key_of
from matcher.app.parts import state
from matcher.app.parts.account import account, actor
from matcher.app.parts.charts import show_line, show_note, show_terms, show_title
from matcher.app.parts.failures import told_failures
from matcher.app.parts.words import count, label, t
from matcher.app.serving import serving
from matcher.errors import BadInput, PolicyError
from matcher.plan.plan import Plan
from matcher.results.versions import Difference, difference

_DONE = "publication_done"


def show_publishing() -> None:
    """On the page of data: what clinics see, whether that is what is in use, and the way to have it published."""
    if serving() is None:
        return
    with st.container(key="card_publish"):
        last = newest(accounts(), key_of(state.base_folder()))
        show_title(t("app.publishing.title"), _seen(state.published()))
        if _DONE in st.session_state:
            show_note(st.session_state.pop(_DONE), "good")
        if last is not None and last.state == OPEN:
            _settling(last)
            with told_failures(), st.spinner(t("app.matching")):
                _differs(_plan_of(last.edition))
            return
        if last is not None and last.was_refused:
            told = {"title": last.edition.title, "by": last.settled_by, "at": _day(last.settled_at)}
            show_note(t("app.publishing.was_refused", answer=last.answer, **told))
        if not is_other():
            show_line(t("app.publishing.same"))
            return
        show_note(t("app.publishing.other"))
        _asking()


def show_waiting() -> None:
    """What waits, for an administrator, who sees numbers alone."""
    last = newest(accounts(), key_of(state.base_folder()))
    if _DONE in st.session_state:
        show_note(st.session_state.pop(_DONE), "good")
    if last is not None and last.state == OPEN:
        with st.container(key="card_publish"):
            show_title(t("app.publishing.title"), t("app.publishing.line"))
            _settling(last)


def show_other() -> None:
    """On each page of a planner: that clinics see something else, where they do."""
    if serving() is not None and is_other():
        show_note(t("app.publishing.other"))


def show_day(plan: Plan) -> None:
    """On a clinic's list: which data it shows, and since when."""
    one = state.published() if state.sees_published() else None
    if one is not None:
        told = {"title": plan.inputs.dataset.title or one.edition.title, "day": _day(one.settled_at)}
        show_line(t("app.publishing.shown", **told))


def is_other() -> bool:
    """Whether what a planner works with is not what is published."""
    version, one = datasets.current(state.base_folder()), state.published()
    try:
        policy = publishing.kept_policy(state.policy_name())
        default = publishing.kept_policy(state.default_policy())
    except BadInput:
        return True  # the page of the policy says what is wrong with it
    mine = version.id if version else ""
    return not one.edition.shows(mine, policy) if one else (mine, policy) != ("", default)


def _seen(one: Publication | None) -> str:
    """What everybody sees, in words."""
    if one is None:
        return t("app.publishing.first")
    told = {"title": one.edition.title, "policy": _policy(one.edition), "day": _day(one.settled_at)}
    return t("app.publishing.seen", by=one.settled_by, **told)


def _asking() -> None:
    with told_failures(), st.spinner(t("app.matching")):
        plan = state.current_plan()
        _differs(plan)
        told = {
            "residents": count(len(plan.inputs.residents)),
            "providers": count(len(plan.inputs.providers)),
        }
        # A button of what is shown: what somebody else put into use meanwhile is not meant.
        key = f"publish_ask_{plan.outcome.fingerprint}"
        if st.button(t("app.publishing.ask", **told), type="primary", key=key):
            edition = publishing.edition_of(state.base_folder(), plan, state.policy_name())
            ask_publication(accounts(), actor(), edition)
            st.session_state[_DONE] = t("app.publishing.asked")
            st.rerun()


def _settling(one: Publication) -> None:
    """What was asked for, in numbers, and the buttons that settle it."""
    edition, own = one.edition, one.asked_by == account().name
    at = f"{one.asked_at.astimezone():%Y-%m-%d %H:%M}"
    show_line(t("app.publishing.waits", title=edition.title, by=one.asked_by, at=at))
    numbers = {name: getattr(edition, name) for name in ("residents", "providers", "served")}
    terms = [(t(f"app.publishing.{name}"), count(number)) for name, number in numbers.items()]
    show_terms([(t("app.policy"), _policy(edition)), *terms])
    answer = "" if own else st.text_input(t("app.publishing.answer"), key=f"publish_answer_{one.id}")
    with st.container(horizontal=True, key="publish_buttons"):
        granted = st.button(
            t("app.publishing.grant"), type="primary", disabled=own, key=f"publish_grant_{one.id}"
        )
        refused = st.button(
            t(f"app.accounts.{'take_back' if own else 'refuse'}"), key=f"publish_refuse_{one.id}"
        )
    if granted or refused:
        with told_failures():
            if granted:
                publishing.grant(accounts(), actor(), state.base_folder(), one)
            else:
                refuse_publication(accounts(), actor(), one.id, answer)
            st.session_state[_DONE] = t(f"app.publishing.{'granted' if granted else 'refused'}")
            st.rerun()


def _plan_of(edition: Edition) -> Plan:
    policy = publishing.policy_of(edition, state.default_policy())
    return state.plan_of(publishing.folder_of(state.base_folder(), edition), policy)


def _differs(plan: Plan) -> None:
    """How a plan differs from what everybody sees, in one line each."""
    before = state.published_plan()
    found = _difference(before.outcome.fingerprint, plan.outcome.fingerprint, before, plan)
    for table, numbers in (("residents", found.residents), ("providers", found.providers)):
        told = dict(zip(("came", "gone", "changed"), map(count, numbers), strict=True))
        show_line(t("app.publishing.rows", table=t(f"table.{table}"), **told))
    was, now = map(count, found.served)
    show_line(t("app.publishing.moved", moved=count(found.moved), was=was, now=now))


@st.cache_data(show_spinner=False, max_entries=20)
def _difference(before: str, after: str, _before: Plan, _after: Plan) -> Difference:
    return difference(_before, _after)


def _policy(edition: Edition) -> str:
    if edition.policy:
        return label("policy", edition.policy)
    try:
        return publishing.policy_of(edition, "").title
    except PolicyError:
        return "–"  # whoever looks at its plan is told why


def _day(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone():%Y-%m-%d}"
