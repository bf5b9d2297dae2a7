"""Problems of a data folder: what was found where, and the words for it in either language."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from matcher import masking
from matcher.tables import VOCABULARIES
from matcher.words.catalogues import label, t

#: Columns of every table of problems. ``row`` is the row in the spreadsheet (header = 1), missing for a whole file.
PROBLEM_COLUMNS = ("file", "row", "column", "code", "severity", "value", "allowed", "fix")

#: What stops the run: a folder with one of these gives no inputs.
ERRORS = (
    "no_folder",
    "missing_table",
    "table_twice",
    "empty_file",
    "unreadable_file",
    "unknown_encoding",
    "file_too_large",
    "file_too_heavy",
    "too_many_columns",
    "too_many_rows",
    "too_many_cells",
    "cell_too_long",
    "foreign_format",
    "merged_amount",
    "unclosed_quote",
    "ragged_row",
    "no_header",
    "duplicate_column",
    "missing_column",
    "missing_as_of",
    "bad_as_of",
    "missing_datum",
    "unknown_datum",
    "unknown_geocoder",
    "missing_geocoder_setting",
    "bad_routing_setting",
    "excel_error",
    "numeric_id",
    "scientific_id",
    "full_width_digits",
    "empty_required",
    "placeholder_required",
    "not_a_number",
    "not_finite",
    "not_whole",
    "out_of_range",
    "bad_date",
    "incomplete_date",
    "unclear_date",
    "excel_serial",
    "bad_flag",
    "unknown_code",
    "duplicate_id",
    "duplicate_pair",
    "unknown_reference",
    "half_position",
    "zero_position",
    "swapped_position",
    "outside_china",
    "bad_id_form",
    "bad_id_date",
    "bad_id_checksum",
    "future_birth",
    "age_over_120",
    "grade_not_in_scheme",
    "half_season",
    "parent_cycle",
    "empty_travel",
    "unreachable_journey",
)
#: What the user should look at; the run goes on.
WARNINGS = (
    "unknown_file",
    "sheet_ignored",
    "foreign_beside",
    "separator",
    "title_row",
    "total_row",
    "footer_row",
    "heading_row",
    "header_again",
    "merged_cells",
    "merged_across",
    "hidden_rows",
    "filtered_rows",
    "hidden_columns",
    "hidden_sheet",
    "geometry_left_out",
    "accessmod_table",
    "unknown_column",
    "unknown_key",
    "online_geocoder",
    "invisible_characters",
    "placeholder",
    "code_understood",
    "unlisted_code",
    "unknown_area",
    "duplicate_id_number",
    "age_contradicts_birth",
    "id_contradicts_birth",
    "no_age",
    "under_60",
    "scheme_assumed",
    "no_location",
    "clinic_without_site",
    "no_level",
    "parents_from_codes",
    "parent_not_above",
    "no_parent",
    "place_name_unknown",
    "place_name_ambiguous",
)
SEVERITY = dict.fromkeys(ERRORS, "error") | dict.fromkeys(WARNINGS, "warning")

Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Finding:
    """One kind of problem in one column of one file, at one or many rows.

    Parameters
    ----------
    code : str
        Key of `SEVERITY`.
    file : str
        File name; of a missing table, the table's name.
    column : str
        English column name, or the header as found where no column is meant.
    rows : sequence of int
        Rows in the file; empty for a problem of the whole file.
    values : sequence of str
        What stands there, one a row, already masked; a problem of the whole file may have one value.
    params : mapping
        What the words ``problem.<code>.allowed`` and ``.fix`` name. ``vocabulary`` adds its ``codes``;
        ``nearest`` adds a hint to the fix.
    """

    code: str
    file: str
    column: str = ""
    rows: Sequence[int] = ()
    values: Sequence[str] = ()
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many lines it takes in the table."""
        return max(len(self.rows), 1)


@dataclass(frozen=True)
class Reporter:
    """Turns masks over the rows of one table into findings.

    Parameters
    ----------
    table, file : str
    row : int array of shape (n,)
        Row in the file of each record.
    cells : pyarrow.Table
        The texts as they stand in the file, by column.
    found : list of Finding
        Where the findings go.
    """

    table: str
    file: str
    row: npt.NDArray[np.int64]
    cells: pa.Table
    found: list[Finding]

    def __call__(
        self,
        code: str,
        column: str,
        where: Mask | Positions,
        values: Sequence[str] | None = None,
        **params: Any,
    ) -> None:
        """Report `code` for the records `where` (a mask, or positions); `values` stand for the cells when given."""
        index: Positions = np.flatnonzero(where) if where.dtype == bool else where.astype(np.int64)
        if not len(index):
            return
        if values is None:
            values = self._texts(column, index)
        shown = [masked(self.table, column, value) for value in values]
        self.found.append(Finding(code, self.file, column, self.row[index].tolist(), shown, params))

    def whole(self, code: str, column: str, value: str, **params: Any) -> None:
        """Report `code` once for the file, with one value."""
        self.found.append(Finding(code, self.file, column, values=(value,), params=params))

    def empty(self, column: str) -> Mask:
        """Where the file has nothing in `column`, or has no such column."""
        if column not in self.cells.column_names:
            return np.ones(len(self.row), dtype=bool)
        return np.asarray(self.cells[column].is_null().to_numpy(), dtype=bool)

    def _texts(self, column: str, index: Positions) -> list[str]:
        if column not in self.cells.column_names:
            return [""] * len(index)
        return [text or "" for text in self.cells[column].take(pa.array(index)).to_pylist()]


_PERSONAL = {"name": masking.mask_name, "id_number": masking.mask_id_export, "phone": masking.mask_phone}
_ID_RUN = re.compile(r"(?<![0-9])[0-9]{15}(?:[0-9]{2}[0-9Xx])?(?![0-9])")
_PHONE_RUN = re.compile(r"(?<![0-9])1[0-9]{10}(?![0-9])")


def masked(table: str, column: str, text: str) -> str:
    """`text` as a table of problems may show it: nobody's name, phone or id number in clear.

    A cell may have slipped into a foreign column, so what looks like an id number or a phone is masked anywhere.
    The id number keeps its ends only, since a birth date may stand in the next line.
    """
    if table == "residents" and column in _PERSONAL:
        return _PERSONAL[column](text)
    if table == "residents" and column == "address":
        return "*" * len(text)
    plain = unicodedata.normalize("NFKC", text)
    hidden = _PHONE_RUN.sub(
        _starred(masking.mask_phone), _ID_RUN.sub(_starred(masking.mask_id_export), plain)
    )
    return text if hidden == plain else hidden


def _starred(mask: Any) -> Any:
    return lambda match: mask(match.group())


def problem_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """All findings as one table in the order of file, row and column.

    Parameters
    ----------
    findings : iterable of Finding

    Returns
    -------
    pandas.DataFrame
        `PROBLEM_COLUMNS` in English and ``params``, a JSON object, from which `render_problems` makes the words of
        another language. ``row`` is ``Int64``, all else ``str``.
    """
    findings = list(findings)
    once = {
        "file": [finding.file for finding in findings],
        "column": [finding.column for finding in findings],
        "code": [finding.code for finding in findings],
        "severity": [SEVERITY[finding.code] for finding in findings],
        "params": [json.dumps(dict(finding.params), ensure_ascii=False) for finding in findings],
    }
    sizes = [finding.size for finding in findings]
    frame = pd.DataFrame(
        {name: np.repeat(np.array(texts, dtype=object), sizes) for name, texts in once.items()}, dtype="str"
    )
    rows = [row for finding in findings for row in finding.rows or (pd.NA,)]
    values = [value for finding in findings for value in finding.values or [""] * finding.size]
    frame = frame.assign(row=pd.Series(rows, dtype="Int64"), value=pd.Series(values, dtype="str"))
    frame = frame.sort_values(["file", "row", "column", "code"], na_position="first", ignore_index=True)
    return render_problems(frame, "en").assign(params=frame["params"])


def render_problems(problems: pd.DataFrame, lang: str) -> pd.DataFrame:
    """A table of problems with what is allowed and how to mend it in the words of one language.

    Parameters
    ----------
    problems : DataFrame
        From `problem_table`, or some rows of one.
    lang : {"en", "zh"}

    Returns
    -------
    pandas.DataFrame
        `PROBLEM_COLUMNS`.
    """
    key = problems["code"] + "\n" + problems["params"]
    words = {distinct: _words(*distinct.split("\n", 1), lang=lang) for distinct in key.unique().tolist()}
    allowed = key.map({distinct: told[0] for distinct, told in words.items()})
    fix = key.map({distinct: told[1] for distinct, told in words.items()})
    return problems.assign(allowed=allowed.astype("str"), fix=fix.astype("str"))[list(PROBLEM_COLUMNS)]


def _words(code: str, params: str, *, lang: str) -> tuple[str, str]:
    """What is allowed, and how to mend it."""
    values = json.loads(params)
    vocabulary = values.pop("vocabulary", None)
    nearest = values.pop("nearest", "")
    if "form" in values:
        form = values.pop("form")
        values["form"], values["remedy"] = t(f"file_form.{form}", lang), t(f"file_remedy.{form}", lang)
    if vocabulary:
        codes = VOCABULARIES[vocabulary]
        words = [label(vocabulary, code, lang) for code in codes] if lang == "zh" else codes
        values["codes"] = t("problem_hint.comma", lang).join(words)
    allowed, fix = (t(f"problem.{code}.{part}", lang, **values) for part in ("allowed", "fix"))
    return allowed, fix + (t("problem_hint.nearest", lang, nearest=nearest) if nearest else "")


def problems_as_json(problems: pd.DataFrame) -> str:
    """The table as a JSON array of objects with the keys `PROBLEM_COLUMNS`; a missing row is null."""
    table = problems[list(PROBLEM_COLUMNS)].astype({"row": object})
    return json.dumps(table.where(table.notna(), None).to_dict("records"), ensure_ascii=False, indent=1)
