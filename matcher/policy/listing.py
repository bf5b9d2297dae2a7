"""The rules of a policy for reading: what each is called, who says so, and how the text was read."""

from __future__ import annotations

from collections.abc import Iterator

from matcher.policy.documents import Policy
from matcher.policy.packages import Package, Visiting
from matcher.policy.pairings import Pairing
from matcher.policy.referral import GreenChannel
from matcher.policy.roads import RoadSpeeds
from matcher.policy.rules import RULE_FAMILIES, Rule
from matcher.words.catalogues import catalogue, t

AnyRule = Rule | Package | Visiting | GreenChannel | Pairing | RoadSpeeds


def rule_lines(policy: Policy, lang: str) -> Iterator[str]:
    """The title, then each rule, target and task with its standing and source, and its reading where it has one."""
    yield t("rules.policy", lang, id=policy.id, title=policy.title, document=policy.document)
    for family in RULE_FAMILIES:
        rules: tuple[AnyRule, ...] = getattr(policy, family)
        if family == "packages" and rules:  # they are nothing without the days that make them due
            rules = (*rules, policy.visiting)
        if rules:
            yield from _family(family, rules, lang)
    yield from _family("roads", (policy.roads,), lang)
    yield from _aims(policy, lang)


def _family(name: str, rules: tuple[AnyRule, ...], lang: str) -> Iterator[str]:
    yield t(f"rules.{name}", lang)
    for rule in rules:
        standing = t(f"code.standing.{rule.standing}", lang)
        yield t("rules.rule", lang, name=_with_id(rule, lang), standing=standing, source=rule.source)
        if rule.reading:
            yield t("rules.reading", lang, reading=rule.reading[lang])


def _aims(policy: Policy, lang: str) -> Iterator[str]:
    """Targets and tasks, which decide on nobody."""
    if policy.targets:
        yield t("rules.targets", lang)
    for target in policy.targets:
        standing = t(f"code.standing.{target.standing}", lang)
        yield t("rules.rule", lang, name=target.id, standing=standing, source=target.source)
        if target.reading:
            yield t("rules.reading", lang, reading=target.reading[lang])
    if policy.tasks:
        yield t("rules.tasks", lang)
    for task in policy.tasks:
        standing = t(f"code.standing.{task.standing}", lang)
        yield t("rules.rule", lang, name=f"{task.no} {task.text}", standing=standing, source=task.source)


def rule_name(rule: AnyRule, lang: str) -> str:
    """The words for a shipped rule; a rule of one's own has its id."""
    return catalogue(lang).get(f"code.rule.{rule.id}") or rule.id


def _with_id(rule: AnyRule, lang: str) -> str:
    name = rule_name(rule, lang)
    return name if name == rule.id else f"{name} ({rule.id})"
