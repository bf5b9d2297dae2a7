"""Reading in a process of its own, under limits of memory and time: whatever a file does to it, the caller lives.

A workbook of a few kilobytes can name one cell at XFD1048576 and make a reader ask for 500 GB, which aborts it. So
workbooks, and everything that is uploaded, are read by a child that hands the tables back as Arrow streams. It ends
when its parent does. Windows has no limits of memory for a process: there, a process of its own must do.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa

from matcher.intake.grid import COMMAND_LIMITS, Limits, Note, Sheet, SheetError
from matcher.intake.sheets import read_sheet

Job = tuple[Path, str, str, Sequence[str]]
_HERE = "sheet"
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def read_limited(jobs: Sequence[Job], limits: Limits = COMMAND_LIMITS) -> list[Sheet | SheetError]:
    """Read files in one child for all of them.

    Parameters
    ----------
    jobs : sequence of (Path, str, str, sequence of str)
        A file, the table that it is to hold, the sheet of a workbook, empty where none is named, and rows that
        somebody called its header (`layout.find_header`).
    limits : Limits

    Returns
    -------
    list of Sheet or SheetError
        One a job; where the child died of a file, of it and of those behind it the error ``unreadable_file``, or
        ``file_too_heavy`` where it took too much memory or time.
    """
    if not jobs:
        return []
    with tempfile.TemporaryFile() as answers:
        over = _run_child(jobs, limits, answers)
        answers.seek(0)
        sheets = _answers(answers, len(jobs))
    code = "file_too_heavy" if over else "unreadable_file"
    params = _bounds(limits) if over else {}
    return [*sheets, *(SheetError(code, None, **params) for _ in jobs[len(sheets) :])]


def _run_child(jobs: Sequence[Job], limits: Limits, answers: IO[bytes]) -> bool:
    """Let a child read; whether it ended before its work was done, by its limits or a fault of the reader."""
    package = Path(__file__).resolve().parents[__name__.count(".")]
    search = os.pathsep.join(filter(None, (str(package), os.environ.get("PYTHONPATH", ""))))
    command = [sys.executable, "-P", "-m", __name__, json.dumps(asdict(limits)), str(os.getpid())]
    command += [
        text
        for path, table, sheet, told in jobs
        for text in (str(path), table, sheet, json.dumps(list(told)))
    ]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,  # held open: its end tells the child that the parent is gone
        stdout=answers,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": search},
    ) as child:
        try:
            return child.wait(timeout=limits.seconds) != 0
        except subprocess.TimeoutExpired:
            return True
        finally:
            child.kill()


def _answers(stream: IO[bytes], most: int) -> list[Sheet | SheetError]:
    """What the child handed over before it ended."""
    found: list[Sheet | SheetError] = []
    while len(found) < most:
        try:
            with pa.ipc.open_stream(stream) as reader:
                table = reader.read_all()
            found.append(_unpacked(table))
        except (pa.ArrowInvalid, KeyError, OSError):
            break
    return found


def _main(bounds: str, parent: str, *texts: str) -> None:
    _end_with(int(parent))
    limits = Limits(**json.loads(bounds))
    _limit_memory(limits.memory_bytes)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    for path, table, sheet, told in zip(texts[0::4], texts[1::4], texts[2::4], texts[3::4], strict=True):
        packed = _packed(_answer((Path(path), table, sheet, json.loads(told)), limits))
        with pa.ipc.new_stream(out, packed.schema) as stream:
            stream.write_table(packed)
        out.flush()


def _answer(job: Job, limits: Limits) -> Sheet | SheetError:
    """The table, or why there is none: of a file that is made to break its reader, no trace is shown."""
    try:
        path, table, sheet, told = job
        return read_sheet(path, table, limits, sheet, told)
    except SheetError as error:
        return error
    except MemoryError:
        return SheetError("file_too_heavy", None, **_bounds(limits))
    except Exception:
        return SheetError("unreadable_file")


def _bounds(limits: Limits) -> dict[str, str]:
    return {"memory": f"{limits.memory_bytes >> 30} GB", "seconds": str(limits.seconds)}


def _end_with(parent: int) -> None:
    """End this process when its parent ends, however it ends."""
    threading.Thread(target=_end_at_end_of_input, daemon=True).start()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _end_at_end_of_input() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)


def _limit_memory(memory_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (ValueError, OSError):  # macOS refuses it on some versions
        return


def _packed(answer: Sheet | SheetError) -> pa.Table:
    if isinstance(answer, SheetError):
        told: dict[str, Any] = {"code": answer.code, "row": answer.row, "params": answer.params}
        return _with_note(pa.table({}), told)
    arrays: dict[str, Any] = {f"c{at}": column for at, column in enumerate(answer.columns)}
    arrays |= {f"m{at}": pa.array(mark) for at, mark in enumerate(answer.not_text) if mark is not None}
    told = {
        "header": answer.header,
        "header_row": answer.header_row,
        "ragged": answer.ragged,
        "other_sheets": answer.other_sheets,
        "notes": [asdict(note) for note in answer.notes],
        "first": answer.first,
    }
    return _with_note(pa.table({**arrays, "row": answer.row}), told)


def _with_note(table: pa.Table, told: dict[str, Any]) -> pa.Table:
    return table.replace_schema_metadata({_HERE: json.dumps(told)})


def _unpacked(table: pa.Table) -> Sheet | SheetError:
    told = json.loads((table.schema.metadata or {})[_HERE.encode()])
    if "code" in told:
        return SheetError(told["code"], told["row"], **told["params"])
    names = set(table.column_names)
    marks = [table[f"m{at}"].to_numpy() if f"m{at}" in names else None for at in range(len(told["header"]))]
    return Sheet(
        header=told["header"],
        header_row=told["header_row"],
        columns=[table[f"c{at}"] for at in range(len(told["header"]))],
        row=table["row"].to_numpy().astype(np.int64),
        not_text=marks,
        ragged=[(row, cells) for row, cells in told["ragged"]],
        other_sheets=told["other_sheets"],
        notes=[Note(**note) for note in told["notes"]],
        first=[(row, cells) for row, cells in told["first"]],
    )


if __name__ == "__main__":
    _main(*sys.argv[1:])
