"""Files of a run come together or not at all, whenever the process dies; texts of the data are never formulas."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from matcher.errors import BadInput
from matcher.files import journal, switch
from matcher.files.results import all_or_none, settle, write_csv, write_table

NAMES = ("a.csv", "b.csv", "c.csv", "d.csv", "outcome.json")
#: What a process asks of the system while it writes; each is a moment to die before.
CALLS = ("os.", "open", "fcntl.", "ctypes.dlsym", "shutil.")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")


def write(folder: Path, version: str, gone: tuple[str, ...] = ()) -> None:
    with all_or_none(folder, NAMES, gone) as draft:
        for name in NAMES:
            (draft / name).write_text(f"{name} {version}", encoding="utf-8")


def whole(version: str) -> dict[str, str]:
    return {name: f"{name} {version}" for name in NAMES}


def shown(folder: Path) -> dict[str, str]:
    """The five files as anybody sees them."""
    return {name: (folder / name).read_text("utf-8") for name in NAMES if (folder / name).exists()}


def others(folder: Path) -> dict[str, object]:
    """What is not ours in the folder, the hidden journal aside."""
    ours = {folder / name for name in NAMES} | {folder / journal.JOURNAL}
    found: dict[str, object] = {}
    for path in folder.rglob("*"):
        if not ours & {path, *path.parents}:
            found[str(path.relative_to(folder))] = path.read_text("utf-8") if path.is_file() else "folder"
    return found


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An earlier run, and beside it what somebody else keeps there."""
    folder = tmp_path / "out"
    write(folder, "old")
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    (folder / "more" / "deep").mkdir(parents=True)
    (folder / "more" / "deep" / "map.txt").write_text("mine too", encoding="utf-8")
    (folder / "link").symlink_to("notes.txt")
    return folder


def dies_before(call: int, action: Callable[[], None]) -> bool:
    """Run `action` in a process that dies before its n-th call to the system; whether it was still alive by then."""
    child = os.fork()
    if not child:
        count = 0

        def watch(event: str, _: object) -> None:
            nonlocal count
            if event.startswith(CALLS):
                count += 1
                if count == call:
                    os._exit(9)

        sys.addaudithook(watch)
        try:
            action()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 9


def deaths(action: Callable[[], None]) -> Iterator[int]:
    """Let `action` die before its first call, then its second, until it comes to its end."""
    for call in range(1, 1000):
        if not dies_before(call, action):
            return
        yield call


@needs_fork
def test_whenever_a_process_dies_the_folder_shows_five_old_or_five_new_files(folder: Path) -> None:
    """Also before anybody opens it; what others keep there stays, and the next run succeeds at once."""
    kept, seen = others(folder), []
    for _ in deaths(lambda: write(folder, "new")):
        assert shown(folder) in (whole("old"), whole("new"))
        assert others(folder) == kept
        seen.append(shown(folder) == whole("new"))
        write(folder, "old")
        assert (shown(folder), others(folder)) == (whole("old"), kept)
        assert list(folder.parent.iterdir()) == [folder]
    assert set(seen) == {False, True}


@needs_fork
def test_where_folders_cannot_be_exchanged_the_next_to_open_one_finds_old_or_new(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every instant each file is whole; whoever opens the folder next makes them all old or all new."""
    monkeypatch.setattr(switch, "can_exchange", lambda: False)
    kept, seen = others(folder), []
    for _ in deaths(lambda: write(folder, "new")):
        assert all(text in (whole("old")[name], whole("new")[name]) for name, text in shown(folder).items())
        assert len(shown(folder)) == len(NAMES)
        settle(folder)
        assert shown(folder) in (whole("old"), whole("new"))
        assert others(folder) == kept
        assert not (folder / journal.JOURNAL).exists()
        seen.append(shown(folder) == whole("new"))
        write(folder, "old")
        assert (shown(folder), others(folder)) == (whole("old"), kept)
        assert list(folder.parent.iterdir()) == [folder]
    assert set(seen) == {False, True}


@needs_fork
@pytest.mark.parametrize("locked", [None, "c.csv"])
def test_who_dies_while_mending_leaves_it_to_the_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch, locked: str | None
) -> None:
    """A death in mid-move, then one at each call of the run that mends it, onwards or (a file is locked) back."""
    monkeypatch.setattr(switch, "can_exchange", lambda: False)
    real = os.replace

    def dying(source: Path, target: Path) -> None:
        if Path(target) == folder / "c.csv":
            os._exit(9)
        real(source, target)

    def refusing(source: Path, target: Path) -> None:
        if locked and Path(target) == folder / locked and Path(source).parent.name == "new":
            raise PermissionError(13, "in use")
        real(source, target)

    def half() -> None:
        monkeypatch.setattr(os, "replace", dying)
        write(folder, "new")

    def mend() -> None:
        monkeypatch.setattr(os, "replace", refusing)
        settle(folder)

    for call in range(1, 1000):
        write(folder, "old")
        dies_before(0, half)
        assert shown(folder) not in (whole("old"), whole("new"))
        alive = not dies_before(call, mend)
        settle(folder)
        assert shown(folder) in ([whole("old")] if locked and alive else [whole("old"), whole("new")])
        if alive:
            return


@pytest.mark.parametrize("move", range(1, 11))
@pytest.mark.parametrize("error", [PermissionError(13, "in use"), KeyboardInterrupt()])
def test_a_move_that_fails_leaves_the_old_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch, move: int, error: BaseException
) -> None:
    """Where files are moved one by one and one is open in Excel, or Ctrl+C comes, all old ones stand."""
    monkeypatch.setattr(switch, "can_exchange", lambda: False)
    kept, real, count = others(folder), os.replace, 0

    def failing(source: Path, target: Path) -> None:
        nonlocal count
        count += 1
        if count == move:
            raise error
        real(source, target)

    monkeypatch.setattr(os, "replace", failing)
    try:
        write(folder, "new")
    except type(error):
        assert shown(folder) == whole("old")
    else:
        assert shown(folder) == whole("new")
    assert others(folder) == kept
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize("exchange", [True, False])
def test_files_that_end_with_the_run_before_are_gone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    monkeypatch.setattr(switch, "can_exchange", lambda: exchange)
    write(folder, "new", gone=("notes.txt",))
    assert "notes.txt" not in others(folder)
    assert "more/deep/map.txt" in others(folder)


def test_a_foreign_file_that_is_open_or_comes_meanwhile_is_kept(folder: Path) -> None:
    """Somebody writes a log, saves a note over the old one and adds another while the new files are made."""
    with (folder / "notes.txt").open("a", encoding="utf-8") as log, all_or_none(folder, NAMES) as draft:
        for name in NAMES:
            (draft / name).write_text(f"{name} new", encoding="utf-8")
        log.write(" and more")
        (folder / "later.txt").write_text("late", encoding="utf-8")
    assert (folder / "notes.txt").read_text("utf-8") == "mine and more"
    assert (folder / "later.txt").read_text("utf-8") == "late"
    assert shown(folder) == whole("new")


def test_what_comes_between_the_copy_and_the_exchange_is_brought_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = switch.exchange

    def late(new: Path, old: Path) -> bool:
        time.sleep(0.01)
        (folder / "later.txt").write_text("late", encoding="utf-8")
        (folder / "more" / "newer.txt").write_text("newer", encoding="utf-8")
        (folder / "saved.tmp").write_text("saved anew", encoding="utf-8")
        os.replace(folder / "saved.tmp", folder / "notes.txt")
        return real(new, old)

    monkeypatch.setattr(switch, "exchange", late)
    write(folder, "new")
    assert shown(folder) == whole("new")
    found = others(folder)
    assert (found["later.txt"], found["more/newer.txt"], found["notes.txt"]) == (
        "late",
        "newer",
        "saved anew",
    )


def test_the_folder_where_the_user_stands_stays_the_same_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--out .``: after an exchange the shell would stand in a folder that is gone."""
    monkeypatch.chdir(folder)
    before = folder.stat().st_ino
    write(Path("."), "new")
    assert (shown(folder), folder.stat().st_ino) == (whole("new"), before)


def test_a_link_to_the_folder_stays_a_link(folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    write(link, "new")
    assert link.is_symlink()
    assert shown(folder) == whole("new")


def test_rights_of_the_folder_stay(folder: Path) -> None:
    folder.chmod(0o750)
    write(folder, "new")
    assert folder.stat().st_mode & 0o777 == 0o750


def test_two_runs_do_not_write_to_one_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switch, "PATIENCE_S", 0.05)
    with switch.claimed(folder), pytest.raises(BadInput) as caught:
        write(folder, "new")
    assert caught.value.code == "folder_busy"
    write(folder, "new")
    assert shown(folder) == whole("new")


def test_many_runs_at_once_take_turns(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No claim is lost when the one before removes its lock; each time all files are of one run."""
    monkeypatch.setattr(switch, "PATIENCE_S", 30.0)
    runs = [threading.Thread(target=write, args=(folder, str(n))) for n in range(8)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert shown(folder) in [whole(str(n)) for n in range(8)]
    assert list(folder.parent.iterdir()) == [folder]


@needs_fork
def test_one_table_is_old_or_new_whenever_the_process_dies(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    old, new = (pd.DataFrame({"n": [n]}) for n in (1, 2))
    write_table(old, path)
    for _ in deaths(lambda: write_table(new, path)):
        assert path.read_text("utf-8") in ("n\n1\n", "n\n2\n")
        write_table(old, path)
        assert list(tmp_path.iterdir()) == [path]


TEXTS = ["=1+1", "+86", "-5", "@a", "\tx", "\rx", "\nx", "＝1", "'=1", "''@", "'a", "a=b", "", "a", "a,-b"]


def test_no_text_of_the_data_starts_a_formula_and_no_two_become_one(tmp_path: Path) -> None:
    table = pd.DataFrame({"id": TEXTS, "kind": pd.Categorical(TEXTS), "n": range(-5, len(TEXTS) - 5)})
    write_csv(table, tmp_path / "t.csv")
    raw = pd.read_csv(tmp_path / "t.csv", dtype=str, keep_default_na=False)
    assert not raw["id"].str.match(r"[=+@\-\t\r\n＝＋－＠]").any()
    assert raw["id"].is_unique
    assert raw["n"].tolist() == [str(n) for n in table["n"]]
    kept = [text in ("'a", "a=b", "", "a", "a,-b") for text in TEXTS]
    assert raw["id"].tolist() == [
        text if keep else f"'{text}" for text, keep in zip(TEXTS, kept, strict=True)
    ]
    assert raw["kind"].tolist() == raw["id"].tolist()


def write_parts(folder: Path, version: str) -> None:
    """A run whose results are a file and a folder of parts, the old of which has one part more."""
    with all_or_none(folder, ("a.csv", "parts")) as draft:
        (draft / "a.csv").write_text(version, encoding="utf-8")
        for part in ("one", "two") if version == "old" else ("one",):
            (draft / "parts" / part).mkdir(parents=True)
            (draft / "parts" / part / "part.csv").write_text(version, encoding="utf-8")


def parts(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}


PARTS = {
    "old": {"a.csv": "old", "parts/one/part.csv": "old", "parts/two/part.csv": "old"},
    "new": {"a.csv": "new", "parts/one/part.csv": "new"},
}


@needs_fork
@pytest.mark.parametrize("exchange", [True, False])
def test_a_folder_among_the_files_is_replaced_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    """Whenever the process dies: all parts are old or all are new, once the next has opened the folder."""
    if not exchange:
        monkeypatch.setattr(switch, "can_exchange", lambda: False)
    folder, seen = tmp_path / "out", []
    write_parts(folder, "old")
    for _ in deaths(lambda: write_parts(folder, "new")):
        settle(folder)
        assert parts(folder) in (PARTS["old"], PARTS["new"])
        seen.append(parts(folder) == PARTS["new"])
        write_parts(folder, "old")
        assert parts(folder) == PARTS["old"]
    assert set(seen) == {False, True}


def test_parts_that_cannot_be_moved_in_leave_the_old_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switch, "can_exchange", lambda: False)
    real, folder = os.replace, tmp_path / "out"
    write_parts(folder, "old")

    def refusing(source: Path, target: Path) -> None:
        if Path(target) == folder / "parts" and Path(source).parent.name == "new":
            raise PermissionError(13, "in use")
        real(source, target)

    monkeypatch.setattr(os, "replace", refusing)
    with pytest.raises(PermissionError):
        write_parts(folder, "new")
    assert parts(folder) == PARTS["old"]
