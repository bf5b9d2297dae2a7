"""Write results, all files of a run or none, no text of them a formula to a spreadsheet."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from matcher.files.journal import unfinished
from matcher.files.switch import claimed, switch

#: What a spreadsheet takes for the start of a formula, full-width forms included.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_STARTS = r"[=+\-@\t\r\n＝＋－＠]"


@contextmanager
def all_or_none(folder: Path, names: Sequence[str], gone: Sequence[str] = ()) -> Iterator[Path]:
    """A folder where files are made complete; at the end they take the place of the old ones, all at once.

    At every instant `folder` shows the old files or the new ones (see `switch` for systems that cannot do that); a
    process that dies leaves it so, and blocks no later run.

    Parameters
    ----------
    folder : Path
        Created with its parents; files of the same names are replaced, all others stay.
    names : sequence of str
        The files, all of which must be there at the end; folders too, each of which is replaced as a whole.
    gone : sequence of str
        Files of the run before that end with it.

    Raises
    ------
    BadInput
        When another run is writing to the folder.
    OSError
        When the disk refuses; what stood there before stands there still.
    """
    folder = Path(folder).resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with claimed(folder) as room:
        draft = room / "new"
        draft.mkdir()
        yield draft
        switch(room, folder, names, gone)


def settle(folder: Path) -> None:
    """Finish, or roll back, what a process that died began to move in `folder`; whoever reads results calls it first.

    Raises
    ------
    BadInput
        When another run is writing there, or a file is open in another program.
    """
    folder = Path(folder).resolve()
    if unfinished(folder):
        with claimed(folder):
            pass


def write_results(folder: Path, tables: Mapping[str, pd.DataFrame], documents: Mapping[str, object]) -> None:
    """Write a CSV for each table and a JSON file for each document, all of them or none.

    Parameters
    ----------
    folder : Path
    tables : mapping of str to DataFrame
        By name without suffix.
    documents : mapping of str to object
        Plain values, by file name.

    Raises
    ------
    BadInput, OSError
        See `all_or_none`.
    """
    with all_or_none(folder, (*(f"{table}.csv" for table in tables), *documents)) as draft:
        for table, frame in tables.items():
            write_csv(frame, draft / f"{table}.csv")
        for name, content in documents.items():
            write_json(content, draft / name)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write one CSV, all of it or none; a device or a pipe is written to as it is.

    Raises
    ------
    BadInput, OSError
        See `all_or_none`.
    """
    if path.exists() and not path.is_file():
        write_csv(table, path)
        return
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    with claimed(path) as room:
        draft = room / "new.csv"
        write_csv(table, draft)
        if path.exists():
            shutil.copymode(path, draft)
        os.replace(draft, path)


def write_json(content: object, path: Path) -> None:
    """Write plain values as JSON that people can read."""
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def replace_json(content: object, path: Path) -> None:
    """Write plain values as JSON in place of what is there, all of it or none, however many write at once."""
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        write_json(content, draft)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write UTF-8 without BOM, LF, empty cells for missing values, six decimals for fractions.

    A text that a spreadsheet would take for a formula gets an apostrophe (see `guarded`). Arrow writes four times
    faster than pandas, but quotes either every text or none: texts are quoted only where one of them needs it.
    """
    columns = {}
    odd = False
    for name in table.columns:
        values = table[name]
        if values.dtype == np.float64:
            text = np.char.mod("%.6f", values.to_numpy())
            columns[name] = pa.array(text, pa.string(), mask=values.isna().to_numpy())
        else:
            columns[name] = guarded(pa.array(values, from_pandas=True))
            odd = odd or _any_match(columns[name], '[",\r\n]')
    # Of a chunk without rows Arrow would write what happens to stand in memory.
    content = pa.table(columns).combine_chunks()
    with path.open("wb") as sink:
        sink.write((",".join(table.columns) + "\n").encode("utf-8"))
        style = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed" if odd else "none")
        if len(table):
            pyarrow.csv.write_csv(content, sink, style)


def guarded(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Texts with an apostrophe before what a spreadsheet would take for a formula.

    A text of apostrophes followed by such a start gets one more, so that no two texts become one. Numbers stay.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not _any_match(column, f"^'*{_STARTS}"):
        return column
    return pc.replace_substring_regex(column, f"^('*{_STARTS})", r"'\1")


def _any_match(column: pa.Array | pa.ChunkedArray, pattern: str) -> bool:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return False
    return bool(pc.any(pc.match_substring_regex(column, pattern)).as_py())
