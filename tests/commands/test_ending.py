"""Whoever ends a command, by Ctrl+C or SIGTERM, gets exit code 130, a line of text, and the results of before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signals")

SAMPLE = str(ROOT / "sample_data")
#: A command, and after how many seconds it is ended: while it solves; with workers, while they start or work.
CASES = [
    (["match", SAMPLE, "--out", "OUT"], 0.6),
    (["place", SAMPLE, "--k", "20", "--out", "OUT"], 3.0),
    (["stress", SAMPLE, "--workers", "2", "--out", "OUT/stress.csv"], 2.0),
    (["stress", SAMPLE, "--workers", "2", "--out", "OUT/stress.csv"], 2.5),
    (["stress", SAMPLE, "--workers", "2", "--out", "OUT/stress.csv"], 6.0),
]
#: Ends itself after some seconds, counted from when all is imported.
RUNNER = """
import os, signal, sys, threading
import matcher.commands.access, matcher.intake.check, matcher.plan.match, matcher.scenario.siting.place
from matcher.cli import main
number, seconds, *arguments = sys.argv[1:]
if __name__ == "__main__":
    threading.Timer(float(seconds), os.kill, (os.getpid(), int(number))).start()
    sys.exit(main(arguments))
"""


@pytest.mark.parametrize(("command", "seconds"), CASES, ids=[f"{c[0]} {s}" for c, s in CASES])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_an_ended_command_says_so_and_leaves_nothing_half(
    tmp_path: Path, command: list[str], seconds: float, how: signal.Signals
) -> None:
    runner, out = tmp_path / "runner.py", tmp_path / "out"
    runner.write_text(RUNNER, encoding="utf-8")
    words = [word.replace("OUT", str(out)) for word in command]
    ended = subprocess.run(
        [sys.executable, str(runner), str(int(how)), str(seconds), *words, "--lang", "en"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 130, ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.strip().splitlines()[-1].startswith("Interrupted")
    assert not out.exists() or not list(out.iterdir())
    assert {path.name for path in tmp_path.iterdir()} <= {"runner.py", "out"}
