"""Run one call in a process of its own and tell its seconds, its peak memory and its answer."""

from __future__ import annotations

import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing.connection import Connection
from typing import Any


@dataclass(frozen=True)
class Run:
    """One measured call; `answer` is None where it did not finish, and `note` says why."""

    answer: Any
    seconds: float | None
    peak_mb: float | None
    note: str = ""


def measured(call: Callable[..., Any], *arguments: Any, limit_s: float = 1800.0) -> Run:
    """Call in a spawned process.

    Parameters
    ----------
    call : function of a module
        Returns its answer, or ``(answer, seconds)`` where only a part of it is to be timed.
    limit_s : float
        After this many seconds the process is ended and the run told as not finished.
    """
    here, there = multiprocessing.get_context("spawn").Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(there, call, arguments))
    process.start()
    there.close()
    try:
        if not here.poll(limit_s):
            return Run(None, None, None, f"not finished in {limit_s:.0f} s")
        answer, seconds, peak, note = here.recv()
        return Run(answer, seconds, peak, note)
    except EOFError:
        return Run(None, None, None, "died (memory?)")
    finally:
        process.terminate()
        process.join()


class Timed(tuple):  # type: ignore[type-arg]
    """An answer with the seconds that count."""


def _work(pipe: Connection, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    begun = time.perf_counter()
    try:
        answer = call(*arguments)
    except Exception as error:
        pipe.send((None, None, None, f"{type(error).__name__}: {error}"))
        return
    seconds = time.perf_counter() - begun
    if isinstance(answer, Timed):
        answer, seconds = answer
    pipe.send((answer, seconds, peak_mb(), ""))


def peak_mb() -> float | None:
    """Peak resident memory of this process in MB; None where the system does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if sys.platform != "darwin" else 1024**2)


def spread(values: list[float]) -> str:
    """Median and range."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def machine() -> str:
    """Machine and versions, for the head of a table."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("ortools", "numpy", "scipy", "pandas"))
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"{system}, Python {platform.python_version()}, {packages}"
