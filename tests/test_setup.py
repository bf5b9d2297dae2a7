"""The set-up: locks, the environment scripts, and papers that keep up with the code."""

from __future__ import annotations

import importlib.util
import re
from types import ModuleType

import pytest
from packaging.requirements import Requirement

from matcher.cli import build_parser
from matcher.policy.documents import policy_names
from matcher.tables import OUTPUTS, TABLES
from tests import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")
READMES = ("README.md", "README.zh-CN.md")


def text(name: str) -> str:
    """A file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def pins(name: str) -> set[str]:
    """``package==version`` of a lock; a package may be pinned once for each range of Pythons."""
    return set(re.findall(r"^([a-z0-9._-]+==\S+)", text(name), re.MULTILINE))


def requirements(name: str) -> list[Requirement]:
    """The lines of a requirements file that name a package."""
    return [Requirement(line) for line in text(name).splitlines() if line and line[0] not in "#-"]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_by_hash_and_by_no_address(lock):
    """A lock serves whatever index or mirror somebody uses, and no file can be swapped."""
    entries = re.split(r"\n(?=\S)", text(lock).split("\n", 2)[2].strip())
    assert len(entries) > 40
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==\S+ ", entry)
        assert "--hash=sha256:" in entry
    assert not re.search(r"https?:|file:|--index|--find-links", text(lock))


def test_the_checks_run_on_the_packages_that_users_get():
    """The lock of the checks holds every pin of the program's own."""
    assert pins("requirements.lock") < pins("requirements-dev.lock")


@pytest.mark.parametrize("lock", LOCKS)
def test_the_locks_keep_to_the_ranges_and_each_package_has_its_reason(lock):
    """Who adds a package also renews the lock and says why."""
    pinned = dict(pin.split("==") for pin in sorted(pins(lock)))
    for requirement in requirements(lock.replace(".lock", ".txt")):
        assert requirement.specifier.contains(pinned[requirement.name])
        assert re.search(rf"\b{requirement.name}\b", text("docs/dependencies.md"))


@pytest.mark.parametrize("readme", READMES)
def test_the_readmes_name_every_column_command_policy_and_output(readme):
    """Both languages, so that neither lags behind the code."""
    told = text(readme)
    for table, columns in TABLES.items():
        row = next(line for line in told.splitlines() if line.startswith(f"| `{table}`"))
        if table != "candidates":
            assert [c.name for c in columns if not re.search(rf"\b{c.name}\b", row, re.ASCII)] == []
    commands = build_parser()._subparsers._group_actions[0].choices
    assert [name for name in commands if f"python -m matcher {name}" not in told] == []
    assert [name for name in (*policy_names(), *OUTPUTS) if name not in told] == []


def test_ci_runs_the_command_of_the_readme_and_nothing_of_its_own():
    """One line of work."""
    lines = [line for line in text(".ci/run").splitlines() if line and not line.startswith("#")]
    assert lines == ['cd "$(dirname "$0")/.." && exec python3 scripts/test.py']


@pytest.fixture
def environment(monkeypatch, tmp_path) -> ModuleType:
    """scripts/environment.py in a folder of its own, with a whole .venv and an install that only counts."""
    spec = importlib.util.spec_from_file_location("environment", ROOT / "scripts" / "environment.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "_runs", lambda python: True)
    module.installed = []
    monkeypatch.setattr(module, "_install", lambda lock, python: module.installed.append(lock.name))
    (tmp_path / ".venv").mkdir()
    (tmp_path / "a.lock").write_text("one==1", encoding="utf-8")
    return module


def test_a_lock_is_installed_once_until_it_changes(environment, tmp_path):
    """The second start asks no network."""
    for _ in range(2):
        environment.ready("a.lock")
    assert environment.installed == ["a.lock"]
    (tmp_path / "a.lock").write_text("one==2", encoding="utf-8")
    environment.ready("a.lock")
    assert environment.installed == ["a.lock"] * 2


def test_an_install_that_broke_off_is_done_again(environment, monkeypatch):
    """Only a finished install is marked."""

    def broken(lock, python):
        raise environment.SetupError("no network")

    monkeypatch.setattr(environment, "_install", broken)
    for _ in range(2):
        with pytest.raises(environment.SetupError):
            environment.ready("a.lock")


def test_an_old_python_is_told_which_one_is_needed(environment, monkeypatch):
    """A sentence in both languages, not a traceback."""
    monkeypatch.setattr(environment, "OLDEST_PYTHON", (9, 9))
    with pytest.raises(environment.SetupError, match="newer is needed"):
        environment.ready("a.lock")


def test_what_is_missing_ends_in_a_sentence_and_code_3(environment, capsys):
    """As for every failure of the machine."""

    def main():
        raise environment.SetupError("get pip")

    assert environment.main_of("start", main) == 3
    assert "start: get pip" in capsys.readouterr().err


def test_every_environment_variable_of_ours_stands_in_one_table():
    """What the code, the scripts and the helpers of the tests read, and nothing that no longer exists."""
    read = set()
    for folder in ("matcher", "scripts", "tests"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix in {".py", ".toml", ""} and path.name[:5] != "test_":
                read |= set(re.findall(r"\bMATCHER_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8")))
    told = re.findall(r"^\| `(MATCHER_[A-Z_]+)` \|", text("docs/settings.md"), re.MULTILINE)
    assert sorted(told) == sorted(read)
