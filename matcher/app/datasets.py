"""Versions of the data that were taken over in the app: whole folders of the user's own, and which one is in use."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath
from shutil import rmtree
from uuid import uuid4

import pandas as pd

from matcher.app import persons
from matcher.app.home import home, key_of
from matcher.app.pseudonyms import with_pseudonyms
from matcher.files.results import all_or_none, replace_json, write_json
from matcher.geography.basemap import FILE_NAME as BASEMAP
from matcher.geography.outlines import FILE_NAME as OUTLINES
from matcher.inputs import Inputs
from matcher.intake.dataset import FILE as SETTINGS
from matcher.intake.dataset import dataset_text
from matcher.tables import REQUIRED_TABLES, TABLES

_ABOUT, _CURRENT, _DATA = "version.json", "current.json", "data"
#: How the folder of a version begins that was dropped. Other folders with a dot are being written, by this process or
#: another one, unless nothing has been written for so many seconds.
_DROPPED, _WRITTEN_BY_NOBODY_S = ".gone-", 3600.0
#: Files that are kept byte by byte.
_AS_UPLOADED = (OUTLINES, BASEMAP)

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
        The tables as they were understood, without what names a person, which is sealed beside them (`persons`); the
        outlines and basemap that were uploaded; a ``dataset.toml``.
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
        As they were uploaded.
    inputs : Inputs
        What was read and checked of them, not yet located. Its date and datum stand in the version whatever
        ``dataset.toml`` was among the files, and no geocoder is ever asked.
    """
    root = _root(base)
    remove_drafts(base)
    now = datetime.now(UTC)
    id = now.strftime("%Y%m%dT%H%M%S") + uuid4().hex[:6]
    draft = root / f".{id}"
    version = Version(
        id=id,
        title=inputs.dataset.title or PurePath(files[0][0]).stem,
        kept_at=now.isoformat(timespec="seconds"),
        residents=len(inputs.residents),
        providers=len(inputs.providers),
        folder=root / id / _DATA,
    )
    about = {name: value for name, value in asdict(version).items() if name not in ("id", "folder")}
    try:
        (draft / _DATA).mkdir(parents=True, mode=0o700)
        for name, content in _contents(files, inputs):
            _write(draft / _DATA / name, content)
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


def everywhere() -> list[Version]:
    """All versions of all folders that the app was ever started on."""
    found = (_read(folder) for folder in sorted(home("datasets").glob("*/[!.]*/")))
    return [one for one in found if one is not None]


def version_of(folder: Path) -> Version | None:
    """The version whose tables lie in a folder; None where it is no version's."""
    root = folder.resolve().parent
    return _read(root) if folder.name == _DATA and root.parent.parent == home("datasets").resolve() else None


def current(base: Path) -> Version | None:
    """The version in use; None where it is the folder itself."""
    id = _in_use(_root(base))
    return None if id is None else named(base, id)


def named(base: Path, id: str) -> Version | None:
    """The version of that id; None where there is none that can be read."""
    return _read(_root(base) / id)


def data_of(version: Version) -> str:
    """What stands for the folder that the app was started on when the version was taken over, see `home.key_of`."""
    return version.folder.parent.parent.name


def is_in_use(version: Version) -> bool:
    """Whether planners who open the app on its folder work with it."""
    return _in_use(version.folder.parent.parent) == version.id


def use(base: Path, id: str | None) -> None:
    """Use a version, or with None the folder itself."""
    replace_json({"id": id}, _root(base) / _CURRENT)


def rewrite(version: Version, inputs: Inputs) -> None:
    """Put tables into a version anew, what names persons sealed, whole or not at all; outlines and basemap stay.

    Parameters
    ----------
    version : Version
    inputs : Inputs
        Read and checked, not yet located.
    """
    old = [path for path in version.folder.iterdir() if path.is_file()]
    contents = dict(_contents([(path.name, path.read_bytes()) for path in old], inputs))
    gone = [path.name for path in old if path.name not in contents]
    with all_or_none(version.folder, tuple(contents), gone) as draft:
        for name, content in contents.items():
            _write(draft / name, content)


def drop(version: Version) -> None:
    """Delete a version in one step: whenever the process dies, all of it is there or nothing that is read.

    Raises
    ------
    OSError
        When a file cannot be deleted; `remove_drafts` tries again.
    """
    kept = version.folder.parent
    gone = kept.with_name(f"{_DROPPED}{kept.name}")
    os.replace(kept, gone)
    rmtree(gone)


def remove_drafts(base: Path | None = None) -> None:
    """Finish what a process that died left: of files that nobody took over, of versions that were dropped.

    Parameters
    ----------
    base : Path, optional
        The folder that the app was started on; any by default.
    """
    for draft in home("datasets").glob(f"{'*' if base is None else key_of(base)}/.*/"):
        if draft.name.startswith(_DROPPED) or time.time() - draft.stat().st_mtime > _WRITTEN_BY_NOBODY_S:
            rmtree(draft, ignore_errors=True)


def _contents(files: Sequence[File], inputs: Inputs) -> Iterator[File]:
    """What a version holds: nobody in it goes by an id number."""
    inputs = with_pseudonyms(inputs)
    for name, content in files:
        if PurePath(name).name in _AS_UPLOADED:
            yield PurePath(name).name, content
    for name, columns in TABLES.items():
        table = getattr(inputs, name)
        if name == "residents":
            yield persons.FILE, persons.sealed(table)
        if len(table) or name in REQUIRED_TABLES:
            left_out = persons.PERSONAL if name == "residents" else ()
            yield f"{name}.csv", _csv(table[[one.name for one in columns if one.name not in left_out]])
    yield SETTINGS, dataset_text(inputs.dataset).encode()


def _csv(table: pd.DataFrame) -> bytes:
    """As ``sample`` writes it: ISO dates, 0 and 1, empty cells."""
    flags = {str(name): "Int64" for name in table if table[name].dtype == "boolean"}
    table = table.astype(flags)
    return table.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n").encode()


def _root(base: Path) -> Path:
    return home(f"datasets/{key_of(base)}")


def _in_use(root: Path) -> str | None:
    """Id of the version in use; None where it is the folder itself."""
    try:
        id = json.loads((root / _CURRENT).read_text(encoding="utf-8"))["id"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None if id is None else str(id)


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
