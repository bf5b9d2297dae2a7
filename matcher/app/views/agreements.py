"""Agreements: which provider serves each site, what is kept, new or dropped, and which sites have nobody."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from matcher.app.parts import state
from matcher.app.parts.charts import (
    Row,
    show_figures_line,
    show_heading,
    show_line,
    show_note,
    show_table,
    show_title,
)
from matcher.app.parts.choices import choose
from matcher.app.parts.ground import ground_layer
from matcher.app.parts.layers import county_layer, township_layer
from matcher.app.parts.maps import show_map_panel
from matcher.app.parts.site_layers import SHOWN, agreement_legend, party_layer, tie_layers
from matcher.app.parts.tables import rows_of, show_rest
from matcher.app.parts.words import count, km, label, mode_name, percent, t
from matcher.care.agreed_tables import STATES, AgreedTables, agreed_tables
from matcher.care.agreements import agree
from matcher.inputs import Inputs
from matcher.plan.once import once_per_plan
from matcher.plan.plan import Options, Plan
from matcher.tables import MODES

#: Seconds that somebody waits for the page; the command takes as many as it is given.
_SECONDS = 20.0
#: Rows that are shown; the command writes all.
_MOST = 200


def main() -> None:
    """Draw the page."""
    plan = state.current_plan()
    show_heading(t("app.agreements.title"), t("app.agreements.line"))
    with st.spinner(t("app.agreements.solving")):
        found = _found(plan)
    ties, waiting = found.tables["agreements"], found.tables["unserved_sites"]
    if ties.empty and waiting.empty:
        show_note(t("app.agreements.give"))
        return
    _figures(found)
    _proof(found)
    present = [mode for mode in MODES if mode in {*ties["mode"], *waiting["mode"]}]
    names = {"": t("app.filter.any")} | {mode: mode_name(mode) for mode in present}
    mode = choose(t("app.overview.mode"), names, "agreements_mode") or ""
    if mode:
        ties, waiting = ties[ties["mode"] == mode], waiting[waiting["mode"] == mode]
    ties, waiting = _named(ties, plan.inputs), _named(waiting, plan.inputs)
    with _map(plan, ties, waiting, mode), st.container(key="card_unserved", height="stretch"):
        show_title(t("app.agreements.unserved_title"), t("app.agreements.unserved_line"))
        _unserved(waiting)
    with st.container(key="card_agreements"):
        show_title(t("app.agreements.all"), t("app.agreements.all_line"))
        _ties(ties)


@once_per_plan
def _found(plan: Plan) -> AgreedTables:
    """What the command writes."""
    return agreed_tables(agree(plan.inputs, plan.policy, Options(time_limit_s=_SECONDS)), _SECONDS)


def _figures(found: AgreedTables) -> None:
    states = found.tables["agreements"]["state"].value_counts()
    via, waiting = found.tables["assignments"]["via"], found.tables["unserved_sites"]
    show_figures_line(
        [
            *((t(f"app.agreements.{one}"), count(int(states.get(one, 0)))) for one in STATES),
            (t("app.agreements.unserved"), count(len(waiting))),
            (t("app.agreements.through"), count(int((via == "site").sum()))),
            (t("app.agreements.waiting"), count(int(waiting["residents"].sum()))),
        ]
    )


def _proof(found: AgreedTables) -> None:
    """What is proven of the choice; a gap is told as it is."""
    gap = found.outcome["gap"]
    show_line(t("app.agreements.counted"))
    if found.outcome["status"] == "optimal":
        show_line(t("app.agreements.proven"))
    else:
        told = percent(gap) if isinstance(gap, float) else t("app.agreements.unknown")
        show_note(t("app.agreements.not_proven", gap=told))


def _named(table: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """With names and positions of sites and providers; an id stands in for a name that is missing."""
    sites, providers = inputs.sites.set_index("site_id"), inputs.providers.set_index("provider_id")
    column = "provider_id" if "provider_id" in table else "nearest_provider_id"
    return table.assign(
        site=table["site_id"].map(sites["name"]).fillna(table["site_id"]),
        lat=table["site_id"].map(sites["lat"]),
        lon=table["site_id"].map(sites["lon"]),
        provider=table[column].map(providers["name"]).fillna(table[column]),
        provider_lat=table[column].map(providers["lat"]),
        provider_lon=table[column].map(providers["lon"]),
    )


def _map(plan: Plan, ties: pd.DataFrame, waiting: pd.DataFrame, mode: str) -> DeltaGenerator:
    """The map; the column beside it is given back."""
    version = f"{plan.outcome.fingerprint}/agreements/{mode}"
    layers = [
        county_layer(),
        township_layer(plan, opacity=0.0),
        ground_layer(),
        *tie_layers(ties, version),
        party_layer(_sites(ties, waiting), version),
    ]
    return show_map_panel("agreements", version, layers, [agreement_legend()])


def _sites(ties: pd.DataFrame, waiting: pd.DataFrame) -> pd.DataFrame:
    """A row for each site: its people, what it is shown as, and a line for each provider or reason."""
    lasting = ties[ties["state"] != "dropped"]
    served = lasting.assign(shown=lasting["state"], told=lasting["provider"] + " · " + _modes(lasting))
    reasons = pd.Series([label("reason", one) for one in waiting["reason"]], index=waiting.index, dtype="str")
    left = waiting.assign(shown="unserved", told=reasons + " · " + _modes(waiting))
    rows = pd.concat([served, left], ignore_index=True)
    rows["rank"] = rows["shown"].map(SHOWN.index)
    grouped = rows.sort_values("rank", kind="stable").groupby("site_id", sort=True)
    return grouped.agg(
        site=("site", "first"),
        lat=("lat", "first"),
        lon=("lon", "first"),
        residents=("residents", "sum"),
        shown=("shown", "first"),
        lines=("told", list),
    ).reset_index()


def _modes(table: pd.DataFrame) -> pd.Series:
    return pd.Series([mode_name(mode) for mode in table["mode"]], index=table.index, dtype="str")


def _unserved(waiting: pd.DataFrame) -> None:
    """Sites without a provider, those with most people of the first tier first."""
    if waiting.empty:
        show_line(t("app.agreements.all_served"))
        return
    rows = [
        Row(
            str(row.site),
            [label("reason", row.reason), count(row.residents), count(row.tier1)],
            line=f"{mode_name(row.mode)} · {_nearest(row)}",
        )
        for row in rows_of(
            waiting.sort_values(["tier1", "residents"], ascending=False, kind="stable").head(_MOST)
        )
    ]
    head = ("site", "reason", "residents", "tier1")
    show_table([t(f"app.agreements.{name}") for name in head], rows, height=490)
    show_rest(_MOST, len(waiting), "agreements")


def _nearest(row: pd.Series) -> str:
    if pd.isna(row.provider):
        return t("app.agreements.no_nearest")
    return t("app.agreements.nearest", provider=row.provider, km=km(row.nearest_km))


def _ties(ties: pd.DataFrame) -> None:
    """All agreements of a state, or of all."""
    names = {"": t("app.filter.any")} | {one: t(f"app.agreements.{one}") for one in STATES}
    chosen = choose(t("app.agreements.state"), names, "agreements_state") or ""
    table = ties if not chosen else ties[ties["state"] == chosen]
    rows = [
        Row(
            str(row.site),
            [
                str(row.provider),
                label("agreement_form", row.form),
                t(f"app.agreements.{row.state}"),
                _count(row.residents, row.state),
                _count(row.not_covered, row.state),
                _count(row.over, row.state),
                km(row.distance_km),
            ],
            line="" if pd.isna(row.mode) else mode_name(row.mode),
        )
        for row in rows_of(table.head(_MOST))
    ]
    head = ("site", "provider", "form", "state", "taken", "not_covered", "over", "distance")
    show_table([t(f"app.agreements.{name}") for name in head], rows, height=560)
    show_rest(_MOST, len(table), "agreements")


def _count(number: int, state_: str) -> str:
    return "–" if state_ == "dropped" or pd.isna(number) else count(int(number))


main()
