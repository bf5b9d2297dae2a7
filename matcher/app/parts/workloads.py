"""The work that visits make, by month, against staff: of one provider, and of all that may be seen."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from matcher.app.parts.charts import Row, show_line, show_note, show_table, show_title
from matcher.app.parts.tables import rows_of, show_rest
from matcher.app.parts.words import count, t
from matcher.care.visits import workload_of_plan
from matcher.plan.plan import Plan

_HEAD = ("visits", "visit_hours", "travel_hours", "staff_hours", "short_hours")
#: Providers that are shown of a month; the command writes all.
_MOST = 60


def show_workload(plan: Plan, provider_id: str, names: dict[str, str]) -> None:
    """The twelve months of a provider; and those of one month of all that may be seen, who lacks most first."""
    table = workload_of_plan(plan)
    if plan.inputs.staff.empty:
        show_note(t("app.visits.no_staff"))
    with st.container(key="card_workload"):
        show_title(names[provider_id], t("app.visits.workload_line"))
        own = table[table["provider_id"] == provider_id]
        if own.empty:
            show_line(t("app.visits.no_work"))
        else:
            _show("month", [(row.month, row) for row in rows_of(own)])
    if len(names) > 1 and table[list(_HEAD)].notna().any(axis=None):
        with st.container(key="card_workloads"):
            show_title(t("app.visits.by_provider"), t("app.visits.by_provider_line"))
            _by_provider(table, names)


def _by_provider(table: pd.DataFrame, names: dict[str, str]) -> None:
    months = sorted(set(table["month"]))
    if not months:
        show_line(t("app.visits.no_work"))
        return
    month = st.selectbox(t("app.visits.month"), months, key="visits_month")
    seen = (table["month"] == month) & table["provider_id"].isin(names)
    rows = table[seen].sort_values(
        ["short_hours", "visits", "provider_id"], ascending=[False, False, True], na_position="last"
    )
    measured = rows["short_hours"].notna()
    short = int((rows["short_hours"] > 0).sum())
    show_line(
        t(
            "app.visits.short_of",
            short=count(short) if measured.any() else t("app.visits.not_measured"),
            measured=count(int(measured.sum())),
        )
    )
    shown = rows.head(_MOST)
    _show(
        "provider", [(names.get(row.provider_id, row.provider_id), row) for row in rows_of(shown)], height=560
    )
    show_rest(_MOST, len(rows), "packages")


def _show(first: str, rows: list[tuple[str, Any]], height: int | None = None) -> None:
    head = [t(f"app.visits.{name}") for name in (first, *_HEAD)]
    told = [Row(name, [_number(getattr(row, column)) for column in _HEAD]) for name, row in rows]
    show_table(head, told, height=height)


def _number(value: Any) -> str:
    """A count or hours; what is not known is not measured."""
    if pd.isna(value):
        return t("app.visits.not_measured")
    return f"{value:,.1f}" if isinstance(value, float) else count(int(value))
