"""The sidebar below the navigation: the policy, the data in use, and for whom this app is."""

from __future__ import annotations

from functools import cache

import streamlit as st

from app_parts import state
from app_parts.words import t
from matcher.policy import load_policy, policy_names


def show_sidebar() -> None:
    """Draw it."""
    names = list(policy_names())
    if state.default_policy() not in names:
        names.insert(0, state.default_policy())
    st.selectbox(
        t("app.policy"),
        names,
        index=names.index(state.default_policy()),
        format_func=_title,
        key=state.POLICY,
    )
    st.caption(t("app.one_person"))


@cache
def _title(name: str) -> str:
    return load_policy(name).title if name in policy_names() else name
