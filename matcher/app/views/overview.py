"""Overview for planners: how many are served, how far away, where not, and which provider is full."""

from __future__ import annotations

import math

import streamlit as st

from matcher.app.parts import palette, state
from matcher.app.parts.charts import (
    Bar,
    Figure,
    Part,
    show_bars,
    show_figures,
    show_figures_line,
    show_heading,
    show_note,
    show_title,
)
from matcher.app.parts.choices import choose, mode_names
from matcher.app.parts.layers import (
    Layer,
    county_layer,
    flow_layer,
    load_legend,
    provider_layer,
    share_legend,
    township_layer,
    village_layer,
)
from matcher.app.parts.maps import Focus, focus_on, show_map
from matcher.app.parts.panels import show_chosen, show_unserved
from matcher.app.parts.selection import Chosen, chosen, go_into, show_search
from matcher.app.parts.tables import pick_place, rows_of, show_loads
from matcher.app.parts.words import count, km, label, minutes, percent, t
from matcher.plan.coverage import actual_shares
from matcher.plan.plan import Plan
from matcher.policy.documents import Policy
from matcher.results import overview
from matcher.results.inside import comes_from, inside

#: Key of the map in the session.
MAP = "overview_map"


def main() -> None:
    """Draw the page."""
    heading = st.empty()
    with heading:
        show_heading(t("app.overview.title"))
    plan = state.current_plan()
    with heading:
        _heading(plan)
    _key_figures(plan)
    for tier in overview.crowded_tiers(plan):
        show_note(t("summary.tier_crowded", tier=tier).strip())
    with st.container(horizontal=True, key="choice", vertical_alignment="center"):
        mode = _mode()
        show_search(plan)
    selected = chosen(plan)
    with st.container(key="split"):
        left, right = st.columns([1.75, 1])
        with left, st.container(key="card_map", height="stretch"):
            _map(plan, mode, selected)
        with right, st.container(key="card_places", height="stretch"):
            if selected:
                show_chosen(plan, selected, mode)
            else:
                _places(plan, mode)
    if selected and selected[0] == "place":
        with st.container(key="card_unserved"):
            show_unserved(plan, selected[1], mode)
    _figures(plan)
    with st.container(key="thirds"):
        for column, panel in zip(st.columns(3), (_modes, _bands, _shares), strict=True):
            with column, st.container(key=f"card{panel.__name__}", height="stretch"):
                panel(plan)
    if state.is_sample():
        show_note(t("app.sample_note"))
    with st.container(key="card_loads"):
        show_title(t("app.overview.loads"), t("app.overview.loads_line"))
        show_loads(overview.provider_loads(plan, mode), height=460)


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


def _key_figures(plan: Plan) -> None:
    """The four figures that come first, in one line; what they are made of stands below the map."""
    all_ = overview.figures(plan)
    with st.container(key="card_figures"):
        show_figures_line(
            [
                (t("app.figure.residents"), count(all_.residents)),
                (t("app.figure.share"), percent(all_.share)),
                (t("app.figure.unserved"), count(all_.unserved)),
                (t("app.figure.distance"), km(all_.median_km)),
                (t("app.figure.p90"), km(all_.p90_km)),
            ]
        )


def _figures(plan: Plan) -> None:
    all_, tiers, reasons = overview.figures(plan), overview.by_tier(plan), overview.by_reason(plan)
    unserved = [(label("reason", reason), count(number)) for reason, number in reasons.items()]
    show_figures(
        [
            Figure(
                t("app.figure.residents"),
                count(all_.residents),
                notes=[
                    (t("app.figure.local"), count(all_.local)),
                    (t("app.figure.visitors"), count(all_.residents - all_.local)),
                    *((t("app.figure.tier", tier=row.tier), count(row.residents)) for row in rows_of(tiers)),
                ],
            ),
            Figure(
                t("app.figure.served"),
                percent(all_.share),
                parts=[Part(all_.share or 0)],
                notes=[
                    (t("app.figure.people"), count(all_.served)),
                    *((t("app.figure.tier", tier=row.tier), percent(row.share)) for row in rows_of(tiers)),
                ],
            ),
            Figure(
                t("app.figure.distance"),
                km(all_.median_km),
                notes=[
                    (t("app.figure.p90"), km(all_.p90_km)),
                    *([(t("app.figure.unknown_km"), count(all_.unknown_km))] if all_.unknown_km else []),
                    _home_limit(plan.policy),
                    (t("app.figure.detour"), f"× {plan.policy.detour_factor:g}"),
                ],
            ),
            Figure(t("app.figure.unserved"), count(all_.unserved), notes=unserved),
        ]
    )


def _home_limit(policy: Policy) -> tuple[str, str]:
    """The name and the value of the limit that counts: kilometres, or minutes where time is the cost."""
    mode = label("mode", "home")
    if policy.cost == "time":
        return t("app.figure.limit_time", mode=mode), minutes(policy.limit_minutes["home"])
    return t("app.figure.limit", mode=mode), km(policy.limit_km["home"])


def _mode() -> str:
    return choose(t("app.overview.mode"), mode_names(), "overview_mode")


def _map(plan: Plan, mode: str, selected: Chosen | None) -> None:
    show_title(t("app.overview.map"), t("app.overview.map_line"))
    layers = [
        county_layer(),
        township_layer(plan, mode, base=True),
        village_layer(plan, mode),
        provider_layer(plan, mode, shown=False),
    ]
    focus = None
    if selected:
        flows, focus = _flows(plan, mode, selected)
        layers += flows
    show_map(
        MAP,
        str(plan.outcome.fingerprint),
        layers,
        [share_legend(), load_legend()],
        selected=selected[1] if selected and selected[0] == "provider" else None,
        focus=focus,
        on_picked=lambda: go_into("provider", st.session_state[MAP]["picked"]),
        on_entered=lambda: go_into("place", st.session_state[MAP]["entered"]),
    )


def _flows(plan: Plan, mode: str, selected: Chosen) -> tuple[list[Layer], Focus | None]:
    """Lines between what is chosen and where its people go to, or come from."""
    kind, id = selected
    table, key = (
        (plan.inputs.places, "place_code") if kind == "place" else (plan.inputs.providers, "provider_id")
    )
    here = table.loc[table[key] == id, ["lat", "lon"]].iloc[0]
    if here.isna().any():
        return [], None
    at = (float(here["lat"]), float(here["lon"]))
    ends = inside(plan, id, mode).goes_to if kind == "place" else comes_from(plan, id, mode)
    return [flow_layer(at, ends)], focus_on(id, at, ends)


def _places(plan: Plan, mode: str) -> None:
    show_title(t("app.overview.places"), t("app.overview.places_line"))
    levels = ("township", "village", "county")
    level = choose(
        t("app.overview.level"), {level: label("level", level) for level in levels}, "overview_level"
    )
    pick_place(overview.place_shares(plan, level, mode), height=500)


def _modes(plan: Plan) -> None:
    show_title(t("app.overview.modes"))
    rows = overview.by_mode(plan)
    show_bars(
        [
            Bar(
                label("mode", row.mode),
                [Part(0 if row.residents == 0 else row.share)],
                t("app.overview.of", served=count(row.served), residents=count(row.residents)),
            )
            for row in rows_of(rows)
        ]
    )


def _bands(plan: Plan) -> None:
    show_title(t("app.overview.bands"))
    bands = overview.distance_bands(plan)
    most = max(bands["served"], default=0) or 1
    show_bars(
        [
            Bar(_band_name(band.from_km, band.to_km), [Part(band.served / most)], count(band.served))
            for band in rows_of(bands)
        ]
    )


def _band_name(low: float, high: float) -> str:
    if math.isinf(high):
        return t("app.overview.above", low=f"{low:g}")
    return t("app.overview.band", low=f"{low:g}", high=f"{high:g}")


def _shares(plan: Plan) -> None:
    show_title(t("app.overview.shares"), t("app.overview.shares_line"))
    rows = actual_shares(plan.people, plan.policy)
    if rows.empty:
        st.caption(t("app.overview.no_shares"))
        return
    show_bars(
        [
            Bar(
                label("mode", row.mode),
                [Part(0 if row.local_residents == 0 else row.actual_share)],
                t("app.overview.against", actual=percent(row.actual_share), target=f"{row.target_share:.0%}"),
                target=row.target_share,
            )
            for row in rows_of(rows)
        ],
        legend=[
            Part(0, palette.BAR, t("app.overview.actual")),
            Part(0, "#c2410c", t("app.overview.target")),
        ],
    )


main()
