"""Text cells → typed columns, each by the type and bounds that its specification in ``tables`` gives."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from matcher.columns import Column
from matcher.inputs import DTYPES
from matcher.intake import values
from matcher.intake.problems import Mask, Reporter
from matcher.intake.rawtable import RawTable
from matcher.intake.values import Parsed
from matcher.tables import TABLES
from matcher.words.aliases import code_words, fold
from matcher.words.nearest import nearest

_EXCEL_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
_SCIENTIFIC = r"^[0-9](\.[0-9]*)?[eE]\+[0-9]+$"
#: Looking for the nearest code is slow; a column with more strange texts than this has slipped, and no hint helps.
_MOST_HINTS = 100


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
    return _mask(pc.match_substring_regex(cells, values.FULL_WIDTH_DIGIT))


def _numbers(spec: Column, cells: pa.Array, report: Reporter) -> npt.NDArray[np.float64]:
    good = _mask(pc.match_substring_regex(cells, values.NUMBER))
    numbers = pc.cast(pc.if_else(pa.array(good), cells, None), pa.float64()).to_numpy(zero_copy_only=False)
    numbers = _odd_numbers(spec, cells, numbers, ~good & _mask(cells.is_valid()), report)
    report("not_finite", spec.name, np.isinf(numbers))
    numbers = np.where(np.isinf(numbers), np.nan, numbers)
    if spec.type != "number":
        return numbers  # whether a position lies in China takes both coordinates
    outside = (numbers < values.minimum(spec)) | (numbers > values.maximum(spec))
    report("out_of_range", spec.name, outside, bounds=values.bounds(spec))
    return np.where(outside, np.nan, numbers)


def _odd_numbers(
    spec: Column, cells: pa.Array, numbers: npt.NDArray[np.float64], odd: Mask, report: Reporter
) -> npt.NDArray[np.float64]:
    """`numbers` with those that carry a unit or separators; the other cells in `odd` are told by their cause."""
    index = np.flatnonzero(odd)
    if not len(index):
        return numbers
    texts = [values.plain_number(text, spec) for text in cells.take(pa.array(index)).to_pylist()]
    codes = np.array(["" if re.match(values.NUMBER, text) else values.odd_number(text) for text in texts])
    for code in np.unique(codes[codes != ""]):
        report(str(code), spec.name, index[codes == code])
    numbers = numbers.copy()
    numbers[index] = [np.nan if code else float(text) for code, text in zip(codes, texts, strict=True)]
    return numbers


def _by_distinct(
    spec: Column, cells: pa.Array, parse: Callable[[str, Column], Parsed], report: Reporter
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
            hinted = len(odd) <= _MOST_HINTS and trouble.code != "code_understood"
            meant = _nearest(spec.vocabulary, trouble.shown or "") if hinted else ""
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
    return "".join(words[word] for word in nearest(first, words))


_PARSERS = {
    "integer": values.integer,
    "date": values.date,
    "flag": values.flag,
    "code": values.code,
    "codes": values.codes,
}


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
