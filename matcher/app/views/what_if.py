"""What if: add, close or change providers, match again, and see who gains and who loses."""

from __future__ import annotations

import streamlit as st

from matcher.app.parts import edits, state
from matcher.app.parts.charts import show_heading, show_note, show_title
from matcher.app.parts.failures import told_failures
from matcher.app.parts.layers import (
    county_layer,
    edit_layer,
    load_legend,
    provider_layer,
    share_legend,
    township_layer,
)
from matcher.app.parts.maps import show_map
from matcher.app.parts.results import show_results
from matcher.app.parts.words import count, t
from matcher.errors import ScenarioError
from matcher.inputs import Inputs
from matcher.plan.match import match
from matcher.plan.plan import Plan
from matcher.scenario.applying import apply

#: Keys of the session: what was computed, and the map.
RESULT = "what_if_result"
MAP = "what_if_map"


def main() -> None:
    """Draw the page."""
    show_heading(t("app.what_if.title"), t("app.what_if.line"))
    before = state.current_plan()
    try:
        inputs = apply(edits.scenario(), before.inputs, before.policy).inputs
    except ScenarioError:  # the data changed under the edits
        state.drop_edits()
        inputs = before.inputs
    _tell_dropped()
    with st.container(key="split"):
        left, right = st.columns([1.7, 1])
        with left, st.container(key="card_map"):
            _edit_map(before, inputs)
        with right:
            with st.container(key="card_forms"):
                edits.show_forms(inputs)
            with st.container(key="card_edits"):
                edits.show_edits(inputs)
                compute = t("app.what_if.compute")
                pressed = st.button(compute, type="primary", disabled=not edits.edits(), key="compute")
    if pressed:
        _compute(before, inputs)
    _show_result(before)


def _tell_dropped() -> None:
    """Say that edits of other data are gone, until there are new ones."""
    if edits.edits():
        st.session_state.pop(state.DROPPED, None)
    elif state.DROPPED in st.session_state:
        show_note(t("app.what_if.dropped", number=count(st.session_state[state.DROPPED])))


def _edit_map(before: Plan, inputs: Inputs) -> None:
    show_title(t("app.what_if.map"), t("app.what_if.map_line"))
    layers = [
        county_layer(),
        township_layer(before),
        provider_layer(before),
        edit_layer(inputs, edits.edits()),
    ]
    show_map(
        MAP,
        before.outcome.fingerprint,
        layers,
        [share_legend(), load_legend()],
        height=600,
        placing=True,
        pin=edits.pin(),
        selected=st.session_state.get(edits.PROVIDER),
        on_placed=lambda: edits.take_position(st.session_state[MAP]["placed"]),
        on_picked=lambda: edits.take_provider(st.session_state[MAP]["picked"]),
    )


def _compute(before: Plan, inputs: Inputs) -> None:
    with told_failures(), st.spinner(t("app.matching")):
        after = match(inputs, before.policy, start=before)
        st.session_state[RESULT] = (before.outcome.fingerprint, edits.scenario(), after)


def _show_result(before: Plan) -> None:
    if RESULT not in st.session_state:
        return
    fingerprint, computed, after = st.session_state[RESULT]
    if (fingerprint, computed.edits) == (before.outcome.fingerprint, edits.scenario().edits):
        show_results(before, after)
    elif edits.edits():
        show_note(t("app.what_if.stale"))


main()
