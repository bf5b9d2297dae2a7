"""Where the app keeps what must outlive a page: answers, edits being made, versions of the data, own policies."""

from __future__ import annotations

import hashlib
from pathlib import Path

from matcher.store.location import HOME_VARIABLE, home

__all__ = ["HOME_VARIABLE", "home", "key_of"]


def key_of(data: Path) -> str:
    """What stands for a data folder in names of files: nothing of its path is told."""
    return hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:24]
