"""Accounts: who may log in; for the administrator, who sees nobody's data."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from matcher.accounts.approvals import ask_account, ask_role, open_approvals, settle
from matcher.accounts.roles import MAY_BE_SCOPED, ROLES
from matcher.app.here import accounts
from matcher.app.parts import publishing
from matcher.app.parts.account import account, actor
from matcher.app.parts.charts import show_heading, show_note, show_title
from matcher.app.parts.deleting import show_waiting
from matcher.app.parts.failures import told_failures
from matcher.app.parts.full_export import show_waiting_exports
from matcher.app.parts.words import t

_DONE = "accounts_done"


def main() -> None:
    """Draw the page."""
    show_heading(t("app.accounts.title"), t("app.accounts.line"))
    if _DONE in st.session_state:
        show_note(st.session_state.pop(_DONE), "good")
    every = accounts().all()
    with st.container(key="card_accounts"):
        table = pd.DataFrame(
            {
                t("login.name"): [one.name for one in every],
                t("app.accounts.role"): [t(f"role.{one.role}") for one in every],
                t("app.accounts.scope"): [" ".join(one.scope) for one in every],
                t("app.accounts.state"): [
                    t(f"cli.account_{'disabled' if one.disabled else 'open'}") for one in every
                ],
            }
        )
        st.dataframe(table, hide_index=True, key="accounts_table")
    _waiting()
    show_waiting(_DONE)
    publishing.show_waiting()
    show_waiting_exports()
    left, right = st.columns(2)
    with left, st.container(key="card_new_account"):
        _add()
    with right, st.container(key="card_change_account"):
        _change([one.name for one in every])


def _waiting() -> None:
    """What waits for a second administrator."""
    for one in open_approvals(accounts()):
        with st.container(key=f"card_approval_{one.id}"):
            was = t(f"role.{one.role_before}") if one.before else t("app.accounts.nobody_yet")
            told = {"name": one.name, "was": was, "role": t(f"role.{one.role}"), "by": one.asked_by}
            show_title(t("app.accounts.waits", **told), " ".join(one.scope) or t("app.accounts.second"))
            may = one.may_settle(account().name)
            with st.container(horizontal=True, key=f"approval_buttons_{one.id}"):
                granted = st.button(
                    t("app.accounts.grant"), type="primary", disabled=not may, key=f"grant_{one.id}"
                )
                refused = st.button(
                    t(f"app.accounts.{'refuse' if may else 'take_back'}"), key=f"refuse_{one.id}"
                )
        if granted or refused:
            with told_failures():
                code = settle(accounts(), one.id, grant=granted, actor=actor())
                if code:
                    _tell_code(one.name, code)
                _tell(t("cli.account_changed" if granted else "app.accounts.not_granted", name=one.name))


def _add() -> None:
    show_title(t("app.accounts.add"), t("app.accounts.add_line"))
    with st.form("account_add", border=False):
        name = st.text_input(t("login.name"), key="account_name")
        role, scope = _role_fields("new")
        pressed = st.form_submit_button(t("app.accounts.add"), type="primary", key="account_add_button")
    if pressed:
        with told_failures():
            ask_account(accounts(), name, role, scope.split() if role in MAY_BE_SCOPED else (), actor())
            _tell(t("app.accounts.asked", name=name))


def _role_fields(key: str) -> tuple[str, str]:
    role = st.selectbox(
        t("app.accounts.role"),
        ROLES,
        format_func={one: t(f"role.{one}") for one in ROLES}.__getitem__,
        key=f"{key}_role",
    )
    scope = st.text_input(
        t("app.accounts.scope"), key=f"{key}_scope", placeholder="provider:P057 township:510402005"
    )
    return role, scope


def _change(names: list[str]) -> None:
    show_title(t("app.accounts.change"))
    name = st.selectbox(t("login.name"), names, key="account_chosen")
    own = name == account().name
    with st.form("account_role", border=False):
        role, scope = _role_fields("other")
        changed = st.form_submit_button(t("app.accounts.set_role"), disabled=own, key="account_role_button")
    with st.container(horizontal=True, key="account_buttons"):
        invited = st.button(t("app.accounts.invite"), disabled=own, key="account_invite")
        disabled = st.button(t("app.accounts.disable"), disabled=own, key="account_disable")
        enabled = st.button(t("app.accounts.enable"), disabled=own, key="account_enable")
    with told_failures():
        if changed:
            ask_role(accounts(), name, role, scope.split() if role in MAY_BE_SCOPED else (), actor())
            _tell(t("app.accounts.asked", name=name))
        if invited:
            _tell_code(name, accounts().invite(name, actor()))
        if disabled or enabled:
            accounts().set_disabled(name, disabled, actor())
            _tell(t("cli.account_changed", name=name))


def _tell_code(name: str, code: str) -> None:
    _tell(t("app.accounts.code", name=name, path=f"/login/first#{code}"))


def _tell(text: str) -> None:
    st.session_state[_DONE] = text
    st.rerun()


main()
