"""Words that people write for headers, codes and places, and what they stand for."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

from matcher.i18n import LANGUAGES, catalogue
from matcher.tables import TABLES, VOCABULARIES

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


def place_suffixes() -> tuple[str, ...]:
    """Endings of official village names that addresses leave out, longest first."""
    return tuple(_aliases()["place"]["suffixes"])


def _pointing_to(target: str, words: Iterable[str]) -> dict[str, str]:
    return {fold(word): target for word in words}


@cache
def _aliases() -> dict[str, Any]:
    text = (resources.files("matcher") / "locales" / "aliases.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
