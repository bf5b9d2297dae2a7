"""The link with which a file of people is fetched, see ``exports.py``."""

from __future__ import annotations

from html import escape

import streamlit as st

from matcher.app.exports import Make, offer, stands
from matcher.app.parts.account import account
from matcher.app.parts.words import t
from matcher.plan.plan import Plan

_OFFERED = "exports_offered"


def show_export(key: str, label: str, name: str, media_type: str, whose: str, plan: Plan, make: Make) -> None:
    """A link that serves once; the same one as long as nobody used it and it is about the same.

    Parameters
    ----------
    key : str
        Of the place on the page.
    label : str
        On the link.
    name, media_type, whose
        See `exports.Offer`.
    plan : Plan
    make : callable
    """
    asking = account()
    about = (asking, key, name, plan.outcome.fingerprint, label)
    offered: dict[tuple[object, ...], str] = st.session_state.setdefault(_OFFERED, {})
    if about not in offered or not stands(offered[about]):
        offered[about] = offer(asking, name, media_type, whose, plan.outcome.fingerprint, make)
    once = escape(t("app.export.once"))
    with st.container(key=key):
        st.html(f'<a class="download" href="{offered[about]}" download title="{once}">{escape(label)}</a>')
