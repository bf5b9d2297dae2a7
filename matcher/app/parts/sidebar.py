"""The sidebar below the navigation: the policy, the data in use, and for whom this app is."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from matcher.app.parts import state
from matcher.app.parts.words import label, t
from matcher.policy.documents import policy_names


def show_sidebar() -> None:
    """Draw it."""
    names = list(policy_names())
    if state.default_policy() not in names:
        names.insert(0, state.default_policy())
    st.selectbox(
        t("app.policy"),
        names,
        index=names.index(state.default_policy()),
        format_func={name: _name(name) for name in names}.__getitem__,
        key=state.POLICY,
    )
    st.caption(t("app.one_person"))


def _name(policy: str) -> str:
    """A short name; a policy of the user's own goes by its file."""
    return label("policy", policy) if policy in policy_names() else Path(policy).name
