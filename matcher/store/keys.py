"""Keys that lie outside the database: 32 bytes each, in a file that only its user may read."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from matcher.errors import BadInput

_BYTES = 32


def key_file(folder: Path, name: str) -> Path:
    """Where a key lies, whether or not it is there."""
    return folder / f"{name}.key"


def secret(folder: Path, name: str) -> bytes:
    """A key, made when it is absent.

    Parameters
    ----------
    folder : Path
        Outside the database.
    name : str

    Raises
    ------
    BadInput
        ``bad_key`` where the file holds something else.
    """
    file = key_file(folder, name)
    if not file.is_file():
        _make(file)
    key = file.read_bytes()
    if len(key) != _BYTES:
        raise BadInput("bad_key", file=file, allowed=_BYTES)
    return key


def _make(file: Path) -> None:
    """A new key, whole or not at all; where another process was first, its key is the one."""
    draft = file.with_name(f"{secrets.token_hex(8)}.new")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
        stream.write(secrets.token_bytes(_BYTES))
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
