"""What is chosen on the overview, looked into: a place with its people, a provider with its load."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from matcher.app.parts import palette
from matcher.app.parts.charts import (
    Bar,
    Part,
    Row,
    show_bars,
    show_figures_line,
    show_line,
    show_table,
    show_title,
)
from matcher.app.parts.exporting import show_export
from matcher.app.parts.selection import Chosen, leave
from matcher.app.parts.tables import ROW_HEIGHT, rows_of
from matcher.app.parts.words import count, km, label, language, mode_name, percent, t
from matcher.plan.plan import Plan
from matcher.results.export import XLSX
from matcher.results.inside import Inside, comes_from, in_words, offers, unserved_people, workbook

_MOST_LINES = 12


def show_chosen(plan: Plan, chosen: Chosen, mode: str, looked_into: Inside | None) -> None:
    """The panel beside the map; `looked_into` is what is known of a chosen place."""
    st.button(t("app.inside.back"), on_click=leave, icon=":material/arrow_back:", key="inside_back")
    if looked_into:
        _place(looked_into)
    else:
        _provider(plan, chosen[1], mode)


def show_unserved(plan: Plan, place_code: str, mode: str) -> None:
    """Everybody of a place without a provider, and the list as a file."""
    rows = unserved_people(plan, place_code, mode)
    show_title(t("app.inside.list", people=count(len(rows))), t("app.inside.list_line"))
    if rows.empty:
        show_line(t("app.inside.nobody"))
        return
    distance = st.column_config.NumberColumn(format="%.1f")
    st.dataframe(
        in_words(rows, language()),
        hide_index=True,
        column_config={t("column.unserved.nearest_distance_km"): distance},
        height=ROW_HEIGHT * (min(len(rows), 12) + 1) + 3,
        key="inside_unserved",
        placeholder="–",
    )
    lang = language()  # the file is made outside the page
    show_export(
        "inside_download",
        t("app.inside.download"),
        f"unserved-{place_code}.xlsx",
        XLSX,
        place_code,
        plan,
        lambda first: workbook(plan, lang, place_code, mode, export_id=first),
    )


def _place(told: Inside) -> None:
    show_title(told.name, told.parent_name)
    figures = told.figures
    show_figures_line(
        [
            (t("app.figure.residents"), count(figures.residents)),
            (t("app.figure.share"), percent(figures.share)),
            (t("app.figure.unserved"), count(figures.unserved)),
            (t("app.figure.median"), km(figures.median_km)),
        ]
    )
    if figures.unserved:
        show_title(t("app.inside.why"))
        _reasons(told.by_reason)
    show_title(t("app.inside.people"))
    _served(told.by_mode, "mode", mode_name)
    _served(told.by_tier, "tier", lambda tier: t("app.figure.tier", tier=tier))
    if len(told.goes_to):
        show_title(t("app.inside.goes_to"))
        _flows(told.goes_to)


def _reasons(by_reason: pd.Series[int]) -> None:
    most = int(by_reason.max())
    show_bars(
        [
            Bar(label("reason", str(reason)), [Part(number / most, palette.WARM)], count(number))
            for reason, number in by_reason.items()
            if number
        ]
    )


def _served(table: pd.DataFrame, column: str, words: Callable[[Any], str]) -> None:
    show_bars(
        [
            Bar(
                words(getattr(row, column)),
                [Part(row.share)],
                t("app.overview.of", served=count(row.served), residents=count(row.residents)),
            )
            for row in rows_of(table)
            if row.residents
        ]
    )


def _flows(table: pd.DataFrame) -> None:
    rows = [
        Row(str(row.name), [count(row.persons), km(row.median_km)])
        for row in rows_of(table.head(_MOST_LINES))
    ]
    left = table["persons"].iloc[_MOST_LINES:]
    if len(left):
        rows.append(Row(t("app.inside.others", number=count(len(left))), [count(int(left.sum())), ""]))
    show_table([t("app.inside.name"), t("app.figure.people"), t("app.figure.median")], rows)


def _provider(plan: Plan, provider_id: str, mode: str) -> None:
    provider = plan.inputs.providers.set_index("provider_id").loc[provider_id]
    words = [label("provider_kind", provider["kind"]), label("ownership", provider["ownership"])]
    show_title(
        provider_id if pd.isna(provider["name"]) else str(provider["name"]), " · ".join(filter(None, words))
    )
    table = offers(plan, provider_id)
    if table.empty:
        show_line(t("app.inside.no_mode"))
        return
    rows = [
        Row(
            mode_name(row.mode),
            [count(row.assigned), count(row.capacity), _one_more(row)],
            parts=[Part(row.assigned / row.capacity if row.capacity else 0)],
        )
        for row in rows_of(table)
    ]
    head = ["mode", "assigned", "capacity", "one_more"]
    show_table([t(f"app.inside.{name}") for name in head], rows)
    people = comes_from(plan, provider_id, mode)
    if len(people):
        show_title(t("app.inside.comes_from"))
        _flows(people)


def _one_more(row: Any) -> str:
    """What one more place would bring: a person, metres, or nothing; a dash where nothing proves it."""
    if pd.isna(row.slot_value_served):
        return "–"
    if row.slot_value_served > 0:
        return t("app.inside.one_person")
    nearer = 0 if pd.isna(row.slot_value_m) else row.slot_value_m
    return t("app.inside.nearer", km=f"{nearer / 1000:.1f}") if nearer >= 50 else t("app.inside.nothing")
