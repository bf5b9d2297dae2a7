"""Referral: how many minutes people are from their green channel, by place, and who is upstream of whom."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from matcher.app.parts import state
from matcher.app.parts.charts import Row, show_figures_line, show_heading, show_note, show_table, show_title
from matcher.app.parts.ground import ground_layer
from matcher.app.parts.layers import county_layer
from matcher.app.parts.maps import show_map_panel
from matcher.app.parts.referral import (
    hospital_layer,
    minutes_legends,
    minutes_text,
    township_minutes,
    village_minutes,
)
from matcher.app.parts.tables import rows_of, show_rest
from matcher.app.parts.words import count, km, label, percent, t
from matcher.care.green_channel import BANDS, NOT_MEASURED, green_channel, place_minutes
from matcher.care.upstream import upstream_table
from matcher.plan.once import once_per_plan
from matcher.plan.plan import Plan

#: Rows of each list; the command writes all.
_MOST = 200


def main() -> None:
    """Draw the page."""
    plan = state.current_plan()
    show_heading(t("app.referral.title"), t("app.referral.line"))
    green = _green(plan)
    _figures(green)
    unknown = green["band"] == NOT_MEASURED
    if unknown.any():
        show_note(t("app.referral.give_green"))
    if not unknown.all():
        _by_place(plan, green)
    with st.container(key="card_upstream"):
        show_title(t("app.referral.upstream"), t("app.referral.upstream_line"))
        _upstream(plan)


@once_per_plan
def _green(plan: Plan) -> pd.DataFrame:
    return green_channel(plan.inputs, plan.policy, plan.people)


@once_per_plan
def _places(plan: Plan, level: str) -> pd.DataFrame:
    return place_minutes(_green(plan), plan.inputs, level)


@once_per_plan
def _consortium(plan: Plan) -> pd.DataFrame:
    return upstream_table(plan.inputs, plan.policy)


def _figures(green: pd.DataFrame) -> None:
    """People of each band; their share is of those measured."""
    counts = green["band"].value_counts()
    known = len(green) - int(counts.get(NOT_MEASURED, 0))
    figures: list[tuple[str, ...]] = []
    for band in BANDS:
        people = int(counts.get(band, 0))
        told = (count(people), percent(people / known)) if known else ("–",)
        figures.append((t(f"app.referral.band_{band}"), *told))
    show_figures_line([*figures, (t("app.referral.band_not_measured"), count(len(green) - known))])


def _by_place(plan: Plan, green: pd.DataFrame) -> None:
    version = f"{plan.outcome.fingerprint}/referral"
    townships = _places(plan, "township")
    layers = [
        county_layer(),
        township_minutes(plan.inputs.places, townships, version),
        village_minutes(_places(plan, "village"), version),
        ground_layer(),
        hospital_layer(_hospitals(plan, green), version),
    ]
    beside = show_map_panel("referral", version, layers, minutes_legends())
    with beside, st.container(key="card_places", height="stretch"):
        show_title(t("app.referral.places"), t("app.referral.places_line"))
        _townships(townships)


def _hospitals(plan: Plan, green: pd.DataFrame) -> pd.DataFrame:
    people = green["hospital_id"].value_counts().rename("people")
    return plan.inputs.providers.merge(people, left_on="provider_id", right_index=True)


def _townships(table: pd.DataFrame) -> None:
    """Townships, the farthest first."""
    rows = [
        Row(
            str(place.name),
            [minutes_text(place.minutes, place.band), percent(place.share60), count(place.residents)],
            line="" if pd.isna(place.parent_name) else str(place.parent_name),
        )
        for place in rows_of(table.head(_MOST))
    ]
    head = [
        t("app.place.name"),
        t("app.referral.median"),
        t("app.referral.share60"),
        t("app.place.residents"),
    ]
    show_table(head, rows, height=560)
    show_rest(_MOST, len(table), "referral")


def _upstream(plan: Plan) -> None:
    """Providers with the hospital upstream: those without one first, then the longest ways."""
    table = _consortium(plan)
    found, given = table["upstream_id"].notna(), table["given"] == 1
    show_figures_line(
        [
            (t("app.referral.given"), count(int(given.sum()))),
            (t("app.referral.nearest"), count(int((found & ~given).sum()))),
            (t("app.referral.without"), count(int((~found).sum()))),
        ]
    )
    if not found.any():
        show_note(t("app.referral.give_upstream"))
        return
    only = st.toggle(t("app.referral.only_found"), key="referral_only_found")
    shown = table[~given] if only else table
    shown = shown.sort_values(["minutes", "provider_id"], ascending=[False, True], na_position="first")
    about = plan.inputs.providers.set_index("provider_id")
    names = about["name"].fillna(about.index.to_series())
    rows = [
        Row(
            str(names[row.provider_id]),
            [
                t("app.referral.nobody") if pd.isna(row.upstream_id) else str(names[row.upstream_id]),
                t("app.referral.from_data" if row.given else "app.referral.by_way"),
                "–" if pd.isna(row.minutes) else t("app.minutes", minutes=f"{row.minutes:.0f}"),
                km(row.km),
            ],
            line=label("provider_kind", about.at[row.provider_id, "kind"]),
        )
        for row in rows_of(shown.head(_MOST))
    ]
    head = ("provider", "upstream_of", "how", "way", "distance")
    show_table([t(f"app.referral.{name}") for name in head], rows, height=480)
    show_rest(_MOST, len(shown), "referral")


main()
