"""Names of county, township and village → the code of the place, where a roster gives no code; never a guess."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from matcher.intake.placetree import significant
from matcher.intake.problems import Finding, Reporter
from matcher.intake.rawtable import RawTable
from matcher.intake.read import RawFolder
from matcher.tables import PLACE_LEVELS
from matcher.words.aliases import PLACE_NAME_COLUMNS, code_words, fold, place_same_ends, place_words

_GROUP_OF_VILLAGE = re.compile("[0-9一二三四五六七八九十百]+(?:村民小组|小组|组|社|队)$")
_MOST_SHOWN = 4


@dataclass(frozen=True)
class _Place:
    """One row of the table of places, by its name as it is compared."""

    code: str
    name: str
    said: str
    level: str
    above: tuple[str, ...]


@dataclass(frozen=True)
class _Found:
    """The code of a place, or why there is none: ``unknown`` or ``ambiguous``, with what was looked at."""

    code: str | None
    trouble: str = ""
    shown: str = ""


def named_places(raw: RawFolder, found: list[Finding]) -> RawFolder:
    """The folder with ``place_code`` filled in from names, where a table has them; what is not found is told.

    Parameters
    ----------
    raw : RawFolder
    found : list of Finding
        Where the findings go.
    """
    if "places" not in raw.tables or "place_code" not in raw.tables["places"].cells.column_names:
        return raw
    register = _Register(raw.tables["places"])
    tables = dict(raw.tables)
    for name, table in raw.tables.items():
        if name not in ("places", "travel"):
            tables[name] = _named(name, table, register, found)
    return replace(raw, tables=tables)


def _named(name: str, table: RawTable, register: _Register, found: list[Finding]) -> RawTable:
    """One table with the codes of the places that it names."""
    there = {
        level: column for level, column in PLACE_NAME_COLUMNS.items() if column in table.cells.column_names
    }
    written = _texts(table, "place_code")
    names = [_texts(table, column) for column in there.values()]
    if not there and not any(text and register.is_name(text) for text in set(written)):
        return table
    answers: dict[tuple[str | None, ...], _Found] = {}
    codes: list[str | None] = []
    told: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row, (code, *parts) in enumerate(zip(written, *names, strict=True)):
        if code is not None and not register.is_name(code):
            codes.append(code)
            continue
        key = (code, *parts)
        if key not in answers:
            answers[key] = register.find(dict(zip(there, parts, strict=True)), code)
        codes.append(answers[key].code)
        if answers[key].trouble:
            told[answers[key].trouble].append((row, answers[key].shown))
    column = _column_of(there)
    report = Reporter(name, table.file, table.row, table.cells, found)
    for trouble, rows in told.items():
        report(
            f"place_name_{trouble}", column, np.array([row for row, _ in rows]), [shown for _, shown in rows]
        )
    return _with_codes(table, codes)


def _column_of(there: Mapping[str, str]) -> str:
    return next((there[level] for level in PLACE_LEVELS if level in there), "place_code")


def _texts(table: RawTable, column: str) -> list[str | None]:
    if column not in table.cells.column_names:
        return [None] * len(table.row)
    texts: list[str | None] = table.cells[column].to_pylist()
    return texts


def _with_codes(table: RawTable, codes: list[str | None]) -> RawTable:
    cells = table.cells
    array = pa.array(codes, pa.large_string())
    if "place_code" in cells.column_names:
        cells = cells.set_column(cells.column_names.index("place_code"), "place_code", array)
    else:
        cells = cells.append_column("place_code", array)
    return replace(table, cells=cells)


class _Register:
    """The table of places by level and name."""

    def __init__(self, table: RawTable) -> None:
        codes, names, levels, parents = (
            _texts(table, column) for column in ("place_code", "name", "level", "parent_code")
        )
        words = code_words("level")
        up = {code: parent for code, parent in zip(codes, parents, strict=True) if code and parent}
        self.codes = {code for code in codes if code}
        self._by_level: dict[str, list[_Place]] = defaultdict(list)
        self._by_code: dict[str, _Place] = {}
        for code, name, text in zip(codes, names, levels, strict=True):
            level = words.get(fold(text or ""))
            if code and name and level:
                place = _Place(code, name, _said(name), level, _above(code, up, self.codes))
                self._by_level[level].append(place)
                self._by_code.setdefault(code, place)
        self._by_name: dict[tuple[str, str], list[_Place]] = defaultdict(list)
        for places in self._by_level.values():
            for place in places:
                for word in {place.said, _bare(place.said, place.level)}:
                    self._by_name[place.level, word].append(place)

    def is_name(self, text: str) -> bool:
        """Whether a cell of codes holds a name: no code of the table, and the name of a place in it."""
        return (
            text not in self.codes
            and not text.isdigit()
            and any((level, _said(text)) in self._by_name for level in PLACE_LEVELS)
        )

    def find(self, names: Mapping[str, str | None], any_level: str | None) -> _Found:
        """The smallest place that the names say, inside the larger ones that they say."""
        given = [(level, _said(text)) for level in PLACE_LEVELS if (text := names.get(level))]
        if any_level is not None:
            said = _said(any_level)
            given = [*((level, said) for level in PLACE_LEVELS if (level, said) in self._by_name)][:1] + given
        for number, (level, said) in enumerate(given):
            larger = given[number + 1 :]
            hits = [place for place in self._named(level, said, larger) if self._inside(place, larger)]
            if len(hits) == 1:
                return self._told(hits[0].code, given, number)
            if hits:
                return _Found(self._common(hits), "ambiguous", self._candidates(given, hits))
        return _Found(None, "unknown", _joined(given)) if given else _Found(None)

    def _told(self, code: str, given: list[tuple[str, str]], number: int) -> _Found:
        return _Found(code, "unknown", _joined(given)) if number else _Found(code)

    def _named(self, level: str, said: str, larger: list[tuple[str, str]]) -> list[_Place]:
        for _, prefix in [("", ""), *larger]:
            hits = self._by_name.get((level, said.removeprefix(prefix)), [])
            exact = [place for place in hits if place.said == said.removeprefix(prefix)]
            if hits:
                return exact or hits
        return []

    def _inside(self, place: _Place, larger: list[tuple[str, str]]) -> bool:
        """Whether what holds `place` bears the larger names, as far as the table knows what holds it."""
        for level, said in larger:
            above = [self._by_code[code] for code in place.above if code in self._by_code]
            at_level = [one for one in above if one.level == level]
            if at_level and not any(said in (one.said, _bare(one.said, level)) for one in at_level):
                return False
        return True

    def _common(self, hits: list[_Place]) -> str | None:
        """The smallest place that holds all of them, when it is no coarser than a county."""
        shared = [code for code in hits[0].above if all(code in place.above for place in hits)]
        for code in shared:
            place = self._by_code.get(code)
            if place is not None and place.level in ("township", "county"):
                return code
        return None

    def _candidates(self, given: list[tuple[str, str]], hits: list[_Place]) -> str:
        shown = [self._shown(place) for place in hits[:_MOST_SHOWN]]
        more = [f"+{len(hits) - _MOST_SHOWN}"] if len(hits) > _MOST_SHOWN else []
        return f"{_joined(given)}: {', '.join(shown + more)}"

    def _shown(self, place: _Place) -> str:
        above = [self._by_code[code].name for code in reversed(place.above) if code in self._by_code]
        return f"{place.code} {''.join([*above, place.name])}"


def _joined(given: list[tuple[str, str]]) -> str:
    return " ".join(said for _, said in reversed(given))


def _said(name: str) -> str:
    """A name of a place as it is compared: without blanks, its group, and in the short form of its kind."""
    plain = _GROUP_OF_VILLAGE.sub("", "".join(unicodedata.normalize("NFKC", name).split()))
    for full, short in place_same_ends():
        if plain.endswith(full) and len(plain) > len(full):
            stem = plain.removesuffix(full)
            return stem if stem.endswith(short) else stem + short
    return plain


def _bare(said: str, level: str) -> str:
    """The name without the word for its kind (红星村 → 红星), where two characters remain."""
    for end in sorted(place_words(f"{level}_ends"), key=len, reverse=True):
        if said.endswith(end) and len(said) - len(end) >= 2:
            return said.removesuffix(end)
    return said


def _above(code: str, up: Mapping[str, str], codes: set[str]) -> tuple[str, ...]:
    """What holds a place, smallest first: by the column of parents, else by the digits of its code."""
    chain: list[str] = []
    current = up.get(code) or _by_digits(code, codes)
    while current and current != code and current not in chain:
        chain.append(current)
        current = up.get(current) or _by_digits(current, codes)
    return tuple(chain)


def _by_digits(code: str, codes: set[str]) -> str | None:
    digits = significant(code)
    for end in (9, 6, 4, 2):
        if end < len(digits):
            for form in (
                digits[:end],
                digits[:end].ljust(6, "0"),
                digits[:end].ljust(9, "0"),
                digits[:end].ljust(12, "0"),
            ):
                if form in codes and form != code:
                    return form
    return None
