"""The plan on one page for whoever decides, to be looked at and downloaded, and as files for other programs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import streamlit as st

from matcher.app.parts import state
from matcher.app.parts.baseline import baseline_name, baseline_plan, show_baseline
from matcher.app.parts.charts import show_heading, show_line, show_title
from matcher.app.parts.exporting import show_export
from matcher.app.parts.failures import told_failures
from matcher.app.parts.words import language, t
from matcher.plan.plan import Plan
from matcher.report.actions import Actions, actions
from matcher.report.content import Past, page_of
from matcher.report.drawn import coverage_map
from matcher.report.pdf import set_page
from matcher.report.written import OF_PEOPLE, report_files, table_file
from matcher.results.export import plan_archive
from matcher.results.overview import figures

#: What was made: of which plan, against which, in which language.
_MADE = "report_made"
#: What browsers call a Parquet file.
_PARQUET = "application/vnd.apache.parquet"


@dataclass(frozen=True)
class Made:
    """A report that was asked for."""

    key: tuple[str, str, str]
    picture: bytes
    files: dict[str, bytes]


def main() -> None:
    """Draw the page."""
    show_heading(t("app.report.title"), t("app.report.line"))
    plan = state.current_plan()
    with st.container(key="card_report_asked"):
        with st.container(horizontal=True, vertical_alignment="center", key="report_asked"):
            show_baseline()
            past = baseline_plan(plan)
            pressed = st.button(t("app.report.make"), type="primary", key="report_make")
        show_line(t("app.report.what"))
    key = (plan.outcome.fingerprint, past.outcome.fingerprint if past else "", language())
    if pressed:
        with told_failures(), st.spinner(t("app.report.making")):
            st.session_state[_MADE] = _make(key, plan, past)
    made: Made | None = st.session_state.get(_MADE)
    if made is not None and made.key == key:
        _show(made, plan)


def _make(key: tuple[str, str, str], plan: Plan, past: Plan | None) -> Made:
    before = Past(figures(past), baseline_name()) if past else None
    page = page_of(plan, _actions(plan.outcome.fingerprint, plan), language(), before)
    outlines = state.outlines()
    files = report_files(plan, page, outlines, language())
    picture = set_page(page, coverage_map(plan, outlines), language(), "png")
    people = {f"{name}.parquet" for name in OF_PEOPLE}
    made = {name: make() for name, make in files.items() if name not in people}
    return Made(key, picture, made)


@st.cache_resource(show_spinner=False, max_entries=4)
def _actions(fingerprint: str, _plan: Plan) -> Actions:
    """What helps most does not depend on language or on what is compared."""
    return actions(_plan)


def _show(made: Made, plan: Plan) -> None:
    left, right = st.columns([1.9, 1])
    with left, st.container(key="card_report_page"):
        st.image(made.picture, width="stretch")
    with right, st.container(key="card_report_files"):
        show_title(t("app.report.files"), t("app.report.files_line"))
        for name, content in made.files.items():
            stem, _, kind = name.rpartition(".")
            st.download_button(
                t(f"app.report.{name.replace('.', '_')}"),
                content,
                file_name=name,
                type="primary" if kind == "pdf" else "secondary",
                on_click="ignore",
                icon=":material/download:",
                key=f"report_{stem if kind == 'parquet' else kind}",
                width="stretch",
            )
        for name in OF_PEOPLE:
            show_export(
                f"report_{name}",
                t(f"app.report.{name}_parquet"),
                f"{name}.parquet",
                _PARQUET,
                "plan",
                plan,
                partial(table_file, plan, name),
            )
        show_export(
            "report_tables",
            t("app.report.tables"),
            "plan.zip",
            "application/zip",
            "plan",
            plan,
            partial(plan_archive, plan),
        )


main()
