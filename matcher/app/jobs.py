"""Long questions that go on while pages are left, closed, or their server is started anew.

Each has a folder of its own in the user's data folder, readable by the user alone; pages of all windows see the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from uuid import uuid4

from filelock import FileLock, Timeout

from matcher.app.datasets import is_version
from matcher.app.home import home
from matcher.app.job import ENDED, ERROR, JOB, LOCK, OUT, SAID
from matcher.files.results import write_json
from matcher.intake.dataset import ONLINE_VARIABLE

#: Jobs kept; older ones go when a new one starts.
MOST_KEPT = 20
_ENDED_BY_US = "cancelled"


@dataclass(frozen=True)
class Job:
    """A question and how far it is.

    Parameters
    ----------
    id : str
    kind : str
        The command: ``place``, ``close``, ``stress`` …
    title : str
        What the asker sees.
    fingerprint : str
        Of the plan that was on the page: another one there now makes the answer stale.
    begun : float
        Seconds since the epoch.
    limit_s : float
        Its time limit.
    state : {"running", "done", "failed", "cancelled", "lost"}
        ``lost``: the process died without a word.
    folder : Path
    """

    id: str
    kind: str
    title: str
    fingerprint: str
    begun: float
    limit_s: float
    state: str
    folder: Path

    @property
    def out(self) -> Path:
        """Where the answer is."""
        return self.folder / OUT

    @property
    def passed_s(self) -> float:
        """Seconds since it began."""
        return max(0.0, time.time() - self.begun)

    def words(self) -> str:
        """What the command said, or why it failed."""
        file = self.folder / (SAID if self.state == "done" else ERROR)
        return file.read_text(encoding="utf-8").strip() if file.is_file() else ""


def jobs_folder() -> Path:
    """Where jobs are kept."""
    return home("jobs")


def start(kind: str, arguments: Sequence[str], title: str, fingerprint: str, limit_s: float) -> Job:
    """Begin a job.

    Parameters
    ----------
    kind : str
        A command that writes its answer to ``--out``.
    arguments : sequence of str
        Of the command, without ``--out``.
    title, fingerprint, limit_s
        See `Job`.
    """
    _forget_old()
    folder = jobs_folder() / uuid4().hex
    folder.mkdir(parents=True, mode=0o700)
    told = {
        "kind": kind,
        "title": title,
        "fingerprint": fingerprint,
        "begun": time.time(),
        "limit_s": limit_s,
    }
    write_json(told | {"arguments": [kind, *arguments]}, folder / JOB)
    process = subprocess.Popen(
        [sys.executable, "-m", "matcher.app.job", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=_environment(arguments),
    )
    _running[folder.name] = process
    return _read(folder)


def _environment(arguments: Sequence[str]) -> dict[str, str]:
    """Ours, without leave to ask geocoders about data that were taken over: their addresses stay on the machine."""
    apart = any(is_version(Path(argument)) for argument in arguments)
    return {**os.environ, **({ONLINE_VARIABLE: ""} if apart else {})}


#: Processes that this server started: to be ended, and not to be left as zombies.
_running: dict[str, subprocess.Popen[bytes]] = {}


def jobs() -> list[Job]:
    """All jobs, the newest first."""
    root = jobs_folder()
    found = [_read(folder) for folder in root.iterdir() if (folder / JOB).is_file()]
    return sorted(found, key=lambda job: -job.begun)


def job(id: str) -> Job | None:
    """One job; None where there is none of that id."""
    return next((one for one in jobs() if one.id == id), None)


def cancel(id: str) -> None:
    """End a job of this server; its folder says so."""
    process = _running.pop(id, None)
    if process is not None:
        process.terminate()
        process.wait()
        write_json({"code": _ENDED_BY_US}, jobs_folder() / id / ENDED)


def _read(folder: Path) -> Job:
    told = json.loads((folder / JOB).read_text(encoding="utf-8"))
    told.pop("arguments")
    return Job(id=folder.name, state=_state(folder), folder=folder, **told)


def _state(folder: Path) -> str:
    process = _running.get(folder.name)
    alive = process is not None and process.poll() is None
    if not alive and (folder / ENDED).is_file():
        code = json.loads((folder / ENDED).read_text(encoding="utf-8"))["code"]
        return {0: "done", _ENDED_BY_US: "cancelled"}.get(code, "failed")
    return "running" if alive or _locked(folder) else "lost"


def _locked(folder: Path) -> bool:
    """Whether a process of an earlier server still works on it."""
    try:
        with FileLock(folder / LOCK, timeout=0):
            return False
    except Timeout:
        return True


def _forget_old() -> None:
    for old in jobs()[MOST_KEPT - 1 :]:
        if old.state != "running":
            rmtree(old.folder, ignore_errors=True)
