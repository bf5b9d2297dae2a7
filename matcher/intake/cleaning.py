"""Before anybody asks what a cell means: what nobody can see is taken out, what stands for nothing counts as empty."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matcher.columns import Column
from matcher.intake.problems import Finding, Mask, Reporter
from matcher.intake.rawtable import RawTable
from matcher.intake.read import RawFolder
from matcher.tables import KEYS, TABLES
from matcher.words.aliases import code_words, fold, nothing_words, placeholders

#: Characters without a picture of their own: controls, soft hyphen, marks of direction, zero widths, fillers, tags.
#: Joiners in front of a variation of a Chinese character (U+E0100 and above) belong to the name.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1f\x7f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffc\U000e0001-\U000e007f"
)
_UNSEEN = f"[{_INVISIBLE}]"
#: Blanks that are not the plain one: tabs, breaks, no-break and typographic spaces.
_BLANKS = "[\t-\r\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f]+"
#: Bytes with which the characters above begin, or that they are, in UTF-8.
_SUSPECT = np.zeros(256, dtype=bool)
_SUSPECT[[*range(0x20), 0x7F, 0xC2, 0xCD, 0xD8, 0xE1, 0xE2, 0xEF, 0xF3]] = True
#: The one among them whose first byte is that of Chinese punctuation too; it is looked for by itself.
_HANGUL_FILLER = "\u3164"
_ZERO = "0"
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def cleaned(raw: RawFolder, found: list[Finding]) -> RawFolder:
    """The folder without unseen characters and without placeholders; both are told.

    Parameters
    ----------
    raw : RawFolder
    found : list of Finding
        Where the findings go.
    """
    visible = {name: _visible(name, table, found) for name, table in raw.tables.items()}
    numbered = {name for name, table in visible.items() if _counts_from_zero(name, table)}
    tables = {name: _without_placeholders(name, table, numbered, found) for name, table in visible.items()}
    return replace(raw, tables=tables)


def _reporter(name: str, table: RawTable, found: list[Finding]) -> Reporter:
    return Reporter(name, table.file, table.row, table.cells, found)


def _with_columns(table: RawTable, changed: Mapping[str, pa.Array]) -> RawTable:
    cells = table.cells
    for column, texts in changed.items():
        cells = cells.set_column(cells.column_names.index(column), column, texts)
    return replace(table, cells=cells) if changed else table


def _visible(name: str, table: RawTable, found: list[Finding]) -> RawTable:
    """The table with only such characters as can be seen, and plain blanks."""
    changed: dict[str, pa.Array] = {}
    ids = {spec.name for spec in TABLES[name] if spec.type == "id"}
    for column in table.cells.column_names:
        cells = table.cells[column].combine_chunks()
        if not _suspicious(cells):
            continue
        texts = pc.replace_substring_regex(cells, _UNSEEN, "")
        texts = pc.replace_substring_regex(texts, _BLANKS, "" if column in ids else " ")
        texts = pc.utf8_trim_whitespace(texts)
        texts = pc.if_else(pc.equal(texts, ""), None, texts)
        differs = _mask(pc.not_equal(cells, pc.fill_null(texts, "")))
        if column not in ids:  # a line break inside an address changes nothing
            differs &= _mask(pc.match_substring_regex(cells, _UNSEEN))
        shown = [escaped(text) for text in cells.filter(pa.array(differs)).to_pylist()]
        _reporter(name, table, found)("invisible_characters", column, differs, shown)
        changed[column] = texts
    return _with_columns(table, changed)


def visible_text(text: str, *, is_id: bool) -> str:
    """One text with only such characters as can be seen, as a cell of a table is read.

    Parameters
    ----------
    text : str
    is_id : bool
        Ids hold no blanks.
    """
    return re.sub(_BLANKS, "" if is_id else " ", re.sub(_UNSEEN, "", text)).strip()


def is_placeholder(id: str) -> bool:
    """Whether a word stands for nothing where an id should be (0, 无, -)."""
    return fold(id) in {*map(fold, placeholders()), _ZERO}


def _suspicious(cells: pa.Array) -> bool:
    """Whether some byte may belong to a character that is not seen; quick, since nearly no column has one."""
    data = cells.buffers()[2]
    if data is None:
        return False
    if _SUSPECT[np.frombuffer(data, dtype=np.uint8)].any():
        return True
    return bool(pc.any(pc.match_substring(cells, _HANGUL_FILLER)).as_py())


def escaped(text: str) -> str:
    r"""The text with what cannot be seen written out as ``\u200b``."""
    return re.sub(f"{_UNSEEN}|{_BLANKS[:-1]}", lambda one: _written_out(one.group()), text)


def _written_out(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _counts_from_zero(name: str, table: RawTable) -> bool:
    """Whether the table numbers its rows 0, 1, 2 …, so that 0 is an id like any other."""
    key = KEYS[name][0]
    if len(KEYS[name]) > 1 or key not in table.cells.column_names:
        return False
    ids = table.cells[key]
    once = pc.sum(pc.equal(ids, _ZERO)).as_py() == 1
    return once and bool(pc.any(pc.equal(ids, "1")).as_py())


def _without_placeholders(name: str, table: RawTable, numbered: set[str], found: list[Finding]) -> RawTable:
    """The table with nothing where a word stands for nothing; what must be filled and is not, is told."""
    changed: dict[str, pa.Array] = {}
    report = _reporter(name, table, found)
    for spec in TABLES[name]:
        if spec.name not in table.cells.column_names:
            continue
        cells = table.cells[spec.name].combine_chunks()
        if spec.required:
            report("empty_required", spec.name, _mask(cells.is_null()))
        where = _placeholders(name, spec, cells, numbered)
        if where.any():
            code = "placeholder_required" if spec.required else "placeholder"
            report(code, spec.name, where & ~_nothing(spec, cells))
            changed[spec.name] = pc.if_else(pa.array(where), None, cells)
    return _with_columns(table, changed)


def _placeholders(name: str, spec: Column, cells: pa.Array, numbered: set[str]) -> Mask:
    """Where a cell holds a word for nothing; a name is never one, since somebody called NA exists."""
    if spec.name == "name":
        return np.zeros(len(cells), dtype=bool)
    words = set(placeholders()) - (set(code_words("flag")) if spec.type == "flag" else set())
    if spec.type == "id" and name not in numbered and spec.refers not in numbered:
        words.add(_ZERO)
    return _mask(pc.is_in(cells, pa.array(sorted(_written(words)), cells.type)))


def _written(words: set[str]) -> set[str]:
    """The words in small, capital and full-width characters: quicker than folding every cell."""
    cased = {form for word in words for form in (word, word.upper(), word.capitalize())}
    return cased | {word.translate(_FULL_WIDTH) for word in cased}


def _nothing(spec: Column, cells: pa.Array) -> Mask:
    if spec.type != "codes":
        return np.zeros(len(cells), dtype=bool)
    return _mask(pc.is_in(cells, pa.array(sorted(_written(set(nothing_words()))), cells.type)))


def _mask(answers: pa.Array) -> Mask:
    return np.asarray(pc.fill_null(answers, False).to_numpy(zero_copy_only=False), dtype=bool)
