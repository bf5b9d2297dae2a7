"""Progress bars: on a terminal, when asked; nothing when the output is piped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

from matcher.i18n import t

T = TypeVar("T")


def track(items: Iterable[T], show: bool, text_key: str, lang: str = "en") -> Iterator[T]:
    """Iterate with a bar on standard error; ``show=False`` or a pipe shows none."""
    yield from tqdm(items, desc=t(text_key, lang), leave=False, disable=None if show else True)
