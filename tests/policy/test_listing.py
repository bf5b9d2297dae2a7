"""Every rule of a policy is told with its word, who says so, and how the text was read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matcher.cli import main
from matcher.policy.documents import load_policy, policy_names
from matcher.policy.listing import rule_lines
from matcher.policy.rules import RULE_FAMILIES, TierRule
from matcher.words.catalogues import LANGUAGES


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", policy_names())
def test_each_rule_is_told_with_its_source_and_its_reading(name, lang):
    policy = load_policy(name)
    told = "\n".join(rule_lines(policy, lang))
    for rule in (rule for family in RULE_FAMILIES for rule in getattr(policy, family)):
        assert f"({rule.id})" in told
        assert rule.source in told
        assert rule.reading.get(lang, "") in told
    for one in (*policy.targets, *policy.tasks):
        assert one.source in told


def test_a_rule_of_ones_own_is_told_by_its_id():
    policy = replace(load_policy(), tier_rules=(TierRule("ours", 1, source="县里规定"),))
    assert "  ours – Project default: 县里规定" in list(rule_lines(policy, "en"))


def test_the_command_lists_the_policy_that_is_named_and_refuses_an_unknown_one(capsys):
    assert main(["policy", "xuanhan-2022", "--lang", "en"]) == 0
    assert "(village_clinic_rounds) – Said by the document" in capsys.readouterr().out
    assert main(["policy", "--lang", "en"]) == 0
    assert "panzhihua-2016" in capsys.readouterr().out
    assert main(["policy", "xuanhan", "--lang", "en"]) == 1
    assert "xuanhan-2022" in capsys.readouterr().err
