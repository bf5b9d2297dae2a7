"""Progress bars: on a terminal, when asked; nothing when the output is piped."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

from matcher.i18n import default_language, t

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
