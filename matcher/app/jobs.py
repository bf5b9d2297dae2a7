"""Long questions that go on while pages are left, closed, or their server is started anew.

Each has a folder of its own in the user's data folder, readable by the user alone; pages of all windows see the same.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any
from uuid import uuid4

from filelock import FileLock, Timeout

from matcher.app.home import home
from matcher.app.job import ENDED, ERROR, JOB, LOCK, OUT, PID, WATCHED
from matcher.files.results import write_json
from matcher.progress import PROGRESS, STOP

#: Jobs kept; older ones go when a new one starts.
MOST_KEPT = 20
_ENDED_BY_US = "cancelled"
#: Stands for the folder of a job in its arguments.
IN_JOB = "{job}"


@dataclass(frozen=True)
class Job:
    """A question and how far it is.

    Parameters
    ----------
    id : str
    kind : str
        The command: ``place``, ``close``, ``stress`` …
    asked : str
        Key of the words for the question, ``app.siting.asked_…`` in the catalogues.
    amount : int
        What those words name.
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
    asked: str
    amount: int
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

    @property
    def stopping(self) -> bool:
        """Whether it was asked to end with what it has."""
        return (self.folder / STOP).exists()

    def so_far(self) -> dict[str, Any]:
        """What it has so far: ``figures``, ``figure``, ``bound`` and ``tried`` of `search.search`; empty at first."""
        try:
            told = json.loads((self.folder / PROGRESS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}

    def error(self) -> str:
        """Why it failed, in the asker's language: the last line that the command said."""
        file = self.folder / ERROR
        return file.read_text(encoding="utf-8").strip().rpartition("\n")[2] if file.is_file() else ""


def start(
    kind: str,
    arguments: Sequence[str],
    *,
    asked: str,
    amount: int,
    fingerprint: str,
    limit_s: float,
    files: Mapping[str, bytes] | None = None,
) -> Job:
    """Begin a job.

    Parameters
    ----------
    kind : str
        A command that writes its answer to ``--out``.
    arguments : sequence of str
        Of the command, without ``--out``.
    asked, amount, fingerprint, limit_s
        See `Job`.
    files : mapping of str to bytes, optional
        What the command reads beside the data, by name; arguments name them as ``{job}/NAME``.
    """
    _forget_old()
    folder = home("jobs") / uuid4().hex
    folder.mkdir(mode=0o700)
    for name, content in (files or {}).items():
        (folder / name).write_bytes(content)
    words = [argument.replace(IN_JOB, str(folder)) for argument in arguments]
    told = {"kind": kind, "asked": asked, "amount": amount, "fingerprint": fingerprint}
    told |= {"begun": time.time(), "limit_s": limit_s, "arguments": [kind, *words]}
    write_json(told, folder / JOB)
    _running[folder.name] = subprocess.Popen(
        [sys.executable, "-m", "matcher.app.job", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    found = job(folder.name)
    assert found is not None
    return found


#: Processes that this server started: not to be left as zombies.
_running: dict[str, subprocess.Popen[bytes]] = {}


def jobs() -> list[Job]:
    """All jobs, the newest first."""
    found = (job(folder.name) for folder in home("jobs").iterdir())
    return sorted((one for one in found if one is not None), key=lambda one: -one.begun)


def newest(kind: str, *states: str) -> Job | None:
    """The newest job of a kind, in one of some states where any are named."""
    return next((one for one in jobs() if one.kind == kind and one.state in (states or (one.state,))), None)


def job(id: str) -> Job | None:
    """One job; None where there is none of that id that can be read."""
    folder = home("jobs") / id
    try:
        told = json.loads((folder / JOB).read_text(encoding="utf-8"))
        told.pop("arguments")
        return Job(id=id, state=_state(folder), folder=folder, **told)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def finish(id: str) -> None:
    """Ask a job for the best that it has; one that has none to give, or was asked before, is ended."""
    one = job(id)
    if one is None or one.state != "running":
        return
    if one.kind in WATCHED and not one.stopping:
        (one.folder / STOP).touch()
    else:
        cancel(id)


def cancel(id: str) -> None:
    """End a job, whichever server began it; one that has ended stays as it is."""
    folder = home("jobs") / id
    if _state(folder) != "running":
        return
    process = _running.get(id)
    if process is not None:
        process.terminate()
        process.wait()
    else:
        with suppress(OSError, ValueError):  # it may end by itself meanwhile
            os.kill(int((folder / PID).read_text(encoding="utf-8")), signal.SIGTERM)
        with FileLock(folder / LOCK):  # released by its end
            pass
    if not (folder / OUT).exists():
        write_json({"code": _ENDED_BY_US}, folder / ENDED)


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
