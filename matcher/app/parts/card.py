"""One person's card: who they are, what they need, why this provider; what a clinic may ask to be mended."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from matcher.accounts.requests import KINDS, LEFT, make_request
from matcher.app.here import accounts
from matcher.app.parts.account import account, actor, note
from matcher.app.parts.charts import show_line, show_note, show_terms, show_title
from matcher.app.parts.decide import show_decision, show_history
from matcher.app.parts.deleting import show_asking
from matcher.app.parts.failures import told_failures
from matcher.app.parts.words import count, km, label, language, t
from matcher.app.serving import serving
from matcher.plan.plan import Plan
from matcher.results.decisions import eligible_providers
from matcher.results.person import Nearer, nearer_providers
from matcher.results.roster import WHY, in_words, provider_names, shown
from matcher.tables import ABILITY_GRADES

#: Keys of the session: who is shown in full, and what was last done.
_OPENED = "card_opened"
_DONE = "card_done"


def show_card(plan: Plan, person: pd.Series, provider_id: str) -> None:
    """Draw it.

    Parameters
    ----------
    plan : Plan
        Of everybody.
    person : Series
        A row of `roster_people`.
    provider_id : str
    """
    rows = person.to_frame().T.astype({"tier": "int64", "nearer": "int64"})
    told = in_words(shown(rows), language()).iloc[0]
    if person["why"] not in WHY:
        told = told.rename({t("column.roster.why"): t("column.roster.why_nobody")})
    show_title(t("app.card.title", name=told.get(t("column.roster.name"), ""), id=told.iloc[0]))
    left, right = st.columns(2)
    with left:
        show_terms((str(name), _text(cell)) for name, cell in told.items() if _text(cell))
        _contact(person)
    with right:
        row = int((plan.people["resident_id"] == person["resident_id"]).to_numpy().argmax())
        _why(plan, person, row)
        if account().may("request"):
            _request(plan, person, row, provider_id)
        if account().may("settle"):
            show_decision(plan, person, row)
            if serving() is not None:
                show_asking(str(person["resident_id"]))
        show_history(str(person["resident_id"]))


def _text(cell: Any) -> str:
    if pd.isna(cell):
        return ""
    return f"{cell:.1f}" if isinstance(cell, float) else str(cell)


def _contact(person: pd.Series) -> None:
    """Phone and address in full, for one person, with a reason that is kept."""
    id = str(person["resident_id"])
    if st.session_state.get(_OPENED) != id:
        st.session_state.pop(_OPENED, None)  # who is opened again is asked for and recorded again
    else:
        show_terms((t(f"app.card.{name}"), _text(person[name]) or "–") for name in ("phone", "address"))
        return
    with st.form("person_open", border=False):
        reason = st.text_input(t("app.card.reason"), key=f"unmask_reason_{accounts().audit.sign(id)}")
        pressed = st.form_submit_button(t("app.card.open"), key="unmask")
    show_line(t("app.card.recorded" if serving() else "app.card.unrecorded"))
    if not pressed:
        return
    if not reason.strip():
        show_note(t("app.card.no_reason"), "error")
        return
    with told_failures():
        note("unmask", accounts().audit.sign(id), reason.strip())
        st.session_state[_OPENED] = id
        st.rerun()


def _why(plan: Plan, person: pd.Series, row: int) -> None:
    """A sentence for each nearer provider that a nurse can read aloud."""
    show_title(t("app.card.why"))
    if person["why"] == "decided":
        show_note(t("why.decided"))
    nearer = nearer_providers(plan, row)
    unserved = not isinstance(plan.people["provider_id"].iloc[row], str)
    if unserved:
        show_note(_why_nobody(plan, person, nearer))
    elif not nearer and person["why"] != "decided":
        show_line(t("why.nearest"))
    # Where travel counts as time, or leaving a provider has a price, the sum is not one of kilometres.
    by_distance = plan.policy.cost == "distance" and plan.policy.switching_m == 0
    show_terms((f"{one.name} · {km(one.km)}", _because(one, by_distance)) for one in nearer)


def _why_nobody(plan: Plan, person: pd.Series, nearer: list[Nearer]) -> str:
    """One sentence why somebody has no provider, and what would change it."""
    told = t("app.card.nobody", reason=label("reason", person["why"]))
    if person["why"] != "capacity_full":
        return told
    full = next((one.name for one in nearer if one.exchange is not None), None)
    return told if full is None else f"{told} {t('app.card.one_more', name=full)}"


def _because(one: Nearer, by_distance: bool) -> str:
    if one.exchange is None:
        own = ("full", "too_far", "passed_over")
        return t(f"app.card.{one.because}") if one.because in own else label("why_not", one.because)
    moved = count(one.exchange.moved)
    if one.exchange.lost:
        return t("app.card.full_but", moved=moved, cost=t("app.card.lost", people=count(one.exchange.lost)))
    if not by_distance:
        return t("app.card.full_moved", moved=moved)
    farther = t("app.card.farther", km=km(one.exchange.metres / 1000))
    return t("app.card.full_but", moved=moved, cost=farther)


def _request(plan: Plan, person: pd.Series, row: int, provider_id: str) -> None:
    show_title(t("app.card.request"))
    if _DONE in st.session_state:
        show_note(st.session_state.pop(_DONE), "good")
    id = str(person["resident_id"])
    sign = accounts().audit.sign(
        id
    )  # each person has fields of their own: what was typed for another is not meant
    kind = st.selectbox(
        t("app.card.kind"),
        KINDS,
        format_func={one: label("request", one) for one in KINDS}.__getitem__,
        key=f"request_kind_{sign}",
    )
    with st.form(f"request_{sign}", border=False, clear_on_submit=True):
        value = _right_value(plan, row, str(kind), provider_id, sign)
        reason = st.text_input(t("app.card.request_reason"), key=f"request_reason_{sign}")
        pressed = st.form_submit_button(t("app.card.send"), key="request_send")
    if not pressed:
        return
    with told_failures():
        make_request(accounts(), actor(), id, provider_id, str(kind), reason, value)
        st.session_state[_DONE] = t("app.card.sent")
        st.rerun()


def _right_value(plan: Plan, row: int, kind: str, provider_id: str, sign: str) -> str | None:
    """What is to be written instead, where the clinic knows it; None where it does not, or nothing is."""
    if kind == "phone":
        return str(st.text_input(t("app.card.new_phone"), key=f"request_phone_{sign}"))
    choices = _choices(plan, row, kind, provider_id)
    if not choices:
        return None
    return st.selectbox(
        t(f"app.card.new_{kind}"),
        list(choices),
        index=None,
        format_func=choices.__getitem__,
        placeholder=t("app.card.not_known"),
        key=f"request_{kind}_{sign}",
    )


def _choices(plan: Plan, row: int, kind: str, provider_id: str) -> dict[str, str]:
    if kind == "moved":
        places = plan.inputs.places
        places = places[places["level"].isin(["township", "village"])]
        above = places["parent_code"].map(plan.inputs.places.set_index("place_code")["name"]).fillna("")
        named = zip(places["place_code"], places["name"].fillna(places["place_code"]), above, strict=True)
        return {LEFT: t("app.card.left")} | {code: f"{name} · {up}".rstrip(" ·") for code, name, up in named}
    if kind == "grade":
        scheme = plan.people["ability_scheme"].iloc[row]
        known = scheme if isinstance(scheme, str) else plan.policy.default_scheme
        return {str(grade): str(grade) for grade in ABILITY_GRADES[known]}
    if kind == "not_ours":
        names = provider_names(plan)
        return {id: names[id] for id in eligible_providers(plan, row) if id != provider_id}
    return {}
