"""Where two files differ: file, row and column of each cell, what stands there and what should."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matcher.masking import mask_if_id_number

Rows = list[list[str]]
#: Longer texts are cut when they are told.
SHOWN = 60
#: Rounded seconds of the stages add up to the total within this.
ROUNDING_S = 0.01


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it should be.

    Parameters
    ----------
    file : str
    kind : str
        ``difference.<kind>`` in the catalogues.
    row : int or None
        As in the file, its header being row 1; in a JSON file the line.
    column : str
        In a JSON file the path of keys.
    found, expected : str
        As written; ids that look like id numbers are masked.
    """

    file: str
    kind: str
    row: int | None = None
    column: str = ""
    found: str = ""
    expected: str = ""

    @property
    def told(self) -> dict[str, object]:
        """What a sentence of the catalogues names."""
        found, expected = (mask_if_id_number(text)[:SHOWN] for text in (self.found, self.expected))
        row = "–" if self.row is None else self.row
        return {"file": self.file, "row": row, "column": self.column, "found": found, "expected": expected}


def of_table(
    file: str, found: Rows, wanted: Rows, key: Sequence[str], hidden: Sequence[str] = ()
) -> Iterator[Difference]:
    """Differences of two tables, rows found by their key, so that one row more or less is one difference.

    Parameters
    ----------
    file : str
    found, wanted : list of rows of cells
        Headers included.
    key : sequence of str
        Columns that tell rows apart.
    hidden : sequence of str
        Columns that are not compared.
    """
    header = wanted[0]
    misshapen = list(of_shape(file, found, header))
    if misshapen:
        yield from misshapen
        return
    at = [header.index(name) for name in key]
    rows = {tuple(cells[column] for column in at): cells for cells in wanted[1:]}
    turn = {name: number for number, name in enumerate(rows)}
    compared = [column for column, name in enumerate(header) if name not in hidden]
    seen: set[tuple[str, ...]] = set()
    last, same = -1, True
    for row, cells in enumerate(found[1:], start=2):
        name = tuple(cells[column] for column in at)
        here = list(_row(file, row, cells, rows.get(name), header, compared))
        if name in seen:
            here = [Difference(file, "twice", row, key[0], " · ".join(name))]
        elif name not in rows:
            here = [Difference(file, "extra", row, key[0], " · ".join(name))]
        elif turn[name] < last:
            here.insert(0, Difference(file, "order", row, key[0], " · ".join(name)))
        yield from here
        same = same and not here
        seen.add(name)
        last = max(last, turn.get(name, -1))
    for name in sorted(rows.keys() - seen):
        yield Difference(file, "row", turn[name] + 2, key[0], expected=" · ".join(name))
    if same and rows.keys() == seen and not hidden:
        yield Difference(file, "form", 1)


def _row(
    file: str,
    row: int,
    found: Sequence[str],
    wanted: Sequence[str] | None,
    header: Sequence[str],
    compared: Sequence[int],
) -> Iterator[Difference]:
    """Cells of one row that differ."""
    for column in compared if wanted is not None and found != wanted else ():
        assert wanted is not None
        if found[column] != wanted[column]:
            yield Difference(file, "cell", row, header[column], found[column], wanted[column])


def of_shape(file: str, found: Rows, header: Sequence[str]) -> Iterator[Difference]:
    """The first name of the header that is another, or else the rows that have not as many cells."""
    names = found[0] if found else []
    for number in range(max(len(names), len(header))):
        here, there = ((row[number] if number < len(row) else "") for row in (names, header))
        if here != there or number >= min(len(names), len(header)):
            yield Difference(file, "cell", 1, there or here, here, there)
            return
    for row, cells in enumerate(found[1:], start=2):
        if len(cells) != len(header):
            yield Difference(file, "cells", row, header[min(len(cells), len(header) - 1)], str(len(cells)))


def of_json(
    file: str, folder: Path, wanted: Mapping[str, object], stages: Sequence[str], hidden: Sequence[str]
) -> Iterator[Difference]:
    """Differences of the outcome; of its seconds only the shape can be known.

    Parameters
    ----------
    file : str
    folder : Path
    wanted : mapping
        What should stand there.
    stages : sequence of str
        Keys of ``seconds``, beside ``total``.
    hidden : sequence of str
        Keys that are not compared.
    """
    try:
        text = (folder / file).read_bytes().decode("utf-8")
        found = json.loads(text, parse_int=_Number, parse_float=_Number, object_pairs_hook=_Pairs)
    except FileNotFoundError:
        yield Difference(file, "missing")
        return
    except (OSError, ValueError, RecursionError):
        yield Difference(file, "unreadable")
        return
    lines = text.split("\n")
    plain = json.loads(json.dumps(wanted), parse_int=_Number, parse_float=_Number, object_pairs_hook=_Pairs)
    here, there = dict(_leaves(found)), dict(_leaves(plain))
    same = True
    for path in {**there, **here}:
        top = path.split(".")[0]
        if top == "seconds" or top in hidden:
            continue
        if here.get(path) != there.get(path):
            same = False
            yield Difference(file, "cell", _line(lines, path), path, here.get(path, ""), there.get(path, ""))
    seconds = {path: value for path, value in here.items() if path.split(".")[0] == "seconds"}
    for path, value in _odd_seconds(seconds, stages):
        same = False
        yield Difference(file, "seconds", _line(lines, path), path, value)
    if same and not hidden and not _well_written(text, wanted):
        yield Difference(file, "form", 1)


class _Number(str):
    """A number as it is written."""


class _Pairs(list[tuple[str, object]]):
    """Keys and values in their order, a key that comes twice included."""


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Values by path; of a key that comes twice the second is told as ``key#2``."""
    if isinstance(value, _Pairs):
        times: dict[str, int] = {}
        for key, inside in value:
            times[key] = times.get(key, 0) + 1
            name = key if times[key] == 1 else f"{key}#{times[key]}"
            yield from _leaves(inside, f"{path}.{name}" if path else name)
        if not value:
            yield path, "{}"
    elif isinstance(value, _Number):
        yield path, str(value)
    else:
        yield path, json.dumps(value, ensure_ascii=False)


def _odd_seconds(seconds: Mapping[str, str], stages: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Stages that are missing, unknown, no numbers of seconds, or do not add up to the total."""
    names = [f"seconds.{stage}" for stage in (*stages, "total")]
    values = {}
    for path in {**dict.fromkeys(names, ""), **seconds}:
        try:
            values[path] = float(seconds[path])
            right = path in names and math.isfinite(values[path]) and values[path] >= 0
        except (KeyError, ValueError):
            right = False
        if not right:
            yield path, seconds.get(path, "")
            return
    if abs(sum(values[name] for name in names[:-1]) - values["seconds.total"]) > ROUNDING_S:
        yield "seconds.total", seconds["seconds.total"]


def _line(lines: Sequence[str], path: str) -> int | None:
    """Line of a key in a file of ours, which has a line for each."""
    line = 0
    for key in path.split("."):
        for number in range(line, len(lines)):
            if lines[number].strip().startswith(f'"{key}":'):
                line = number
                break
        else:
            return None
    return line + 1


def _well_written(text: str, wanted: Mapping[str, object]) -> bool:
    """Whether the file stands as we write it, its seconds aside."""
    seconds = json.loads(text)["seconds"]
    return text == json.dumps({**wanted, "seconds": seconds}, ensure_ascii=False, indent=2) + "\n"
