"""A place tried by a click: who is in its reach, whom it would serve, and what each capacity brings."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from matcher.app.parts import draft, palette
from matcher.app.parts.charts import (
    Bar,
    Part,
    Row,
    show_bars,
    show_figures_line,
    show_line,
    show_note,
    show_table,
    show_title,
)
from matcher.app.parts.edits import capacity_fields, kind_fields, new_id
from matcher.app.parts.failures import told_failures
from matcher.app.parts.tables import rows_of
from matcher.app.parts.words import count, label, mode_name, percent, t
from matcher.errors import ScenarioError
from matcher.plan.match import match
from matcher.plan.plan import Plan
from matcher.scenario.applying import apply
from matcher.scenario.changes import CHANGES, compare
from matcher.scenario.edits import AddProvider, Scenario
from matcher.scenario.trial import InReach, in_reach, sweep
from matcher.tables import MODES

#: Keys of the session: where the pin stands, the trials kept for comparison, and the last curve.
PIN = "siting_pin"
KEPT = "siting_kept"
MOVED = "siting_moved"
_CURVE = "siting_curve"
_SOLVED = "siting_solved"
CAPACITIES = (10, 20, 30, 40, 50, 60, 80, 100)


@dataclass(frozen=True)
class Trial:
    """A tried place with what is known of it."""

    edit: AddProvider
    reach: InReach
    newly_served: int
    moved: int
    newly_unserved: int
    used: int


def take_pin(position: dict[str, float]) -> None:
    """A click on the map, or the end of a drag."""
    st.session_state[PIN] = (position["lat"], position["lon"])


def pin() -> tuple[float, float] | None:
    """Where the provider is tried."""
    found: tuple[float, float] | None = st.session_state.get(PIN)
    return found


def kept() -> list[Trial]:
    """Trials kept for comparison."""
    trials: list[Trial] = st.session_state.setdefault(KEPT, [])
    return trials


def show_trial(plan: Plan) -> None:
    """The form, who is in reach, and the questions that are answered by solving."""
    show_title(t("app.siting.trial"), t("app.siting.trial_line"))
    values = {**kind_fields(plan.inputs), **capacity_fields()}
    if pin() is None:
        show_line(t("app.siting.no_pin"))
        return
    edit = _edit(plan, values)
    try:
        reach = in_reach(plan, edit)
    except ScenarioError as error:
        show_note(t(f"error.{error.code}", **error.values), "error")
        return
    _show_reach(reach, edit)
    with st.container(horizontal=True, key="trial_buttons"):
        if st.button(t("app.siting.solve"), type="primary", key="trial_solve"):
            with told_failures(), st.spinner(t("app.matching")):
                st.session_state[_SOLVED] = (edit, _solved(plan, edit, reach))
        if st.button(t("app.siting.sweep"), key="trial_sweep"):
            with told_failures(), st.spinner(t("app.matching")):
                st.session_state[_CURVE] = (edit, _swept(plan, edit))
    _show_solved(edit)
    _show_curve(edit)


def _edit(plan: Plan, values: dict[str, object]) -> AddProvider:
    lat, lon = pin() or (0.0, 0.0)
    number = 1 + len(kept())
    own = {
        "provider_id": new_id(plan.inputs, number),
        "name": t("app.siting.name", number=number),
        "services": ["basic_care", "chronic_care", "health_check", "home_visit"],
        "lat": round(lat, 6),
        "lon": round(lon, 6),
    }
    return AddProvider(own | values)


def _show_reach(reach: InReach, edit: AddProvider) -> None:
    offered = [mode for mode in MODES if edit.values.get(f"capacity_{mode}")]
    if not offered:
        show_note(t("app.siting.no_capacity"))
        return
    show_title(t("app.siting.reach"))
    if not reach.people:
        show_note(t("app.siting.nobody"))
        return
    show_figures_line(
        [
            (t("app.siting.people"), count(reach.people)),
            (t("app.siting.unserved"), count(reach.unserved)),
            (t("app.siting.competitors"), count(len(reach.competitors))),
        ]
    )
    rows = [
        Row(mode_name(one.mode), [count(one.people), count(one.unserved)]) for one in rows_of(reach.by_mode)
    ]
    show_table([t("app.overview.mode"), t("app.siting.people"), t("app.siting.unserved")], rows)
    if len(reach.competitors):
        show_table(
            [t("app.siting.competitors"), t("app.siting.shared"), t("app.load.load")],
            [
                Row(
                    str(one.name),
                    [count(one.shared), percent(one.assigned / one.capacity if one.capacity else None)],
                )
                for one in rows_of(reach.competitors.head(5))
            ],
        )


def _solved(plan: Plan, edit: AddProvider, reach: InReach) -> Trial:
    inputs = apply(Scenario("trial", (edit,)), plan.inputs, plan.policy).inputs
    after = match(inputs, plan.policy, start=plan)
    changes = compare(plan, after)["change"].value_counts()
    used = int((after.people["provider_id"] == edit.values["provider_id"]).sum())
    numbers = {one: int(changes.get(one, 0)) for one in CHANGES}
    return Trial(edit, reach, used=used, **numbers)


def _swept(plan: Plan, edit: AddProvider) -> pd.DataFrame:
    mode = next(mode for mode in (*MODES[2:3], *MODES) if edit.values.get(f"capacity_{mode}"))
    return sweep(plan, edit, mode, CAPACITIES).assign(mode=mode)


def _show_solved(edit: AddProvider) -> None:
    solved: tuple[AddProvider, Trial] | None = st.session_state.get(_SOLVED)
    if solved is None or solved[0] != edit:
        return
    trial = solved[1]
    show_note(
        t(
            "app.siting.sentence",
            kind=label("provider_kind", edit.values["kind"]),
            used=count(trial.used),
            newly_served=count(trial.newly_served),
            moved=count(trial.moved),
            newly_unserved=count(trial.newly_unserved),
        ),
        "good" if trial.newly_served else "note",
    )
    with st.container(horizontal=True, key="trial_keep_buttons"):
        st.button(t("app.siting.keep"), on_click=_keep, args=(trial,), key="trial_keep")
        st.button(t("app.siting.to_scenario"), on_click=to_scenario, args=([edit],), key="trial_to_scenario")


def _keep(trial: Trial) -> None:
    kept().append(trial)
    st.session_state.pop(_SOLVED, None)


def to_scenario(edits: list[AddProvider]) -> None:
    """Put edits to those of the scenario page, each under an id that is free there."""
    draft.add_edits(edits)
    st.session_state[MOVED] = len(edits)


def _show_curve(edit: AddProvider) -> None:
    curve: tuple[AddProvider, pd.DataFrame] | None = st.session_state.get(_CURVE)
    if curve is None or curve[0] != edit:
        return
    table = curve[1]
    show_title(t("app.siting.curve", mode=mode_name(table["mode"].iloc[0])), t("app.siting.curve_line"))
    most = max(int(table["newly_served"].max()), 1)
    show_bars(
        [
            Bar(
                t("app.siting.places", number=count(row.capacity)),
                [Part(row.newly_served / most, palette.BAR)],
                t("app.siting.brings", newly_served=count(row.newly_served), used=count(row.used)),
            )
            for row in rows_of(table)
        ]
    )
    full = table[table["used"] == table["capacity"]]
    knee = int(full["capacity"].max()) if len(full) else int(table["capacity"].min())
    show_line(t("app.siting.knee", number=count(knee)))


def show_kept() -> None:
    """The trials side by side."""
    if not kept():
        return
    with st.container(key="card_kept"):
        show_title(t("app.siting.compare"))
        head = ["name", "people", "unserved", "used", "newly_served", "moved", "newly_unserved"]
        rows = [
            Row(
                str(trial.edit.values["name"]),
                [
                    *map(count, (trial.reach.people, trial.reach.unserved, trial.used)),
                    *map(count, (trial.newly_served, trial.moved, trial.newly_unserved)),
                ],
                line=f"{trial.edit.values['lat']:.4f}, {trial.edit.values['lon']:.4f}",
            )
            for trial in kept()
        ]
        show_table([t(f"app.siting.column.{name}") for name in head], rows)
        st.button(t("app.siting.forget"), on_click=kept().clear, key="trial_forget")
