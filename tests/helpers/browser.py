"""Where the browser for the browser tests is, and what happens without one. Standard library only."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

_COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "microsoft-edge-stable",
)
_MAC = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Chromium.app/Contents/MacOS/Chromium",
)
_WINDOWS = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")


def find_browser() -> str | None:
    """Path of an installed Chromium, Chrome or Edge."""
    for command in _COMMANDS:
        if path := shutil.which(command):
            return path
    places: list[Path] = []
    if sys.platform == "darwin":
        places = [Path("/Applications") / name for name in _MAC]
    elif os.name == "nt":
        roots = (os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"))
        places = [Path(root) / name for root in roots if root for name in _WINDOWS]
    return next((str(path) for path in places if path.is_file()), None)


def must_not_skip() -> bool:
    """Whether a missing browser is a failure: in CI, where skipped tests would go unseen."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")
