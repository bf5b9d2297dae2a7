"""The quick part of the tests on the other Pythons that are supported, where this machine has them.

``python3 scripts/pythons.py``: each gets an environment of its own in ``.venvs/``, with what the lock pins. Which
Python is not found is said; nothing fails for it. Arguments go to pytest instead of the quick part.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from environment import ROOT, main_of, python_in, run

PYTHONS = ("3.11", "3.12", "3.13")
LOCK = "requirements-dev.lock"
#: What the engine is made of, in some minutes; pages and stores do not depend on the version of Python.
QUICK = (
    "tests/solve",
    "tests/eligibility",
    "tests/travel",
    "tests/policy",
    "tests/plan/test_match.py",
    "tests/province",
)


def main():
    """0 when the tests pass on every Python that was found."""
    failed = []
    for version in PYTHONS:
        if version == ".".join(map(str, sys.version_info[:2])):
            continue
        found = find(version)
        if found is None:
            print(f"Python {version}: 没有找到，未测试 / not found, not tried")
            continue
        if run_on(version, found, sys.argv[1:] or QUICK):
            failed.append(version)
        else:
            print(f"Python {version}: 通过 / passed")
    if failed:
        print(f"pythons: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def find(version):
    """A Python of this version that runs: on the path, by Windows' launcher, or of pyenv; None where there is none."""
    candidates = [shutil.which(f"python{version}"), *_launched(version)]
    candidates += sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for path in filter(None, candidates):
        told = subprocess.run(
            [str(path), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
        )
        if told.returncode == 0 and told.stdout.strip() == version:
            return path
    return None


def _launched(version):
    if os.name != "nt" or shutil.which("py") is None:
        return []
    told = subprocess.run(
        ["py", f"-{version}", "-c", "import sys; print(sys.executable)"], capture_output=True, text=True
    )
    return [told.stdout.strip()] if told.returncode == 0 else []


def run_on(version, found, arguments):
    """Exit code of pytest in the environment of this Python."""
    place = ROOT / ".venvs" / version
    python = python_in(place)
    if not python.is_file() and run([found, "-m", "venv", place]):
        return 1
    print(f"Python {version}: 安装依赖 / installing {LOCK}", flush=True)
    if run([python, "-m", "pip", "install", "-q", "--require-hashes", "-r", LOCK]):
        return 1
    return run([python, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *arguments])


if __name__ == "__main__":
    sys.exit(main_of("pythons", main))
