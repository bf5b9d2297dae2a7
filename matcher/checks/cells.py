"""Text cells → typed columns, each by the type and bounds that its specification in ``tables`` gives."""

from __future__ import annotations

import datetime as dt
import difflib
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from matcher.aliases import code_words, fold
from matcher.inputs import DTYPES
from matcher.problems import Mask, Reporter
from matcher.read import RawTable
from matcher.tables import OPEN_VOCABULARIES, TABLES, Column

_EXCEL_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
_FULL_WIDTH_DIGIT = "[\uff10-\uff19]"
_SCIENTIFIC = r"^[0-9](\.[0-9]*)?[eE]\+[0-9]+$"
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_WHOLE = re.compile(r"([+-]?[0-9]+)(\.0*)?")
_DATE = re.compile(
    r"([0-9]{4})(?:([-/])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{2})([0-9]{2}))(?:[ T]00:00(?::00(?:\.0+)?)?)?"
)
_LIST_MARKS = re.compile("[;,、]")
#: No count of people or years comes near; every sum of such numbers stays far inside 64 bits.
_LARGEST_WHOLE = 10**12
#: Looking for the nearest code is slow; a column with more strange texts than this has slipped, and no hint helps.
_MOST_HINTS = 100


@dataclass(frozen=True)
class _Trouble:
    """What is wrong with one text; `shown` stands for the cell where only a part of it is meant."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    shown: str | None = None


@dataclass(frozen=True)
class _Parsed:
    """What a text means, and what is wrong with it."""

    value: object = None
    trouble: _Trouble | None = None


def typed_table(name: str, raw: RawTable | None, report: Reporter | None) -> pd.DataFrame:
    """The table in the types of `inputs.Inputs`; a cell in error is reported and becomes missing.

    Parameters
    ----------
    name : str
        Key of ``tables.TABLES``.
    raw : RawTable or None
        None gives an empty table.
    report : Reporter or None
        None only where `raw` is None.

    Returns
    -------
    pandas.DataFrame
        Every specified column, and ``row``.
    """
    rows = np.array([], dtype=np.int64) if raw is None else raw.row
    columns: dict[str, Any] = {}
    for spec in TABLES[name]:
        if raw is None or report is None or spec.name not in raw.cells.column_names:
            missing = pd.Series(None, index=range(len(rows)), dtype=DTYPES[spec.type])
            columns[spec.name] = _without_none(spec, missing)
        else:
            cells = raw.cells[spec.name].combine_chunks()
            columns[spec.name] = _typed_column(spec, cells, raw.not_text.get(spec.name), report)
        if raw is not None and spec.name in raw.units:
            unit = raw.units[spec.name]
            columns[spec.name] = columns[spec.name] * unit.numerator / unit.denominator
    return pd.DataFrame({**columns, "row": rows}, copy=False)


def _typed_column(spec: Column, cells: pa.Array, not_text: Mask | None, report: Reporter) -> Any:
    if spec.required:
        report("empty_required", spec.name, _mask(cells.is_null()))
    cells = _refuse(cells, _excel_errors(cells), "excel_error", spec.name, report)
    if spec.type in ("id", "text"):
        if spec.type == "id":
            cells = _ids(spec, cells, not_text, report)
        return pd.array(cells, dtype="str")
    if spec.type in ("number", "latitude", "longitude"):
        return _numbers(spec, cells, report)
    return _without_none(spec, _by_distinct(spec, cells, _PARSERS[spec.type], report))


def _excel_errors(cells: pa.Array) -> Mask:
    suspects = _mask(pc.or_(pc.starts_with(cells, "#"), pc.starts_with(cells, "=")))
    if not suspects.any():
        return suspects
    return _mask(pc.or_(pc.is_in(cells, pa.array(_EXCEL_ERRORS, cells.type)), pc.starts_with(cells, "=")))


def _ids(spec: Column, cells: pa.Array, not_text: Mask | None, report: Reporter) -> pa.Array:
    if not_text is not None:
        cells = _refuse(cells, not_text & _mask(cells.is_valid()), "numeric_id", spec.name, report)
    cells = _refuse(
        cells, _mask(pc.match_substring_regex(cells, _SCIENTIFIC)), "scientific_id", spec.name, report
    )
    return _refuse(cells, _full_width(cells), "full_width_digits", spec.name, report)


def _full_width(cells: pa.Array) -> Mask:
    return _mask(pc.match_substring_regex(cells, _FULL_WIDTH_DIGIT))


def _numbers(spec: Column, cells: pa.Array, report: Reporter) -> npt.NDArray[np.float64]:
    good = _mask(pc.match_substring_regex(cells, _NUMBER))
    for code, where in _odd_numbers(cells, ~good & _mask(cells.is_valid())).items():
        report(code, spec.name, where)
    numbers = pc.cast(pc.if_else(pa.array(good), cells, None), pa.float64()).to_numpy(zero_copy_only=False)
    report("not_finite", spec.name, np.isinf(numbers))
    numbers = np.where(np.isinf(numbers), np.nan, numbers)
    if spec.type != "number":
        return numbers  # whether a position lies in China takes both coordinates
    outside = (numbers < _minimum(spec)) | (numbers > _maximum(spec))
    report("out_of_range", spec.name, outside, bounds=_bounds(spec))
    return np.where(outside, np.nan, numbers)


def _odd_numbers(cells: pa.Array, odd: Mask) -> dict[str, Mask]:
    """Masks of the cells in `odd` by what keeps them from being numbers."""
    index = np.flatnonzero(odd)
    codes = np.array([_odd_number(text) for text in cells.take(pa.array(index)).to_pylist()], dtype=object)
    found: dict[str, Mask] = {}
    for code in np.unique(codes.astype(str)):
        found[str(code)] = np.zeros(len(cells), dtype=bool)
        found[str(code)][index[codes == code]] = True
    return found


def _odd_number(text: str) -> str:
    """Why `text` is no number."""
    if re.search(_FULL_WIDTH_DIGIT, text):
        return "full_width_digits"
    return "not_finite" if _NOT_FINITE.fullmatch(text) else "not_a_number"


def _by_distinct(
    spec: Column, cells: pa.Array, parse: Callable[[str, Column], _Parsed], report: Reporter
) -> Any:
    """Parse each distinct text once and spread the results over the rows."""
    coded = cells.dictionary_encode()
    index = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    texts = coded.dictionary.to_pylist()
    parsed = [parse(text, spec) for text in texts]
    odd = {number: result.trouble for number, result in enumerate(parsed) if result.trouble}
    alike: dict[tuple[str, tuple[tuple[str, str], ...]], list[int]] = defaultdict(list)
    for number, trouble in odd.items():
        params = dict(trouble.params)
        if spec.vocabulary:
            meant = _nearest(spec.vocabulary, trouble.shown or "") if len(odd) <= _MOST_HINTS else ""
            params |= {"vocabulary": spec.vocabulary, "nearest": meant}
        alike[trouble.code, tuple(params.items())].append(number)
    for (code, told), numbers in alike.items():
        where = np.flatnonzero(np.isin(index, numbers))
        shown = [odd[number].shown or texts[number] for number in index[where]]
        report(code, spec.name, where, shown, **dict(told))
    distinct = pd.Series([result.value for result in parsed], dtype=DTYPES[spec.type]).array
    return distinct.take(index, allow_fill=True)


def _nearest(vocabulary: str, text: str) -> str:
    words = code_words(vocabulary)
    first = fold(text.split(";")[0])
    return "".join(words[word] for word in difflib.get_close_matches(first, list(words), 1))


def _integer(text: str, spec: Column) -> _Parsed:
    whole = _WHOLE.fullmatch(text)
    if not whole:
        return _bad("not_whole" if re.match(_NUMBER, text) else _odd_number(text))
    value = int(whole[1])
    if value > _LARGEST_WHOLE:
        return _bad("out_of_range", bounds=f"≤ {_LARGEST_WHOLE}")
    if not _minimum(spec) <= value <= _maximum(spec):
        return _bad("out_of_range", bounds=_bounds(spec))
    return _Parsed(value)


def _date(text: str, spec: Column) -> _Parsed:
    if re.search(_FULL_WIDTH_DIGIT, text):
        return _bad("full_width_digits")
    form = _DATE.fullmatch(text)
    if not form:
        return _bad("bad_date")
    try:
        return _Parsed(dt.datetime(int(form[1]), int(form[3] or form[5]), int(form[4] or form[6])))
    except ValueError:
        return _bad("bad_date")


def _flag(text: str, spec: Column) -> _Parsed:
    if re.search(_FULL_WIDTH_DIGIT, text):
        return _bad("full_width_digits")
    code = code_words("flag").get(fold(text))
    return _Parsed(code == "1") if code else _bad("bad_flag")


def _code(text: str, spec: Column) -> _Parsed:
    vocabulary = str(spec.vocabulary)
    code = code_words(vocabulary).get(fold(text))
    return _Parsed(code) if code else _Parsed(trouble=_unknown(vocabulary, text))


def _codes(text: str, spec: Column) -> _Parsed:
    vocabulary = str(spec.vocabulary)
    words = code_words(vocabulary)
    parts = {fold(part) for part in _LIST_MARKS.split(unicodedata.normalize("NFKC", text))} - {""}
    strange = sorted(part for part in parts if part not in words)
    trouble = _unknown(vocabulary, ";".join(strange)) if strange else None
    if trouble and vocabulary not in OPEN_VOCABULARIES:
        return _Parsed(trouble=trouble)
    return _Parsed(";".join(sorted({words.get(part, part) for part in parts})), trouble)


_PARSERS = {"integer": _integer, "date": _date, "flag": _flag, "code": _code, "codes": _codes}


def _bad(code: str, **params: str) -> _Parsed:
    return _Parsed(trouble=_Trouble(code, params))


def _unknown(vocabulary: str, text: str) -> _Trouble:
    return _Trouble("unlisted_code" if vocabulary in OPEN_VOCABULARIES else "unknown_code", shown=text)


def _minimum(spec: Column) -> float:
    return -math.inf if spec.minimum is None else spec.minimum


def _maximum(spec: Column) -> float:
    return math.inf if spec.maximum is None else spec.maximum


def _bounds(spec: Column) -> str:
    return f"≥ {spec.minimum:g}" if spec.maximum is None else f"{spec.minimum:g}–{spec.maximum:g}"


def _without_none(spec: Column, values: Any) -> Any:
    """Lists of codes are never missing: none is ""."""
    return values.fillna("") if spec.type == "codes" else values


def _refuse(cells: pa.Array, where: Mask, code: str, column: str, report: Reporter) -> pa.Array:
    """Report the cells in `where` and go on as if they were empty."""
    if not where.any():
        return cells
    report(code, column, where)
    return pc.if_else(pa.array(where), None, cells)


def _mask(answers: pa.Array) -> Mask:
    """Answers as a NumPy mask, in which unknown is False."""
    return np.asarray(pc.fill_null(answers, False).to_numpy(zero_copy_only=False), dtype=bool)
