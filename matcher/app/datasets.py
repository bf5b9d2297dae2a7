"""Versions of the data that were taken over in the app: whole folders of the user's own, and which one is in use."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath
from shutil import rmtree
from uuid import uuid4

from matcher.app.home import home
from matcher.files.results import write_json
from matcher.inputs import Inputs

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


def keep(base: Path, files: Sequence[File], inputs: Inputs) -> Version:
    """Take files over as the newest version and use it: all of it or nothing.

    Parameters
    ----------
    base : Path
        The folder that the app was started on.
    files : sequence of (str, bytes)
    inputs : Inputs
        What the files hold, checked.
    """
    root = _root(base)
    id = datetime.now(UTC).strftime("%Y%m%dT%H%M%S") + uuid4().hex[:6]
    draft = root / f".{id}"
    try:
        (draft / _DATA).mkdir(parents=True, mode=0o700)
        for name, content in files:
            _write(draft / _DATA / PurePath(name).name, content)
        if not any(PurePath(name).name == "dataset.toml" for name, _ in files):
            _write(draft / _DATA / "dataset.toml", _settings(inputs).encode())
        about = {
            "title": inputs.dataset.title,
            "kept_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "residents": len(inputs.residents),
            "providers": len(inputs.providers),
        }
        write_json(about, draft / _ABOUT)
        os.replace(draft, root / id)
    finally:
        rmtree(draft, ignore_errors=True)
    use(base, id)
    return _read(root / id)


def versions(base: Path) -> list[Version]:
    """All versions, the newest first."""
    found = [_read(folder) for folder in _root(base).iterdir() if (folder / _ABOUT).is_file()]
    return sorted((one for one in found if not one.id.startswith(".")), key=lambda one: one.id, reverse=True)


def current(base: Path) -> Version | None:
    """The version in use; None where it is the folder itself."""
    try:
        id = json.loads((_root(base) / _CURRENT).read_text(encoding="utf-8"))["id"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return next((one for one in versions(base) if one.id == id), None)


def use(base: Path, id: str | None) -> None:
    """Use a version, or with None the folder itself."""
    file = _root(base) / _CURRENT
    new = file.with_name(f".{_CURRENT}.{os.getpid()}")
    write_json({"id": id}, new)
    os.replace(new, file)


def is_version(folder: Path) -> bool:
    """Whether a data folder is a version that was taken over: none of its addresses leaves the machine."""
    return (folder.parent / _ABOUT).is_file()


def _root(base: Path) -> Path:
    return home(f"datasets/{hashlib.sha256(str(base.resolve()).encode()).hexdigest()[:24]}")


def _read(folder: Path) -> Version:
    told = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    return Version(id=folder.name, folder=folder / _DATA, **told)


def _write(file: Path, content: bytes) -> None:
    """A file that the user alone may read."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as sink:
        sink.write(content)


def _settings(inputs: Inputs) -> str:
    """The ``dataset.toml`` of data whose date and datum were given in the form."""
    dataset = inputs.dataset
    datum = next(iter(dataset.datum.values()), "wgs84")
    lines = [f"as_of = {dataset.as_of.isoformat()}", f"datum = {json.dumps(datum)}"]
    if dataset.title:
        lines.insert(0, f"title = {json.dumps(dataset.title, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"
