"""Roster: the people of one provider, for the clinic that serves them: found, opened one by one, printed."""

from __future__ import annotations

import hashlib
from typing import Any

import pandas as pd
import streamlit as st

from matcher.app.parts import state
from matcher.app.parts.account import account, note, note_once
from matcher.app.parts.agree import show_agreement, states_of
from matcher.app.parts.card import show_card
from matcher.app.parts.charts import Figure, Part, Row, show_figures, show_heading, show_line, show_table
from matcher.app.parts.choices import choose, mode_names, own_providers, pick_any, pick_provider
from matcher.app.parts.exporting import show_export
from matcher.app.parts.full_export import show_full_export
from matcher.app.parts.lists import show_lists, show_saving
from matcher.app.parts.publishing import shown_day
from matcher.app.parts.tables import ROW_HEIGHT
from matcher.app.parts.words import count, km, label, language, percent, t
from matcher.app.serving import serving
from matcher.plan.plan import Plan
from matcher.results.desk import Wanted, listed
from matcher.results.export import XLSX
from matcher.results.roster import (
    Figures,
    figures,
    in_words,
    roster_people,
    shown,
    township_of,
    unserved_people,
    workbook,
)

#: What the list shows; the rest stands on a person's card and in the file.
_COLUMNS = ("resident_id", "name", "age", "village", "tier", "services", "distance_km", "why")
#: Pixels of each, so that all of them are seen on a screen of 1024.
_WIDTHS = (84, 50, 44, 150, 56, 100, 58, 173)
#: Of the state, where it is shown; the reason has that much less.
_STATE_WIDTH = 72
#: Grades of ability that the list can be narrowed to, and those above them.
_GRADES = (1, 2, 3)


def main() -> None:
    """Draw the page."""
    asking = account()
    plan = state.current_plan()
    show_heading(t("app.roster.title"), t("app.roster.line"), shown_day(plan))
    with st.container(key="card_choice"):
        provider_id = pick_provider(own_providers(plan, asking), "roster_provider")
        mode = choose(t("app.roster.mode"), mode_names(), "roster_mode")
    note_once("roster_read", provider_id)
    rows = roster_people(plan, provider_id, mode)
    _figures(figures(rows, plan, provider_id, mode))
    with st.container(key="card_roster"):
        whose = _whose(plan, provider_id)
        if whose == "unserved":
            note_once("unserved_read", provider_id)
            rows = unserved_people(plan, township_of(plan, provider_id) or "", mode)
        if rows.empty:
            st.info(t(f"app.roster.{'empty' if whose == 'own' else 'nobody_unserved'}"))
            return
        show_lists(provider_id)
        wanted = _wanted(plan, provider_id)
        found = listed(rows, wanted)
        states = states_of(plan, found, provider_id) if whose == "own" else []
        chosen = _list(found, len(rows), "why" if whose == "own" else "why_nobody", states)
        if whose == "own":
            show_agreement(found, states, provider_id)
            show_saving(provider_id, wanted)
        if whose == "own" and asking.may("export"):
            _download(plan, provider_id, mode)
            if serving() is not None:
                show_full_export(plan, provider_id)
    if chosen is not None:
        with st.container(key="card_person"):
            show_card(plan, found.iloc[chosen], provider_id)


def _whose(plan: Plan, provider_id: str) -> str:
    """Whose list is shown: the provider's own people, or those around it whom nobody serves."""
    township = township_of(plan, provider_id)
    if township is None:
        return "own"
    place = plan.inputs.places.set_index("place_code")["name"].get(township, township)
    names = {"own": t("app.roster.own"), "unserved": t("app.roster.unserved", place=place)}
    return choose(t("app.roster.whose"), names, "roster_whose")


def _wanted(plan: Plan, provider_id: str) -> Wanted:
    """The fields that narrow the list."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="roster_filters"):
        text = st.text_input(
            t("app.roster.search"),
            key="roster_search",
            placeholder=t("app.roster.search_example"),
            help=t("app.roster.search_help"),
        )
        tiers = {one: str(one) for one in range(1, plan.policy.tier_count + 1)}
        tier = pick_any(t("column.roster.tier"), tiers, "roster_tier")
        grade = pick_any(t("app.roster.grade"), {one: f"≥ {one}" for one in _GRADES}, "roster_grade")
        alone = st.checkbox(t("app.roster.alone"), key="roster_alone")
        visits = st.checkbox(t("app.roster.home_visits"), key="roster_visits")
    if text.strip():
        note("search", provider_id)
    return Wanted(text, tier, alone, grade, visits)


def _list(found: pd.DataFrame, everybody: int, why: str, states: list[str]) -> int | None:
    """The list, or the same in large type for paper; the row that was chosen. `why` names its last column.

    How far the matches are agreed on is shown once anything was agreed on.
    """
    told = in_words(shown(found), language())
    titles = [t(f"column.roster.{name}") for name in _COLUMNS]
    told = told[[title for title in titles if title in told]]
    told = told.rename(columns={titles[-1]: t(f"column.roster.{why}")})
    if set(states) - {"proposed"}:
        told[t("column.roster.state")] = [label("match_state", one) for one in states]
    found_line = t("app.roster.found", found=count(len(found)), people=count(everybody))
    if st.toggle(t("app.roster.paper"), key="roster_paper"):
        show_line(found_line)
        cells = told.astype(object).where(told.notna(), "").to_numpy().tolist()
        show_table(list(told.columns), [Row(str(row[0]), [_cell(cell) for cell in row[1:]]) for row in cells])
        return None
    show_line(f"{found_line} {t('app.roster.open')}")
    people = hashlib.sha256("\n".join(found["resident_id"]).encode()).hexdigest()
    with st.container(key="roster_table"):
        picked = st.dataframe(
            told,
            hide_index=True,
            column_config=_columns(list(told.columns)),
            height=ROW_HEIGHT * (min(max(len(told), 1), 15) + 1) + 3,
            on_select="rerun",
            selection_mode="single-row",
            key=f"roster_rows_{people[:12]}",  # whoever stood in that row of another list is not meant
            placeholder="–",
        )
    rows = picked["selection"]["rows"]
    return rows[0] if rows and rows[0] < len(found) else None


def _columns(titles: list[str]) -> dict[str, Any]:
    """How each column of the list is drawn."""
    widths = {t(f"column.roster.{name}"): width for name, width in zip(_COLUMNS, _WIDTHS, strict=True)}
    state = t("column.roster.state")
    last = _WIDTHS[-1] - (_STATE_WIDTH if state in titles else 0)
    widths |= {state: _STATE_WIDTH, **{t(f"column.roster.{why}"): last for why in ("why", "why_nobody")}}
    columns = {title: st.column_config.Column(width=widths[title]) for title in titles}
    distance = t("column.roster.distance_km")
    short = st.column_config.NumberColumn(
        t("app.roster.km"), help=distance, format="%.1f", width=widths[distance]
    )
    return columns | {distance: short}


def _cell(cell: object) -> str:
    return f"{cell:.1f}" if isinstance(cell, float) else str(cell)


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
    lang = language()  # the file is made outside the page
    show_export(
        "roster_download",
        t("app.roster.download"),
        f"roster-{provider_id}.xlsx",
        XLSX,
        provider_id,
        plan,
        lambda first: workbook(plan, provider_id, lang, mode, export_id=first),
    )


main()
