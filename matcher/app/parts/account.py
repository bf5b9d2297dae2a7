"""Who is asking: asked again in each run of a page."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from matcher.accounts.audit import Actor
from matcher.accounts.roles import ALONE, Account
from matcher.accounts.trail import opened_by_others
from matcher.app import cookies
from matcher.app.here import accounts
from matcher.app.login import LOGIN, LOGOUT
from matcher.app.parts.charts import show_note
from matcher.app.parts.words import t
from matcher.app.serving import serving
from matcher.store.records import system_user

#: Key of the session.
_OPENED = "account_opened"


def account() -> Account:
    """The account of the session; where it has ended, say so and end the page."""
    if serving() is None:
        return _alone()
    found = accounts().who(cookies.token_of_page())
    if found is None or found.must_change:
        st.session_state.clear()
        show_note(t("login.ended"))
        st.link_button(t("login.again_link"), LOGIN, type="primary")
        st.stop()
    return found


def actor() -> Actor:
    """The account as the audit names it."""
    one = account()
    return Actor(one.name, one.role)


def note(what: str, whose: str = "", result: str = "done") -> None:
    """Write a row of the audit, where others are served; what it tells of comes after it.

    Raises
    ------
    StoreError
        When it cannot be written.
    """
    if serving() is not None:
        accounts().note(actor(), what, whose, result)


def note_once(what: str, whose: str = "") -> None:
    """The same, once in a session of a page: each click runs the page anew."""
    key = f"noted_{what}_{whose}"
    if key not in st.session_state:
        note(what, whose)
        st.session_state[key] = True


def show_account() -> None:
    """Who is logged in, and the way out."""
    if serving() is None:
        st.caption(t("app.one_person"))
        return
    one = account()
    st.caption(t("login.as_", name=one.name, role=t(f"role.{one.role}")))
    st.link_button(t("login.out"), LOGOUT, key="log_out")
    _tell_opened(one.name)


def _tell_opened(name: str) -> None:
    """What others did lately that opens the account; looked up once in a session."""
    if _OPENED not in st.session_state:
        here = accounts()
        st.session_state[_OPENED] = opened_by_others(here.database, name, here.clock())
    for row in st.session_state[_OPENED]:
        at = row.local_at[:16].replace("T", " ")
        show_note(t(f"login.{row.what}", by=row.who, at=at))


def _alone() -> Account:
    return Account(0, system_user() or "?", ALONE, (), False, False, "", datetime(2000, 1, 1, tzinfo=UTC))
