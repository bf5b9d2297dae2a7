"""The package: one list of dependencies, and a wheel that does everything away from the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import urllib.request
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement

import matcher
from tests import ROOT
from tests.helpers.app_server import free_port, running
from tests.test_setup import requirements, text

PROJECT = tomllib.loads(text("pyproject.toml"))["project"]


def test_requirements_are_the_dependencies_of_the_package_and_pytest():
    """One list in two places: who installs the wheel and who runs start.py get the same."""
    listed = {str(requirement) for requirement in requirements("requirements.txt")}
    assert {str(Requirement(line)) for line in PROJECT["dependencies"]} == {
        line for line in listed if not line.startswith("pytest")
    }
    assert len([line for line in listed if line.startswith("pytest")]) == 1


def test_the_tests_have_the_packages_of_every_extra():
    """What an extra brings is pinned with the rest of what the checks need, within the same range."""
    extras = {str(Requirement(line)) for lines in PROJECT["optional-dependencies"].values() for line in lines}
    assert extras <= {str(requirement) for requirement in requirements("requirements-dev.txt")}


def test_who_does_not_ask_for_an_extra_does_not_get_it():
    extras = {Requirement(line).name for lines in PROJECT["optional-dependencies"].values() for line in lines}
    pinned = set(re.findall(r"^([a-z0-9-]+)==", text("requirements.lock"), re.M))
    assert not extras & pinned


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """Python of an environment with nothing but the wheel and the packages it depends on.

    The packages are lent by the environment of the tests, so that no index is needed; the checkout is not in it.
    """
    home = tmp_path_factory.mktemp("elsewhere") / "env"
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    site = Path(asked(python, "import sysconfig; print(sysconfig.get_path('purelib'))"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "lent.pth").write_text(f"{Path(np.__file__).parent.parent}\n", encoding="utf-8")
    return python


def asked(python: Path, code: str) -> str:
    """What a few lines print in that environment."""
    return run(python, "-c", code).stdout.strip()


def run(python: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run that Python in its own folder, far from the checkout and with none of its paths."""
    return subprocess.run(
        [python, *arguments],
        cwd=python.parent.parent,
        env=clean(),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def clean() -> dict[str, str]:
    """The environment without whatever leads Python to the checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {"PYTHONUTF8": "1"}


def test_the_wheel_holds_every_file_of_the_package_and_the_sample(wheel):
    """Policies, catalogues, migrations, the app: what git knows under matcher/, and the sample city."""
    known = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "matcher", "sample_data"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if known.returncode:
        pytest.skip("this is no git checkout")
    files = {name for name in known.stdout.split("\0") if name and (ROOT / name).exists()}
    expected = {f"matcher/{name}" if name.startswith("sample_data/") else name for name in files}
    assert {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name} >= expected


def test_the_installed_package_comes_from_the_wheel_and_tells_the_one_version(installed):
    """Its metadata and the module agree, and the checkout is not looked at."""
    told = asked(
        installed,
        "import matcher, importlib.metadata as m\n"
        "found = m.metadata('eldercare-matcher')\n"
        "print(matcher.__file__, matcher.__version__, found['Version'], found['License-Expression'])",
    )
    where, *rest = told.split()
    assert Path(where).is_relative_to(installed.parent.parent)
    assert rest == [matcher.__version__, matcher.__version__, "MIT"]


def test_the_command_matches_the_shipped_sample_elsewhere(installed):
    """The entry point `matcher`, with every policy, on the sample that came along."""
    call = (
        "import sys, importlib.metadata as m\n"
        "(command,) = m.entry_points(group='console_scripts', name='matcher')\n"
        "sys.exit(command.load()(sys.argv[1:]))"
    )
    for policy in ("panzhihua-2016", "xuanhan-2022"):
        done = run(installed, "-c", call, "match", "sample_data", "--policy", policy, "--out", policy)
        assert done.returncode == 0, done.stderr
        assert (installed.parent.parent / policy / "outcome.json").is_file()
    assert run(installed, "-c", call, "scenarios", "list").returncode == 0


def test_the_app_opens_elsewhere_with_its_own_settings(installed):
    """Pages, style and settings come out of the wheel; a folder's own settings of Streamlit count for nothing."""
    home = installed.parent.parent
    (home / ".streamlit").mkdir()
    (home / ".streamlit" / "config.toml").write_text('[server]\naddress = "0.0.0.0"\n', encoding="utf-8")
    port = free_port()
    command = [str(installed), "-m", "matcher", "app", "sample_data", "--port", str(port)]
    with running(command, port, home, clean()) as address, urllib.request.urlopen(address) as answer:
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    page = (
        "from streamlit.testing.v1 import AppTest\n"
        "from matcher.app.settings import SCRIPT\n"
        "app = AppTest.from_file(str(SCRIPT), default_timeout=120).run()\n"
        "print(len(app.exception), len(app.get('html')) > 5, SCRIPT)"
    )
    errors, shown, script = asked(installed, page).splitlines()[-1].split()
    assert (errors, shown) == ("0", "True")
    assert Path(script).is_relative_to(home)


def test_a_folder_called_sample_data_that_stands_here_goes_first(tmp_path, monkeypatch):
    """The shipped sample is meant only where one has none of one's own."""
    from matcher.sample.shipped import data_folder, sample_folder

    monkeypatch.chdir(tmp_path)
    assert data_folder("sample_data") == sample_folder()
    (tmp_path / "sample_data").mkdir()
    assert data_folder("sample_data").resolve() == tmp_path / "sample_data"
