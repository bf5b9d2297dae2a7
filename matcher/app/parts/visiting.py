"""The visits of one provider as a list that is worked off: found, marked as done, taken back, printed."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable

import pandas as pd
import streamlit as st

from matcher.accounts.visits import MARK, OUTCOMES, mark_done, take_back
from matcher.app.here import accounts
from matcher.app.parts.account import account, actor, note
from matcher.app.parts.card import show_card
from matcher.app.parts.charts import (
    Figure,
    Part,
    show_figures,
    show_line,
    show_note,
)
from matcher.app.parts.choices import ANY, pick_any
from matcher.app.parts.failures import told_failures
from matcher.app.parts.sheet import show_sheet
from matcher.app.parts.tables import ROW_HEIGHT
from matcher.app.parts.words import count, label, language, t
from matcher.care.visits import STATES, Progress, month_before, progress, visit_list
from matcher.plan.plan import Plan
from matcher.policy.listing import rule_name
from matcher.results.desk import Wanted, listed
from matcher.results.roster import roster_people, shown

#: What the list shows, and pixels of each column on a screen of 1024.
_COLUMNS = {"state": 76, "due_on": 90, "name": 54, "resident_id": 80, "village": 150, "service": 104}
_COLUMNS |= {"where": 64, "last_on": 90}
_DONE = "visits_done"
#: So many rows go on paper: more are no working list.
_MOST_ON_PAPER = 300
#: A visit can be marked for so many days back.
_BACK = 366


def show_visits(plan: Plan, provider_id: str, on: dt.date) -> None:
    """Figures of the month, the list with its filters, and what can be done with the rows that are chosen."""
    visits = visit_list(plan, provider_id, on)
    people = roster_people(plan, provider_id)
    rows = _by_village(visits.merge(people, on="resident_id", how="inner", suffixes=("", "_person")))
    _figures(plan, provider_id, on, visits)
    with st.container(key="card_visits"):
        if _DONE in st.session_state:
            show_note(st.session_state.pop(_DONE), "good")
        if rows.empty:
            st.info(t("app.visits.nobody"))
            return
        found = _found(plan, provider_id, rows)
        chosen = _list(found, len(rows))
        if len(chosen) and account().may("request") and not plan.inputs.visits.empty:
            _mark(plan, provider_id, chosen, on)
    if chosen["resident_id"].nunique() == 1:
        person = people[people["resident_id"] == chosen["resident_id"].iloc[0]].iloc[0]
        with st.container(key="card_person"):
            show_card(plan, person, provider_id)


def _by_village(rows: pd.DataFrame) -> pd.DataFrame:
    """What is late in each village, then what is due: as somebody goes about."""
    order = rows["state"].map({state: number for number, state in enumerate(STATES)})
    return rows.assign(order=order).sort_values(["order", "village"], kind="stable", ignore_index=True)


def _figures(plan: Plan, provider_id: str, on: dt.date, visits: pd.DataFrame) -> None:
    """Done of what was wanted this month, with the month before beside it; what is late, and due."""
    if plan.inputs.visits.empty:
        show_figures([Figure(t("app.visits.progress"), t("app.visits.not_measured"))])
        return
    now, before = progress(plan, provider_id, on), progress(plan, provider_id, month_before(on))
    states = visits["state"].value_counts()
    waiting = [
        Figure(
            t(f"app.visits.{state}"),
            count(int(states.get(state, 0))),
            notes=[(t(f"app.visits.{state}_line"), "")],
        )
        for state in ("overdue", "due")
    ]
    done = Figure(
        t("app.visits.progress"),
        _so_many(now),
        parts=[Part(now.done / now.wanted if now.wanted else 0)],
        notes=[(t("app.visits.before"), _so_many(before))],
    )
    show_figures([done, *waiting])


def _so_many(told: Progress) -> str:
    return t("app.visits.of", done=count(told.done), wanted=count(told.wanted))


def _found(plan: Plan, provider_id: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that the fields leave."""
    lang = language()
    packages = {one.id: rule_name(one, lang) for one in plan.policy.packages}
    with st.container(horizontal=True, vertical_alignment="bottom", key="visits_filters"):
        text = st.text_input(
            t("app.roster.search"),
            key="visits_search",
            placeholder=t("app.roster.search_example"),
            help=t("app.roster.search_help"),
        )
        states = {"open": t("app.visits.open"), ANY: t("app.filter.any")}
        states |= {one: t(f"app.visits.{one}") for one in STATES}
        state = st.selectbox(
            t("app.visits.state"), list(states), format_func=states.__getitem__, key="visits_state"
        )
        ids = (id for cell in rows["package"] for id in cell.split(";"))
        package = _narrow("package", ids, lambda id: packages.get(id, id))
        service = _narrow("service", rows["service"], lambda one: label("service", one))
        village = _narrow("village", rows["village"].dropna(), str)
        alone = st.checkbox(t("app.roster.alone"), key="visits_alone")
        grades = {grade: f"≥ {grade}" for grade in (1, 2, 3)}
        grade = pick_any(t("app.roster.grade"), grades, "visits_grade", width=130)
    if text.strip():
        note("search", provider_id)
    if state == "open":
        rows = rows[rows["state"].isin(("overdue", "due", "not_measured"))]
    elif state != ANY:
        rows = rows[rows["state"] == state]
    if package is not None:
        rows = rows[(";" + rows["package"] + ";").str.contains(f";{package};", regex=False)]
    if service is not None:
        rows = rows[rows["service"] == service]
    if village is not None:
        rows = rows[rows["village"] == village]
    return listed(rows.reset_index(drop=True), Wanted(text, None, alone, grade))


def _narrow(name: str, codes: Iterable[str], word: Callable[[str], str]) -> str | None:
    """One of the codes that the list holds, or any."""
    words = {one: word(one) for one in sorted(set(codes))}
    return pick_any(t(f"app.visits.{name}"), words, f"visits_{name}")


def _list(found: pd.DataFrame, everything: int) -> pd.DataFrame:
    """The list, or the same in large type for paper; the rows that were chosen of so many in all."""
    told = _in_words(found)
    if st.toggle(t("app.roster.paper"), key="visits_paper"):
        paper = told.drop(columns=t("app.visits.last_on")).head(_MOST_ON_PAPER)
        lines = [[*(str(cell) for cell in row), "□"] for row in paper.itertuples(index=False)]
        show_line(t("app.visits.on_paper", shown=count(len(paper)), all=count(everything)))
        if len(told) > len(paper):
            show_note(t("app.visits.more"))
        show_sheet([*paper.columns, t("app.visits.done")], lines)
        return found.head(0)
    show_line(t("app.visits.found", found=count(len(found)), all=count(everything)))
    whose = hashlib.sha256("\n".join(found["resident_id"] + found["service"]).encode()).hexdigest()
    picked = st.dataframe(
        told,
        hide_index=True,
        column_config={
            t(f"app.visits.{name}"): st.column_config.Column(width=px) for name, px in _COLUMNS.items()
        },
        height=ROW_HEIGHT * (min(max(len(told), 1), 15) + 1) + 3,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"visits_rows_{whose[:12]}",  # whoever stood in that row of another list is not meant
        placeholder="–",
    )
    return found.iloc[[row for row in picked["selection"]["rows"] if row < len(found)]]


def _in_words(found: pd.DataFrame) -> pd.DataFrame:
    """Masked, in one language."""
    masked = shown(found)
    told = pd.DataFrame(
        {
            "state": [t(f"app.visits.{one}") for one in found["state"]],
            "due_on": _days(found["due_on"]),
            "name": masked["name"].fillna(""),
            "resident_id": masked["resident_id"],
            "village": masked["village"].fillna(""),
            "service": [label("service", one) for one in found["service"]],
            "where": [t(f"app.visits.at_{one}") for one in found["where"]],
            "last_on": _days(found["last_on"]),
        },
        index=found.index,
    )
    return told[list(_COLUMNS)].rename(columns={name: t(f"app.visits.{name}") for name in _COLUMNS})


def _days(days: pd.Series) -> pd.Series:
    return days.astype("datetime64[s]").dt.strftime("%Y-%m-%d").fillna("–")


def _mark(plan: Plan, provider_id: str, chosen: pd.DataFrame, on: dt.date) -> None:
    """Mark what is chosen as done; or take back what was marked here."""
    ours = _marks_of(plan, provider_id, chosen)
    with st.form("visits_mark", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        day = st.date_input(
            t("app.visits.done_on"),
            value=on,
            min_value=on - dt.timedelta(_BACK),
            max_value=on,
            format="YYYY-MM-DD",
            key="visits_done_on",
        )
        outcomes: dict[str | None, str] = {one: label("visit_outcome", one) for one in OUTCOMES}
        outcomes |= {None: t("app.visits.no_outcome")}
        outcome = st.selectbox(
            t("app.visits.outcome"), list(outcomes), format_func=outcomes.__getitem__, key="visits_outcome"
        )
        pressed = st.form_submit_button(
            t("app.visits.mark", number=count(len(chosen))), key="visits_mark_done", type="primary"
        )
    if pressed and isinstance(day, dt.date):
        rows = list(zip(chosen["resident_id"], chosen["service"], strict=True))
        with told_failures():
            number = mark_done(accounts(), actor(), provider_id, rows, day, outcome)
            st.session_state[_DONE] = t("app.visits.marked", number=count(number))
            st.rerun()
    if ours and st.button(t("app.visits.take_back", number=count(len(ours))), key="visits_take_back"):
        with told_failures():
            number = take_back(accounts(), actor(), provider_id, ours)
            st.session_state[_DONE] = t("app.visits.taken_back", number=count(number))
            st.rerun()


def _marks_of(plan: Plan, provider_id: str, chosen: pd.DataFrame) -> list[str]:
    """The marks that are the last visits of what is chosen."""
    visits = plan.inputs.visits
    own = visits[visits["visit_id"].str.startswith(MARK) & (visits["provider_id"] == provider_id)]
    last = chosen[["resident_id", "service", "last_on"]].rename(columns={"last_on": "on"})
    return list(own.merge(last, on=["resident_id", "service", "on"])["visit_id"])
