"""What the edits check alike, and how they refuse."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import NoReturn

from matcher.errors import ScenarioError
from matcher.words.nearest import nearest

#: No capacity is larger: what is, is a slip of the pen.
MOST_PERSONS = 1_000_000_000


def refuse_value(column: str, value: object, allowed: str) -> NoReturn:
    """Raise ``scenario_bad_value``."""
    raise ScenarioError("scenario_bad_value", column=column, value=value, allowed=allowed)


def is_whole(value: object) -> bool:
    """Whether it is a whole number; true and false are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def nearest_ids(word: str, words: Iterable[str]) -> str:
    """Up to three known words that look like `word`, for a message."""
    return ", ".join(nearest(word, words, most=3, cutoff=0.3)) or "–"
