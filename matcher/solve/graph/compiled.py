"""Loops compiled by Numba, where the extra ``fast`` is installed; elsewhere the same functions run as they are written.

Compiled code is kept beside the package, in a folder named after the text of its modules: a change of one of them,
which Numba would not notice in those that call it, begins a new folder.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

try:
    import numba
except ImportError:
    numba = None

F = TypeVar("F", bound=Callable[..., object])

#: Whether Numba is there. Without it the loops are correct and a hundred times slower.
COMPILED = numba is not None


def compiled(function: F) -> F:
    """Compile a loop when it is first called, and keep the result on disk."""
    return numba.njit(function, cache=True) if COMPILED else function


def _cache_folder() -> Path:
    here = Path(__file__).parent
    text = b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))
    return here / "__pycache__" / f"compiled-{sha256(text).hexdigest()[:12]}"


if COMPILED:
    numba.config.CACHE_DIR = str(_cache_folder())
