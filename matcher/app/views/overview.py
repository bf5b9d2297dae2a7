"""Overview for planners: how many are served, how far away, where not, and which provider is full."""

from __future__ import annotations

import streamlit as st

from matcher.app.parts import state
from matcher.app.parts.baseline import baseline_plan, show_baseline
from matcher.app.parts.breakdown import show_cards, show_first_figures, show_thirds
from matcher.app.parts.charts import show_heading, show_note, show_title
from matcher.app.parts.choices import choose, mode_names
from matcher.app.parts.filtering import chosen_filter, show_filter, tell_filter
from matcher.app.parts.ground import ground_layer
from matcher.app.parts.layers import (
    county_layer,
    flow_layer,
    provider_layer,
    village_layer,
)
from matcher.app.parts.legends import load_legend
from matcher.app.parts.maps import Clicks, Focus, focus_on, show_map
from matcher.app.parts.measures import choose_measure, measured_townships
from matcher.app.parts.memory import remember
from matcher.app.parts.panels import show_chosen, show_unserved
from matcher.app.parts.selection import Chosen, chosen, go_into, show_search
from matcher.app.parts.shapes import Layer
from matcher.app.parts.tables import pick_place, show_loads
from matcher.app.parts.words import count, label, t
from matcher.plan.plan import Plan
from matcher.results import overview
from matcher.results.filters import Filter
from matcher.results.inside import Inside, comes_from, inside

#: Key of the map in the session.
MAP = "overview_map"


def main() -> None:
    """Draw the page."""
    heading = st.empty()
    with heading:
        show_heading(t("app.overview.title"))
    whole = state.current_plan()
    with heading:
        _heading(whole)
    wanted = chosen_filter(whole)
    plan = state.narrowed_plan(whole, wanted)
    with st.container(key="card_figures"):
        first = st.container(horizontal=True, key="first", vertical_alignment="center")
    with st.container(horizontal=True, key="choice", vertical_alignment="center"):
        mode = _mode()
        show_filter(whole)
        show_search(plan)
    with first:
        figures = st.empty()
        show_baseline()
        baseline = baseline_plan(whole)
    with figures:
        show_first_figures(plan, mode, baseline and state.narrowed_plan(baseline, wanted))
    tell_filter(whole, len(plan.people))
    for tier in overview.crowded_tiers(whole):
        show_note(t("summary.tier_crowded", tier=tier).strip())
    _map_and_places(plan, mode)
    show_cards(plan, mode)
    show_thirds(plan, mode, state.narrowed_plan(whole, Filter(place=wanted.place)))
    if state.is_sample():
        show_note(t("app.sample_note"))
    with st.container(key="card_loads"):
        show_title(t("app.overview.loads"), t("app.overview.loads_line"))
        show_loads(overview.provider_loads(plan, mode), height=460)


@st.fragment
def _map_and_places(plan: Plan, mode: str) -> None:
    """The map, and beside it the places, or what was chosen of them: a click there draws this part alone anew."""
    selected = chosen(plan)
    looked_into = inside(plan, selected[1], mode) if selected and selected[0] == "place" else None
    with st.container(key="split"):
        left, right = st.columns([1.75, 1])
        with left, st.container(key="card_map", height="stretch"):
            _map(plan, mode, selected, looked_into)
        with right, st.container(key="card_places", height="stretch"):
            if selected:
                show_chosen(plan, selected, mode, looked_into)
            else:
                _places(plan, mode)
    if looked_into:
        with st.container(key="card_unserved"):
            show_unserved(plan, looked_into.place_code, mode)
    remember()


def _heading(plan: Plan) -> None:
    dataset, outcome = plan.inputs.dataset, plan.outcome
    providers = count(len(plan.inputs.providers))
    line = t("app.overview.line", title=dataset.title, providers=providers, as_of=dataset.as_of.isoformat())
    proven = outcome.status == "optimal"
    chips = [
        (t(f"status.{outcome.status}"), proven),
        (t("app.overview.pairs", pairs=count(plan.certificate.checked_pairs)), False),
        (t("app.overview.fingerprint", fingerprint=outcome.fingerprint[:12]), False),
        *([(t("app.sample_chip"), False)] if state.is_sample() else []),
    ]
    show_heading(t("app.overview.title"), line, chips)


def _mode() -> str:
    return choose(t("app.overview.mode"), mode_names(), "overview_mode")


def _map(plan: Plan, mode: str, selected: Chosen | None, looked_into: Inside | None) -> None:
    left, right = st.columns([2, 1], vertical_alignment="center")
    with left:
        show_title(t("app.overview.map"), t("app.overview.map_line"))
    with right:
        measure = choose_measure()
    townships, colours = measured_townships(plan, mode, measure, state.current_plan())
    layers = [
        county_layer(),
        townships,
        village_layer(plan, mode),
        ground_layer(),
        provider_layer(plan, mode, shown=False),
    ]
    focus = None
    if selected:
        flows, focus = _flows(plan, mode, selected, looked_into)
        layers += flows
    show_map(
        MAP,
        str(plan.outcome.fingerprint),
        layers,
        [colours, load_legend()],
        focus=focus,
        clicks=Clicks(
            selected=selected[1] if selected and selected[0] == "provider" else None,
            on_picked=lambda: go_into("provider", st.session_state[MAP]["picked"]),
            on_entered=lambda: go_into("place", st.session_state[MAP]["entered"]),
        ),
    )


def _flows(
    plan: Plan, mode: str, selected: Chosen, looked_into: Inside | None
) -> tuple[list[Layer], Focus | None]:
    """Lines between what is chosen and where its people go to, or come from."""
    kind, id = selected
    table, key = (
        (plan.inputs.places, "place_code") if kind == "place" else (plan.inputs.providers, "provider_id")
    )
    here = table.loc[table[key] == id, ["lat", "lon"]].iloc[0]
    if here.isna().any():
        return [], None
    at = (float(here["lat"]), float(here["lon"]))
    ends = looked_into.goes_to if looked_into else comes_from(plan, id, mode)
    return [flow_layer(at, ends)], focus_on(id, at, ends)


def _places(plan: Plan, mode: str) -> None:
    show_title(t("app.overview.places"), t("app.overview.places_line"))
    levels = ("township", "village", "county")
    level = choose(
        t("app.overview.level"), {level: label("level", level) for level in levels}, "overview_level"
    )
    pick_place(overview.place_shares(plan, level, mode), height=500)


main()
