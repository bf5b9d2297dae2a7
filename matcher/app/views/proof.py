"""Proof: what is known of the plan, told for people; its fingerprint, its files, and what the words mean."""

from __future__ import annotations

import streamlit as st

from matcher.app.parts import state
from matcher.app.parts.charts import show_heading, show_line, show_note, show_terms, show_title
from matcher.app.parts.exporting import show_export
from matcher.app.parts.words import count, language, t
from matcher.plan.plan import Plan
from matcher.results.export import plan_archive
from matcher.words.catalogues import catalogue


def main() -> None:
    """Draw the page."""
    plan = state.current_plan()
    show_heading(t("app.proof.title"), t("app.proof.line"))
    with st.container(key="card_proof"):
        _told(plan)
    with st.container(key="split_proof"):
        left, right = st.columns(2)
        with left, st.container(key="card_facts", height="stretch"):
            _facts(plan)
        with right, st.container(key="card_files", height="stretch"):
            _files(plan)
    with st.container(key="card_glossary"):
        _glossary()


def _told(plan: Plan) -> None:
    """What is proven, and how, without a formula."""
    outcome = plan.outcome
    proven = outcome.status == "optimal"
    show_note(t(f"app.proof.{outcome.status}"), "good" if proven else "note")
    numbers = {
        "pairs": count(plan.certificate.checked_pairs),
        "residents": count(outcome.residents),
        "served": count(outcome.served),
    }
    kind = "prices" if outcome.proof == "prices" else "bound"
    for part in ("order", kind, "who"):
        show_line(t(f"app.proof.told_{part}", **numbers))
    if outcome.gap:
        show_line(t("summary.gap", gap=f"{outcome.gap:.2%}").strip())


def _facts(plan: Plan) -> None:
    outcome = plan.outcome
    show_title(t("app.proof.facts"))
    facts = {
        "fingerprint": outcome.fingerprint,
        "policy": plan.policy.title,
        "version": outcome.version,
        "engine": outcome.engine,
        "pairs": count(outcome.eligible_pairs),
        "seconds": f"{sum(outcome.seconds.values()):.1f}",
    }
    show_terms((t(f"app.proof.fact_{name}"), value) for name, value in facts.items())


def _files(plan: Plan) -> None:
    show_title(t("app.proof.files"), t("app.proof.files_line"))
    show_export(
        "proof_download",
        t("app.proof.download"),
        "plan.zip",
        "application/zip",
        "plan",
        plan,
        lambda first: plan_archive(plan, first),
    )
    show_line(t("app.proof.verify"))


def _glossary() -> None:
    show_title(t("app.proof.glossary"))
    words = catalogue(language())
    terms = [
        key.removesuffix(".term") for key in words if key.startswith("glossary.") and key.endswith(".term")
    ]
    show_terms((words[f"{key}.term"], words[f"{key}.means"]) for key in terms)


main()
