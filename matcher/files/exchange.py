"""Two folders change places in one step, where the system can do that."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

#: ``RENAME_EXCHANGE`` of Linux and ``RENAME_SWAP`` of macOS have the same number.
_EXCHANGE = 2
_AT_FDCWD = -100


def exchange(one: Path, other: Path) -> bool:
    """Let two folders of one disk change places; at every instant each path names one of the two, whole.

    Returns
    -------
    bool
        False where the system, the disk or its rights do not allow it; nothing has changed then.
    """
    if sys.platform == "linux":
        return _call("renameat2", _AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE)
    if sys.platform == "darwin":
        return _call("renamex_np", os.fsencode(one), os.fsencode(other), _EXCHANGE)
    return False


def can_exchange() -> bool:
    """Whether this system knows such a call at all; a disk may still refuse it."""
    return sys.platform in ("linux", "darwin")


def _call(name: str, *arguments: object) -> bool:
    """A function of the C library that answers 0 when it is done."""
    function = getattr(ctypes.CDLL(None, use_errno=True), name, None)
    return function is not None and function(*arguments) == 0
