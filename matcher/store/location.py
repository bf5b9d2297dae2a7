"""Where the store is: a SQLite file of this user, or what ``MATCHER_DATABASE_URL`` names."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from matcher.errors import BadInput

ENVIRONMENT = "MATCHER_DATABASE_URL"
#: Where everything is kept that is not the store; without it `data_folder`.
HOME_VARIABLE = "MATCHER_HOME"
FILE = "matcher.sqlite3"
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")
_ALLOWED = "sqlite:///FILE, postgresql://USER:PASSWORD@HOST:PORT/DATABASE"


def locate_store(url: str | None = None) -> URL:
    """The address of the store.

    Parameters
    ----------
    url : str, optional
        ``sqlite:///FILE`` or ``postgresql://…``; without it the environment's, else a file in `data_folder`.

    Raises
    ------
    BadInput
        ``store_bad_url``; what was found is not repeated, for it may hold a password.
    """
    text = url or os.environ.get(ENVIRONMENT) or ""
    if not text:
        return URL.create("sqlite", database=str(data_folder() / FILE))
    try:
        found = make_url(text)
    except (ArgumentError, ValueError):
        raise _refused() from None
    if found.drivername == "sqlite" and found.database not in (None, "", ":memory:") and not found.query:
        return found
    # A host with anything else in it is half a password, of which @ or / should have been written as %40 or %2F.
    if found.drivername in _POSTGRESQL and re.fullmatch(r"[\w.:-]*", found.host or "") and found.database:
        return found.set(drivername="postgresql+psycopg")
    raise _refused()


def _refused() -> BadInput:
    return BadInput("store_bad_url", variable=ENVIRONMENT, allowed=_ALLOWED)


def data_folder() -> Path:
    """Where this system keeps the data of a user's programs."""
    home = Path.home()
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "matcher"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "matcher"
    wished = os.environ.get("XDG_DATA_HOME", "")
    return (Path(wished) if Path(wished).is_absolute() else home / ".local" / "share") / "matcher"


def home_folder() -> Path:
    """The folder of all that is kept and is not the store."""
    return Path(os.environ.get(HOME_VARIABLE) or data_folder())


def home(name: str) -> Path:
    """A folder of this user's own, made when it is absent and readable by the user alone."""
    folder = home_folder() / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def told(url: URL) -> str:
    """The address as messages may show it: no user, no password, no options."""
    if url.drivername == "sqlite":
        return str(url.database)
    return f"postgresql://{url.host or ''}{f':{url.port}' if url.port else ''}/{url.database}"
