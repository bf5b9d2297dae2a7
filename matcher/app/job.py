"""One long question in a process of its own: a command of ours, its words in files, its end in one more.

``python -m matcher.app.job FOLDER`` runs what ``job.json`` there says. Who asks whether it lives asks for its lock,
which the system releases when the process ends, however that happens.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from filelock import FileLock

from matcher.files.results import write_json
from matcher.workers.processes import ended_like_ctrl_c

JOB, LOCK, PID, SAID, ERROR = "job.json", "lock", "pid", "said.txt", "error.txt"
ENDED, OUT = "ended.json", "out"
#: Commands that tell what they have so far, and end with it when they are asked to.
WATCHED = ("place", "close")


def run(folder: Path) -> int:
    """Run the command of a job and say how it ended.

    Returns
    -------
    int
        Its exit code.
    """
    arguments = json.loads((folder / JOB).read_text(encoding="utf-8"))["arguments"]
    watched = ["--watch", str(folder)] if arguments[0] in WATCHED else []
    with FileLock(folder / LOCK), ended_like_ctrl_c():
        (folder / PID).write_text(str(os.getpid()), encoding="utf-8")
        with (
            (folder / SAID).open("w", encoding="utf-8") as said,
            (folder / ERROR).open("w", encoding="utf-8") as error,
            redirect_stdout(said),
            redirect_stderr(error),
        ):
            code = _run([*arguments, *watched, "--out", str(folder / OUT)])
        write_json({"code": code}, folder / ENDED)
    return code


def _run(arguments: list[str]) -> int:
    """``python -m matcher`` with these arguments, in this process."""
    sys.argv[1:] = arguments
    try:
        runpy.run_module("matcher", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
