"""Rules with the people whom each decides, and another policy's effect: both add up to everybody."""

from __future__ import annotations

import pytest

from matcher.plan.match import match
from matcher.policy.documents import load_policy, policy_names, policy_with
from matcher.policy.rules import RULE_FAMILIES
from matcher.results.policies import RULES, policy_effect, rule_table
from matcher.words.catalogues import LANGUAGES
from tests.helpers.builders import make_inputs, provider, resident


@pytest.fixture(scope="module")
def inputs():
    people = [
        resident("R1"),
        resident("R2", 1.0, age=85),
        resident("R3", 12.0, lives_alone=True),
        resident("R4", 2.0, origin="visitor", living_setting="hotel"),
    ]
    return make_inputs(people, [provider("P1", capacity_home=9)])


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", policy_names())
def test_every_rule_is_told_and_mode_and_tier_rules_decide_on_everybody(inputs, name, lang):
    policy = load_policy(name)
    table = rule_table(policy, lang, match(inputs, policy))
    assert tuple(table.columns) == RULES
    assert len(table) == sum(len(getattr(policy, family)) for family in RULE_FAMILIES)
    for family in ("mode_rules", "tier_rules"):
        assert table.loc[table["family"] == family, "people"].sum() == 4
    assert table.loc[table["family"] == "admissions", "people"].isna().all()
    assert (table["source"] != "").all()
    assert rule_table(policy, lang)["people"].isna().all()


def test_a_wider_limit_serves_more_and_puts_nobody_elsewhere(inputs):
    policy = load_policy()
    before = match(inputs, policy)
    after = match(inputs, policy_with(policy, "limit_km.home", 40.0, "wider"))
    effect = policy_effect(before, after)
    home = effect.modes.set_index("mode").loc["home"]
    assert home[["residents_before", "residents_after", "served_before", "served_after"]].tolist() == [
        3,
        3,
        2,
        3,
    ]
    assert effect.clauses.empty
    for table in (effect.modes, effect.tiers):
        assert table["served_after"].sum() == after.outcome.served
        assert table["residents_before"].sum() == table["residents_after"].sum() == 4


def test_who_is_put_elsewhere_is_told_by_the_deciding_rules(inputs):
    policy = load_policy()
    rules = [{"id": "everyone", "tier": 1, "source": "test", "standing": "default"}]
    effect = policy_effect(
        match(inputs, policy), match(inputs, policy_with(policy, "tier_rules", rules, "flat"))
    )
    assert effect.tiers["residents_after"].tolist()[0] == 4
    clauses = effect.clauses
    assert set(clauses["column"]) == {"tier_rule"}
    assert set(clauses["after"]) == {"everyone"}
    assert clauses["people"].sum() == effect.tiers["residents_before"].iloc[1:].sum()
