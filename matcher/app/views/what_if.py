"""Scenarios: edit providers, people and policy, match again, see who gains and who loses; keep and compare."""

from __future__ import annotations

import hashlib

import streamlit as st

from matcher.app.parts import draft, edits, state
from matcher.app.parts.charts import show_heading, show_line, show_note, show_title
from matcher.app.parts.failures import told_failures
from matcher.app.parts.ground import ground_layer
from matcher.app.parts.layers import county_layer, edit_layer, provider_layer, township_layer
from matcher.app.parts.legends import load_legend, share_legend
from matcher.app.parts.maps import Clicks, show_map
from matcher.app.parts.results import show_results
from matcher.app.parts.saved import show_saved
from matcher.app.parts.wider_edits import describe
from matcher.app.parts.words import count, t
from matcher.errors import BadInput
from matcher.inputs import Inputs
from matcher.plan.plan import Plan
from matcher.scenario.applying import apply
from matcher.scenario.edits import SetPolicy
from matcher.scenario.files import as_data

#: Keys of the session: what was computed, and the map.
COMPUTED = "what_if_computed"
MAP = "what_if_map"
_STAY = "what_if_stay"
#: The key of the policy by which people stay, and how much farther (metres) somebody may go for it.
SWITCHING, STAY_M = "switching_m", 2_000


def main() -> None:
    """Draw the page."""
    show_heading(t("app.what_if.title"), t("app.what_if.line"))
    before = state.current_plan()
    try:
        inputs = apply(draft.scenario(), before.inputs, before.policy).inputs
    except BadInput as error:  # the data changed under the edits, or they need what the app does not have
        st.session_state[edits.NOTE] = t(f"error.{error.code}", **error.values)
        draft.drop_edits()
        inputs = before.inputs
    _tell_dropped()
    with st.container(key="split"):
        left, right = st.columns([1.7, 1])
        with left, st.container(key="card_map"):
            _edit_map(before, inputs)
        with right:
            with st.container(key="card_edits"):
                _edit_list(inputs)
                _staying()
                compute = t("app.what_if.compute")
                pressed = st.button(compute, type="primary", disabled=not draft.edits(), key="compute")
            with st.container(key="card_forms"):
                edits.show_forms(inputs)
    if pressed:
        _compute(before)
    _show_result(before)
    with st.container(key="card_saved"):
        show_saved(before)


def _tell_dropped() -> None:
    """Say that edits of other data are gone, until there are new ones."""
    edits.show_last_note()
    if draft.edits():
        st.session_state.pop(draft.DROPPED, None)
    elif draft.DROPPED in st.session_state:
        show_note(t("app.what_if.dropped", number=count(st.session_state[draft.DROPPED])))


def _edit_list(inputs: Inputs) -> None:
    """The edits so far, each with a button that takes it out; steps back and forward."""
    show_title(t("app.what_if.edits"))
    now = draft.draft()
    if not now.edits:
        show_line(t("app.what_if.no_edits"))
    for number, edit in enumerate(now.edits, start=1):
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", key=f"edit_{number}"):
            show_line(f"{number}. {describe(edit, inputs)}")
            st.button(
                t("app.what_if.remove"),
                on_click=draft.remove_edit,
                args=(number - 1,),
                type="tertiary",
                key=f"remove_{number}",
            )
    with st.container(horizontal=True, key="steps"):
        st.button(
            t("app.what_if.undo"),
            on_click=draft.undo,
            disabled=not now.past,
            icon=":material/undo:",
            key="undo",
        )
        st.button(
            t("app.what_if.redo"),
            on_click=draft.redo,
            disabled=not now.future,
            icon=":material/redo:",
            key="redo",
        )


def _staying() -> None:
    """Whether people are to stay with the provider that they have now, unless that serves fewer."""
    made = [edit for edit in draft.edits() if isinstance(edit, SetPolicy) and edit.key == SWITCHING]
    st.session_state[_STAY] = bool(made and made[-1].value)
    st.toggle(
        t("app.what_if.stay"), key=_STAY, help=t("app.what_if.stay_line", m=count(STAY_M)), on_change=_stay
    )


def _stay() -> None:
    others = [edit for edit in draft.edits() if not (isinstance(edit, SetPolicy) and edit.key == SWITCHING)]
    draft.set_edits([*others, SetPolicy(SWITCHING, STAY_M)] if st.session_state[_STAY] else others)


def _edit_map(before: Plan, inputs: Inputs) -> None:
    show_title(t("app.what_if.map"), t("app.what_if.map_line"))
    layers = [
        county_layer(),
        township_layer(before),
        ground_layer(),
        provider_layer(before),
        edit_layer(inputs, draft.edits()),
    ]
    show_map(
        MAP,
        before.outcome.fingerprint,
        layers,
        [share_legend(), load_legend()],
        height=600,
        clicks=Clicks(
            placing=True,
            pin=edits.pin(),
            selected=st.session_state.get(edits.PROVIDER),
            on_placed=lambda: edits.take_position(st.session_state[MAP]["placed"]),
            on_picked=lambda: edits.take_provider(st.session_state[MAP]["picked"]),
        ),
    )


def _compute(before: Plan) -> None:
    with told_failures(), st.spinner(t("app.matching")):
        state.plan_under(before, draft.edits())
        st.session_state[COMPUTED] = _asked(before)


def _asked(before: Plan) -> str:
    """What a result belongs to."""
    text = f"{before.outcome.fingerprint}\n{as_data(draft.scenario())['edits']}"
    return hashlib.sha256(text.encode()).hexdigest()


def _show_result(before: Plan) -> None:
    computed = st.session_state.get(COMPUTED)
    if computed is None or not draft.edits():
        return
    if computed != _asked(before):
        show_note(t("app.what_if.stale"))
        return
    with told_failures(), st.spinner(t("app.matching")):
        show_results(before, state.plan_under(before, draft.edits()))


main()
