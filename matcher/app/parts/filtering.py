"""Whom the whole page is about: a county, ages, a group, a tier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from matcher.app.parts.charts import show_note
from matcher.app.parts.words import count, label, t
from matcher.plan.plan import Plan
from matcher.results.filters import AGE_BANDS, Filter
from matcher.tables import VOCABULARIES

#: Keys of the widgets.
_PLACE, _AGES, _GROUP, _TIER = (f"filter_{name}" for name in ("place", "ages", "group", "tier"))


def chosen_filter(plan: Plan) -> Filter:
    """What is chosen, as far as these data and this policy know it."""
    chosen = {name: st.session_state.get(name) for name in (_PLACE, _AGES, _GROUP, _TIER)}
    return Filter(
        place=chosen[_PLACE] if chosen[_PLACE] in _counties(plan) else None,
        ages=chosen[_AGES],
        group=chosen[_GROUP],
        tier=chosen[_TIER] if chosen[_TIER] in _tiers(plan) else None,
    )


def show_filter(plan: Plan) -> None:
    """A button that opens the four choices; it says when something is chosen."""
    wanted = chosen_filter(plan)
    chosen = sum(value is not None for value in (wanted.place, wanted.ages, wanted.group, wanted.tier))
    title = t("app.filter.some", number=chosen) if chosen else t("app.filter.title")
    with st.popover(title, icon=":material/filter_alt:", key="filter"):
        _choice(_PLACE, _counties(plan))
        _choice(_AGES, {band: _ages(*band) for band in AGE_BANDS})
        _choice(_GROUP, {code: label("group", code) for code in VOCABULARIES["group"]})
        _choice(_TIER, _tiers(plan))
        st.button(t("app.filter.clear"), on_click=clear, disabled=not chosen, key="filter_clear")


def tell_filter(plan: Plan, residents: int) -> None:
    """How many of all people every figure of the page counts; nothing where these are all."""
    wanted = chosen_filter(plan)
    if wanted.is_empty:
        return
    told = [
        _counties(plan)[wanted.place] if wanted.place else "",
        _ages(*wanted.ages) if wanted.ages else "",
        label("group", wanted.group),
        _tiers(plan)[wanted.tier] if wanted.tier else "",
    ]
    words = " · ".join(filter(None, told))
    show_note(t("app.filter.told", words=words, some=count(residents), all=count(len(plan.people))))


def clear() -> None:
    """Take everybody again."""
    for name in (_PLACE, _AGES, _GROUP, _TIER):
        st.session_state[name] = None


def _choice(key: str, names: Mapping[Any, str]) -> None:
    if st.session_state.get(key) not in names:
        st.session_state[key] = None
    st.selectbox(
        t(f"app.filter.{key.removeprefix('filter_')}"),
        list(names),
        format_func=names.__getitem__,
        placeholder=t("app.filter.any"),
        key=key,
    )


def _counties(plan: Plan) -> dict[str, str]:
    places = plan.inputs.places
    counties = places[places["level"] == "county"]
    names = counties["name"].fillna(counties["place_code"])
    return dict(zip(counties["place_code"], names, strict=True))


def _tiers(plan: Plan) -> dict[int, str]:
    return {tier: t("app.figure.tier", tier=tier) for tier in range(1, plan.policy.tier_count + 1)}


def _ages(first: int, last: int) -> str:
    if (first, last) == AGE_BANDS[0]:
        return t("app.filter.below", age=last + 1)
    if (first, last) == AGE_BANDS[-1]:
        return t("app.filter.from", age=first)
    return t("app.filter.years", first=first, last=last)
