"""The check for known holes: what it says where PyPI answers, where it does not, and where there is no network."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from tests import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import advisories

HOLE = {"id": "PYSEC-2026-1", "fix_versions": ["2.1"], "aliases": [], "description": ""}
SKIPPED = {"name": "b", "skip_reason": "Dependency not found on PyPI and could not be audited: b (1)"}


def process(text, seconds=0.0):
    """What says a text after some seconds, as pip-audit would."""
    code = f"import time; time.sleep({seconds}); print({text!r})"
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def answer(*packages):
    return process(json.dumps({"dependencies": packages, "fixes": []}))


def test_a_hole_is_told_with_the_version_that_mends_it():
    lines, holes = advisories.told(answer({"name": "a", "version": "2.0", "vulns": [HOLE]}, SKIPPED))
    assert holes
    assert lines == ["pip-audit: a 2.0: PYSEC-2026-1, mended in 2.1", "pip-audit: 1 of 2 packages looked up"]


def test_without_a_hole_it_says_how_many_were_looked_up():
    lines, holes = advisories.told(answer({"name": "a", "version": "2.0", "vulns": []}))
    assert (lines, holes) == (["pip-audit: 1 of 1 packages looked up"], False)


@pytest.mark.parametrize("text", ["", "{}", "null", json.dumps({"dependencies": [SKIPPED]})])
def test_where_nothing_was_looked_up_it_says_so_and_nothing_fails(text):
    assert advisories.told(process(text)) == ([advisories.OUT_OF_REACH], False)


def test_what_takes_too_long_is_ended():
    begun = time.monotonic()
    assert advisories.told(process("{}", 60), 0.2) == ([advisories.OUT_OF_REACH], False)
    assert time.monotonic() - begun < 30


def test_without_a_network_it_does_not_wait(monkeypatch):
    """A proxy that nobody answers at stands for it."""
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert advisories.told(advisories.asked(sys.executable), 50) == ([advisories.OUT_OF_REACH], False)
