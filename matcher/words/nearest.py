"""“Did you mean”: the known words that look most like one that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

#: How like two words must be for one to be the other misspelt (0 not at all, 1 the same).
LIKE = 0.6


def nearest(word: str, words: Iterable[str], most: int = 1, cutoff: float = LIKE) -> list[str]:
    """The `most` words that are most like `word`, the likest first; fewer when none is like enough.

    Parameters
    ----------
    word : str
    words : iterable of str
    most : int
    cutoff : float
        0 names some word in any case.
    """
    return difflib.get_close_matches(word, list(words), most, cutoff)
