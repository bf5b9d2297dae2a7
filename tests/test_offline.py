"""A computer without internet: the folder for it, and setting up from that folder."""

from __future__ import annotations

import hashlib
import importlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests import ROOT
from tests.test_setup import LOCKS, pins, text

#: The Python that made the environment of these tests: it has pip, as README asks for.
PYTHON = getattr(sys, "_base_executable", sys.executable)
HERE = f"3.{sys.version_info[1]}"
PLATFORMS = ("win_amd64", "manylinux_2_28_x86_64", "manylinux_2_28_aarch64", "macosx_14_0_arm64")
#: An index that nobody answers, named in each way that pip understands.
OUT_OF_REACH = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/",
    "PIP_EXTRA_INDEX_URL": "http://127.0.0.1:9/",
    "PIP_RETRIES": "0",
}


@pytest.fixture
def lock(monkeypatch):
    """scripts/lock.py."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return importlib.import_module("lock")


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("name", LOCKS)
def test_each_system_gets_each_package_at_most_once(lock, name, platform, python):
    """Every marker of our locks is understood for every system, and only a marker leaves a package out."""
    chosen = [line.split("==")[0] for line in lock.pins_for(text(name), platform, python)]
    assert len(set(chosen)) == len(chosen)
    named = {pin.split("==")[0] for pin in pins(name)}
    only_somewhere = {"colorama", "watchdog", "greenlet", "httpx2-jsfetch"}
    # What the standard library of Python 3.11 lacks and `distributed` wants.
    assert named - set(chosen) <= {*only_somewhere, "importlib-metadata", "lazy-importer", "zipp"}


def test_the_pins_are_those_of_the_other_system_not_of_this_one(lock):
    """Windows wants colorama, macOS no watchdog, and numpy's pin hangs on the version of Python."""

    def has(pin, *system):
        return any(line.startswith(pin) for line in lock.pins_for(LOCK, *system))

    LOCK = (
        "# made by a tool\n"
        "colorama==1 ; sys_platform == 'win32' \\\n    --hash=sha256:aa\n"
        "numpy==2 ; python_full_version < '3.12' \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"
        "numpy==3 ; python_full_version >= '3.12' \\\n    --hash=sha256:dd\n"
        "uvloop==1 ; platform_machine == 'x86_64' and (os_name != 'nt' or python_version > '3.13') \\\n"
        "    --hash=sha256:ee\n"
    )
    assert has("colorama", "win_amd64", "3.12")
    assert not has("colorama", "macosx_14_0_arm64", "3.12")
    assert has("numpy==2", "win_amd64", "3.11")
    assert not has("numpy==3", "win_amd64", "3.11")
    assert has("numpy==3", "win_amd64", "3.12")
    assert has("uvloop", "manylinux_2_28_x86_64", "3.11")
    assert not has("uvloop", "manylinux_2_28_aarch64", "3.14")
    assert lock.pins_for(LOCK, "manylinux_2_28_aarch64", "3.11") == [
        "numpy==2 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc"
    ]


def test_a_marker_that_is_not_understood_is_told(lock):
    """Nothing is left out by mistake."""
    for marker in ("extra == 'x'", "sys_platform in 'win32'", "sys_platform =="):
        with pytest.raises(lock.SetupError, match="not understood"):
            lock.holds(marker, lock.environment_of("win_amd64", "3.12"))


def wheel(folder: Path, name: str) -> str:
    """Write a wheel with one module; its SHA-256."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        info = f"{name}-1.0.dist-info"
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A small checkout with our scripts and one package in its lock, beside a folder that serves as index."""
    folder = tmp_path / "checkout"
    (folder / "scripts").mkdir(parents=True)
    for script in (ROOT / "scripts").glob("*.py"):
        (folder / "scripts" / script.name).write_bytes(script.read_bytes())
    digest = wheel(tmp_path / "index", "onlyone")
    lock = f"# made by a tool\nonlyone==1.0 \\\n    --hash=sha256:{digest}\n"
    (folder / "requirements.lock").write_text(lock, encoding="utf-8")
    (folder / "示例.csv").write_text("id\n", encoding="utf-8")
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    (folder / "real-people.csv").write_text("id\n", encoding="utf-8")
    return folder


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script with the Python that README asks for, and no settings of pip but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    return subprocess.run(
        [PYTHON, *command],
        env=kept | {"PYTHONUTF8": "1", "PIP_CONFIG_FILE": os.devnull} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def fill(
    checkout: Path, out: Path, *, index: str = "index", python: str = HERE
) -> subprocess.CompletedProcess[str]:
    """Run offline.py with that folder as the only index."""
    asked = ["--platform", "win_amd64", "--python", python]
    links = str(checkout.parent / index)
    return run(checkout / "scripts/offline.py", out, *asked, PIP_NO_INDEX="1", PIP_FIND_LINKS=links)


def set_up(folder: Path) -> subprocess.CompletedProcess[str]:
    """What start.py does first, where no index can be reached; then whether the package is there."""
    code = (
        f"import sys; sys.path.insert(0, {str(folder / 'scripts')!r})\n"
        "from environment import main_of, ready, run\n"
        "sys.exit(main_of('start', lambda: run([ready('requirements.lock'), '-c', 'import onlyone'])))"
    )
    return run("-c", code, **OUT_OF_REACH)


def test_the_folder_holds_what_git_tracks_and_every_wheel(checkout, tmp_path):
    """Not what lies beside: data of real people would go along on a stick."""
    done = fill(checkout, tmp_path / "stick" / "matcher")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "stick" / "matcher"
    assert {path.name for path in out.iterdir()} == {
        "scripts",
        "requirements.lock",
        "示例.csv",
        "wheels",
        "OFFLINE.txt",
    }
    assert {path.name for path in (out / "wheels").iterdir()} == {
        "onlyone-1.0-py3-none-any.whl",
        "made_for.txt",
    }
    assert [path.name for path in out.parent.iterdir()] == ["matcher"]


def test_start_installs_from_the_folder_with_every_index_out_of_reach(checkout, tmp_path):
    """A plain checkout fails on the same machine; the folder does not ask."""
    assert set_up(checkout).returncode == 3
    fill(checkout, tmp_path / "out")
    done = set_up(tmp_path / "out")
    assert done.returncode == 0, done.stderr


def test_a_wheel_that_was_swapped_is_not_installed(checkout, tmp_path):
    """The hashes of the lock hold on a stick too."""
    fill(checkout, tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out/wheels/onlyone-1.0-py3-none-any.whl", "a") as archive:
        archive.writestr("more.py", "")
    done = set_up(tmp_path / "out")
    assert done.returncode == 3
    assert "copy the whole folder again" in done.stderr


def test_another_python_is_told_before_pip_is_asked(checkout, tmp_path):
    """The wheels are for one version."""
    assert fill(checkout, tmp_path / "out", python="3.99").returncode == 0
    done = set_up(tmp_path / "out")
    assert done.returncode == 3
    assert "made for win_amd64 3.99" in done.stderr


def test_a_run_that_fails_leaves_nothing(checkout, tmp_path):
    """No folder that looks complete, and no draft beside it."""
    done = fill(checkout, tmp_path / "stick" / "matcher", index="nothing")
    assert done.returncode == 3
    assert "PyPI is out of reach" in done.stderr
    assert list((tmp_path / "stick").iterdir()) == []


def test_a_folder_that_holds_something_is_not_touched(checkout, tmp_path):
    """An empty one is filled."""
    (tmp_path / "out").mkdir()
    assert fill(checkout, tmp_path / "out").returncode == 0
    before = sorted((tmp_path / "out").rglob("*"))
    done = fill(checkout, tmp_path / "out")
    assert done.returncode == 3
    assert "choose another name" in done.stderr
    assert sorted((tmp_path / "out").rglob("*")) == before


@pytest.mark.parametrize("flags", [("win95", "3.12"), ("win_amd64", "3.9"), ("manylinux_2_28_mips", "3.12")])
def test_a_system_that_nobody_knows_is_a_wrong_flag(checkout, tmp_path, flags):
    """With the names that are known."""
    platform, python = flags
    done = run(checkout / "scripts/offline.py", tmp_path / "out", "--platform", platform, "--python", python)
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()


def test_without_git_nothing_is_copied(checkout, tmp_path):
    """What is tracked cannot be told from what lies about."""
    for path in sorted((checkout / ".git").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (checkout / ".git").rmdir()
    done = fill(checkout, tmp_path / "out")
    assert done.returncode == 3
    assert "git checkout" in done.stderr
    assert not (tmp_path / "out").exists()
