"""The sidebar below the navigation: the policy, the data in use, and for whom this app is."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from matcher.app.home import home
from matcher.app.parts import state
from matcher.app.parts.words import label, t
from matcher.policy.documents import policy_names
from matcher.policy.own import own_policies


def show_sidebar() -> None:
    """Draw it."""
    names = [*policy_names(), *own_policies(home("policies"))]
    if state.default_policy() not in names:
        names.insert(0, state.default_policy())
    st.selectbox(
        t("app.policy"),
        names,
        index=names.index(state.default_policy()),
        format_func={name: policy_title(name) for name in names}.__getitem__,
        key=state.POLICY,
    )
    st.caption(t("app.one_person"))


def policy_title(policy: str) -> str:
    """A short name; a policy saved in the app goes by its title, another file by its name."""
    if policy in policy_names():
        return label("policy", policy)
    return own_policies(home("policies")).get(policy, Path(policy).name)
