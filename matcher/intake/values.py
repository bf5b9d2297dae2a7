"""One text of a cell → what it means, by the type of its column; what people write for it is understood or told."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from matcher.columns import Column
from matcher.tables import OPEN_VOCABULARIES
from matcher.words.aliases import cell_words, code_words, fold, near_words, unit_words

FULL_WIDTH_DIGIT = "[\uff10-\uff19]"
NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_WHOLE = re.compile(r"([+-]?[0-9]+)(\.0*)?")
#: ``1,200`` and ``1,200.5``; a comma anywhere else may be a decimal one.
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:[,\uff0c][0-9]{3})+(?:\.[0-9]*)?")
_MIDNIGHT = r"(?:[ T]+0?0:00(?::00(?:\.0+)?)?)?"
_DATE = re.compile(
    r"([0-9]{4}) ?(?:([-/.]) ?([0-9]{1,2}) ?\2 ?([0-9]{1,2})\.?|年 ?([0-9]{1,2}) ?月 ?([0-9]{1,2}) ?[日号]?"
    rf"|([0-9]{{2}})([0-9]{{2}})(?:\.0+)?){_MIDNIGHT}"
)
_YEAR_MONTH = re.compile(r"(?:1[89]|20)[0-9]{2} ?(?:[-/.年] ?[0-9]{1,2} ?月?|[0-9]{2}|年)?(?:\.0+)?")
#: A year of two digits, or one that stands last.
_UNCLEAR_YEAR = re.compile(
    r"[0-9]{1,2}([-/.])[0-9]{1,2}\1(?:[0-9]{1,2}|[0-9]{4})|[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}[日号]?"
)
#: Day 1 of a workbook's calendar is 1900-01-01, which counts a 29 February that there was not.
_SERIAL = re.compile(r"([1-9][0-9]{4})(?:\.[0-9]+)?")
_SERIAL_START = dt.date(1899, 12, 30)
_LIST_MARKS = re.compile(r"[;,、/|\\\n+]")
#: No count of people or years comes near; every sum of such numbers stays far inside 64 bits.
_LARGEST_WHOLE = 10**12
_LONGEST_WHOLE = 30


@dataclass(frozen=True)
class Trouble:
    """What is wrong with one text; `shown` stands for the cell where only a part of it is meant."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    shown: str | None = None


@dataclass(frozen=True)
class Parsed:
    """What a text means, and what is to be told of it."""

    value: object = None
    trouble: Trouble | None = None


def integer(text: str, spec: Column) -> Parsed:
    """A whole number, with thousands separators, its unit, or the word for it (二级, 轻度失能)."""
    word = cell_words(spec.name).get(fold(text))
    if word == "":
        return Parsed()
    plain = word or plain_number(text, spec)
    whole = _WHOLE.fullmatch(plain)
    if not whole:
        return _bad("not_whole" if re.match(NUMBER, plain) else odd_number(text))
    if len(whole[1]) > _LONGEST_WHOLE or int(whole[1]) > _LARGEST_WHOLE:
        return _bad("out_of_range", bounds=f"≤ {_LARGEST_WHOLE}")
    value = int(whole[1])
    if not minimum(spec) <= value <= maximum(spec):
        return _bad("out_of_range", bounds=bounds(spec))
    return Parsed(value)


def plain_number(text: str, spec: Column) -> str:
    """The text without the unit of its column and without separators of thousands, if it is a number then."""
    bare = text
    for word in unit_words(spec.unit):
        if text.casefold().endswith(word):
            bare = text[: -len(word)].rstrip()
            break
    if _THOUSANDS.fullmatch(bare):
        bare = bare.replace(",", "").replace("\uff0c", "")
    return bare if re.match(NUMBER, bare) else text


def odd_number(text: str) -> str:
    """Why `text` is no number."""
    if re.search(FULL_WIDTH_DIGIT, text):
        return "full_width_digits"
    return "not_finite" if _NOT_FINITE.fullmatch(text) else "not_a_number"


def date(text: str, spec: Column) -> Parsed:
    """A day, year first, in any form that leaves no doubt; what has lost a part is told as that."""
    if re.search(FULL_WIDTH_DIGIT, text):
        return _bad("full_width_digits")
    form = _DATE.fullmatch(text)
    if not form:
        return Parsed(trouble=_odd_date(text))
    year, month, day = form[1], form[3] or form[5] or form[7], form[4] or form[6] or form[8]
    try:
        return Parsed(dt.datetime(int(year), int(month), int(day)))
    except ValueError:
        return _bad("bad_date")


def _odd_date(text: str) -> Trouble:
    """Why `text` is no date; a number that a spreadsheet takes for a day is shown with that day."""
    if _YEAR_MONTH.fullmatch(text):
        return Trouble("incomplete_date")
    serial = _SERIAL.fullmatch(text)
    if serial:
        day = _SERIAL_START + dt.timedelta(days=int(serial[1]))
        return Trouble("excel_serial", shown=f"{text} = {day.isoformat()}")
    return Trouble("unclear_date" if _UNCLEAR_YEAR.fullmatch(text) else "bad_date")


def flag(text: str, spec: Column) -> Parsed:
    """Yes or no, in words, letters, marks and numbers."""
    if re.search(FULL_WIDTH_DIGIT, text):
        return _bad("full_width_digits")
    word = _without_point_zero(fold(text))
    answer = code_words("flag").get(word) or cell_words(spec.name).get(word)
    return Parsed(answer == "1") if answer else _bad("bad_flag")


def code(text: str, spec: Column) -> Parsed:
    """One code of a vocabulary, or a word for it."""
    vocabulary = str(spec.vocabulary)
    word = _without_point_zero(fold(text))
    if cell_words(spec.name).get(word) == "":
        return Parsed()
    found = code_words(vocabulary).get(word) or code_words(vocabulary).get(word.replace(" ", ""))
    return Parsed(found) if found else Parsed(trouble=_unknown(vocabulary, text))


def codes(text: str, spec: Column) -> Parsed:
    """A list of codes: words for them, and words with the usual additions (高血压3级), which are told."""
    vocabulary = str(spec.vocabulary)
    words = code_words(vocabulary)
    understood: dict[str, str] = {}
    found: set[str] = set()
    strange: set[str] = set()
    for part in _parts(text, words):
        meant = words.get(part) or _undecorated(part, vocabulary)
        if meant is None:
            strange.add(part)
            continue
        found.add(meant)
        if part not in words:
            understood[part] = meant
    if strange and vocabulary not in OPEN_VOCABULARIES:
        return Parsed(trouble=_unknown(vocabulary, ";".join(sorted(strange))))
    told = _unknown(vocabulary, ";".join(sorted(strange))) if strange else _understood(understood)
    return Parsed(";".join(sorted(found | strange)), told)


def _parts(text: str, words: Mapping[str, str]) -> set[str]:
    """The words of a list; blanks divide only where no word is meant that holds one itself."""
    whole = fold(text)
    if whole in words:
        return {whole}
    parts: set[str] = set()
    for part in _LIST_MARKS.split(unicodedata.normalize("NFKC", text)):
        word = fold(part)
        single = word in words or (word.isascii() and not any(piece in words for piece in word.split()))
        parts |= {word} if single else set(word.split())
    return parts - {""}


def _undecorated(part: str, vocabulary: str) -> str | None:
    """The code of a word that carries additions known to change nothing (病, 3级, 2型, 病史…)."""
    words, near = code_words(vocabulary), near_words(vocabulary)
    bare = near.before.sub("", part)
    for word in (part, bare):
        stem = near.after.sub("", word)
        if stem in words:
            return words[stem]
    return next(
        (code for pattern, code in near.like.items() if pattern.fullmatch(near.after.sub("", bare))), None
    )


def _understood(meant: Mapping[str, str]) -> Trouble | None:
    if not meant:
        return None
    return Trouble(
        "code_understood", {"meant": ";".join(sorted(set(meant.values())))}, ";".join(sorted(meant))
    )


def _without_point_zero(word: str) -> str:
    """``1.0``, which a program made of the code 1, as 1."""
    return word.rstrip("0").rstrip(".") if re.fullmatch(r"[0-9]+\.0+", word) else word


def _bad(code: str, **params: str) -> Parsed:
    return Parsed(trouble=Trouble(code, params))


def _unknown(vocabulary: str, text: str) -> Trouble:
    return Trouble("unlisted_code" if vocabulary in OPEN_VOCABULARIES else "unknown_code", shown=text)


def minimum(spec: Column) -> float:
    """Least allowed number of a column."""
    return -math.inf if spec.minimum is None else spec.minimum


def maximum(spec: Column) -> float:
    """Largest allowed number of a column."""
    return math.inf if spec.maximum is None else spec.maximum


def bounds(spec: Column) -> str:
    """Both, as a message writes them; nothing where there are none."""
    if spec.minimum is None:
        return "" if spec.maximum is None else f"≤ {spec.maximum:g}"
    return f"≥ {spec.minimum:g}" if spec.maximum is None else f"{spec.minimum:g}–{spec.maximum:g}"
