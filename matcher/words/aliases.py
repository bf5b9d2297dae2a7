"""Words that people write for headers, codes and places, and what they stand for."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from matcher.tables import TABLES, VOCABULARIES
from matcher.words.catalogues import LANGUAGES, catalogue

#: Codes of a ``flag`` column, beside the vocabularies of ``tables``.
FLAGS = ("1", "0")


def fold(text: str) -> str:
    """`text` without differences of width, case and surrounding or doubled blanks (NFKC; never for names)."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@cache
def header_columns(table: str) -> dict[str, str]:
    """Every header that stands for a column of `table`, folded, to the column's name.

    A header that would stand for two columns is a mistake in the catalogues; a test looks for it.
    """
    names = [column.name for column in TABLES[table]]
    extra = _aliases()["header"]
    words: dict[str, str] = {}
    for name in names:
        labels = [catalogue(lang)[f"column.{table}.{name}"] for lang in LANGUAGES]
        more = [*extra["any"].get(name, ()), *extra.get(table, {}).get(name, ())]
        words |= _pointing_to(name, [name, *labels, *more])
    return words


#: Columns of names that stand for a place where its code is not known; `checks.placenames` looks them up.
PLACE_NAME_COLUMNS = {
    "city": "city_name",
    "county": "county_name",
    "township": "township_name",
    "village": "village_name",
}


@cache
def table_words() -> dict[str, str]:
    """Tables by the folded names of files and sheets, the table's own name and its labels among them."""
    told = _aliases()["table"]
    words: dict[str, str] = {}
    for table in TABLES:
        labels = [catalogue(lang)[f"table.{table}"] for lang in LANGUAGES]
        words |= _pointing_to(table, [table, *labels, *told.get(table, ())])
    return words


@cache
def table_endings() -> tuple[str, ...]:
    """What may stand behind the name of a table, the longest first."""
    return tuple(sorted(map(fold, _aliases()["table_endings"]["words"]), key=len, reverse=True))


@cache
def place_name_headers() -> dict[str, str]:
    """Every header of a column of names of places, folded, to one of `PLACE_NAME_COLUMNS`."""
    words: dict[str, str] = {}
    for level, more in _aliases()["header_place"].items():
        words |= _pointing_to(PLACE_NAME_COLUMNS[level], more)
    return words


@cache
def header_groups() -> dict[str, frozenset[str]]:
    """Group headings over the headings of several columns, by the word that those columns' own headers use."""
    return {usual: frozenset(words) | {usual} for usual, words in _aliases()["header_group"].items()}


def header_of_others() -> tuple[str, ...]:
    """Words of a group heading over names and phones that are somebody else's."""
    return tuple(_aliases()["header_others"]["words"])


@cache
def code_words(vocabulary: str) -> dict[str, str]:
    """Every word that stands for a code of `vocabulary` (or ``"flag"``), folded, to the code."""
    codes = FLAGS if vocabulary == "flag" else VOCABULARIES[vocabulary]
    extra = _aliases()["value"].get(vocabulary, {})
    words: dict[str, str] = {}
    for code in codes:
        labels = [catalogue(lang).get(f"code.{vocabulary}.{code}", code) for lang in LANGUAGES]
        words |= _pointing_to(code, [code, *labels, *extra.get(code, ())])
    return words


@cache
def cell_words(column: str) -> dict[str, str]:
    """Words that stand for a number or flag of one column (二级), folded, to it; to "" where they mean nothing."""
    words: dict[str, str] = {}
    for value, more in _aliases()["cell"].get(column, {}).items():
        words |= _pointing_to("" if value == "none" else value, more)
    return words


@cache
def placeholders() -> frozenset[str]:
    """What people write into a cell of which they know nothing, folded."""
    return frozenset(fold(word) for word in _aliases()["blank"]["placeholder"])


@cache
def nothing_words() -> frozenset[str]:
    """Those of `placeholders` that say in a list that there is none, folded."""
    return frozenset(fold(word) for word in _aliases()["blank"]["nothing"])


@cache
def place_same_ends() -> tuple[tuple[str, str], ...]:
    """Ends of names of villages and townships in full, each with its short form."""
    return tuple((full, short) for full, short in _aliases()["place"]["same_ends"])


def unit_words(unit: str) -> tuple[str, ...]:
    """What may follow a number of this unit, longest first."""
    return tuple(_aliases()["unit"].get(unit, ()))


@dataclass(frozen=True)
class NearWords:
    """How words of a vocabulary look when they carry more than the code.

    Parameters
    ----------
    before, after : re.Pattern
        Additions at the start and at the end that change nothing.
    like : mapping of re.Pattern to str
        Families of words (…癌) and the code of each.
    """

    before: re.Pattern[str]
    after: re.Pattern[str]
    like: Mapping[re.Pattern[str], str]


@cache
def near_words(vocabulary: str) -> NearWords:
    """The additions and families that a vocabulary knows; most know none."""
    near = _aliases()["near"].get(vocabulary, {})
    before, after = ("|".join(near.get(end, ["(?!)"])) for end in ("before", "after"))
    like = {re.compile(pattern): code for code, pattern in near.get("like", {}).items()}
    return NearWords(re.compile(f"^(?:{before})+"), re.compile(f"(?:{after})+$"), like)


@cache
def place_words(kind: str) -> tuple[str, ...]:
    """Words by which addresses are read, a list of ``[place]`` in ``aliases.toml``, longest first."""
    return tuple(sorted(_aliases()["place"][kind], key=len, reverse=True))


def _pointing_to(target: str, words: Iterable[str]) -> dict[str, str]:
    return {fold(word): target for word in words}


@cache
def _aliases() -> dict[str, Any]:
    text = (resources.files("matcher.words") / "locales" / "aliases.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
