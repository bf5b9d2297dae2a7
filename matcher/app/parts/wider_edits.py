"""The forms of the scenario page for what concerns everybody: people and policy; and every edit told in words."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from matcher.app.parts.choices import choose, mode_names
from matcher.app.parts.policy_values import KEYS, key_name, present, value_field, value_text
from matcher.app.parts.state import current_plan
from matcher.app.parts.words import count, label, mode_name, t
from matcher.inputs import Inputs
from matcher.plan.figures import ALL
from matcher.scenario.edits import (
    AddProvider,
    Ageing,
    ChangeCapacity,
    ChangeDemand,
    CloseProvider,
    CloseRoad,
    Edit,
    MoveProvider,
    OpenPlanned,
    Season,
    SetPolicy,
)

KINDS = ("demand", "ageing", "season")


def people_form(inputs: Inputs) -> Edit | None:
    """More or fewer people, everybody older, another month."""
    kind = choose(
        t("app.what_if.population"), {name: t(f"app.what_if.{name}") for name in KINDS}, "people_kind"
    )
    forms: dict[str, Callable[[Inputs], Edit]] = {"demand": _demand, "ageing": _ageing, "season": _season}
    edit = forms[kind](inputs)
    return edit if st.button(t("app.what_if.people_button"), key="people") else None


def _demand(inputs: Inputs) -> Edit:
    factor = st.number_input(t("app.what_if.factor"), 0, 1000, 120, step=5, key="demand_factor")
    places = inputs.places[inputs.places["level"] != "village"]
    names = dict(zip(places["place_code"], places["name"].fillna(places["place_code"]), strict=True))
    place = st.selectbox(
        t("app.what_if.where"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=t("app.what_if.everywhere"),
        key="demand_place",
    )
    modes = mode_names()
    mode = st.selectbox(t("app.what_if.mode"), list(modes), format_func=modes.__getitem__, key="demand_mode")
    return ChangeDemand(factor / 100, place, None if mode == ALL else mode)


def _ageing(_inputs: Inputs) -> Edit:
    return Ageing(int(st.number_input(t("app.what_if.years"), 1, 50, 5, key="ageing_years")))


def _season(_inputs: Inputs) -> Edit:
    return Season(int(st.number_input(t("app.what_if.month"), 1, 12, 7, key="season_month")))


def policy_form(_inputs: Inputs) -> Edit | None:
    """Another value of the policy."""
    names = {key: key_name(key) for key in KEYS}
    key = st.selectbox(t("app.what_if.key"), list(names), format_func=names.__getitem__, key="policy_key")
    policy = current_plan().policy
    value = value_field(policy, key, "edit")
    same = value == present(policy, key)
    pressed = st.button(t("app.what_if.policy_button"), disabled=same, key="set_policy")
    return SetPolicy(key, value) if pressed else None


def describe(edit: Edit, inputs: Inputs) -> str:
    """One edit in words; `inputs` have the edits before it applied."""
    if isinstance(edit, AddProvider):
        kind = label("provider_kind", edit.values["kind"])
        return t(
            "app.what_if.told_add", name=edit.values.get("name") or edit.values["provider_id"], kind=kind
        )
    if isinstance(edit, CloseProvider | MoveProvider | OpenPlanned | ChangeCapacity):
        return _of_provider(edit, inputs)
    if isinstance(edit, ChangeDemand):
        names = inputs.places.set_index("place_code")["name"]
        where = (
            t("app.what_if.everywhere")
            if edit.place_code is None
            else names.get(edit.place_code, edit.place_code)
        )
        return t(
            "app.what_if.told_demand",
            where=where,
            mode=mode_name(edit.mode or ALL),
            factor=f"{100 * edit.factor:g}",
        )
    if isinstance(edit, Ageing):
        return t("app.what_if.told_ageing", years=edit.years)
    if isinstance(edit, Season):
        return t("app.what_if.told_season", month=edit.month)
    if isinstance(edit, CloseRoad):
        return t("app.what_if.told_close_road", ways=", ".join(str(way) for way in edit.ways))
    return t("app.what_if.told_policy", what=_known_key(edit), value=value_text(edit.value))


def _known_key(edit: SetPolicy) -> str:
    return key_name(edit.key) if edit.key in KEYS else edit.key


def _of_provider(edit: CloseProvider | MoveProvider | OpenPlanned | ChangeCapacity, inputs: Inputs) -> str:
    names = inputs.providers.set_index("provider_id")["name"]
    found = names.get(edit.provider_id)
    name = found if isinstance(found, str) else edit.provider_id
    if isinstance(edit, ChangeCapacity):
        amount = count(edit.to) if edit.to is not None else f"{edit.by or 0:+,}"
        return t("app.what_if.told_change", name=name, mode=label("mode", edit.mode), to=amount)
    word = {CloseProvider: "close", MoveProvider: "move", OpenPlanned: "open"}[type(edit)]
    return t(f"app.what_if.told_{word}", name=name)
