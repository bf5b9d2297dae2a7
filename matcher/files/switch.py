"""Many new files take the place of the old in one step: a complete folder beside, and one exchange.

Where folders cannot be exchanged (Windows, some network drives, a folder that is mounted, belongs to somebody else or
is where the user stands), the files are moved one by one; see `journal`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from matcher.errors import BadInput
from matcher.files.exchange import can_exchange, exchange
from matcher.files.journal import flush, move, recover, write_note

#: In the folder where nothing can be made beside it.
INSIDE = ".matcher-work"
#: A folder that holds more than this beside the results is not rebuilt; its files are moved one by one.
MOST_OTHERS = 10_000
#: Seconds to wait for a run that is about to end.
PATIENCE_S = 2.0


@contextmanager
def claimed(target: Path) -> Iterator[Path]:
    """A hidden folder to work in, that no other run has: the kernel gives it back when a process dies.

    What a dead process left is finished, rolled back or cleared away first.

    Parameters
    ----------
    target : Path
        File or folder to be written, every link resolved.

    Raises
    ------
    BadInput
        When another run is writing there.
    """
    room, lock = _locked(target)
    try:
        recover(target)
        _tidied(room, target)
        yield room
    finally:
        tidy = _tidied(room, target)
        if tidy and os.name != "nt":  # while it is ours: another run may make it anew at once
            _leave(room)
        lock.release()
        if (
            tidy and os.name == "nt"
        ):  # where no open file can be removed, nor one that another run has opened since
            _leave(room)


def _locked(target: Path) -> tuple[Path, FileLock]:
    for _ in range(100):
        room = _room(target)
        lock = FileLock(room / "lock")
        try:
            lock.acquire(timeout=PATIENCE_S)
        except FileNotFoundError:  # a run that ended has just removed the room
            continue
        except Timeout:
            break
        return room, lock
    raise BadInput("folder_busy", folder=target)


def _room(target: Path) -> Path:
    """Beside the target, with its rights; inside it where its disk is another, or nothing can be made beside it."""
    beside, inside = target.parent / f".{target.name}.matcher", target / INSIDE
    exists = target.is_dir()
    if exists and target.stat().st_dev != target.parent.stat().st_dev:
        inside.mkdir(exist_ok=True)
        return inside
    try:
        beside.mkdir(exist_ok=True)
    except OSError:
        if not exists:
            raise
        inside.mkdir(exist_ok=True)
        return inside
    if exists:  # drafts are as private as the results
        with suppress(OSError):
            shutil.copymode(target, beside)
    return beside


def _leave(room: Path) -> None:
    with suppress(OSError):
        (room / "lock").unlink(missing_ok=True)
        room.rmdir()


def _tidied(room: Path, target: Path) -> bool:
    """Empty the room, the lock aside; not while it holds files of others that cannot be brought over."""
    note = room / "exchange.json"
    with suppress(OSError, ValueError):
        if note.exists():
            told = json.loads(note.read_text(encoding="utf-8"))
            if target.is_dir() and target.stat().st_ino == told["new"]:
                try:
                    _carry(room / "new", target, set(told["ours"]))
                except OSError:
                    return False
        for path in room.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != "lock":
                path.unlink(missing_ok=True)
    return True


def switch(room: Path, folder: Path, names: Sequence[str], gone: Sequence[str] = ()) -> None:
    """Give `folder` the files that stand in ``room/new``, all at once.

    Parameters
    ----------
    room : Path
        From `claimed`.
    folder : Path
        Made if it is not there. Its other files stay.
    names : sequence of str
        The new files, and folders that are new as a whole.
    gone : sequence of str
        Files of the run before that end with it.

    Raises
    ------
    OSError
        When the disk refuses; what stood there before stands there still.
    """
    new = room / "new"
    for name in names:
        flush(new / name)
    if not folder.exists():
        new.rename(folder)
        return
    if not os.access(folder, os.W_OK):  # an exchange asks for the right on the parent alone
        raise PermissionError(13, "read-only", str(folder))
    if not _exchanged(room, folder, {*names, *gone}):
        move(new, folder, names, gone)


def _exchanged(room: Path, folder: Path, ours: set[str]) -> bool:
    """Exchange the folders; False, and nothing changed, where that cannot be."""
    new = room / "new"
    if room.parent == folder or not can_exchange() or _stands_in(folder):
        return False
    try:
        _mirror(folder, new, ours, [MOST_OTHERS])
    except (OSError, NotImplementedError):
        return False
    write_note(room / "exchange.json", {"new": new.stat().st_ino, "ours": sorted(ours)})
    return exchange(new, folder)


def _stands_in(folder: Path) -> bool:
    """Whether this process, and so most likely the shell of its user, is in the folder: it would be led astray."""
    with suppress(OSError):
        return folder in (here := Path.cwd(), *here.parents)
    return False


def _mirror(source: Path, target: Path, ours: set[str], left: list[int]) -> None:
    """Everything of `source` but ours a second time in `target`: files as the same files, folders alike."""
    for entry in os.scandir(source):
        if entry.name in ours:
            continue
        left[0] -= 1
        if left[0] < 0:
            raise OSError(7, "too many files")
        twin = target / entry.name
        if not entry.is_dir(follow_symlinks=False):
            os.link(entry.path, twin, follow_symlinks=False)
            continue
        if os.path.ismount(entry.path):
            raise OSError(18, "another disk")
        twin.mkdir()
        _mirror(Path(entry.path), twin, set(), left)
    was, made = source.stat(), target.stat()
    if (was.st_uid, was.st_gid) != (made.st_uid, made.st_gid):
        os.chown(target, was.st_uid, was.st_gid)
    shutil.copystat(source, target)


def _carry(old: Path, folder: Path, ours: set[str]) -> None:
    """Bring over what somebody else put into the old folder after it was mirrored; of two versions the later stays."""
    for entry in os.scandir(old):
        if entry.name in ours:
            continue
        there = folder / entry.name
        if not os.path.lexists(there):
            os.rename(entry.path, there)
        elif entry.is_dir(follow_symlinks=False):
            if there.is_dir():
                _carry(Path(entry.path), there, set())
        else:
            was, now = entry.stat(follow_symlinks=False), there.lstat()
            if was.st_ino != now.st_ino and was.st_mtime_ns > now.st_mtime_ns and not there.is_dir():
                os.replace(entry.path, there)
