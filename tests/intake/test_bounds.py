"""What a file may hold at most is checked before it is parsed; an upload is read in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
import xlsxwriter

from matcher.intake.grid import COMMAND_LIMITS, MAX_CELL, UPLOAD_LIMITS, Limits, Sheet, SheetError
from matcher.intake.limited import read_limited
from matcher.intake.read import read_folder, read_upload
from matcher.intake.sheets import check_form, read_sheet
from tests import ROOT
from tests.helpers.folders import GOOD, csv_text, write_folder

needs_proc = pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are watched by way of /proc")


def codes(folder: Path, *, upload: bool = False) -> set[str]:
    """Codes of everything that is said of reading a folder."""
    return {finding.code for finding in read_folder(folder, upload=upload).findings}


def wide(columns: int) -> str:
    """A table of one person with so many columns."""
    names = ["resident_id", *(f"c{number}" for number in range(columns - 1))]
    return ",".join(names) + "\n" + ",".join(["R1"] * columns) + "\n"


@pytest.mark.parametrize(("columns", "upload", "refused"), [(500, True, False), (501, True, True)])
def test_an_upload_may_have_five_hundred_columns(
    tmp_path: Path, columns: int, upload: bool, refused: bool
) -> None:
    write_folder(tmp_path)
    (tmp_path / "residents.csv").write_text(wide(columns), encoding="utf-8")
    assert ("too_many_columns" in codes(tmp_path, upload=upload)) is refused


@pytest.mark.parametrize(("columns", "refused"), [(10_000, False), (10_001, True)])
def test_a_file_on_the_command_line_may_have_ten_thousand(
    tmp_path: Path, columns: int, refused: bool
) -> None:
    write_folder(tmp_path)
    (tmp_path / "residents.csv").write_text(wide(columns), encoding="utf-8")
    assert ("too_many_columns" in codes(tmp_path)) is refused


def test_a_million_columns_are_refused_at_once(tmp_path: Path) -> None:
    """Parsing them takes gigabytes and minutes; refusing them takes neither."""
    write_folder(tmp_path)
    (tmp_path / "residents.csv").write_text(wide(1_000_000), encoding="utf-8")
    begun = time.perf_counter()
    assert "too_many_columns" in codes(tmp_path)
    assert time.perf_counter() - begun < 10


def test_rows_are_counted_before_they_are_parsed(tmp_path: Path) -> None:
    path = tmp_path / "residents.csv"
    path.write_text("resident_id\nR1\nR2\nR3\n", encoding="utf-8")
    assert isinstance(read_sheet(path, "residents", replace(COMMAND_LIMITS, rows=4)), Sheet)
    with pytest.raises(SheetError, match="too_many_rows"):
        read_sheet(path, "residents", replace(COMMAND_LIMITS, rows=3))


@pytest.mark.parametrize(("length", "refused"), [(MAX_CELL, False), (MAX_CELL + 1, True)])
def test_a_cell_holds_no_more_than_one_of_excel(tmp_path: Path, length: int, refused: bool) -> None:
    write_folder(tmp_path)
    text = csv_text([{**GOOD["residents"][0], "address": "长" * length}])
    (tmp_path / "residents.csv").write_text(text, encoding="utf-8")
    assert ("cell_too_long" in codes(tmp_path)) is refused


def test_a_parquet_file_is_bounded_by_what_it_says_of_itself(tmp_path: Path) -> None:
    path = tmp_path / "residents.parquet"
    pyarrow.parquet.write_table(pa.table({"resident_id": ["R1", "R2"], "name": ["a", "b"]}), path)
    for bound, code in (("rows", "too_many_rows"), ("columns", "too_many_columns")):
        limits: Limits = replace(COMMAND_LIMITS, **{bound: 1})
        with pytest.raises(SheetError, match=code):
            read_sheet(path, "residents", limits)


def test_a_sheet_of_few_cells_far_apart_is_refused(tmp_path: Path) -> None:
    """Two cells, but a rectangle of seventeen thousand million between them."""
    write_folder(tmp_path)
    (tmp_path / "residents.csv").unlink()
    with xlsxwriter.Workbook(tmp_path / "residents.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "resident_id")
        sheet.write(1_048_575, 16_383, "x")
    assert codes(tmp_path) & {"too_many_cells", "too_many_columns", "file_too_heavy"}


def test_a_file_is_weighed_before_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "residents.csv"
    path.write_text("resident_id\nR1\n", encoding="utf-8")
    check_form(path, replace(COMMAND_LIMITS, file_bytes=15))
    with pytest.raises(SheetError, match="file_too_large"):
        check_form(path, replace(COMMAND_LIMITS, file_bytes=14))


def test_uploads_together_weigh_no_more_than_one() -> None:
    half = bytes(UPLOAD_LIMITS.file_bytes // 2 + 1)
    found = read_upload([("residents.csv", half), ("providers.csv", half)])
    assert [finding.code for finding in found.findings] == ["file_too_large"]


def test_an_upload_is_read_as_a_folder_is(tmp_path: Path) -> None:
    """Another process, the same tables."""
    write_folder(tmp_path)
    files = [(path.name, path.read_bytes()) for path in tmp_path.iterdir()]
    here, there = read_folder(tmp_path), read_upload(files)
    assert here.findings == there.findings
    assert {name: table.cells.to_pydict() for name, table in here.tables.items()} == {
        name: table.cells.to_pydict() for name, table in there.tables.items()
    }


def test_a_reader_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "residents.csv"
    path.write_text("resident_id\nR1\n", encoding="utf-8")
    (answer,) = read_limited([(path, "residents", "", ())], replace(UPLOAD_LIMITS, seconds=0))
    assert isinstance(answer, SheetError)
    assert answer.code == "file_too_heavy"


@pytest.mark.skipif(sys.platform != "linux", reason="memory of a process is limited on Linux")
def test_a_reader_that_takes_too_much_memory_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "residents.csv"
    row = "R1," + "x" * 30_000 + "\n"
    path.write_text("resident_id,name\n" + row * 6_000, encoding="utf-8")
    (answer,) = read_limited([(path, "residents", "", ())], replace(UPLOAD_LIMITS, memory_bytes=1 << 28))
    assert isinstance(answer, SheetError)
    assert answer.code == "file_too_heavy"


@needs_proc
def test_the_reader_ends_with_the_program_that_asked_it(tmp_path: Path) -> None:
    """A server that is killed leaves no process behind that goes on reading."""
    path = tmp_path / "residents.csv"
    os.mkfifo(path)  # nobody writes: the reader waits for ever
    script = (
        "import sys; from pathlib import Path; from matcher.intake.limited import read_limited;"
        "read_limited([(Path(sys.argv[1]), 'residents', '', ())])"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(path)], cwd=ROOT) as parent:
        child = _wait_for_child(parent.pid)
        parent.kill()
    end = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()


def _wait_for_child(parent: int) -> int:
    """The one child of a process, as soon as it runs its module."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for entry in Path("/proc").iterdir():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == parent and b"limited" in (entry / "cmdline").read_bytes():
                    time.sleep(0.5)
                    return int(entry.name)
            except (OSError, IndexError, ValueError):
                continue
        time.sleep(0.05)
    raise AssertionError("no child was started")
