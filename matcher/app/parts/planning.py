"""The tab of money on the page of planning, and what its tabs share."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from matcher.app.parts.charts import Row, show_line, show_note, show_table, show_title
from matcher.app.parts.tables import rows_of, show_rest
from matcher.app.parts.words import count, t
from matcher.care.planning import earned, money_by_county, money_by_site
from matcher.plan.plan import Plan

#: Rows that a list shows; the commands write all.
MOST = 200


def show_money(plan: Plan) -> None:
    """What sites earn, by county and year, and by site."""
    if not plan.policy.payments:
        show_note(t("summary.no_money", policy=plan.policy.id))
        return
    if money_by_site(plan).empty:
        show_note(t("app.planning.money_unmeasured"))
        return
    table, sites = earned(money_by_county(plan)), earned(money_by_site(plan))
    if table.empty:
        show_line(t("app.planning.no_money"))
        return
    if table["unmeasured"].any():
        show_note(t("app.planning.money_partly"))
    names = plan.inputs.places.set_index("place_code")["name"]
    columns = ("sites", "once", "running", "months_paid", "grade_unknown", "unmeasured")
    with st.container(key="card_money"):
        show_title(t("app.planning.by_county"), t("app.planning.by_county_line"))
        show_table(
            [
                t("app.planning.county"),
                t("app.planning.year"),
                *(t(f"app.planning.{name}") for name in columns),
            ],
            [
                Row(
                    name_of(names, row.county),
                    [_year(row.year), count(row.sites), *_sums(row), count(row.unmeasured)],
                )
                for row in rows_of(table)
            ],
        )
    with st.container(key="card_sites"):
        show_title(t("app.planning.by_site"), t("app.planning.by_site_line"))
        show_table(
            [
                t("app.planning.site"),
                t("app.planning.year"),
                *(t(f"app.planning.{name}") for name in columns[1:-1]),
            ],
            [
                Row(
                    str(row.site_id) if pd.isna(row.name) else str(row.name),
                    [_year(row.year), *_sums(row)],
                    line=name_of(names, "" if pd.isna(row.county) else row.county),
                )
                for row in rows_of(sites.head(MOST))
            ],
            height=480,
        )
        show_rest(MOST, len(sites), "money")


def _year(year: int) -> str:
    return t("app.planning.no_year") if pd.isna(year) else str(year)


def _sums(row: pd.Series) -> list[str]:
    """Yuan and months; what is not measured says so."""
    return [measured(value) for value in (row.once, row.running, row.months, row.unknown)]


def measured(value: float) -> str:
    return t("app.planning.not_measured") if pd.isna(value) else f"{value:,}"


def name_of(names: pd.Series, code: str) -> str:
    """Name of a place, or its code where it has none."""
    if not code:
        return t("app.planning.no_county")
    name = names.get(code)
    return code if pd.isna(name) else str(name)
