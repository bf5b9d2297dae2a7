"""The values of a policy that a page changes, a field each; all others are changed in a file."""

from __future__ import annotations

import streamlit as st

from matcher.app.parts.words import label, t
from matcher.policy.documents import Policy
from matcher.policy.own import Value
from matcher.tables import MODES

KEYS = (
    *(f"limit_km.{mode}" for mode in MODES),
    "detour_factor",
    "switching_m",
    "max_passed_over",
    "keep_households_together",
)
#: Least and most of each table or key, and by how much it is stepped.
_BOUNDS = {
    "limit_km": (0.1, 2000.0, 1.0),
    "detour_factor": (1.0, 5.0, 0.1),
    "switching_m": (0, 1_000_000, 500),
    "max_passed_over": (0, 1_000_000, 1),
}


def key_name(key: str) -> str:
    """What a key of a policy is called."""
    table, _, mode = key.partition(".")
    return t(f"policy_key.{table}", mode=label("mode", mode)) if mode else t(f"policy_key.{table}")


def present(policy: Policy, key: str) -> Value:
    """The value that a policy has now, as a file would say it: ``""`` for none."""
    table, _, mode = key.partition(".")
    value: Value | None = getattr(policy, table)[mode] if mode else getattr(policy, table)
    return "" if value is None else value


def value_text(value: object) -> str:
    """A value in words."""
    return t("app.policy_page.any_number") if value == "" else str(value)


def value_field(policy: Policy, key: str, widget: str) -> Value:
    """A field with the value that the policy has now; the value that it is given."""
    now = present(policy, key)
    id = f"{widget}_{key}_{policy.digest}"
    if isinstance(now, bool):
        return st.checkbox(key_name(key), now, key=id)
    least, most, step = _BOUNDS[key.partition(".")[0]]
    kind = type(least)
    first = None if now == "" else kind(now)
    value: int | float | None = st.number_input(
        key_name(key), least, most, first, step=step, key=id, placeholder=value_text("")
    )
    return "" if value is None else value
