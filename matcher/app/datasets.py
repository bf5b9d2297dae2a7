"""Versions of the data that were taken over in the app: whole folders of the user's own, and which one is in use."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath
from shutil import rmtree
from uuid import uuid4

from matcher.app.home import home, key_of
from matcher.files.results import replace_json, write_json
from matcher.inputs import Dataset
from matcher.intake.dataset import FILE as SETTINGS
from matcher.intake.dataset import dataset_text
from matcher.intake.mapping import Meanings
from matcher.intake.read import MEANINGS

_ABOUT, _CURRENT, _DATA = "version.json", "current.json", "data"

#: Name and content of an uploaded file.
File = tuple[str, bytes]


@dataclass(frozen=True)
class Version:
    """Data that were taken over once.

    Parameters
    ----------
    id, title : str
    kept_at : str
        ISO time, UTC.
    residents, providers : int
        Rows.
    folder : Path
        The files, as they were uploaded, with a ``dataset.toml``.
    """

    id: str
    title: str
    kept_at: str
    residents: int
    providers: int
    folder: Path


def keep(
    base: Path,
    files: Sequence[File],
    dataset: Dataset,
    *,
    residents: int,
    providers: int,
    meanings: Meanings | None = None,
) -> Version:
    """Take files over as the newest version and use it: all of it or nothing.

    Parameters
    ----------
    base : Path
        The folder that the app was started on.
    files : sequence of (str, bytes)
    dataset : Dataset
        As it was read and checked: it stands in the version whatever ``dataset.toml`` was among the files, so that
        date and datum of a form hold, and no geocoder is ever asked.
    residents, providers : int
        Rows.
    meanings : Meanings, optional
        With which the files were read; they stay with them.
    """
    root = _root(base)
    _remove_drafts(root)
    now = datetime.now(UTC)
    id = now.strftime("%Y%m%dT%H%M%S") + uuid4().hex[:6]
    draft = root / f".{id}"
    version = Version(
        id=id,
        title=dataset.title or PurePath(files[0][0]).stem,
        kept_at=now.isoformat(timespec="seconds"),
        residents=residents,
        providers=providers,
        folder=root / id / _DATA,
    )
    about = {name: value for name, value in asdict(version).items() if name not in ("id", "folder")}
    try:
        (draft / _DATA).mkdir(parents=True, mode=0o700)
        for name, content in files:
            if PurePath(name).name != SETTINGS:
                _write(draft / _DATA / PurePath(name).name, content)
        _write(draft / _DATA / SETTINGS, dataset_text(dataset).encode())
        if meanings is not None:
            write_json(meanings.as_data(), draft / _DATA / MEANINGS)
        write_json(about, draft / _ABOUT)
        os.replace(draft, root / id)
    finally:
        rmtree(draft, ignore_errors=True)
    use(base, id)
    return version


def versions(base: Path) -> list[Version]:
    """All versions, the newest first."""
    found = (_read(folder) for folder in sorted(_root(base).glob("[!.]*/"), reverse=True))
    return [one for one in found if one is not None]


def current(base: Path) -> Version | None:
    """The version in use; None where it is the folder itself."""
    root = _root(base)
    try:
        id = json.loads((root / _CURRENT).read_text(encoding="utf-8"))["id"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None if id is None else _read(root / str(id))


def use(base: Path, id: str | None) -> None:
    """Use a version, or with None the folder itself."""
    replace_json({"id": id}, _root(base) / _CURRENT)


def _root(base: Path) -> Path:
    return home(f"datasets/{key_of(base)}")


def _remove_drafts(root: Path) -> None:
    """What a process that died left of files that nobody took over."""
    for draft in root.glob(".*/"):
        rmtree(draft, ignore_errors=True)


def _read(folder: Path) -> Version | None:
    """A version; None where the folder holds none that can be read."""
    try:
        told = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        return Version(id=folder.name, folder=folder / _DATA, **told)
    except (OSError, ValueError, TypeError):
        return None


def _write(file: Path, content: bytes) -> None:
    """A file that the user alone may read."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as sink:
        sink.write(content)
