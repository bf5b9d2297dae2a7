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
from matcher.errors import BadInput, DataError, PolicyError
from matcher.plan.plan import Plan
from matcher.policy.documents import load_policy
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
            _settling(last, _difference_of(last.edition))
            return
        if last is not None and last.was_refused:
            told = {"title": last.edition.title, "by": last.settled_by, "at": _day(last.settled_at)}
            show_note(t("app.publishing.was_refused", answer=last.answer, **told))
        if is_other():
            show_note(t("app.publishing.other"))
        elif (one := _updated()) is not None:
            show_note(t("app.publishing.otherwise", policy=_policy(one.edition)))
        else:
            show_line(t("app.publishing.same"))
            return
        _asking()


def show_waiting() -> None:
    """What waits, for an administrator, who sees numbers alone."""
    last = newest(accounts(), key_of(state.base_folder()))
    if _DONE in st.session_state:
        show_note(st.session_state.pop(_DONE), "good")
    if last is not None and last.state == OPEN:
        with st.container(key="card_publish"):
            show_title(t("app.publishing.title"), t("app.publishing.line"))
            _settling(last, None)


def show_other() -> None:
    """On each page of a planner: that clinics see something else, or a policy as nobody granted it, where they do."""
    if works_on_other():
        show_note(t("app.publishing.other"))
    elif serving() is not None and account().may("plan") and _updated() is not None:
        show_note(t("app.publishing.updated"))


def _updated() -> Publication | None:
    """What is published, where this release may read its policy otherwise than the one in which it was granted."""
    one = state.published()
    return one if one is not None and publishing.reads_otherwise(one.edition) else None


def works_on_other() -> bool:
    """Whether others are served, and who asks works with what clinics do not see."""
    return serving() is not None and account().may("plan") and is_other()


def shown_day(plan: Plan) -> list[tuple[str, bool]]:
    """Chips of a clinic's list: which data it shows, and since when."""
    one = state.published() if state.sees_published() else None
    if one is None:
        return []
    told = {"title": plan.inputs.dataset.title or one.edition.title, "day": _day(one.settled_at)}
    return [(t("app.publishing.shown", **told), False)]


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
        version = datasets.current(state.base_folder())
        try:
            folder = version.folder if version else state.base_folder()
            plan = state.plan_of(folder, load_policy(state.policy_name()))
        except DataError:
            return  # what is in use is shown below, with what is wrong in it
        numbers = len(plan.inputs.residents), len(plan.inputs.providers), plan.outcome.served
        show_terms(_numbers(*numbers, _differs(plan)))
        told = dict(zip(("residents", "providers"), map(count, numbers), strict=False))
        # A button of what is shown: what somebody else put into use meanwhile is not meant.
        key = f"publish_ask_{plan.outcome.fingerprint}"
        if st.button(t("app.publishing.ask", **told), type="primary", key=key):
            edition = publishing.edition_of(state.base_folder(), version, plan, state.policy_name())
            ask_publication(accounts(), actor(), edition)
            st.session_state[_DONE] = t("app.publishing.asked")
            st.rerun()


def _settling(one: Publication, found: Difference | None) -> None:
    """What was asked for, in numbers, and the buttons that settle it."""
    edition, own = one.edition, one.asked_by == account().name
    at = f"{one.asked_at.astimezone():%Y-%m-%d %H:%M}"
    show_line(t("app.publishing.waits", title=edition.title, by=one.asked_by, at=at))
    numbers = _numbers(edition.residents, edition.providers, edition.served, found)
    show_terms([(t("app.policy"), _policy(edition)), *numbers])
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


def _difference_of(edition: Edition) -> Difference | None:
    """The same of what was asked for, which may be gone."""
    with told_failures(), st.spinner(t("app.matching")):
        policy = publishing.policy_of(edition, state.default_policy())
        return _differs(state.plan_of(publishing.folder_of(state.base_folder(), edition), policy))
    return None


def _differs(plan: Plan) -> Difference | None:
    """How a plan differs from what everybody sees; None where that can no longer be seen."""
    try:
        before = state.published_plan()
    except BadInput:
        return None
    return _difference(before.outcome.fingerprint, plan.outcome.fingerprint, before, plan)


def _numbers(residents: int, providers: int, served: int, found: Difference | None) -> list[tuple[str, str]]:
    """How many there are, and where it is known what is different from what everybody sees."""
    told = {"residents": count(residents), "providers": count(providers), "served": count(served)}
    if found is not None:
        for table, rows in (("residents", found.residents), ("providers", found.providers)):
            changes = dict(zip(("came", "gone", "changed"), map(count, rows), strict=True))
            told[table] = t("app.publishing.rows", number=told[table], **changes)
        told["served"] = t("app.publishing.was", number=told["served"], was=count(found.served[0]))
        told["moved"] = count(found.moved)
    return [(t(f"app.publishing.{name}"), text) for name, text in told.items()]


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
