"""Problems of a data folder: their codes, and what was found where."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matcher import masking

#: What stops the run: a folder with one of these gives no inputs. In the order in which causes come before effects.
ERRORS = (
    "no_folder",
    "missing_table",
    "table_twice",
    "empty_file",
    "unreadable_file",
    "unreadable_setting",
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
    "outlines_form",
    "basemap_form",
    "outline_no_code",
    "outline_bad",
    "outline_swapped",
    "no_header",
    "foreign_travel",
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
    "place_and_person",
    "unknown_reference",
    "correction_value",
    "half_position",
    "zero_position",
    "swapped_position",
    "outside_china",
    "future_birth",
    "visit_in_future",
    "age_over_120",
    "grade_not_in_scheme",
    "half_season",
    "stay_backwards",
    "signing_backwards",
    "two_leads",
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
    "outline_empty",
    "outline_unknown",
    "outline_datum",
    "basemap_class",
    "basemap_bad",
    "accessmod_table",
    "unknown_column",
    "unknown_key",
    "online_geocoder",
    "invisible_characters",
    "placeholder",
    "code_understood",
    "unlisted_code",
    "bad_id_form",
    "bad_id_date",
    "bad_id_checksum",
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
    "local_in_hotel",
    "guest_without_origin",
    "home_at_care_home",
    "care_home_elsewhere",
    "care_home_without_site",
    "more_people_than_beds",
    "special_beds_above_beds",
    "agreement_with_closed",
    "run_by_village_clinic",
    "operator_not_medical",
    "site_without_residents",
    "site_kind_mismatch",
    "agreement_closed",
    "level_of_village_clinic",
    "upstream_cycle",
    "upstream_level",
    "done_without_evidence",
    "assessed_in_future",
    "lead_not_hospital",
    "private_clinic_public",
    "young_visitor",
    "person_twice",
    "provider_twice",
    "household_apart",
    "position_by_address",
    "coarse_position",
    "far_from_place",
    "travel_unit_km",
    "travel_unit_minutes",
    "travel_below_line",
    "travel_far_around",
    "travel_too_fast",
    "travel_too_slow",
    "travel_minutes_alone",
    "travel_km_alone",
    "travel_from_above",
    "travel_from_nowhere",
    "travel_to_closed",
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
