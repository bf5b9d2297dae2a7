"""The same work on a cluster of machines (Dask), where the extra ``cluster`` is installed."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from matcher.errors import BadInput, CodedFailure
from matcher.progress import track
from matcher.workers.processes import each

if TYPE_CHECKING:
    from distributed import Client, Future

Common = TypeVar("Common")
Item = TypeVar("Item")
Result = TypeVar("Result")

#: Seconds in which a scheduler answers, or does not.
PATIENCE_S = 10


@contextmanager
def workforce(workers: int | None, scheduler: str | None) -> Iterator[Callable[..., list[Any]]]:
    """`processes.each` with so many workers (as many as there are cores where not given), or `each_on` a cluster.

    Raises
    ------
    BadInput, CodedFailure
        As `connected`.
    """
    if scheduler is None:
        yield partial(each, workers=workers or os.cpu_count() or 1)
        return
    with connected(scheduler) as client:
        yield partial(each_on, client)


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the scheduler.

    Parameters
    ----------
    address : str
        Such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    BadInput
        When the package is not installed, or no scheduler with workers answers there.
    CodedFailure
        When the work is lost with the workers that did it, again and again.
    """
    try:
        from distributed import Client, KilledWorker
        from distributed.client import FutureCancelledError
    except ImportError:
        raise BadInput("no_distributed") from None
    try:
        client: Client = Client(  # type: ignore[no-untyped-call]
            address, timeout=PATIENCE_S, set_as_default=False
        )
        workers = len(client.ncores())  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError) as error:
        raise BadInput("scheduler_silent", address=address, detail=type(error).__name__) from None
    with client:
        if not workers:
            raise BadInput("scheduler_without_workers", address=address)
        try:
            yield client
        except (KilledWorker, FutureCancelledError):
            raise CodedFailure("worker_lost", workers=workers) from None


def each_on(
    client: Client,
    work: Callable[[Common, Item], Result],
    common: Common,
    items: Sequence[Item],
    *,
    text_key: str,
    progress: bool = False,
) -> list[Result]:
    """As `processes.each`, on the workers of a cluster; who is lost is replaced.

    Parameters
    ----------
    client : Client
        From `connected`.
    work, common, items, text_key, progress
        As of `processes.each`.
    """
    told = spread(client, common)
    futures = [client.submit(work, told, item, pure=False) for item in items]
    return [future.result() for future in track(futures, progress, text_key)]


def spread(client: Client, value: Any) -> Future[Any]:
    """One value for many tasks: a task itself, so that it can be had again when the worker that held it is lost.

    Scattered data could not: Dask gives up copies that it finds too many, and knows no way to make the last one anew.
    """
    with warnings.catch_warnings():  # that such a task is large is meant
        warnings.simplefilter("ignore", UserWarning)
        return client.submit(_same, value, pure=False)


def _same(value: Any) -> Any:
    return value
