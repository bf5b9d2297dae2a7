"""The command family ``scenarios``: from file to store and back, as a planner types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matcher.cli import main
from matcher.sample.city import make_sample
from matcher.scenario.files import load_scenario
from matcher.store.repository import open_store
from matcher.store.scenarios import keep_scenario, scenario_of

BASE = 'id = "base"\ntitle = "A year on"\nseed = 3\n[[edits]]\nkind = "ageing"\nyears = 1\n'
CHILD = 'id = "child"\nparent = "base.toml"\n[[edits]]\nkind = "season"\nmonth = 1\n'


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A folder with a scenario and one that builds on it, and an empty store."""
    (tmp_path / "base.toml").write_text(BASE, encoding="utf-8")
    (tmp_path / "child.toml").write_text(CHILD, encoding="utf-8")
    monkeypatch.setenv("MATCHER_DATABASE_URL", f"sqlite:///{(tmp_path / 'store.sqlite3').as_posix()}")
    monkeypatch.setenv("MATCHER_LANG", "en")
    return tmp_path


@pytest.fixture
def run(folder, capsys):
    """Exit code, what was printed, and what was complained."""

    def run(*words: object) -> tuple[int, str, str]:
        code = main(["scenarios", *map(str, words), "--lang", "en"])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_a_scenario_is_saved_listed_shown_and_deleted(folder, run):
    assert run("list")[1].startswith("There are no scenarios")
    assert run("save", folder / "base.toml", "--by", "Li")[0] == 0
    assert "base  version 1, Li," in run("list")[1]
    code, shown, _ = run("show", "base")
    assert code == 0
    assert json.loads(shown.split("\n", 1)[1])["edits"] == [{"kind": "ageing", "years": 1}]
    assert run("delete", "base", "--by", "Wang")[0] == 0
    assert run("list")[1].startswith("There are no scenarios")
    assert [line.split(",")[1] for line in run("history", "base")[1].splitlines()] == [" Li", " Wang"]
    assert run("show", "base")[0] == 1


def test_the_second_planner_is_told_who_was_first_and_how_to_go_on(folder, run):
    run("save", folder / "base.toml", "--by", "Li")
    (folder / "base.toml").write_text(BASE.replace("years = 1", "years = 2"), encoding="utf-8")
    code, _, complaint = run("save", folder / "base.toml", "--by", "Wang")
    assert code == 1
    assert "version 1 was saved by Li" in complaint
    assert "--based-on 1" in complaint
    assert run("save", folder / "base.toml", "--by", "Wang", "--based-on", 1)[0] == 0
    assert run("save", folder / "base.toml", "--by", "Wang", "--name", "../two")[0] == 0
    assert sorted(path.name for path in folder.parent.glob("two*")) == []


def test_a_parent_is_saved_before_what_builds_on_it(folder, run):
    assert "no scenario “base”" in run("save", folder / "child.toml")[2]
    run("save", folder / "base.toml")
    assert run("save", folder / "child.toml")[0] == 0
    assert "child" in run("delete", "base")[2]


def test_a_parent_that_is_another_one_in_the_store_is_refused(folder, run):
    """The same edits on another ground would mean something else."""
    run("save", folder / "base.toml")
    (folder / "base.toml").write_text(BASE.replace("years = 1", "years = 2"), encoding="utf-8")
    code, _, complaint = run("save", folder / "child.toml")
    assert code == 1
    assert "another one under that name" in complaint


def test_what_is_exported_is_the_scenario_that_was_saved(folder, run):
    """Its parents come along; files that are there stay as they are."""
    for file in ("base.toml", "child.toml"):
        run("save", folder / file)
    out = folder / "out.json"
    assert run("export", "child", "--out", out)[0] == 0
    exported, original = load_scenario(out), load_scenario(folder / "child.toml")
    for mine, theirs in zip(exported.lineage(), original.lineage(), strict=True):
        assert (mine.id, mine.edits, mine.seed, mine.title) == (
            theirs.id,
            theirs.edits,
            theirs.seed,
            theirs.title,
        )
    before = {path: path.read_bytes() for path in folder.glob("out*")}
    assert len(before) == 2
    out.unlink()
    assert run("export", "child", "--out", out)[0] == 1
    assert not out.exists()
    assert run("export", "child", "--out", folder / "out.toml")[0] == 1


def test_from_the_store_comes_the_scenario_that_went_in(folder):
    with open_store() as store:
        for file in ("base.toml", "child.toml"):
            scenario = load_scenario(folder / file)
            keep_scenario(store, scenario, scenario.id, "Li")
        back = scenario_of(store.lineage("child"))
    assert [(one.id, one.edits, one.seed) for one in back.lineage()] == [
        (one.id, one.edits, one.seed) for one in scenario.lineage()
    ]


def test_a_plan_is_kept_with_its_scenario(folder, run):
    make_sample(folder / "city", residents=200)
    run("save", folder / "base.toml")
    assert run("match", "base", folder / "city", "--by", "Li")[0] == 0
    history = run("history", "base")[1]
    assert "of version 1" in history
    with open_store() as store:
        (plan,) = store.plans_of("base")
        assert len(store.assignments_of(plan)) == plan.served > 0


def test_a_title_does_not_command_the_terminal(folder, run):
    (folder / "base.toml").write_text(BASE.replace("A year on", "x\\u001b[2Jy"), encoding="utf-8")
    run("save", folder / "base.toml")
    assert "\x1b" not in run("list")[1]
    assert "\x1b" not in run("show", "base")[1]


def test_a_store_that_cannot_be_opened_ends_with_code_3_and_no_secret(run, monkeypatch):
    monkeypatch.setenv("MATCHER_DATABASE_URL", "postgresql://planner:secret@127.0.0.1:1/matcher")
    code, told, complaint = run("list")
    assert code == 3
    assert "postgresql://127.0.0.1:1/matcher" in complaint
    assert "secret" not in told + complaint
    monkeypatch.setenv("MATCHER_DATABASE_URL", "mysql://planner:secret@h/d")
    code, told, complaint = run("list")
    assert code == 1
    assert "secret" not in told + complaint
