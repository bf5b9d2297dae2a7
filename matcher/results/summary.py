"""The plan in a few lines of text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

from matcher.eligibility.households import household_counts
from matcher.masking import mask_if_id_number
from matcher.plan.coverage import actual_shares
from matcher.plan.plan import Plan
from matcher.results.decisions import decided
from matcher.results.overview import by_mode, by_tier, crowded_tiers, figures
from matcher.tables import DISTANCE_SOURCES, UNSERVED_REASONS
from matcher.words.catalogues import label, t

LISTED = DISTANCE_SOURCES[0]
#: So many decisions that are set aside are told one by one.
_TOLD = 5


def summary_lines(plan: Plan, lang: str) -> Iterator[str]:
    """Coverage by mode, the unserved by reason, shares against the plan, and what was proven."""
    outcome = plan.outcome
    yield t("summary.proof", lang, status=t(f"status.{outcome.status}", lang), pairs=outcome.eligible_pairs)
    if outcome.gap:
        yield t("summary.gap", lang, gap=f"{outcome.gap:.2%}")
    share = figures(plan).share
    yield t(
        "summary.served",
        lang,
        residents=outcome.residents,
        served=outcome.served,
        share=t("summary.none", lang) if share is None else f"{share:.1%}",
    )
    for row in by_mode(plan).to_dict("records"):
        if row["residents"]:
            yield t(
                "summary.mode",
                lang,
                mode=label("mode", row["mode"], lang),
                residents=row["residents"],
                served=row["served"],
                share=f"{row['share']:.1%}",
                distance=_distance(row["median_km"], row["unknown_km"], lang),
            )
    yield from _tier_lines(plan, lang)
    if len(plan.inputs.travel):
        listed = int((plan.assignments["distance_source"] == LISTED).sum())
        yield t("summary.journeys", lang, listed=listed, computed=len(plan.assignments) - listed)
    if plan.eligibility.keeps_households:
        total, waiting, nowhere = household_counts(plan.eligibility, plan.people["served"].to_numpy())
        yield t("summary.households", lang, total=total, waiting=waiting, nowhere=nowhere)
    yield from _decision_lines(plan, lang)
    reasons = plan.unserved["reason"].value_counts()
    for reason in UNSERVED_REASONS:
        if reason in reasons.index:
            count = int(reasons[reason])
            yield t("summary.reason", lang, reason=label("reason", reason, lang), count=count)
    for mode, target, _, actual in actual_shares(plan.people, plan.policy).to_records(index=False).tolist():
        yield t(
            "summary.share",
            lang,
            mode=label("mode", mode, lang),
            target=f"{target:.0%}",
            actual=t("summary.none", lang) if isnan(actual) else f"{actual:.1%}",
        )


def _tier_lines(plan: Plan, lang: str) -> Iterator[str]:
    """How large each tier is; one that holds most people is warned of."""
    everybody = plan.outcome.residents
    for row in by_tier(plan).to_dict("records"):
        if everybody:
            yield t(
                "summary.tier_size",
                lang,
                tier=row["tier"],
                residents=row["residents"],
                size=f"{row['residents'] / everybody:.1%}",
                served=row["served"],
            )
    for tier in crowded_tiers(plan):
        yield t("summary.tier_crowded", lang, tier=tier)


def _decision_lines(plan: Plan, lang: str) -> Iterator[str]:
    """How many decisions on people's providers are kept, and whose are not."""
    table = decided(plan)
    if len(table):
        yield t("summary.decisions", lang, kept=int((table["state"] == "kept").sum()), made=len(table))
    for row in table[table["state"] != "kept"].head(_TOLD).itertuples():
        why = t(f"decision.{row.state}", lang)
        yield t(
            "summary.set_aside",
            lang,
            id=mask_if_id_number(str(row.resident_id)),
            provider=row.provider_id,
            why=why,
        )


def _distance(median_km: float, unknown_km: int, lang: str) -> str:
    """Median of the known distances, where there is one, and how many are not known, where some are not."""
    median = "" if isnan(median_km) else t("summary.median", lang, median=f"{median_km:.1f}")
    return median + (t("summary.unknown_km", lang, count=unknown_km) if unknown_km else "")
