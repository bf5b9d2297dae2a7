"""Requests: what clinics ask to be mended, settled by the planner several at a time, with an answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd
import streamlit as st

from matcher.accounts.decisions import withdraw_of_requests
from matcher.accounts.requests import (
    ACCEPTED,
    LEFT,
    OPEN,
    REFUSED,
    STATES,
    Request,
    decision_of,
    requests,
    settle,
)
from matcher.app.here import accounts
from matcher.app.parts import state
from matcher.app.parts.account import account, actor
from matcher.app.parts.charts import show_heading, show_line, show_note
from matcher.app.parts.choices import choose
from matcher.app.parts.failures import told_failures
from matcher.app.parts.full_export import show_waiting_exports
from matcher.app.parts.resting import show_resting
from matcher.app.parts.tables import pick_rows, rows_of
from matcher.app.parts.words import count, label, t
from matcher.masking import mask_if_id_number, mask_name, mask_phone
from matcher.plan.plan import Plan
from matcher.results.decisions import decided, eligible_providers
from matcher.results.desk import providers_of, within
from matcher.results.roster import provider_names

_DONE = "requests_done"
#: So many decisions that cannot be kept are told one by one.
_MOST_TOLD = 10


def main() -> None:
    """Draw the page."""
    asking = account()
    plan = state.current_plan()
    show_heading(t("app.requests.title"), t("app.requests.line"))
    if asking.may("plan"):
        show_waiting_exports()
    _show_requests(plan)
    if asking.may("plan") and asking.may("settle"):
        show_resting(plan)


def _show_requests(plan: Plan) -> None:
    asking = account()
    own = providers_of(plan.inputs, asking.scope)
    wanted = choose(
        t("app.requests.state"), {one: label("request_state", one) for one in STATES}, "requests_state"
    )
    found = [one for one in requests(accounts(), own) if one.state == wanted]
    if asking.may("settle"):
        _tell_set_aside(plan, own)
    with st.container(key="card_requests"):
        if _DONE in st.session_state:
            show_note(st.session_state.pop(_DONE), "good")
        if not found:
            show_line(t("app.requests.none"))
            return
        chooses = asking.may("settle") and wanted != REFUSED
        chosen = [found[at] for at in _table(plan, found, chooses)]
        if chooses:
            _settle(plan, chosen, own) if wanted == OPEN else _take_back(chosen)


def _tell_set_aside(plan: Plan, own: Collection[str] | None) -> None:
    """Decisions that the plan cannot keep, with the reason; of `own` providers alone where there is a scope."""
    table = decided(plan)
    table = table[table["state"] != "kept"]
    if own is not None:
        table = table[table["provider_id"].isin(own)]
    if len(table):
        names = provider_names(plan)
        told = t("roster.comma").join(
            f"{mask_if_id_number(row.resident_id)} → {names.get(row.provider_id, row.provider_id)}"
            f" ({t(f'decision.{row.state}')})"
            for row in rows_of(table.head(_MOST_TOLD))
        )
        show_note(t("app.requests.set_aside", number=count(len(table)), told=told), "error")


def _table(plan: Plan, found: Sequence[Request], choosable: bool) -> Sequence[int]:
    people = plan.inputs.residents.set_index("resident_id")["name"]
    providers = plan.inputs.providers.set_index("provider_id")["name"]
    names = [people.get(one.resident_id) for one in found]
    columns = {
        "resident": [mask_if_id_number(one.resident_id) for one in found],
        "name": [mask_name(name) if isinstance(name, str) else "" for name in names],
        "provider": [providers.get(one.provider_id) or one.provider_id for one in found],
        "kind": [label("request", one.kind) for one in found],
        "value": [_value(plan, one) for one in found],
        "reason": [one.reason for one in found],
        "made": [f"{one.made_by} {one.made_at.astimezone():%Y-%m-%d %H:%M}" for one in found],
    }
    if any(one.answer for one in found):
        columns["answer"] = [f"{one.answer or ''} ({one.settled_by or ''})" for one in found]
    table = pd.DataFrame(columns).rename(columns={name: t(f"app.requests.{name}") for name in columns})
    if not choosable:
        st.dataframe(table, hide_index=True, key="requests_table")
        return ()
    return pick_rows(table, [one.id for one in found], "requests_table")


def _value(plan: Plan, one: Request) -> str:
    """What is to be written instead, in words; of a phone its last signs."""
    if one.value is None:
        return t("app.requests.gone") if one.kind == "died" else "–"
    if one.kind == "moved":
        names = plan.inputs.places.set_index("place_code")["name"].dropna()
        return t("app.card.left") if one.value == LEFT else str(names.get(one.value, one.value))
    if one.kind == "not_ours":
        return provider_names(plan).get(one.value, one.value)
    return mask_phone(one.value) if one.kind == "phone" else one.value


def _not_possible(plan: Plan, chosen: Sequence[Request], own: Collection[str] | None) -> list[str]:
    """Ids of people whom the provider of their request may not take, or whose provider is not of the scope."""
    row = pd.Index(plan.people["resident_id"])
    wrong = []
    for one in chosen:
        decision = decision_of(one)
        if decision is None or decision[1] != "override":
            continue
        at = int(row.get_indexer([one.resident_id])[0])
        possible = () if at < 0 else within(eligible_providers(plan, at), own)
        if decision[2] not in possible:
            wrong.append(mask_if_id_number(one.resident_id))
    return wrong


def _settle(plan: Plan, chosen: Sequence[Request], own: Collection[str] | None) -> None:
    """One answer for all that are chosen."""
    ids = [one.id for one in chosen]
    answer = st.text_input(t("app.requests.your_answer"), key="requests_answer")
    with st.container(horizontal=True, key="requests_buttons"):
        accepts = st.button(
            t("app.requests.accept", number=count(len(ids))),
            disabled=not ids,
            type="primary",
            key="requests_accept",
        )
        refuses = st.button(
            t("app.requests.refuse", number=count(len(ids))), disabled=not ids, key="requests_refuse"
        )
    wrong = _not_possible(plan, chosen, own) if accepts else []
    if wrong:
        show_note(t("app.requests.not_possible", ids=", ".join(wrong)), "error")
    elif accepts or refuses:
        with told_failures():
            number = settle(accounts(), actor(), ids, ACCEPTED if accepts else REFUSED, answer)
            st.session_state[_DONE] = t("app.requests.settled", number=count(number))
            st.rerun()


def _take_back(chosen: Sequence[Request]) -> None:
    """What was decided by accepting a request no longer holds."""
    if st.button(
        t("app.requests.take_back", number=count(len(chosen))), disabled=not chosen, key="requests_take_back"
    ):
        with told_failures():
            number = withdraw_of_requests(accounts(), actor(), [one.id for one in chosen])
            st.session_state[_DONE] = t("app.requests.taken_back", number=count(number))
            st.rerun()


main()
