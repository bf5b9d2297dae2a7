"""The same work on many items, over the cores of the machine."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, TypeVar

from matcher.errors import CodedFailure
from matcher.progress import track

Common = TypeVar("Common")
Item = TypeVar("Item")
Result = TypeVar("Result")

#: In a worker: what all its items share.
_shared: list[Any] = []


def each(
    work: Callable[[Common, Item], Result],
    common: Common,
    items: Sequence[Item],
    workers: int,
    *,
    text_key: str,
    progress: bool = False,
) -> list[Result]:
    """``work(common, item)`` of each item, in the order of the items.

    Parameters
    ----------
    work : callable
        A function of a module, so that another process can find it.
    common
        Sent to each worker once, however large.
    items : sequence
    workers : int
        Processes at once; with one, or one item, all is done in this process.
    text_key : str
        Words of the bar.
    progress : bool
        Show a bar on a terminal.

    Raises
    ------
    CodedFailure
        When the system ended a worker, as it does when memory is short.
    """
    workers = min(workers, len(items))
    if workers <= 1:
        return [work(common, item) for item in track(items, progress, text_key)]
    # Workers start afresh on every system: a copy of a process that has threads may hang.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin, (common,))
    try:
        futures = [pool.submit(_in_worker, work, item) for item in items]
        return [future.result() for future in track(futures, progress, text_key)]
    except BrokenProcessPool:
        raise CodedFailure("worker_lost", workers=workers) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(common: Any) -> None:
    # Ctrl+C reaches every process of a terminal: workers end at once, the command tells it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _shared.append(common)


def _in_worker(work: Callable[[Any, Item], Result], item: Item) -> Result:
    return work(_shared[0], item)
