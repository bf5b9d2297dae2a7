"""Siting: try a place by a click, ask for the best sites, find what could close and what must not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from matcher.app import jobs
from matcher.app.jobs import Job
from matcher.app.parts import state, trials
from matcher.app.parts.charts import Row, show_heading, show_line, show_note, show_table, show_title
from matcher.app.parts.choices import choose
from matcher.app.parts.ground import ground_layer
from matcher.app.parts.jobs import show_jobs
from matcher.app.parts.layers import county_layer, provider_layer, site_layer, township_layer
from matcher.app.parts.legends import load_legend, share_legend
from matcher.app.parts.maps import Clicks, show_map
from matcher.app.parts.memory import remember
from matcher.app.parts.tables import rows_of
from matcher.app.parts.words import count, named, t
from matcher.plan.plan import Plan
from matcher.plan.written import OUTCOME
from matcher.scenario.files import load_scenario
from matcher.scenario.siting.candidates import DEFAULT_KIND, candidates_outside, places_with_candidates
from matcher.scenario.siting.report import SCENARIO
from matcher.tables import PROVIDER_KINDS

#: Keys of the session.
MAP = "siting_map"
TASKS = ("trial", "place", "close", "stress")
SECONDS = (30, 60, 120, 300)
#: ``stress`` has no limit: how long its bar takes to fill.
STRESS_SECONDS = 60


def main() -> None:
    """Draw the page."""
    plan = state.current_plan()
    show_heading(t("app.siting.title"), t("app.siting.line"))
    names = {name: t(f"app.siting.task_{name}") for name in TASKS}
    task = choose(t("app.siting.task"), names, "siting_task")
    _workbench(plan, task)


@st.fragment
def _workbench(plan: Plan, task: str) -> None:
    """The map, the forms beside it and what was kept: a click there draws this part alone anew."""
    moved = st.session_state.pop(trials.MOVED, None)
    if moved:
        show_note(t("app.siting.moved", number=count(moved)), "good")
    with st.container(key="split"):
        left, right = st.columns([1.7, 1])
        with left, st.container(key="card_map"):
            _map(plan, task)
        with right, st.container(key="card_forms"):
            if task == "trial":
                trials.show_trial(plan)
            else:
                {"place": _place, "close": _close, "stress": _stress}[task](plan)
    trials.show_kept(plan)
    remember()


def _map(plan: Plan, task: str) -> None:
    show_title(t("app.siting.map"), t("app.siting.map_line") if task == "trial" else "")
    layers = [
        county_layer(),
        township_layer(plan, base=True),
        ground_layer(),
        provider_layer(plan, shown=task != "place"),
    ]
    job = jobs.newest("place", "done") if task == "place" else None
    if job is not None and job.fingerprint == plan.outcome.fingerprint:
        layers.append(site_layer(load_scenario(job.out / SCENARIO).edits))
    placing = task == "trial"
    show_map(
        MAP,
        plan.outcome.fingerprint,
        layers,
        [share_legend(), load_legend()],
        height=620,
        clicks=Clicks(
            placing=placing,
            pin=trials.pin() if placing else None,
            on_placed=lambda: trials.take_pin(st.session_state[MAP]["placed"]),
        ),
    )


def _place(plan: Plan) -> None:
    show_title(
        t("app.siting.task_place"), t("app.siting.place_line", candidates=count(len(plan.inputs.candidates)))
    )
    by_budget = choose(
        t("app.siting.amount"), {name: t(f"app.siting.by_{name}") for name in ("k", "budget")}, "place_by"
    )
    if by_budget == "k":
        amount, limits = st.number_input(t("app.siting.k"), 1, None, 3, key="place_k"), []
    else:
        left, right = st.columns(2)
        amount = left.number_input(
            t("app.siting.budget"), 1, None, 2_000_000, step=100_000, key="place_budget"
        )
        most = right.number_input(
            t("app.siting.at_most"),
            1,
            None,
            None,
            placeholder=t("app.siting.any_number"),
            key="place_at_most",
        )
        limits = [] if most is None else ["--at-most", str(most)]
    if _from_tried():
        words = ["--candidates", f"{jobs.IN_JOB}/candidates.csv"]
        files = {"candidates.csv": trials.as_candidates(plan)}
    else:
        words, files = _chosen(plan), {}
    _ask(plan, "place", [f"--{by_budget}", str(amount), *limits, *words], f"asked_{by_budget}", amount, files)
    show_jobs("place", plan.outcome.fingerprint, _show_sites)


def _from_tried() -> bool:
    """Whether the places that were tried and kept are the candidates, instead of those of the data."""
    if not trials.kept():
        return False
    names = {name: t(f"app.siting.from_{name}") for name in ("data", "tried")}
    return choose(t("app.siting.candidates"), names, "place_from") == "tried"


def _chosen(plan: Plan) -> list[str]:
    """Flags that say which candidates of the data may, must and must not be chosen."""
    names = _candidate_names(plan)
    require = st.multiselect(
        t("app.siting.require"),
        list(names),
        format_func=names.__getitem__,
        placeholder="–",
        key="place_require",
    )
    forbid = st.multiselect(
        t("app.siting.forbid"),
        list(names),
        format_func=names.__getitem__,
        placeholder="–",
        key="place_forbid",
    )
    forbid = sorted({*forbid, *_outside(plan)})
    kind = [] if names else ["--kind", _kind(plan)]
    return [*kind, *(f"--require={id}" for id in require), *(f"--forbid={id}" for id in forbid)]


def _outside(plan: Plan) -> list[str]:
    """Candidates outside the township or county to which the question is narrowed; none where it is not."""
    names = places_with_candidates(plan.inputs)
    if not names:
        return []
    place = st.selectbox(
        t("app.siting.where"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=t("app.what_if.everywhere"),
        key="place_where",
    )
    return [] if place is None else candidates_outside(plan.inputs, place)


def _kind(plan: Plan) -> str:
    """The kind of the new providers where the data name no candidates: one of which there are some already."""
    known = set(plan.inputs.providers["kind"].dropna())
    kinds = [kind for kind in (DEFAULT_KIND, *PROVIDER_KINDS) if kind in known]
    chosen = st.selectbox(
        t("column.providers.kind"),
        list(dict.fromkeys(kinds)),
        format_func=named("provider_kind", PROVIDER_KINDS),
        key="place_kind",
    )
    return str(chosen or DEFAULT_KIND)


def _candidate_names(plan: Plan) -> dict[str, str]:
    table = plan.inputs.candidates
    pairs = zip(table["provider_id"], table["name"].fillna(""), strict=True)
    return {id: f"{name} · {id}" if name else id for id, name in pairs}


def _close(plan: Plan) -> None:
    show_title(t("app.siting.task_close"), t("app.siting.close_line"))
    k = st.number_input(t("app.siting.close_k"), 1, None, 3, key="close_k")
    _ask(plan, "close", ["--k", str(k)], "asked_close", k)
    show_jobs("close", plan.outcome.fingerprint, _show_closures)


def _stress(plan: Plan) -> None:
    show_title(t("app.siting.task_stress"), t("app.siting.stress_line"))
    top = st.number_input(t("app.siting.top"), 1, None, 10, key="stress_top")
    _ask(plan, "stress", ["--top", str(top)], "asked_stress", top)
    show_jobs("stress", plan.outcome.fingerprint, _show_stress)


def _ask(
    plan: Plan,
    kind: str,
    arguments: list[str],
    asked: str,
    amount: int,
    files: Mapping[str, bytes] | None = None,
) -> None:
    """The button that begins a job."""
    seconds = STRESS_SECONDS
    if kind != "stress":
        seconds = st.select_slider(t("app.siting.seconds"), SECONDS, 60, key=f"{kind}_seconds")
        arguments = [*arguments, "--time-limit", str(seconds)]
    running = jobs.newest(kind, "running") is not None
    if st.button(t("app.siting.ask"), type="primary", disabled=running, key=f"{kind}_ask"):
        words, shared = state.work_on()
        fingerprint = plan.outcome.fingerprint
        jobs.start(
            kind,
            [*words, *arguments],
            asked=asked,
            amount=amount,
            fingerprint=fingerprint,
            limit_s=seconds,
            files={**shared, **(files or {})},
        )
        st.rerun()


def _show_sites(job: Job) -> None:
    """The sites in building order, one sentence each, and the way into a scenario."""
    plan = state.current_plan()
    names = _candidate_names(plan)
    sites = pd.read_csv(job.out / "sites.csv")
    rows = [
        Row(
            names.get(site.candidate_id, site.candidate_id),
            [count(site.slots), count(site.newly_served), "–" if pd.isna(site.cost) else f"{site.cost:,.0f}"],
        )
        for site in rows_of(sites)
    ]
    show_table([t(f"app.siting.site.{name}") for name in ("name", "slots", "newly_served", "cost")], rows)
    _proof(job)
    _offer_scenario(job)
    curve = pd.read_csv(job.out / "curve.csv")
    amount = "k" if "k" in curve else "budget"
    with st.expander(t("app.siting.place_curve")):
        show_table(
            [t(f"app.siting.by_{amount}"), t("app.figure.served"), t("app.siting.bound")],
            [
                Row(
                    count(int(getattr(row, amount))),
                    [count(row.served), "–" if pd.isna(row.bound) else count(int(row.bound))],
                )
                for row in rows_of(curve)
            ],
        )


def _offer_scenario(job: Job) -> None:
    """The way of an answer into a scenario."""
    edits: Any = list(load_scenario(job.out / SCENARIO).edits)
    st.button(
        t("app.siting.to_scenario"),
        on_click=trials.to_scenario,
        args=(edits,),
        key=f"{job.kind}_to_scenario",
    )


def _show_closures(job: Job) -> None:
    names = state.current_plan().inputs.providers.set_index("provider_id")["name"]
    table = pd.read_csv(job.out / "closures.csv")
    rows = [
        Row(str(names.get(row.provider_id, row.provider_id)), [count(row.assigned), count(row.lost)])
        for row in rows_of(table)
    ]
    show_table([t(f"app.siting.closure.{name}") for name in ("name", "assigned", "lost")], rows)
    _proof(job)
    _offer_scenario(job)


def _show_stress(job: Job) -> None:
    names = state.current_plan().inputs.providers.set_index("provider_id")["name"]
    table = pd.read_csv(job.out)
    rows = [
        Row(str(names.get(row.provider_id, row.provider_id)), [count(row.assigned), count(row.stranded)])
        for row in rows_of(table)
    ]
    show_table([t(f"app.siting.stress.{name}") for name in ("name", "assigned", "stranded")], rows)


def _proof(job: Job) -> None:
    """What the answer reaches, and whether a better one may exist."""
    told = json.loads((job.out / OUTCOME).read_text(encoding="utf-8"))
    before, after = count(told["served_before"]), count(told["served"])
    show_line(t("app.siting.reached", before=before, after=after))
    if told["status"] == "optimal":
        show_line(t("app.siting.proven"))
    elif told["gap"] is None:
        show_line(t("app.siting.open"))
    else:
        show_line(t("app.siting.open_gap", gap=f"{told['gap']:.2%}"))


main()
