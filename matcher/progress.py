"""Progress bars on a terminal, nothing when the output is piped; time left, and time taken."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

from matcher.words.catalogues import default_language, t

T = TypeVar("T")


def track(items: Iterable[T], show: bool, text_key: str) -> Iterator[T]:
    """Iterate with a bar on standard error, in the language of the terminal; ``show=False`` or a pipe shows none."""
    if not show:
        yield from items
        return
    text = t(text_key, default_language())
    # A terminal that does not tell its width would get no bar at all.
    width = shutil.get_terminal_size().columns
    yield from tqdm(items, desc=text, leave=False, ncols=width, disable=None)


class Deadline:
    """Seconds left of a limit that starts now."""

    def __init__(self, limit_s: float) -> None:
        self._end = time.monotonic() + limit_s

    def left(self) -> float:
        """Seconds left, 0 when the time is over."""
        return max(0.0, self._end - time.monotonic())


class Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Add the time since the last call, or since the start, to a stage."""
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now
