"""What a header of a spreadsheet stands for, whatever decorates it: blanks, stars, numbers, units, two rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from matcher.columns import Column
from matcher.tables import TABLES
from matcher.words.aliases import (
    PLACE_NAME_COLUMNS,
    header_columns,
    header_groups,
    header_of_others,
    place_name_headers,
)

#: Joins a group heading and the heading below it to one header.
UNDER = " / "
#: What one of a unit, as people write it in a header, is in the unit of the column.
UNITS: dict[str, dict[str, Fraction]] = {
    "km": {"km": Fraction(1), "公里": Fraction(1), "千米": Fraction(1)}
    | {word: Fraction(1, 1000) for word in ("m", "米", "metre", "meter", "metres", "meters")},
    "min": {word: Fraction(1) for word in ("min", "mins", "minute", "minutes", "分", "分钟")}
    | {word: Fraction(60) for word in ("h", "hour", "hours", "小时", "时")}
    | {word: Fraction(1, 60) for word in ("s", "sec", "second", "seconds", "秒")},
    "yuan": {"元": Fraction(1), "yuan": Fraction(1), "rmb": Fraction(1), "万元": Fraction(10_000)},
    "persons": dict.fromkeys(
        ("人", "人次", "人数", "名", "位", "个", "张", "床", "床位", "persons", "people", "beds"), Fraction(1)
    ),
    "beds": dict.fromkeys(("张", "床", "床位", "个", "beds"), Fraction(1)),
    "years": dict.fromkeys(("岁", "周岁", "years"), Fraction(1)),
    "month": dict.fromkeys(("月", "月份", "month"), Fraction(1)),
    "degrees": dict.fromkeys(("度", "°", "degrees"), Fraction(1)),
}
_BLANKS_AND_STARS = re.compile(r"[\s_\-*★☆※△▲●\u200b-\u200f\u2060\ufeff]+")
_NUMBERING = re.compile(r"^(?:\(?[0-9]{1,2}[.、)]|\(?[一二三四五六七八九十]{1,3}[、)]|[①-⑳])")
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】|〔([^〔〕]*)〕")
#: Brackets that tell how to fill a cell and nothing of its unit.
_HINTS = re.compile(
    "必填|选填|可空|可不填|填写|数字|整数|小数|下拉|选择|格式|文本|required|optional|number|text"
)


@dataclass(frozen=True)
class Meaning:
    """The column that a header stands for.

    Parameters
    ----------
    column : str
        English name.
    unit : Fraction
        What the numbers are to be multiplied by to be in the column's unit.
    """

    column: str
    unit: Fraction = Fraction(1)


def header_key(text: str) -> str:
    """A header without blanks, stars, numbering and differences of width and case."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    key = _BLANKS_AND_STARS.sub("", plain).rstrip(":")
    return _NUMBERING.sub("", key) or key


def column_letters(position: int) -> str:
    """The letters over a column of a spreadsheet, from 0: A, B … AA."""
    letters = ""
    while position >= 0:
        position, letter = divmod(position, 26)
        letters, position = chr(ord("A") + letter) + letters, position - 1
    return letters


def meaning(table: str, header: str) -> Meaning | None:
    """The column of `table` that `header` stands for; None when it is not known for sure.

    Parameters
    ----------
    table : str
        Key of ``tables.TABLES``.
    header : str
        As in the file; a group heading and the one below it joined by `UNDER`.
    """
    if UNDER in header:
        top, bottom = header.split(UNDER, 1)
        return _grouped(table, top, bottom)
    return _single(table, header)


@cache
def header_words(table: str) -> dict[str, str]:
    """Every known header of `table` as `header_key` gives it, to the column's name."""
    words = {header_key(word): column for word, column in header_columns(table).items()}
    if table == "places" or not any(spec.name == "place_code" for spec in TABLES[table]):
        return words
    return {header_key(word): column for word, column in place_name_headers().items()} | words


def _single(table: str, header: str) -> Meaning | None:
    key, words = header_key(header), header_words(table)
    if key in words:
        return Meaning(words[key])
    inside = [next(filter(None, found), "") for found in _BRACKETS.findall(key)]
    base = _NUMBERING.sub("", _BRACKETS.sub("", key).rstrip(":"))
    if inside and words.get(base) in PLACE_NAME_COLUMNS.values():
        return Meaning(words[base])
    if inside and base in words:
        return _with_unit(_spec(table, words[base]), inside)
    parts = [part for part in re.split(r"[/|\n]", unicodedata.normalize("NFKC", header)) if part.strip()]
    found = {words.get(header_key(part), "") for part in parts}
    return Meaning(found.pop()) if len(parts) > 1 and len(found) == 1 and "" not in found else None


def _grouped(table: str, top: str, bottom: str) -> Meaning | None:
    """Of a heading below a group heading: both together where that is a word, else the lower alone.

    A group of other people (guardian, contact) has names and phones of its own, which are not the resident's.
    """
    for text in _together(top, bottom):
        found = _single(table, text)
        if found:
            return found
    plain = header_key(top)
    return None if any(word in plain for word in header_of_others()) else _single(table, bottom)


def _together(top: str, bottom: str) -> Iterator[str]:
    yield from (top + bottom, bottom + top)
    plain = header_key(_BRACKETS.sub("", header_key(top)))
    for usual, words in header_groups().items():
        if plain in words:
            yield bottom + usual


def _spec(table: str, column: str) -> Column:
    return next(spec for spec in TABLES[table] if spec.name == column)


def _with_unit(spec: Column, inside: Iterable[str]) -> Meaning | None:
    """`spec` in the unit that brackets name; None where they say something that may change the meaning."""
    units = UNITS.get(spec.unit)
    unit = Fraction(1)
    if any(word in text for text in inside for word in header_of_others()):
        return None
    for text in inside:
        if not units or not text or _HINTS.search(text):
            continue
        if text.removeprefix("单位:") not in units:
            return None
        unit = units[text.removeprefix("单位:")]
    return Meaning(spec.name, unit) if unit == 1 or spec.type == "number" else None
