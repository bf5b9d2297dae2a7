"""The sidebar below the navigation: the policy, the data in use, and for whom this app is."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from matcher.app.home import home
from matcher.app.parts import state
from matcher.app.parts.publishing import show_other
from matcher.app.parts.words import label, t
from matcher.policy.documents import policy_names
from matcher.policy.own import own_policies


def show_sidebar() -> None:
    """Draw it."""
    names = {name: label("policy", name) for name in policy_names()} | own_policies(home("policies"))
    chosen = state.default_policy()
    names.setdefault(chosen, Path(chosen).name)
    options = list(names)
    st.selectbox(
        t("app.policy"),
        options,
        index=options.index(chosen),
        format_func=names.__getitem__,
        key=state.POLICY,
    )
    show_other()
