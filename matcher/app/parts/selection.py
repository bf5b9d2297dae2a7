"""The one place or provider that the whole page is about, chosen on the map, in a table, or by its name."""

from __future__ import annotations

import streamlit as st

from matcher.app.parts.words import t
from matcher.plan.plan import Plan

#: Keys of the session: kind and id of what is chosen, and the field to search by name.
CHOSEN = "chosen"
_SEARCH = "chosen_search"

#: ("place" | "provider", id)
Chosen = tuple[str, str]


def chosen(plan: Plan) -> Chosen | None:
    """What is chosen, if the data know it."""
    found: Chosen | None = st.session_state.get(CHOSEN)
    if found is None or found[1] not in _ids(plan, found[0]):
        return None
    return found


def go_into(kind: str, id: str) -> None:
    """Make the page about one place or provider."""
    st.session_state[CHOSEN] = (kind, id)
    st.session_state[_SEARCH] = None


def leave() -> None:
    """Make the page about everything again."""
    st.session_state.pop(CHOSEN, None)
    st.session_state[_SEARCH] = None


def show_search(plan: Plan) -> None:
    """A field that finds a place or a provider by its name."""
    names = _names(plan)
    st.selectbox(
        t("app.overview.search"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=t("app.overview.search"),
        label_visibility="collapsed",
        on_change=_take_search,
        key=_SEARCH,
    )


def _take_search() -> None:
    if st.session_state[_SEARCH] is not None:
        go_into(*st.session_state[_SEARCH])


def _ids(plan: Plan, kind: str) -> set[str]:
    table, key = (
        (plan.inputs.places, "place_code") if kind == "place" else (plan.inputs.providers, "provider_id")
    )
    return set(table[key])


def _names(plan: Plan) -> dict[Chosen, str]:
    """Larger places first, then providers; each with the place above it, since names repeat."""
    places = plan.inputs.places
    name = places["name"].fillna(places["place_code"])
    by_code = dict(zip(places["place_code"], name, strict=True))
    above = places["parent_code"].map(by_code)
    found: dict[Chosen, str] = {}
    for level in ("province", "city", "county", "township", "village"):
        rows = places["level"] == level
        for code, own, up in zip(places["place_code"][rows], name[rows], above[rows], strict=True):
            found["place", code] = own if up != up or up is None else f"{own} · {up}"
    providers = plan.inputs.providers
    where = providers["place_code"].map(by_code)
    for id, own, place in zip(providers["provider_id"], providers["name"], where, strict=True):
        text = id if own != own or own is None else own
        found["provider", id] = text if place != place or place is None else f"{text} · {place}"
    return found
