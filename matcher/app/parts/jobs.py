"""The panel of a long question: how far it is, a button that ends it, and its answer when it is there."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from matcher.app import jobs
from matcher.app.jobs import Job
from matcher.app.parts.charts import show_line, show_note
from matcher.app.parts.words import count, t


def show_jobs(kind: str, fingerprint: str, show: Callable[[Job], None]) -> None:
    """The newest job of a kind, refreshed while it runs.

    Parameters
    ----------
    kind : str
    fingerprint : str
        Of the plan on the page: answers to another one are told as stale.
    show : callable
        Shows the answer of a job that is done.
    """
    newest = next((one for one in jobs.jobs() if one.kind == kind), None)
    if newest is None:
        return
    running = newest.state == "running"

    @st.fragment(run_every=1.0 if running else None)
    def panel() -> None:
        now = jobs.job(newest.id)
        if now is None:
            return
        if now.state == "running":
            _progress(now)
        elif running:  # it ended since the page was drawn
            st.rerun()
        else:
            _ended(now, fingerprint, show)

    panel()


def _progress(job: Job) -> None:
    share = min(0.99, job.passed_s / max(job.limit_s, 1.0))
    st.progress(share, t("app.jobs.running", title=job.title, seconds=count(int(job.passed_s))))
    st.button(t("app.jobs.cancel"), on_click=jobs.cancel, args=(job.id,), key=f"cancel_{job.id}")


def _ended(job: Job, fingerprint: str, show: Callable[[Job], None]) -> None:
    if job.state == "done":
        if job.fingerprint != fingerprint:
            show_note(t("app.jobs.stale", title=job.title))
        else:
            show_line(t("app.jobs.done", title=job.title))
        show(job)
    else:
        show_note(t(f"app.jobs.{job.state}", title=job.title), "error" if job.state == "failed" else "note")
        if job.state == "failed" and job.words():
            show_line(job.words())
