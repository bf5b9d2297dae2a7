"""Rows of a roster that are nobody: totals, footers, headings between the rows, a header printed again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matcher.intake.headers import header_key, meaning
from matcher.tables import KEYS

Mask = npt.NDArray[np.bool_]

_WORDS = r"(?:合\s*计|小\s*计|总\s*计|共\s*计|累\s*计|汇\s*总|总\s*人\s*数|总\s*数)"
_COUNTED = r"(?:人|名|户|家|个|张|床|位|条|行|岁)"
TOTAL = (
    rf"(?i)^.{{0,20}}{_WORDS}\s*(?:[(（].*[)）])?\s*[:：]?\s*[0-9,.]*\s*{_COUNTED}?\s*$"
    rf"|^\s*(?:以上)?\s*(?:共|共有|总共|计)\s*[:：]?\s*[0-9,]+\s*{_COUNTED}"
    r"|^\s*(?:grand[ -]?|sub[ -]?)?totals?\s*[:：]?\s*[0-9,.]*\s*$|^\s*sum\s*[:：]?\s*[0-9,.]*\s*$"
)
FOOTER = (
    r"(?i)^\s*(?:制\s*表|填\s*表|填\s*报|上\s*报|审\s*核|复\s*核|审\s*批|经\s*办|校\s*对|录\s*入|统\s*计|编\s*制|打\s*印)"
    r"\s*(?:人员|人|者|单位|部门|日期|时间|机关)"
    r"|^\s*(?:负\s*责\s*人|单位负责人|分管领导|联\s*系\s*人|联系电话|日\s*期|填表说明|说\s*明|备\s*注|注|附\s*注|数据来源"
    r"|资料来源|来\s*源|单位|单位名称|单位盖章|盖章|签字|签章|notes?|sources?|prepared by|checked by|date|printed)"
    r"\s*(?:[(（][^)）]*[)）])?\s*[0-9一二三]?\s*[:：]"
    r"|^\s*[^\s:：]{0,6}\s*[(（]?(?:盖章|签章|公章|签字)[)）]?\s*$|^\s*(?:本页)?以下(?:空白|无正文)|^\s*第\s*[0-9]+\s*页"
)
_SUSPECT = r"(?i)[^\x00-\x7f]|total|sum|note|source|prepared|checked|printed|date"
#: A heading between the rows is known where the rows have at least so many columns.
_MANY_COLUMNS = 4


def nobody(table: str, header: Sequence[str], columns: Sequence[pa.ChunkedArray]) -> dict[str, Mask]:
    """Where the rows below the header are no records, by the code of the note that tells so.

    Parameters
    ----------
    table : str
        Key of ``tables.TABLES``.
    header : sequence of str
    columns : sequence of pyarrow.ChunkedArray
        One a header; "" for an empty cell.
    """
    size = len(columns[0]) if columns else 0
    named = _positions(table, header)
    key = columns[named[KEYS[table][0]]] if KEYS[table][0] in named else None
    empty = np.full(size, True) if key is None else _mask(pc.equal(key, ""))
    suspect = empty.copy() if key is None else empty | _mask(pc.match_substring_regex(key, _SUSPECT))
    total_name = _total_names(columns[named["name"]]) if "name" in named else np.full(size, False)
    index = np.flatnonzero(suspect | total_name)
    again = _repeats(header, columns, None if key is None else named[KEYS[table][0]])
    masks = {code: np.full(size, False) for code in ("total_row", "footer_row", "heading_row")}
    if len(index):
        taken = [column.take(pa.array(index)).combine_chunks() for column in columns]
        first = _first_filled(taken)
        decisive = (
            first if key is None else pc.if_else(pa.array(empty[index]), first, taken[_at(table, named)])
        )
        masks["total_row"][index] = _mask(pc.match_substring_regex(decisive, TOTAL)) | total_name[index]
        if "name" in named:
            name = taken[named["name"]]
            masks["total_row"][index] |= empty[index] & _mask(pc.match_substring_regex(name, TOTAL))
        masks["footer_row"][index] = _mask(pc.match_substring_regex(decisive, FOOTER))
        masks["heading_row"][index] = _headings(taken, decisive, empty, len(named))
    masks["footer_row"] &= ~masks["total_row"]
    masks["heading_row"] &= ~(masks["total_row"] | masks["footer_row"])
    return {code: mask & ~again for code, mask in masks.items()} | {"header_again": again}


def is_nobody(cells: Sequence[str]) -> str:
    """The code of the note for a record of another length than the header's; "" where it may be a record."""
    first = next((cell.strip() for cell in cells if cell.strip()), "")
    text = pa.array([first], pa.large_string())
    if _mask(pc.match_substring_regex(text, TOTAL))[0]:
        return "total_row"
    return "footer_row" if _mask(pc.match_substring_regex(text, FOOTER))[0] else ""


def _positions(table: str, header: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for position, text in enumerate(header):
        known = meaning(table, text)
        if known is not None:
            found.setdefault(known.column, position)
    return found


def _at(table: str, named: dict[str, int]) -> int:
    return named[KEYS[table][0]]


@cache
def _name_words() -> pa.Array:
    words = ("合计", "小计", "总计", "共计", "累计")
    return pa.array(
        [mark.join(word) for word in words for mark in ("", " ", "  ", "\u3000")], pa.large_string()
    )


def _total_names(names: pa.ChunkedArray) -> Mask:
    """Where the name itself is the word for a total, whatever running number stands beside it."""
    return _mask(pc.is_in(names, _name_words()))


def _first_filled(columns: Sequence[pa.Array]) -> pa.Array:
    """The first cell of each row that is not empty, or ""."""
    texts = [pc.if_else(pc.equal(column, ""), None, column) for column in columns]
    return pc.coalesce(*texts, pa.scalar("", pa.large_string()))


def _headings(columns: Sequence[pa.Array], decisive: pa.Array, empty: Mask, named: int) -> Mask:
    """Rows with one cell of words alone, such as a village's name, in a table whose ids are no words."""
    if named < _MANY_COLUMNS or len(decisive) * 2 > len(empty):
        return np.full(len(decisive), False)
    filled = sum(_mask(pc.not_equal(column, "")).astype(int) for column in columns)
    return np.asarray(filled == 1) & _mask(pc.match_substring_regex(decisive, r"[^\x00-\x7f]"))


def _repeats(header: Sequence[str], columns: Sequence[pa.ChunkedArray], at: int | None) -> Mask:
    """Where a row says the header again, as at the top of each printed page, or numbers the columns."""
    size = len(columns[0]) if columns else 0
    again = np.full(size, False)
    if at is not None:
        again = _mask(pc.equal(columns[at], header[at]))
        for row in np.flatnonzero(again):
            cells = [header_key(column[int(row)].as_py()) for column in columns]
            again[row] = cells == [header_key(text) for text in header]
    if size and _numbers_columns([column[0].as_py() for column in columns]):
        again[0] = True
    return again


def _numbers_columns(cells: Sequence[str]) -> bool:
    """Whether these cells are 1, 2, 3 …, or A, B, C …, of at least three columns."""
    texts = [cell.strip("()（） ") for cell in cells]
    numbers = [str(number) for number in range(1, len(texts) + 1)]
    letters = [chr(ord("A") + number) for number in range(min(len(texts), 26))]
    return len(texts) >= 3 and texts in (numbers, letters)


def _mask(answers: pa.Array | pa.ChunkedArray) -> Mask:
    return np.asarray(pc.fill_null(answers, False).to_numpy(zero_copy_only=False), dtype=bool)
