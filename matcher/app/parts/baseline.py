"""What the figures of the page are compared with: other data, another policy, or a saved scenario."""

from __future__ import annotations

import streamlit as st

from matcher.app import datasets
from matcher.app.home import home
from matcher.app.parts import state
from matcher.app.parts.failures import told_failures
from matcher.app.parts.words import label, t
from matcher.errors import MatcherError
from matcher.plan.plan import Plan
from matcher.policy.documents import load_policy, policy_names
from matcher.policy.own import own_policies
from matcher.store.repository import open_store
from matcher.store.scenarios import scenario_of

_CHOSEN = "baseline"

#: ("version" | "policy" | "scenario", id); a scenario's id tells its revision too.
Baseline = tuple[str, str]


def show_baseline() -> None:
    """The choice; nothing is compared at first."""
    names = _names()
    if st.session_state.get(_CHOSEN) not in names:
        st.session_state[_CHOSEN] = None
    st.selectbox(
        t("app.baseline.title"),
        list(names),
        format_func=names.__getitem__,
        placeholder=t("app.baseline.title"),
        label_visibility="collapsed",
        key=_CHOSEN,
        width=230,
    )


def baseline_plan(plan: Plan) -> Plan | None:
    """The plan to compare with; None where nothing is chosen, or it cannot be made, which is told."""
    chosen: Baseline | None = st.session_state.get(_CHOSEN)
    if chosen is None:
        return None
    with told_failures(), st.spinner(t("app.matching")):
        kind, id = chosen
        if kind == "policy":
            return state.plan_of(state.folder(), load_policy(id))
        if kind == "version":
            base = state.base_folder()
            folders = {one.id: one.folder for one in datasets.versions(base)} | {"": base}
            return state.plan_of(folders[id], plan.policy)
        return _of_scenario(plan, id)
    return None


def baseline_name() -> str:
    """What is compared with, in words; empty where nothing is."""
    chosen = st.session_state.get(_CHOSEN)
    return _names().get(chosen, "") if chosen else ""


def _names() -> dict[Baseline, str]:
    """All that there is to compare with, but for what is on the page itself."""
    base, now = state.base_folder(), datasets.current(state.base_folder())
    names: dict[Baseline, str] = {}
    if now is not None:
        names["version", ""] = t("app.baseline.version", title=base.name, at=t("app.data.first"))
    for one in datasets.versions(base):
        if now is None or one.id != now.id:
            names["version", one.id] = t("app.baseline.version", title=one.title, at=one.kept_at[:10])
    try:
        with open_store() as store:
            for found in store.scenarios():
                names["scenario", found.name] = t("app.baseline.scenario", name=found.name)
    except MatcherError:
        pass  # the scenarios page says why the store cannot be read; here it is one choice fewer
    policies = {name: label("policy", name) for name in policy_names()} | own_policies(home("policies"))
    for name, told in policies.items():
        if name != state.policy_name():
            names["policy", name] = t("app.baseline.policy", name=told)
    return names


def _of_scenario(plan: Plan, name: str) -> Plan:
    with open_store() as store:
        whole = scenario_of(store.lineage(name))
    return state.plan_under(plan, [edit for part in whole.lineage() for edit in part.edits])
