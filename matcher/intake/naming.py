"""Which table a file or a sheet holds, by the names that offices give: 居民.xlsx, 老人花名册2026, a sheet 医疗机构."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from html import unescape
from pathlib import Path

from matcher.words.aliases import fold, table_endings, table_words

#: A list of sheets longer than this is no office's workbook.
_MOST_BYTES = 1 << 20
_SHEET = re.compile(r'<(?:\w+:)?sheet\b[^>]*?\bname="([^"]*)"')
#: Years, dates, version numbers and brackets around the word that counts.
_DECORATION = re.compile(r"[\d\s_\-.·()（）【】\[\]年月日版终稿]+")


def name_key(name: str) -> str:
    """A name of a file (without its suffix) or a sheet, without what changes from month to month."""
    word = fold(name)
    return _DECORATION.sub("", word) or word


def table_of(name: str, told: Mapping[str, str] | None = None) -> str | None:
    """The table that a file (without its suffix) or a sheet holds by its name; None where the name says nothing.

    Parameters
    ----------
    name : str
    told : mapping of str to str, optional
        What somebody said of names, by `name_key`; it goes before what is known.
    """
    words = table_words()
    word = fold(name)
    if told and name_key(name) in told:
        return told[name_key(name)]
    if word in words:
        return words[word]
    word = name_key(name)
    for ending in ("", *table_endings()):
        if ending and not word.endswith(ending):
            continue
        short = word.removesuffix(ending)
        if short in words:
            return words[short]
    return None


def sheets_of(workbook: Path) -> list[str]:
    """Names of the sheets of a workbook; none for what is no workbook."""
    try:
        with zipfile.ZipFile(workbook) as book, book.open("xl/workbook.xml") as part:
            text = part.read(_MOST_BYTES).decode("utf-8", "replace")
    except (OSError, KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError):
        return []
    return list(map(unescape, _SHEET.findall(text)))


def tables_in(workbook: Path, told: Mapping[str, str] | None = None) -> dict[str, str]:
    """Tables in a workbook of any name, each with the sheet that is called like it.

    Parameters
    ----------
    workbook : Path
    told : mapping of str to str, optional
        As in `table_of`.

    Returns
    -------
    dict of table to sheet
        Empty for what is no workbook; a table that two sheets are called like is that of the first.
    """
    found: dict[str, str] = {}
    for sheet in sheets_of(workbook):
        table = table_of(sheet, told)
        if table is not None:
            found.setdefault(table, sheet)
    return found
