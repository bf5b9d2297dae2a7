"""Run one call in a process of its own and tell its seconds, its peak memory and its answer."""

from __future__ import annotations

import multiprocessing
import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

#: Who has answered gets so many seconds to put away what its libraries opened.
CLEAN_EXIT_S = 5.0


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
        After this many seconds of the call the process is ended and the run told as not finished; starting Python
        and importing the module of `call` do not count.
    """
    here, there = multiprocessing.get_context("spawn").Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(there, call, arguments))
    process.start()
    there.close()
    try:
        here.recv()
        if not here.poll(limit_s):
            return Run(None, None, None, f"not finished in {limit_s:g} s")
        answer, seconds, peak, note = here.recv()
        process.join(CLEAN_EXIT_S)
        return Run(answer, seconds, peak, note)
    except EOFError:
        return Run(None, None, None, "died (memory?)")
    finally:
        process.terminate()
        process.join()


class Timed(tuple):  # type: ignore[type-arg]
    """An answer with the seconds that count."""


def _work(pipe: Connection, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    pipe.send("ready")
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
    """Peak resident memory of this process in MB; None where the system does not tell (Windows).

    Linux is asked for the high-water mark of this program: ``ru_maxrss`` also counts what its parent held when it
    started this process.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        found = re.search(r"^VmHWM:\s*(\d+) kB", status.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return int(found[1]) / 1024
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if sys.platform != "darwin" else 1024**2)


def spread(values: list[float]) -> str:
    """Median and range."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def machine(*packages: str) -> str:
    """Machine, load and versions, for the head of a table.

    Parameters
    ----------
    *packages : str
        Named beside the engine's own, where they are installed.
    """
    system = f"{platform.system()} {platform.machine()}, {_processor()}, {os.cpu_count()} cores, {_memory()}"
    return f"{system}, {_load()}; Python {platform.python_version()}, {', '.join(_versions(packages))}"


def _versions(packages: tuple[str, ...]) -> Iterator[str]:
    for name in ("ortools", "numpy", "scipy", "pandas", "numba", *packages):
        with suppress(PackageNotFoundError):
            yield f"{name} {version(name)}"


def _processor() -> str:
    """Name of the processor, where the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "processor unknown"


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB"
    except (AttributeError, ValueError):  # Windows has no sysconf
        return "memory unknown"


def _load() -> str:
    try:
        return f"load {os.getloadavg()[0]:.1f}"
    except (AttributeError, OSError):
        return "load unknown"
