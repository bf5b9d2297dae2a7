"""The same work on many items, over the cores of the machine; and how work ends when somebody ends it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from multiprocessing import active_children, get_context
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
        with _signals_later():  # workers are started here
            futures = [pool.submit(_in_worker, work, item) for item in items]
        return [future.result() for future in track(futures, progress, text_key)]
    except BrokenProcessPool:
        raise CodedFailure("worker_lost", workers=workers) from None
    except KeyboardInterrupt:
        for worker in active_children():
            worker.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def ended_like_ctrl_c() -> Iterator[None]:
    """Let SIGTERM end what runs inside as Ctrl+C does: by a KeyboardInterrupt, so that everything is put in order."""
    with _handled(signal.SIGTERM, signal.default_int_handler):
        yield


@contextmanager
def _signals_later() -> Iterator[None]:
    """Signals to end wait while workers are started, who would tell of a half start; and the workers never hear them.

    Ctrl+C reaches every process of a terminal: this one tells it, and ends its workers.
    """
    heard: list[int] = []
    numbers = {signal.SIGINT, signal.SIGTERM}
    with ExitStack() as stack:
        for number in numbers:
            stack.enter_context(_handled(number, lambda number, _: heard.append(number)))
        if hasattr(signal, "pthread_sigmask"):  # what is blocked here is blocked in those started here
            before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
            stack.callback(signal.pthread_sigmask, signal.SIG_SETMASK, before)
        yield
    if heard:
        raise KeyboardInterrupt


@contextmanager
def _handled(number: signal.Signals, handler: Any) -> Iterator[None]:
    """With another handler of a signal; only the main thread may set one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def _begin(common: Any) -> None:
    _shared.append(common)


def _in_worker(work: Callable[[Any, Item], Result], item: Item) -> Result:
    return work(_shared[0], item)
