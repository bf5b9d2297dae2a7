"""What somebody says that names of files, sheets and columns mean, where nobody could know: kept, and used again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from matcher.columns import Column
from matcher.errors import BadInput
from matcher.intake.headers import header_key, header_words
from matcher.intake.layout import row_key
from matcher.intake.naming import name_key
from matcher.readers import Unreadable, read_json
from matcher.tables import TABLES
from matcher.words.aliases import code_words, fold
from matcher.words.nearest import nearest

#: Says that a column is not used.
UNUSED = ""
#: Of the values that are looked at, so many must fit for a column to be suggested.
_MOST_FIT = 0.8
_SHAPES = {
    "id_number": re.compile(r"[1-9]\d{16}[\dXx]"),
    "phone": re.compile(r"1[3-9]\d{9}"),
    "birth_date": re.compile(r"(?:18|19|20)\d\d[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?"),
}


@dataclass(frozen=True)
class Meanings:
    """What names mean.

    Parameters
    ----------
    names : mapping of str to str
        Names of files (without suffix) and sheets as `naming.name_key` gives them, to tables.
    columns : mapping of str to mapping of str to str
        By table, headers as `headers.header_key` gives them, to columns, or to `UNUSED`.
    headers : mapping of str to sequence of str
        By table, rows that are its header as `layout.row_key` gives them.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def with_name(self, name: str, table: str) -> Meanings:
        """One more file or sheet."""
        return replace(self, names={**self.names, name_key(name): table})

    def with_column(self, table: str, header: str, column: str) -> Meanings:
        """One more header; `UNUSED` for a column that is not used."""
        own = {**self.columns.get(table, {}), header_key(header): column}
        return replace(self, columns={**self.columns, table: own})

    def with_header(self, table: str, row: Sequence[str]) -> Meanings:
        """One more row that is the header of a table, by its cells."""
        own = [*self.headers.get(table, ()), row_key(row)]
        return replace(self, headers={**self.headers, table: list(dict.fromkeys(own))})

    def as_data(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "names": dict(self.names),
            "columns": {table: dict(own) for table, own in self.columns.items()},
            "headers": {table: list(own) for table, own in self.headers.items()},
        }


def read_meanings(file: Path) -> Meanings:
    """From a JSON file: ``{"names": {"人员": "residents"}, "columns": {"residents": {"代号": "resident_id"}}}``.

    Raises
    ------
    BadInput
        ``no_file``, ``mapping_unreadable``, or ``mapping_unknown`` with what is allowed.
    """
    if not file.is_file():
        raise BadInput("no_file", file=file)
    try:
        told = read_json(file)
    except (OSError, Unreadable) as error:
        raise BadInput("mapping_unreadable", file=file) from error
    return meanings_of(told, file)


def meanings_of(told: object, file: Path) -> Meanings:
    """Checked `Meanings` from plain values; `file` stands in errors.

    Raises
    ------
    BadInput
        As `read_meanings`.
    """
    if not isinstance(told, dict):
        raise BadInput("mapping_unreadable", file=file)
    _among(file, told, ("names", "columns", "headers"))
    names, columns, headers = (told.get(name, {}) for name in ("names", "columns", "headers"))
    if not all(isinstance(one, dict) for one in (names, columns, headers)):
        raise BadInput("mapping_unreadable", file=file)
    _among(file, names.values(), tuple(TABLES))
    for one in (columns, headers):
        _among(file, one, tuple(TABLES))
    if not all(isinstance(row, str) for rows in headers.values() for row in _list_of(rows, file)):
        raise BadInput("mapping_unreadable", file=file)
    found = Meanings({name_key(str(name)): table for name, table in names.items()}, headers=headers)
    for table, own in columns.items():
        if not isinstance(own, dict):
            raise BadInput("mapping_unreadable", file=file)
        _among(file, own.values(), (UNUSED, *(spec.name for spec in TABLES[table])))
        for header, column in own.items():
            found = found.with_column(table, str(header), column)
    return found


def _list_of(value: object, file: Path) -> list[object]:
    if not isinstance(value, list):
        raise BadInput("mapping_unreadable", file=file)
    return value


def _among(file: Path, found: Iterable[object], allowed: Sequence[str]) -> None:
    for one in found:
        if one not in allowed:
            text = json.dumps(one, ensure_ascii=False)[:80]
            raise BadInput("mapping_unknown", file=file, found=text, allowed=", ".join(filter(None, allowed)))


def suggested(table: str, header: str, values: Iterable[str], taken: Iterable[str]) -> str | None:
    """The column that a header most likely means, by its values, else by its name; None where nothing speaks for one.

    Parameters
    ----------
    table : str
    header : str
    values : iterable of str
        Some cells below it.
    taken : iterable of str
        Columns that other headers are.
    """
    free = [spec for spec in TABLES[table] if spec.name not in set(taken)]
    cells = [value.strip() for value in values if value.strip()]
    fitting = [spec.name for spec in free if cells and _fits(spec, cells)]
    words = {word: column for word, column in header_words(table).items() if column in {s.name for s in free}}
    near = nearest(header_key(header), words, cutoff=0.5) if header else []
    if near and (words[near[0]] in fitting or not fitting):
        return words[near[0]]
    return fitting[0] if len(fitting) == 1 else None


def _fits(spec: Column, cells: Sequence[str]) -> bool:
    """Whether most cells can be nothing else than this column: only shapes and words that are its own count."""
    if spec.name in _SHAPES:
        hits = sum(_SHAPES[spec.name].fullmatch(cell) is not None for cell in cells)
    elif spec.vocabulary:
        known = code_words(spec.vocabulary)
        hits = sum(fold(cell) in known for cell in cells)
    else:
        return False
    return hits >= _MOST_FIT * len(cells)
