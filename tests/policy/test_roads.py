"""Speeds by class of road: a default with its source, changed one by one, and never missing."""

from __future__ import annotations

import pytest

from matcher.errors import PolicyError
from matcher.policy.documents import load_policy, policy_names
from matcher.policy.listing import rule_lines
from matcher.policy.roads import ROAD_CLASSES


@pytest.mark.parametrize("name", policy_names())
def test_every_policy_says_how_fast_each_class_is_and_who_says_so(name):
    policy = load_policy(name)
    assert set(policy.roads.kmh) == set(ROAD_CLASSES)
    assert policy.roads.standing == "default"
    assert policy.roads.source in "\n".join(rule_lines(policy, "zh"))


def test_a_file_changes_the_speeds_that_it_names(tmp_path):
    """And takes a class away by 0."""
    file = tmp_path / "mine.toml"
    file.write_text("[roads]\nprimary = 45\ntrack = 0\n", encoding="utf-8")
    mine, base = load_policy(file).roads.kmh, load_policy().roads.kmh
    assert mine == {name: kmh for name, kmh in base.items() if name != "track"} | {"primary": 45}


@pytest.mark.parametrize(
    "line", ["primary = 131", "primary = -1", "off_road = 0", "footway = 5", 'primary = "50"']
)
def test_no_speed_that_cannot_be_is_taken(tmp_path, line):
    file = tmp_path / "mine.toml"
    file.write_text(f"[roads]\n{line}\n", encoding="utf-8")
    with pytest.raises(PolicyError, match=r"roads\."):
        load_policy(file)
