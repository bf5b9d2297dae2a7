"""The forms of the scenario page for what concerns everybody: people and policy; and every edit told in words."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from matcher.app.parts.choices import choose
from matcher.app.parts.words import count, label, mode_name, t
from matcher.inputs import Inputs
from matcher.plan.figures import ALL
from matcher.scenario.edits import (
    AddProvider,
    Ageing,
    ChangeCapacity,
    ChangeDemand,
    CloseProvider,
    Edit,
    MoveProvider,
    OpenPlanned,
    Season,
    SetPolicy,
)
from matcher.tables import MODES

KINDS = ("demand", "ageing", "season")
#: Values of a policy that a form changes; others by file.
KEYS = (*(f"limit_km.{mode}" for mode in MODES), "detour_factor", "switching_m", "keep_households_together")


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
    modes = {mode: mode_name(mode) for mode in (ALL, *MODES)}
    mode = st.selectbox(t("app.what_if.mode"), list(modes), format_func=modes.__getitem__, key="demand_mode")
    return ChangeDemand(factor / 100, place, None if mode == ALL else mode)


def _ageing(_inputs: Inputs) -> Edit:
    return Ageing(int(st.number_input(t("app.what_if.years"), 1, 50, 5, key="ageing_years")))


def _season(_inputs: Inputs) -> Edit:
    return Season(int(st.number_input(t("app.what_if.month"), 1, 12, 7, key="season_month")))


def policy_form(inputs: Inputs) -> Edit | None:
    """Another value of the policy."""
    names = {key: key_name(key) for key in KEYS}
    key = st.selectbox(t("app.what_if.key"), list(names), format_func=names.__getitem__, key="policy_key")
    value: object
    if key == "keep_households_together":
        value = st.checkbox(t("app.what_if.yes"), True, key="policy_flag")
    elif key == "switching_m":
        value = int(
            st.number_input(t("app.what_if.metres"), 0, 1_000_000, 2000, step=500, key="policy_metres")
        )
    else:
        value = float(
            st.number_input(t("app.what_if.value"), 0.1, 1000.0, 10.0, step=1.0, key="policy_value")
        )
    return SetPolicy(key, value) if st.button(t("app.what_if.policy_button"), key="set_policy") else None


def key_name(key: str) -> str:
    """What a key of a policy is called."""
    table, _, mode = key.partition(".")
    return t(f"policy_key.{table}", mode=label("mode", mode)) if mode else t(f"policy_key.{table}")


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
    return t("app.what_if.told_policy", what=_known_key(edit), value=edit.value)


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
