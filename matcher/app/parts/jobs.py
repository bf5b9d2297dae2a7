"""The panel of a long question: how far it is, a button that ends it, and its answer when it is there."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from matcher.app import jobs
from matcher.app.job import WATCHED
from matcher.app.jobs import Job
from matcher.app.parts.charts import show_line, show_note
from matcher.app.parts.words import count, t


def show_jobs(kind: str, fingerprint: str, show: Callable[[Job], None], *, stale: bool = True) -> None:
    """The newest job of a kind, refreshed while it runs.

    Parameters
    ----------
    kind : str
    fingerprint : str
        Of the plan on the page: answers to another one are told as stale.
    show : callable
        Shows the answer of a job that is done.
    stale : bool
        Whether an answer to another plan is shown at all, beside the words that say so.
    """
    newest = jobs.newest(kind)
    if newest is None:
        return
    running = newest.state == "running"

    @st.fragment(run_every=1.0 if running else None)
    def panel() -> None:
        """The part of the page that is drawn again each second."""
        now = jobs.job(newest.id)
        if now is None:
            return
        if now.state == "running":
            _progress(now)
        elif running:  # it ended since the page was drawn
            st.rerun()
        else:
            _ended(now, fingerprint, show if stale or now.fingerprint == fingerprint else _nothing)

    panel()


def _nothing(_job: Job) -> None:
    """Nothing of an answer is shown."""


def _title(job: Job) -> str:
    return t(f"app.siting.{job.asked}", amount=count(job.amount))


def _progress(job: Job) -> None:
    share = min(0.99, job.passed_s / job.limit_s)
    st.progress(share, t("app.jobs.running", title=_title(job), seconds=count(int(job.passed_s))))
    if told := _so_far(job):
        show_line(told)
    words = (
        "app.jobs.stopping"
        if job.stopping
        else "app.jobs.finish"
        if job.kind in WATCHED
        else "app.jobs.cancel"
    )
    st.button(t(words), on_click=jobs.finish, args=(job.id,), key=f"cancel_{job.id}")


def _so_far(job: Job) -> str:
    """The best choice so far, and what no choice can exceed."""
    told = job.so_far()
    figures, at, bound = told.get("figures"), told.get("figure"), told.get("bound")
    if not isinstance(figures, list) or not isinstance(at, int):
        return ""
    served = count(sum(figures[:-1]))
    if bound is None or at >= len(figures) - 1:
        return t("app.jobs.so_far", served=served, tried=count(told.get("tried", 0)))
    return t(
        "app.jobs.so_far_bound",
        served=served,
        tried=count(told.get("tried", 0)),
        tier=at + 1,
        reached=count(figures[at]),
        bound=count(bound),
    )


def _ended(job: Job, fingerprint: str, show: Callable[[Job], None]) -> None:
    if job.state == "done":
        stale = job.fingerprint != fingerprint
        show_note(
            t("app.jobs.stale" if stale else "app.jobs.done", title=_title(job)), "note" if stale else "good"
        )
        show(job)
    else:
        show_note(t(f"app.jobs.{job.state}", title=_title(job)), "error" if job.state == "failed" else "note")
        if job.state == "failed":
            show_line(job.error())
