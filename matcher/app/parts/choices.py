"""One of a few things, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import streamlit as st

from matcher.accounts.roles import Account
from matcher.app.parts.words import mode_name, t
from matcher.plan.figures import ALL
from matcher.plan.plan import Plan
from matcher.results.desk import providers_of, within
from matcher.results.roster import provider_names
from matcher.tables import MODES

T = TypeVar("T", str, int)
#: Stands for all of them; were it None, the field would offer to clear what is not there.
ANY = ""


def choose(label: str, names: Mapping[str, str], key: str, default: str | None = None) -> str:
    """The chosen one.

    Parameters
    ----------
    label : str
        What is chosen, for screen readers.
    names : mapping of str to str
        What can be chosen, with its words.
    key : str
        Of the widget.
    default : str, optional
        Chosen at first; the first one unless it is given.
    """
    options = list(names)
    return st.segmented_control(
        label,
        options,
        default=default or options[0],
        required=True,
        format_func=names.__getitem__,
        key=key,
        label_visibility="collapsed",
    )


def pick(label: str, names: Mapping[str, str], key: str) -> str:
    """The chosen one of a few, in a list that opens; the first one at first."""
    return st.selectbox(
        label, list(names), format_func=names.__getitem__, key=key, label_visibility="collapsed"
    )


def mode_names(*, with_all: bool = True) -> dict[str, str]:
    """Modes with their words, in their order, all of them first."""
    return {mode: mode_name(mode) for mode in ((ALL, *MODES) if with_all else MODES)}


def own_providers(plan: Plan, asking: Account) -> dict[str, str]:
    """The providers whose people may be seen, with their names."""
    names = provider_names(plan)
    own = providers_of(plan.inputs, asking.scope)
    return {id: names[id] for id in within(list(names), own)}


def pick_provider(names: Mapping[str, str], key: str) -> str:
    """The chosen one of `own_providers`; without any, or if a browser sends another, nothing more is drawn."""
    if not names:
        st.info(t("app.roster.no_providers"))
        st.stop()
    chosen = st.selectbox(
        t("app.roster.provider"),
        list(names),
        format_func=names.__getitem__,
        help=t("app.roster.provider_help"),
        key=key,
    )
    if chosen not in names:
        st.stop()
    return chosen


def pick_any(label: str, words: Mapping[T, str], key: str, **more: Any) -> T | None:
    """The chosen one of a few, or None for any of them, as at first; `more` is for the field."""
    names: dict[Any, str] = {ANY: t("app.filter.any"), **words}
    chosen = st.selectbox(label, list(names), format_func=names.__getitem__, key=key, **more)
    return None if chosen == ANY else chosen
