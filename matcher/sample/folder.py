"""Write a sample as a data folder: whole or not at all, and never over a folder that somebody changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import compute, csv

from matcher.errors import BadInput
from matcher.files.results import all_or_none, settle
from matcher.tables import TABLES

#: Names and SHA-256 of the other files: by it a later run knows a sample that nobody touched.
SUMS = "SHA256SUMS"


def write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Put `files` into `folder`, made with its parents; see `drafted`."""
    with drafted(folder, list(files)) as draft:
        for name, content in files.items():
            (draft / name).write_bytes(content)


@contextmanager
def drafted(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """A folder where a sample is made; at the end it takes the place of an earlier, unchanged one.

    An interruption leaves the old state or the new one.

    Parameters
    ----------
    folder : Path
        Made with its parents.
    names : sequence of str
        Files and folders that stand in it at the end.

    Raises
    ------
    BadInput
        When the folder holds anything but an unchanged sample, is no folder, or another run is writing there.
    OSError
        When the disk refuses.
    """
    settle(folder)
    if not _may_replace(folder):
        raise BadInput("sample_folder_taken", folder=str(folder))
    before = [path.name for path in folder.iterdir()] if folder.exists() else []
    names = [*names, SUMS]
    with all_or_none(folder, names, gone=[name for name in before if name not in names]) as draft:
        yield draft
        (draft / SUMS).write_text(_sums(draft), encoding="utf-8", newline="\n")


def _may_replace(folder: Path) -> bool:
    if not folder.exists():
        return True
    if not folder.is_dir():
        return False
    there = list(folder.rglob("*"))
    if not there:
        return True
    if not (folder / SUMS).is_file() or not all(path.is_file() or _is_used(path) for path in there):
        return False
    return (folder / SUMS).read_bytes() == _sums(folder).encode()


def _is_used(path: Path) -> bool:
    """A folder of ours: with something in it."""
    return path.is_dir() and not path.is_symlink() and any(path.iterdir())


def _sums(folder: Path) -> str:
    """SHA-256 and name of each file of a folder, however deep, but for the list itself."""
    lines = []
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    for name in sorted(set(names) - {SUMS}):
        with (folder / name).open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n")
    return "".join(lines)


def table_bytes(table: str, frame: pd.DataFrame) -> bytes:
    """A table as CSV with every specified column in its order: UTF-8, LF, positions with six decimals.

    Parameters
    ----------
    table : str
        Key of ``tables.TABLES``.
    frame : DataFrame
        Some of its columns; missing values and ``""`` become empty cells.
    """
    columns = [column.name for column in TABLES[table]]
    empty = pa.nulls(len(frame), pa.string())
    cells = {name: _cells(name, frame[name]) if name in frame else empty for name in columns}
    sink = pa.BufferOutputStream()
    sink.write((",".join(columns) + "\n").encode())
    # No cell of ours holds a comma or a quote; pyarrow refuses to write one with this style.
    options = csv.WriteOptions(include_header=False, quoting_style="none")
    csv.write_csv(pa.table(cells), sink, options)
    return bytes(sink.getvalue())


def _cells(name: str, values: pd.Series) -> pa.Array:
    """Texts as they are, numbers as short as they go, positions with six decimals, null for what is missing."""
    if pd.api.types.is_float_dtype(values):
        text = "{:.6f}" if name in ("lat", "lon") else "{:.10g}"
        return pa.array(list(map(text.format, values.tolist())), pa.string(), mask=values.isna().to_numpy())
    return texts_of(values)


def texts_of(values: pd.Series) -> pa.Array:
    """Texts, null for what is missing or ``""``."""
    texts = pa.array(values, from_pandas=True).cast(pa.string())
    return compute.if_else(compute.equal(texts, ""), pa.scalar(None, pa.string()), texts)
