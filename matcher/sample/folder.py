"""Write a sample as a data folder: whole or not at all, and never over a folder that somebody changed."""

from __future__ import annotations

import hashlib
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
    """Put `files` into `folder`, made with its parents; an earlier, unchanged sample is replaced.

    An interruption leaves the old state or the new one.

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
    names = [*files, SUMS]
    with all_or_none(folder, names, gone=[name for name in before if name not in names]) as draft:
        for name, content in files.items():
            (draft / name).write_bytes(content)
        (draft / SUMS).write_text(_sums(files), encoding="utf-8", newline="\n")


def _may_replace(folder: Path) -> bool:
    if not folder.exists():
        return True
    if not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()}
    if not names:
        return True
    if SUMS not in names or not all((folder / name).is_file() for name in names):
        return False
    found = {name: (folder / name).read_bytes() for name in names - {SUMS}}
    return (folder / SUMS).read_bytes() == _sums(found).encode()


def _sums(files: dict[str, bytes]) -> str:
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))


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
    texts = pa.array(values, from_pandas=True).cast(pa.string())
    return compute.if_else(compute.equal(texts, ""), pa.scalar(None, pa.string()), texts)
