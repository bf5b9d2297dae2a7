"""Where the app keeps what must outlive a page: answers to long questions, the edits being made, own policies."""

from __future__ import annotations

import os
from pathlib import Path

from matcher.store.location import data_folder

HOME_VARIABLE = "MATCHER_HOME"


def home(name: str) -> Path:
    """A folder of the user's own, made when it is absent and readable by the user alone."""
    root = Path(os.environ.get(HOME_VARIABLE) or data_folder())
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
