"""Progress bars on a terminal, nothing when the output is piped; time left, and time taken."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from matcher.words.catalogues import default_language, t

T = TypeVar("T")
#: Files of a watched search.
PROGRESS, STOP = "progress.json", "stop"


def track(items: Iterable[T], show: bool, text_key: str) -> Iterator[T]:
    """Iterate with a bar on standard error, in the language of the terminal; ``show=False`` or a pipe shows none."""
    if not show:
        yield from items
        return
    text = t(text_key, default_language())
    # A terminal that does not tell its width would get no bar at all.
    width = shutil.get_terminal_size().columns
    yield from tqdm(items, desc=text, leave=False, ncols=width, disable=None)


class Watch:
    """A long search as somebody sees it who waits for it: what it has so far, and that it shall end with that.

    Parameters
    ----------
    folder : Path, optional
        Where ``progress.json`` is written, and where a file ``stop`` ends the search; without it nobody watches.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def tell(self, **told: object) -> None:
        """Write what there is so far, whole or not at all."""
        if self._folder is not None:
            draft = self._folder / f".{PROGRESS}"
            draft.write_text(json.dumps(told), encoding="utf-8")
            os.replace(draft, self._folder / PROGRESS)

    def over(self) -> bool:
        """Whether somebody has asked for the end."""
        return self._folder is not None and (self._folder / STOP).exists()


class Deadline:
    """Seconds left of a limit that starts now, and that whoever watches may end."""

    def __init__(self, limit_s: float, watch: Watch | None = None) -> None:
        self._end, self._watch = time.monotonic() + limit_s, watch

    def left(self) -> float:
        """Seconds left, 0 when the time is over."""
        if self._watch is not None and self._watch.over():
            return 0.0
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
