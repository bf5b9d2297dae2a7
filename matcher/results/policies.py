"""A policy told and tried: its rules with the people whom each decides, and what another policy would change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from matcher.policy.documents import Policy
from matcher.policy.listing import rule_name
from matcher.policy.rules import RULE_FAMILIES
from matcher.results.overview import by_mode, by_tier

if TYPE_CHECKING:
    from matcher.plan.plan import Plan

#: Columns of `rule_table`.
RULES = ("family", "id", "name", "standing", "source", "reading", "people")


def rule_table(policy: Policy, lang: str, plan: Plan | None = None) -> pd.DataFrame:
    """The rules in the order in which they are asked.

    Parameters
    ----------
    policy : Policy
    lang : {"zh", "en"}
    plan : Plan, optional
        Made under this policy: then ``people`` counts whom each mode and tier rule decides.

    Returns
    -------
    DataFrame
        `RULES`: ``family`` is one of ``rules.RULE_FAMILIES``; ``people`` is missing for rules that decide on
        providers.
    """
    decided: dict[tuple[str, str], int] = {}
    if plan is not None:
        for family, column in (("mode_rules", "mode_rule"), ("tier_rules", "tier_rule")):
            counts = plan.people[column].value_counts()
            decided |= {(family, rule.id): int(counts.get(rule.id, 0)) for rule in getattr(policy, family)}
    rows = [
        {
            "family": family,
            "id": rule.id,
            "name": rule_name(rule, lang),
            "standing": rule.standing,
            "source": rule.source,
            "reading": rule.reading.get(lang, "") if rule.reading else "",
            "people": decided.get((family, rule.id)),
        }
        for family in RULE_FAMILIES
        for rule in getattr(policy, family)
    ]
    return pd.DataFrame(rows, columns=list(RULES)).astype({"people": "Int64"})


@dataclass(frozen=True)
class PolicyEffect:
    """What another policy does to the same people.

    Parameters
    ----------
    modes, tiers : DataFrame[mode or tier, residents_before, residents_after, served_before, served_after]
    clauses : DataFrame[column, before, after, people]
        Whom another clause puts into another mode (``column`` "mode_rule") or tier ("tier_rule"): ids of the deciding
        rules under both policies, most people first.
    """

    modes: pd.DataFrame
    tiers: pd.DataFrame
    clauses: pd.DataFrame


def policy_effect(before: Plan, after: Plan) -> PolicyEffect:
    """Compare plans of the same inputs under two policies.

    Parameters
    ----------
    before, after : Plan
    """
    tiers = by_tier(before).merge(by_tier(after), on="tier", how="outer", suffixes=("_before", "_after"))
    modes = by_mode(before).merge(by_mode(after), on="mode", suffixes=("_before", "_after"))
    clauses = [_clauses(before, after, *pair) for pair in (("mode", "mode_rule"), ("tier", "tier_rule"))]
    return PolicyEffect(_counts(modes, "mode"), _counts(tiers, "tier"), pd.concat(clauses, ignore_index=True))


def _counts(table: pd.DataFrame, key: str) -> pd.DataFrame:
    columns = [f"{name}_{when}" for name in ("residents", "served") for when in ("before", "after")]
    return table[[key, *columns]].fillna(0).astype(dict.fromkeys(columns, "int64"))


def _clauses(before: Plan, after: Plan, what: str, column: str) -> pd.DataFrame:
    both = pd.DataFrame({"before": before.people[column], "after": after.people[column]})
    other = both[(before.people[what] != after.people[what]).to_numpy(bool)]
    counts = other.value_counts().rename("people").reset_index()
    return counts.assign(column=column)[["column", "before", "after", "people"]]
