"""Planning: twelve months and their peak, who waits for a care home and how long, money for sites by year."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from matcher.app.parts import palette, state
from matcher.app.parts.account import account
from matcher.app.parts.charts import (
    Bar,
    Part,
    Row,
    show_bars,
    show_figures_line,
    show_heading,
    show_line,
    show_note,
    show_table,
    show_title,
)
from matcher.app.parts.choices import choose, mode_names
from matcher.app.parts.failures import told_failures
from matcher.app.parts.planning import MOST, measured, name_of, show_money
from matcher.app.parts.tables import rows_of, show_rest
from matcher.app.parts.words import count, label, t
from matcher.care.planning import (
    MANY,
    people_waiting,
    waiting_by_county,
    year_of,
)
from matcher.care.seasons import Year
from matcher.masking import mask_if_id_number, mask_name
from matcher.plan.plan import Plan
from matcher.tables import PLACE_LEVELS


def main() -> None:
    """Draw the page."""
    plan = state.current_plan()
    show_heading(t("app.planning.title"), t("app.planning.line"))
    tabs: dict[str, Callable[[Plan], None]] = {"seasons": _seasons, "waiting": _waiting, "money": show_money}
    names = {name: t(f"app.planning.{name}") for name in tabs}
    tabs[choose(t("app.planning.title"), names, "planning_tab")](plan)


def _seasons(plan: Plan) -> None:
    """Twelve months as bars and figures, and the peak of each place."""
    if len(plan.people) > MANY and not _asked(plan):
        return
    with told_failures(), st.spinner(t("app.planning.solving")):
        year = year_of(plan)
    if not year.seasonal:
        show_note(t("app.planning.seasons_unmeasured"))
        return
    months = year.by_month()
    show_figures_line(
        [
            (t("app.planning.peak"), _peak_month(months)),
            (t("app.planning.most_here"), _month_of(months["residents"])),
            (t("app.planning.seasonal"), count(year.seasonal)),
            (t("app.planning.unknown"), count(int(months["unknown"].max()))),
            (
                t("app.planning.proven"),
                t("app.planning.of", part=count(year.proven), all=count(year.problems)),
            ),
        ]
    )
    with st.container(key="card_months"):
        show_title(t("app.planning.months"), t("app.planning.months_line"))
        _months(year, choose(t("app.planning.mode"), mode_names(), "planning_mode"))
    with st.container(key="card_peak"):
        show_title(t("app.planning.peaks"), t("app.planning.peaks_line"))
        _peaks(year, plan.inputs.places)


def _asked(plan: Plan) -> bool:
    """Whether somebody has asked for the year of this plan, or asks now: for many people it takes a while."""
    key = f"planning_year_{plan.outcome.fingerprint}"
    if not st.session_state.get(key):
        show_line(t("app.planning.many", people=count(len(plan.people))))
        st.session_state[key] = st.button(t("app.planning.solve"), type="primary", key="planning_solve")
    return bool(st.session_state[key])


def _peak_month(months: pd.DataFrame) -> str:
    return _month_of(months["short"]) if months["short"].max() else t("app.planning.never_short")


def _month_of(figure: pd.Series) -> str:
    """The first month in which a figure is the largest."""
    month = int(figure.index[int(figure.argmax())])
    return t("app.planning.in_month", month=_month(month), people=count(int(figure.max())))


def _months(year: Year, mode: str) -> None:
    months = year.by_month(mode)
    most = max(int(months["residents"].max()), 1)
    show_bars(
        [
            Bar(
                _month(row.month),
                [
                    Part(row.served / most, palette.BAR, t("app.planning.served")),
                    Part(row.short / most, palette.WARM, t("app.planning.short")),
                ],
                t("app.planning.told", served=count(row.served), short=count(row.short)),
            )
            for row in rows_of(months.reset_index())
        ]
    )
    columns = ("residents", "served", "short", "moved", "unknown")
    show_table(
        [t("app.planning.month"), *(t(f"app.planning.{name}") for name in columns)],
        [
            Row(_month(row.month), [_number(getattr(row, name)) for name in columns])
            for row in rows_of(months.reset_index())
        ],
    )


def _month(month: int) -> str:
    return t(f"app.planning.month_{month}")


def _number(value: int) -> str:
    return "–" if pd.isna(value) else f"{value:,}"


def _peaks(year: Year, places: pd.DataFrame) -> None:
    """Places of a level with the month of their peak, those with the most people first."""
    there = [level for level in reversed(PLACE_LEVELS) if (places["level"] == level).any()]
    if not there:
        show_line(t("app.planning.no_places"))
        return
    first = "county" if "county" in there else there[0]
    level = choose(
        t("app.planning.level"),
        {one: label("level", one) for one in there},
        "planning_level",
        default=first,
    )
    names = places.set_index("place_code")
    peak = year.peak[
        year.peak["place_code"].isin(names.index[names["level"] == level]) & (year.peak["short"] > 0)
    ]
    if peak.empty:
        show_line(t("app.planning.never_short"))
        return
    peak = peak.sort_values(["short", "place_code"], ascending=[False, True])
    most = int(peak["short"].max())
    show_table(
        [t(f"app.planning.{name}") for name in ("place", "month", "short")],
        [
            Row(
                name_of(names["name"], row.place_code),
                [_month(row.month), count(row.short)],
                line=_above(names, row.place_code),
                parts=[Part(row.short / most, palette.WARM)],
            )
            for row in rows_of(peak.head(MOST))
        ],
        height=420,
    )
    show_rest(MOST, len(peak), "seasons")


def _above(names: pd.DataFrame, code: str) -> str:
    """Name of the place that contains a place."""
    above = names["parent_code"].get(code)
    return "" if pd.isna(above) else name_of(names["name"], str(above))


def _waiting(plan: Plan) -> None:
    """Who waits for a care home: by county, and by person for those who may see people."""
    with told_failures(), st.spinner(t("app.planning.solving")):
        counties = waiting_by_county(plan)
    show_figures_line(
        [
            (t("app.planning.people_waiting"), count(int(counties["people"].sum()))),
            (t("app.planning.interim"), count(int(counties["interim"].sum()))),
            (t("app.planning.untold"), count(int(counties["untold"].sum()))),
        ]
    )
    with st.container(key="card_counties"):
        show_title(t("app.planning.counties"), t("app.planning.counties_line"))
        if counties["beds"].isna().all():
            show_note(t("app.planning.beds_unmeasured"))
        names = plan.inputs.places.set_index("place_code")["name"]
        columns = ("people", "interim", "longest", "beds", "free", "per_1000")
        show_table(
            [t("app.planning.county"), *(t(f"app.planning.{name}") for name in columns)],
            [Row(name_of(names, row.county), _beds(row)) for row in rows_of(counties)],
        )
    if account().may("people") and counties["people"].sum():
        with st.container(key="card_waiting"):
            show_title(t("app.planning.persons"), t("app.planning.persons_line"))
            _persons(plan)


def _beds(row: pd.Series) -> list[str]:
    """Cells of a county; where nobody waits there is no longest wait, what is not given is not measured."""
    if pd.notna(row.longest) and row.people and row.longest == 0:
        longest = t("app.planning.free_now")
    else:
        longest = "–" if row.people == 0 else measured(row.longest)
    per_1000 = row.per_1000 if pd.isna(row.per_1000) else round(row.per_1000, 1)
    return [
        count(row.people),
        count(row.interim),
        longest,
        *(measured(one) for one in (row.beds, row.free, per_1000)),
    ]


def _persons(plan: Plan) -> None:
    """Those who wait in one county, in their order; masked."""
    people = people_waiting(plan)
    names = plan.inputs.places.set_index("place_code")["name"]
    codes = sorted(people["county"].unique())
    chosen = st.selectbox(
        t("app.planning.county"),
        codes,
        format_func={code: name_of(names, code) for code in codes}.__getitem__,
        key="planning_county",
    )
    providers = plan.inputs.providers.set_index("provider_id")["name"]
    rows = people[people["county"] == chosen]
    show_table(
        [t(f"app.planning.{name}") for name in ("person", "tier", "wait", "meanwhile")],
        [
            Row(
                f"{row.rank}. {'–' if pd.isna(row.name) else mask_name(row.name)}",
                [str(row.tier), _wait(row.months), _meanwhile(row, providers)],
                line=mask_if_id_number(row.resident_id),
            )
            for row in rows_of(rows.head(MOST))
        ],
        height=480,
    )
    show_rest(MOST, len(rows), "waiting")


def _meanwhile(row: pd.Series, providers: pd.Series) -> str:
    """Who looks after somebody until then, and in which mode."""
    if pd.isna(row.interim_provider_id):
        return t("app.planning.nobody")
    return f"{name_of(providers, row.interim_provider_id)} · {label('mode', row.interim_mode)}"


def _wait(months: int) -> str:
    if pd.isna(months):
        return t("app.planning.not_measured")
    return t("app.planning.free_now") if months == 0 else t("app.planning.in_months", months=months)


main()
