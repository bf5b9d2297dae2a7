"""The plan of a province in a few lines of text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

from matcher.plan.coverage import actual_shares
from matcher.plan.figures import count_by
from matcher.policy.documents import Policy
from matcher.province.plan import ProvincePlan
from matcher.tables import MODES
from matcher.words.catalogues import label, t


def province_lines(plan: ProvincePlan, policy: Policy, lang: str) -> Iterator[str]:
    """Proof, coverage by mode and tier, the unserved by reason, shares against the plan."""
    outcome, people = plan.outcome, plan.people
    yield t("summary.proof", lang, status=t(f"status.{outcome.status}", lang), pairs=outcome.eligible_pairs)
    yield t("summary.counties", lang, count=len(plan.counties))
    share = t("summary.none", lang) if not len(people) else f"{outcome.served / len(people):.1%}"
    yield t("summary.served", lang, residents=outcome.residents, served=outcome.served, share=share)
    for row in count_by(people, "mode", MODES).to_dict("records"):
        if row["residents"]:
            median = (
                "" if isnan(row["median_km"]) else t("summary.median", lang, median=f"{row['median_km']:.1f}")
            )
            unknown = t("summary.unknown_km", lang, count=row["unknown_km"]) if row["unknown_km"] else ""
            yield t(
                "summary.mode",
                lang,
                mode=label("mode", row["mode"], lang),
                residents=row["residents"],
                served=row["served"],
                share=f"{row['share']:.1%}",
                distance=median + unknown,
            )
    for row in count_by(people, "tier", range(1, policy.tier_count + 1)).to_dict("records"):
        size = f"{row['residents'] / max(len(people), 1):.1%}"
        told = {name: row[name] for name in ("tier", "residents", "served")}
        yield t("summary.tier_size", lang, size=size, **told)
    for reason, count in plan.reasons.items():
        if count:
            yield t("summary.reason", lang, reason=label("reason", reason, lang), count=count)
    for mode, target, _, actual in actual_shares(people, policy).to_records(index=False).tolist():
        yield t(
            "summary.share",
            lang,
            mode=label("mode", mode, lang),
            target=f"{target:.0%}",
            actual=t("summary.none", lang) if isnan(actual) else f"{actual:.1%}",
        )
