"""New files moved in one by one, where folders cannot be exchanged: a journal in the folder says which.

Whoever opens the folder next finishes what a dead process began, or rolls it back.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from matcher.errors import BadInput

#: In the folder while files are moved.
JOURNAL = ".matcher-journal"


#: In the journal: the files are to be moved in, or the old ones brought back.
FORWARD, BACK = "forward.json", "back.json"


@dataclass(frozen=True)
class _Moves:
    """New files, files that end with them, and which of both were there before."""

    names: tuple[str, ...]
    gone: tuple[str, ...]
    had: tuple[str, ...]

    @classmethod
    def read(cls, note: Path) -> _Moves:
        told = json.loads(note.read_text(encoding="utf-8"))
        return cls(*(tuple(Path(name).name for name in told[key]) for key in ("names", "gone", "had")))


def move(new: Path, folder: Path, names: Sequence[str], gone: Sequence[str]) -> None:
    """Move new files into `folder` one by one; when one cannot be moved, bring back the old ones.

    Parameters
    ----------
    new, folder : Path
        Where the files are, and where they go.
    names : sequence of str
        The files.
    gone : sequence of str
        Files of the run before that end with it.

    Raises
    ------
    OSError
        When a file cannot be moved; the old ones stand.
    """
    place = folder / JOURNAL
    had = tuple(name for name in (*names, *gone) if (folder / name).exists())
    moves = _Moves(tuple(names), tuple(gone), had)
    try:
        for part in ("new", "old"):
            (place / part).mkdir(parents=True)
        for name in names:
            shutil.move(new / name, place / "new" / name)
        for name in had:
            _copy(folder / name, place / "old" / name)
            flush(place / "old" / name)
        write_note(place / FORWARD, asdict(moves))
    except BaseException:  # Ctrl+C too; nothing has moved
        _end(place)
        raise
    _forward(moves, folder)


def _forward(moves: _Moves, folder: Path) -> None:
    """Move everything in that still waits; when something cannot be moved, undo it all."""
    place = folder / JOURNAL
    try:
        for name in moves.names:
            if (place / "new" / name).exists():
                _put(place / "new" / name, folder / name, place)
        for name in moves.gone:
            _remove(folder / name, place)
    except BaseException:  # Ctrl+C too
        os.replace(place / FORWARD, place / BACK)
        _back(moves, folder)
        raise
    _end(place)


def _back(moves: _Moves, folder: Path) -> None:
    """Undo what `_forward` did, and no more: what it could not move is open in another program."""
    place = folder / JOURNAL
    for name in (*moves.names, *moves.gone):
        if (place / "new" / name).exists() and ((folder / name).exists() or name not in moves.had):
            continue
        if (place / "old" / name).exists():
            if name in moves.names or not (folder / name).exists():
                _put(place / "old" / name, folder / name, place)
        elif name not in moves.had:
            _remove(folder / name, place)
    _end(place)


def _copy(source: Path, target: Path) -> None:
    if _is_folder(source):
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)


def _put(source: Path, target: Path, place: Path) -> None:
    """Move a file or a folder to where one stands already."""
    if _is_folder(target):
        _remove(target, place)
    os.replace(source, target)


def _remove(path: Path, place: Path) -> None:
    """Away with a file or, in one step too, a folder, which the journal takes along when it ends."""
    if _is_folder(path):
        os.replace(path, Path(tempfile.mkdtemp(dir=place)) / path.name)
    else:
        path.unlink(missing_ok=True)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _end(place: Path) -> None:
    for note in (FORWARD, BACK):
        (place / note).unlink(missing_ok=True)
    shutil.rmtree(place, ignore_errors=True)


def unfinished(folder: Path) -> bool:
    """Whether a process is moving files in this folder, or died in it."""
    return (folder / JOURNAL).exists()


def recover(folder: Path) -> None:
    """Finish what a dead process began to move, or roll it back.

    Raises
    ------
    BadInput
        When neither can be done now.
    """
    place = folder / JOURNAL
    notes = [note for note in (place / FORWARD, place / BACK) if note.exists()]
    try:
        for note in notes:
            (_forward if note.name == FORWARD else _back)(_Moves.read(note), folder)
    except (OSError, ValueError, TypeError, KeyError):
        if any(note.exists() for note in notes) or (place / BACK).exists():
            raise BadInput("folder_unfinished", folder=folder, journal=JOURNAL) from None
    if not notes and place.exists():
        shutil.rmtree(place, ignore_errors=True)


def write_note(path: Path, content: object) -> None:
    """A small JSON file, there or not."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(content), encoding="utf-8")
    flush(draft)
    os.replace(draft, path)


def flush(path: Path) -> None:
    """Have a file, or all files of a folder, on the disk before anything points to it."""
    if path.is_dir():
        for inner in path.iterdir():
            flush(inner)
        return
    with path.open("r+b") as file:
        os.fsync(file.fileno())
