"""Roster: the people of one provider, for the clinic that serves them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from matcher.app.parts import state
from matcher.app.parts.charts import Figure, Part, show_figures, show_heading
from matcher.app.parts.choices import choose, mode_names
from matcher.app.parts.tables import ROW_HEIGHT
from matcher.app.parts.words import count, km, language, percent, t
from matcher.plan.plan import Plan
from matcher.results.export import XLSX
from matcher.results.roster import Figures, figures, in_words, provider_names, roster, workbook


def main() -> None:
    """Draw the page."""
    plan = state.current_plan()
    show_heading(t("app.roster.title"), t("app.roster.line"))
    names = provider_names(plan)
    if not names:
        st.info(t("app.roster.no_providers"))
        return
    with st.container(key="card_choice"):
        provider_id, mode = _choose(names)
    rows = roster(plan, provider_id, mode)
    _figures(figures(rows, plan, provider_id, mode))
    with st.container(key="card_roster"):
        if rows.empty:
            st.info(t("app.roster.empty"))
            return
        distance = st.column_config.NumberColumn(format="%.1f")
        st.dataframe(
            in_words(rows, language()),
            hide_index=True,
            column_config={t("column.roster.distance_km"): distance},
            height=ROW_HEIGHT * (min(len(rows), 15) + 1) + 3,
            key="roster_table",
        )
        _download(plan, provider_id, mode)


def _choose(names: dict[str, str]) -> tuple[str, str]:
    """The provider, and the mode or `ALL`."""
    provider_id = st.selectbox(
        t("app.roster.provider"),
        list(names),
        format_func=names.__getitem__,
        help=t("app.roster.provider_help"),
        key="roster_provider",
    )
    mode = choose(t("app.roster.mode"), mode_names(), "roster_mode")
    return provider_id, mode


def _figures(counts: Figures) -> None:
    capacity = "–" if counts.capacity is None else count(counts.capacity)
    show_figures(
        [
            Figure(
                t("app.roster.people"),
                count(counts.people),
                notes=[(t("app.roster.median"), km(counts.median_km))],
            ),
            Figure(
                t("app.roster.load"),
                percent(counts.load),
                parts=[Part(counts.load or 0)],
                notes=[(t("app.roster.capacity"), capacity)],
            ),
            *(
                Figure(
                    t(f"app.roster.{name}"),
                    count(persons),
                    notes=[(t("app.roster.of_people"), percent(counts.share(persons)))],
                )
                for name, persons in (("home_visits", counts.home_visits), ("first_tier", counts.first_tier))
            ),
        ]
    )


def _download(plan: Plan, provider_id: str, mode: str) -> None:
    """Written on the click and under a number of its own: no older file can come out of a cache."""
    st.download_button(
        t("app.roster.download"),
        partial(workbook, plan, provider_id, language(), mode),
        file_name=f"roster-{provider_id}.xlsx",
        mime=XLSX,
        on_click="ignore",
        key="roster_download",
    )


main()
