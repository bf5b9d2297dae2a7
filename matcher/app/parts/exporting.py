"""The link with which a file of people is fetched, see ``exports.py``."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import streamlit as st

from matcher.accounts.passwords import LEAST_CLASSES, LEAST_SIGNS, checked
from matcher.app.exports import Make, Offer, offer, stands
from matcher.app.parts.account import account
from matcher.app.parts.charts import show_line
from matcher.app.parts.failures import told_failures
from matcher.app.parts.words import t
from matcher.plan.plan import Plan
from matcher.results.export import XLSX

#: Keys of the session: address by what it is about; how many passwords were taken at a place on a page.
_OFFERED, _TAKEN = "exports_offered", "exports_passwords"


def show_export(key: str, label: str, name: str, media_type: str, whose: str, plan: Plan, make: Make) -> None:
    """A link that serves once; the same one as long as nobody used it and it is about the same.

    An Excel file can be given a password: the next one that is fetched opens with it alone.

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
    made = Offer(asking, name, media_type, whose, plan.outcome.fingerprint, make)
    about: tuple[object, ...] = (asking, key, name, plan.outcome.fingerprint, label)
    offered: dict[tuple[object, ...], str] = st.session_state.setdefault(_OFFERED, {})
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        link = st.container(key=key, width="content")
        password = ask_password(key, asking.name) if media_type == XLSX else None
    under_password = (*about, "password")
    if password:
        offered[under_password] = offer(replace(made, password=password))
        st.rerun()  # without the field in which it was typed
    if under_password in offered and stands(offered[under_password]):
        about, label = under_password, t("app.export.locked", label=label)
    elif about not in offered or not stands(offered[about]):
        offered[about] = offer(made)
    with link:
        show_link(offered[about], label)


def show_link(address: str, label: str) -> None:
    """A link that looks like a button."""
    once = escape(t("app.export.once"))
    st.html(f'<a class="download" href="{address}" download title="{once}">{escape(label)}</a>')


def ask_password(key: str, name: str) -> str | None:
    """A password that was typed just now and is good enough; with the next run of the page the session has it no more.

    Parameters
    ----------
    key : str
        Of the place on the page.
    name : str
        Of the account.
    """
    taken: dict[str, int] = st.session_state.setdefault(_TAKEN, {})
    number = taken.get(key, 0)
    with (
        st.popover(t("app.export.lock"), key=f"{key}_lock"),
        st.form(f"{key}_password_form_{number}", border=False, clear_on_submit=True),
    ):
        typed = st.text_input(
            t("app.export.password"),
            type="password",
            autocomplete="new-password",
            key=f"{key}_password_{number}",
        )
        show_line(t("app.export.rule", signs=LEAST_SIGNS, classes=LEAST_CLASSES))
        pressed = st.form_submit_button(t("app.export.set"), key=f"{key}_set_{number}")
        if pressed:
            with told_failures():
                password = checked(typed, name)
                taken[key] = number + 1  # another field: the session drops what was typed in this one
                return password
    return None
