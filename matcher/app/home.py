"""Where the app keeps what must outlive a page: answers, edits being made, versions of the data, own policies."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from matcher.store.location import data_folder

HOME_VARIABLE = "MATCHER_HOME"


def home(name: str) -> Path:
    """A folder of the user's own, made when it is absent and readable by the user alone."""
    folder = Path(os.environ.get(HOME_VARIABLE) or data_folder()) / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def key_of(data: Path) -> str:
    """What stands for a data folder in names of files: nothing of its path is told."""
    return hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:24]
