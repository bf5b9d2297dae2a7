"""A policy of one's own says what was changed of a shipped one, and nothing else."""

from __future__ import annotations

import pytest

from matcher.policy.documents import load_policy, policy_with
from matcher.policy.own import keep_policy, known_changes, own_policies, own_policy

CHANGES = {
    "limit_km.home": 12.5,
    "limit_km.community": 4.0,
    "switching_m": 3000,
    "keep_households_together": True,
}


def kept(folder, title='我的 "政策" \\ 1', changes=CHANGES, base="sichuan-2020"):
    return keep_policy(folder, base, title, changes)


def test_the_file_gives_the_policy_that_was_tried(tmp_path):
    read = load_policy(kept(tmp_path))
    tried = load_policy("sichuan-2020")
    for key, value in CHANGES.items():
        tried = policy_with(tried, key, value, "test")
    assert read.title == '我的 "政策" \\ 1'
    assert (read.limit_km, read.switching_m) == (tried.limit_km, tried.switching_m)
    assert read.keep_households_together
    assert read.mode_rules == tried.mode_rules


def test_what_was_changed_is_known_again(tmp_path):
    assert known_changes(str(kept(tmp_path))) == ("sichuan-2020", CHANGES)
    assert known_changes("chenzhou-2018") == ("chenzhou-2018", {})


@pytest.mark.parametrize("more", ["bands_km = [1, 2]\n", '[offered_by_kind]\nvillage_clinic = ["tcm"]\n'])
def test_a_file_that_changes_more_than_values_is_edited_as_a_file(tmp_path, more):
    file = tmp_path / "rules.toml"
    file.write_text(more, encoding="utf-8")
    assert known_changes(str(file)) is None


def test_policies_of_a_folder_go_by_their_titles_and_damaged_files_are_left_out(tmp_path):
    file = kept(tmp_path, "乙")
    (tmp_path / "0002.toml").write_text(own_policy("panzhihua-2016", "甲", {}), encoding="utf-8")
    (tmp_path / "0003.toml").write_text("limit_km = 3", encoding="utf-8")
    assert own_policies(tmp_path) == {str(file): "乙", str(tmp_path / "0002.toml"): "甲"}


def test_one_saved_later_takes_no_other_ones_place(tmp_path):
    first, second = kept(tmp_path, "甲"), kept(tmp_path, "乙")
    first.unlink()
    kept(tmp_path, "丙")
    assert sorted(own_policies(tmp_path).values()) == sorted(["乙", "丙"])
    assert second.exists()
    assert {file.suffix for file in tmp_path.iterdir()} == {".toml"}


@pytest.mark.parametrize("title", ['"', "a\nb", "\\", "\x7f", "a\tb", "😀", "[x]"])
def test_a_title_may_hold_any_sign(tmp_path, title):
    assert load_policy(kept(tmp_path, title)).title == title
