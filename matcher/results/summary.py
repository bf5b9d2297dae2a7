"""The plan in a few lines of text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isnan

import pandas as pd

from matcher.eligibility.households import household_counts
from matcher.masking import mask_if_id_number
from matcher.plan.coverage import actual_shares
from matcher.plan.figures import count_by
from matcher.plan.plan import Outcome, Plan
from matcher.policy.documents import Policy
from matcher.results.decisions import decided
from matcher.results.overview import by_reason, crowded
from matcher.tables import DISTANCE_SOURCES, MODES, UNSERVED_REASONS
from matcher.words.catalogues import label, t

LISTED = DISTANCE_SOURCES[0]
#: So many decisions that are set aside are told one by one.
_TOLD = 5


def summary_lines(plan: Plan, lang: str) -> Iterator[str]:
    """Coverage by mode, the unserved by reason, shares against the plan, and what was proven."""
    yield from coverage_lines(plan.outcome, plan.people, plan.policy, lang)
    if len(plan.inputs.travel):
        listed = int((plan.assignments["distance_source"] == LISTED).sum())
        yield journeys_line(listed, plan.outcome.served, lang)
    if plan.eligibility.keeps_households:
        total, waiting, nowhere = household_counts(plan.eligibility, plan.people["served"].to_numpy())
        yield t("summary.households", lang, total=total, waiting=waiting, nowhere=nowhere)
    yield from _decision_lines(plan, lang)
    yield from reason_lines({str(reason): count for reason, count in by_reason(plan).items()}, lang)
    yield from share_lines(plan.people, plan.policy, lang)


def coverage_lines(outcome: Outcome, people: pd.DataFrame, policy: Policy, lang: str) -> Iterator[str]:
    """What was proven, how many are served, by mode, and how large each tier is.

    Parameters
    ----------
    outcome : Outcome
    people : DataFrame[mode, tier, served, distance_km]
    policy : Policy
    lang : str
    """
    yield t("summary.proof", lang, status=t(f"status.{outcome.status}", lang), pairs=outcome.eligible_pairs)
    if outcome.gap:
        yield t("summary.gap", lang, gap=f"{outcome.gap:.2%}")
    told = {"residents": outcome.residents, "served": outcome.served}
    nobody = t("summary.none", lang)
    share = f"{outcome.served / outcome.residents:.1%}" if outcome.residents else nobody
    yield t("summary.served", lang, share=share, **told)
    for row in count_by(people, "mode", MODES).to_dict("records"):
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
    yield from _tier_lines(people, policy, lang)


def journeys_line(listed: int, served: int, lang: str) -> str:
    """How many of the served have a journey that is listed."""
    return t("summary.journeys", lang, listed=listed, computed=served - listed)


def reason_lines(reasons: Mapping[str, int], lang: str) -> Iterator[str]:
    """The unserved by reason."""
    for reason in UNSERVED_REASONS:
        if reasons.get(reason):
            yield t("summary.reason", lang, reason=label("reason", reason, lang), count=int(reasons[reason]))


def share_lines(people: pd.DataFrame, policy: Policy, lang: str) -> Iterator[str]:
    """Planned shares of the modes against the actual; `people` as of `actual_shares`."""
    for mode, target, _, actual in actual_shares(people, policy).to_records(index=False).tolist():
        yield t(
            "summary.share",
            lang,
            mode=label("mode", mode, lang),
            target=f"{target:.0%}",
            actual=t("summary.none", lang) if isnan(actual) else f"{actual:.1%}",
        )


def _tier_lines(people: pd.DataFrame, policy: Policy, lang: str) -> Iterator[str]:
    """How large each tier is; one that holds most people is warned of."""
    tiers = count_by(people, "tier", range(1, policy.tier_count + 1))
    for row in tiers.to_dict("records") if len(people) else ():
        yield t(
            "summary.tier_size",
            lang,
            tier=row["tier"],
            residents=row["residents"],
            size=f"{row['residents'] / len(people):.1%}",
            served=row["served"],
        )
    for tier in crowded(tiers):
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
