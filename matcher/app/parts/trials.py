"""A place tried by a click: who is in its reach, whom it would serve, and what each capacity brings."""

from __future__ import annotations

import hashlib
import json
from typing import Any

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
from matcher.app.parts.edits import BASIC_SERVICES, capacity_fields, kind_fields, new_id
from matcher.app.parts.failures import told_failures
from matcher.app.parts.tables import rows_of
from matcher.app.parts.words import count, label, mode_name, percent, t
from matcher.errors import ScenarioError
from matcher.geography.datum import from_wgs84
from matcher.plan.plan import Plan
from matcher.scenario.changes import CHANGES
from matcher.scenario.edits import AddProvider
from matcher.scenario.trial import InReach, brought, in_reach, sweep
from matcher.tables import MODES

#: Keys of the session: where the pin stands, the trials kept for comparison, and the last curve.
PIN = "siting_pin"
KEPT = "siting_kept"
MOVED = "siting_moved"
_SOLVED, _SWEPT = "siting_solved", "siting_swept"
#: What is told of a trial that was solved.
_TOLD = ("used", *CHANGES)
CAPACITIES = (10, 20, 30, 40, 50, 60, 80, 100)


def take_pin(position: dict[str, float]) -> None:
    """A click on the map, or the end of a drag."""
    st.session_state[PIN] = (position["lat"], position["lon"])


def pin() -> tuple[float, float] | None:
    """Where the provider is tried."""
    found: tuple[float, float] | None = st.session_state.get(PIN)
    return found


def kept() -> list[dict[str, Any]]:
    """Trials kept for comparison: name, place, what is known of each, and the fingerprint of its plan."""
    trials: list[dict[str, Any]] = st.session_state.get(KEPT, [])
    return trials


def as_candidates(plan: Plan) -> bytes:
    """The places that were tried and kept as a file of candidates, whose cost is not known, in the data's datum."""
    table = pd.DataFrame([one["values"] for one in kept()])
    table["services"] = table["services"].map(";".join)
    datum = plan.inputs.dataset.datum.get("candidates", "wgs84")
    lat, lon = from_wgs84(table["lat"].to_numpy(float), table["lon"].to_numpy(float), datum)
    return table.assign(lat=lat, lon=lon).to_csv(index=False).encode()


def show_trial(plan: Plan) -> None:
    """The form, who is in reach, and the questions that are answered by solving."""
    show_title(t("app.siting.trial"), t("app.siting.trial_line"))
    values = {**kind_fields(plan.inputs), **capacity_fields()}
    if pin() is None:
        show_line(t("app.siting.no_pin"))
        return
    edit = _edit(plan, values)
    try:
        reach = _reached(_asked(plan, edit), plan, edit)
    except ScenarioError as error:
        show_note(t(f"error.{error.code}", **error.values), "error")
        return
    if not _offered(edit):
        show_note(t("app.siting.no_capacity"))
        return
    _show_reach(reach)
    with st.container(horizontal=True, key="trial_buttons"):
        if st.button(t("app.siting.solve"), type="primary", disabled=not reach.people, key="trial_solve"):
            with told_failures(), st.spinner(t("app.matching")):
                _solved(_asked(plan, edit), plan, edit, reach)
                st.session_state[_SOLVED] = _asked(plan, edit)
        if st.button(t("app.siting.sweep"), disabled=not reach.people, key="trial_sweep"):
            with told_failures(), st.spinner(t("app.matching")):
                _swept(_asked(plan, edit), plan, edit)
                st.session_state[_SWEPT] = _asked(plan, edit)
    _show_solved(plan, edit, reach)
    _show_curve(plan, edit)


def _asked(plan: Plan, edit: AddProvider) -> str:
    """What an answer belongs to."""
    text = json.dumps([plan.outcome.fingerprint, edit.values], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _offered(edit: AddProvider) -> dict[str, int]:
    """Modes in which the provider has a place, with how many."""
    places = {mode: edit.values.get(f"capacity_{mode}") for mode in MODES}
    return {mode: int(str(count)) for mode, count in places.items() if count}


def _edit(plan: Plan, values: dict[str, object]) -> AddProvider:
    lat, lon = pin() or (0.0, 0.0)
    number = 1 + len(kept())
    own = {
        "provider_id": new_id(plan.inputs, number),
        "name": t("app.siting.name", number=number),
        "services": BASIC_SERVICES,
        "lat": round(lat, 6),
        "lon": round(lon, 6),
    }
    return AddProvider(own | values)


def _show_reach(reach: InReach) -> None:
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


@st.cache_resource(show_spinner=False, max_entries=2)
def _reached(asked: str, _plan: Plan, _edit: AddProvider) -> InReach:
    """How many could go there; what it was made from, which holds everybody, serves the next question too."""
    return in_reach(_plan, _edit)


# These answers are numbers without a person in them; after a new start of the server they are made once more.


@st.cache_data(show_spinner=False, max_entries=50)
def _solved(asked: str, _plan: Plan, _edit: AddProvider, _reach: InReach) -> dict[str, int]:
    """What the provider brings."""
    told = brought(_plan, _edit, reach=_reach)
    return {name: getattr(told, name) for name in _TOLD}


@st.cache_data(show_spinner=False, max_entries=20)
def _swept(asked: str, _plan: Plan, _edit: AddProvider) -> pd.DataFrame:
    """The curve of the mode in which the provider has most places."""
    places = _offered(_edit)
    mode = max(places, key=places.__getitem__)
    return sweep(_plan, _edit, mode, CAPACITIES).assign(mode=mode)


def _show_solved(plan: Plan, edit: AddProvider, reach: InReach) -> None:
    if st.session_state.get(_SOLVED) != _asked(plan, edit):
        return
    told = _solved(_asked(plan, edit), plan, edit, reach)
    numbers = {name: count(number) for name, number in told.items()}
    show_note(
        t("app.siting.sentence", kind=label("provider_kind", edit.values["kind"]), **numbers),
        "good" if told["newly_served"] else "note",
    )
    trial = {name: edit.values[name] for name in ("name", "lat", "lon")}
    trial["values"] = edit.values
    trial |= {"people": reach.people, "unserved": reach.unserved, "fingerprint": plan.outcome.fingerprint}
    with st.container(horizontal=True, key="trial_keep_buttons"):
        st.button(t("app.siting.keep"), on_click=_keep, args=(trial | told,), key="trial_keep")
        st.button(t("app.siting.to_scenario"), on_click=to_scenario, args=([edit],), key="trial_to_scenario")


def _keep(trial: dict[str, Any]) -> None:
    st.session_state[KEPT] = [*kept(), trial]
    st.session_state.pop(_SOLVED, None)


def _forget() -> None:
    st.session_state[KEPT] = []


def to_scenario(edits: list[AddProvider]) -> None:
    """Put edits to those of the scenario page, each under an id that is free there."""
    draft.add_edits(edits)
    st.session_state[MOVED] = len(edits)


def _show_curve(plan: Plan, edit: AddProvider) -> None:
    if st.session_state.get(_SWEPT) != _asked(plan, edit):
        return
    table = _swept(_asked(plan, edit), plan, edit)
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
    last = table.iloc[-1]
    if last["used"] < last["capacity"]:
        show_line(t("app.siting.knee", number=count(int(last["used"]))))
    else:
        show_line(t("app.siting.no_knee", number=count(int(last["capacity"]))))


def show_kept(plan: Plan) -> None:
    """The trials side by side; those of other data or another policy are told."""
    if not kept():
        return
    with st.container(key="card_kept"):
        show_title(t("app.siting.compare"))
        head = ["name", "people", "unserved", *_TOLD]
        show_table(
            [t(f"app.siting.column.{name}") for name in head], [_kept_row(one, plan) for one in kept()]
        )
        st.button(t("app.siting.forget"), on_click=_forget, key="trial_forget")


def _kept_row(trial: dict[str, Any], plan: Plan) -> Row:
    numbers = [count(trial[name]) for name in ("people", "unserved", *_TOLD)]
    stale = "" if trial["fingerprint"] == plan.outcome.fingerprint else " · " + t("app.siting.other_plan")
    return Row(str(trial["name"]), numbers, line=f"{trial['lat']:.4f}, {trial['lon']:.4f}{stale}")
