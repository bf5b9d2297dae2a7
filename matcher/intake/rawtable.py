"""The columns of one sheet by their English names, and those that nobody could know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matcher.intake.grid import Sheet
from matcher.intake.headers import Meaning, column_letters, header_key, header_words, meaning
from matcher.intake.mapping import UNUSED
from matcher.intake.problems import Finding, masked
from matcher.tables import KEYS, TABLES
from matcher.words.aliases import PLACE_NAME_COLUMNS
from matcher.words.nearest import nearest

#: Looking for the nearest word is slow; where more are strange, no hint helps.
MOST_HINTS = 100
#: Cells of a strange column that are kept to tell what it is.
MOST_SAMPLES = 5
_LONGEST_HINT = 64


@dataclass(frozen=True)
class RawTable:
    """One table as it stands in its file.

    Parameters
    ----------
    file : str
        File name.
    cells : pyarrow.Table
        The columns that were found, by English name: ``large_string``, trimmed, null for an empty cell.
    row : int array of shape (n,)
        Row in the file (header = 1).
    not_text : dict of str to bool array of shape (n,)
        By column, where the file holds a number or a date instead of text; columns without are left out.
    lost_keys : tuple of str
        Ids in records that could not be read, so that references to them are not called unknown.
    units : dict of str to Fraction
        By column, what its numbers are to be multiplied by to be in our unit; columns without are in it.
    headers : dict of str to str
        By column, what the file calls it.
    """

    file: str
    cells: pa.Table
    row: npt.NDArray[np.int64]
    not_text: dict[str, npt.NDArray[np.bool_]] = field(default_factory=dict)
    lost_keys: tuple[str, ...] = ()
    units: dict[str, Fraction] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Strange:
    """A column that nobody could know.

    Parameters
    ----------
    table, file, header : str
        ``header`` as in the file.
    samples : tuple of str
        The first cells that are not empty; they may be anybody's name.
    told : str or None
        What somebody said that it is: a column, or `mapping.UNUSED`.
    """

    table: str
    file: str
    header: str
    samples: tuple[str, ...]
    told: str | None = None


@dataclass(frozen=True)
class Reader:
    """What the reading of one table writes to, and what somebody said of its headers.

    Parameters
    ----------
    found : list of Finding
    strange : list of Strange
    told : mapping of str to str
        Columns, or `mapping.UNUSED`, by ``header_key``.
    """

    found: list[Finding]
    strange: list[Strange]
    told: Mapping[str, str]


def named_columns(name: str, file: str, sheet: Sheet, reader: Reader) -> RawTable | None:
    """Give each column its English name, or say what is wrong with the header.

    Parameters
    ----------
    name : str
        Of the table.
    file : str
        As it is called in problems.
    sheet : Sheet
    reader : Reader

    Returns
    -------
    RawTable or None
        None where no column is known.
    """
    found = reader.found
    named: dict[str, int] = {}
    units: dict[str, Fraction] = {}
    strange: list[int] = []
    rows = (sheet.header_row,)
    for position, header in enumerate(sheet.header):
        known = meaning(name, header)
        told = reader.told.get(header_key(header)) if known is None and header else None
        if told is not None:
            reader.strange.append(_strange(name, file, sheet, position, told))
            if told == UNUSED:
                continue
            known = Meaning(told)
        if known is None:
            if header or sheet.columns[position].null_count < len(sheet.row):
                strange.append(position)
        elif known.column in named and known.column in PLACE_NAME_COLUMNS.values():
            strange.append(position)
        elif known.column in named:
            found.append(Finding("duplicate_column", file, known.column, rows, (masked(name, "", header),)))
        else:
            named[known.column] = position
            units |= {known.column: known.unit} if known.unit != 1 else {}
    reader.strange.extend(_strange(name, file, sheet, position) for position in strange[:MOST_HINTS])
    if not named:
        found.append(_no_header(name, file, sheet))
        return None
    found += _unknown_columns(name, file, sheet, strange)
    for spec in TABLES[name]:
        if spec.required and spec.name not in named:
            found.append(Finding("missing_column", file, spec.name, rows=(sheet.header_row,)))
    headers = {column: sheet.header[position] for column, position in named.items()}
    return replace(_raw_table(KEYS[name][0], file, sheet, named), units=units, headers=headers)


def _strange(name: str, file: str, sheet: Sheet, position: int, told: str | None = None) -> Strange:
    cells = sheet.columns[position].drop_null().slice(0, MOST_SAMPLES).to_pylist()
    return Strange(name, file, sheet.header[position], tuple(map(str, cells)), told)


def _no_header(name: str, file: str, sheet: Sheet) -> Finding:
    """Without a header the first row holds somebody's data: nothing of it is shown but how many cells it has."""
    wanted = [spec.name for spec in TABLES[name] if spec.required]
    params = {"keys": ", ".join(wanted), "cells": str(len(sheet.header))}
    return Finding("no_header", file, rows=(sheet.header_row,), params=params)


def _unknown_columns(name: str, file: str, sheet: Sheet, strange: Sequence[int]) -> Iterator[Finding]:
    """A warning for each column that is not read, up to `MOST_HINTS`; the others are counted in one line."""
    for position in strange[:MOST_HINTS]:
        header = masked(name, "", sheet.header[position])
        words, key = header_words(name), header_key(header)
        meant = nearest(key, words) if key and len(key) <= _LONGEST_HINT else []
        params = {"nearest": "".join(words[word] for word in meant)}
        shown = header or column_letters(position)
        yield Finding("unknown_column", file, header, (sheet.header_row,), (shown,), params)
    if len(strange) > MOST_HINTS:
        more = f"+{len(strange) - MOST_HINTS}"
        yield Finding("unknown_column", file, "", (sheet.header_row,), (more,), {"nearest": ""})


def _raw_table(key: str, file: str, sheet: Sheet, named: dict[str, int]) -> RawTable:
    cells = pa.table({column: sheet.columns[position] for column, position in named.items()})
    marks = {column: sheet.not_text[position] for column, position in named.items()}
    at = named.get(key)
    return RawTable(
        file=file,
        cells=cells,
        row=sheet.row,
        not_text={column: mark for column, mark in marks.items() if mark is not None},
        lost_keys=tuple(texts[at].strip() for _, texts in sheet.ragged if at is not None and at < len(texts)),
    )
