"""National id numbers (GB 11643-1999): form, check character, birth date, province.

Eighteen characters: six of the area, eight of the birth date, three of sequence, one ISO 7064 MOD 11-2 check
character. The fifteen of the old form have a two-digit year of the 20th century and no check character.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_FORM = r"^([0-9]{17}[0-9Xx]|[0-9]{15})$"
_WEIGHTS = np.array([2 ** (17 - position) % 11 for position in range(17)])
_CHECK = np.frombuffer(b"10X98765432", dtype=np.uint8)
#: First two digits: provinces (GB/T 2260), then permits of Taiwan, Hong Kong and Macau people, and of foreigners
#: (9 and the first digit of a province).
_AREAS = np.array(
    [
        *(11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46),
        *(50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83, 91, 92, 93, 94, 95, 96),
    ]
)


@dataclass(frozen=True)
class IdNumbers:
    """What a column of id numbers says, one entry a row; a missing number is of no form.

    Parameters
    ----------
    form : bool array
        18 characters with a digit or X at the end, or 15 digits.
    checked : bool array
        The check character is right; true for 15 digits, which have none.
    birth : datetime64[D] array
        NaT where the form is wrong or the calendar has no such day.
    area : bool array
        The first two digits are in use.
    """

    form: npt.NDArray[np.bool_]
    checked: npt.NDArray[np.bool_]
    birth: npt.NDArray[np.datetime64]
    area: npt.NDArray[np.bool_]


def read_ids(numbers: pd.Series) -> IdNumbers:
    """Take id numbers apart.

    Parameters
    ----------
    numbers : Series of str
        As written; missing stays without form.
    """
    cells = pa.array(numbers, pa.large_string())
    form = pc.fill_null(pc.match_substring_regex(cells, _FORM), False)
    length = pc.binary_length(cells)
    checked = np.zeros(len(cells), dtype=bool)
    birth = np.full(len(cells), np.datetime64("NaT", "D"))
    area = np.zeros(len(cells), dtype=bool)
    for size in (18, 15):
        of_size = pc.fill_null(pc.and_(form, pc.equal(length, size)), False)
        where = np.flatnonzero(of_size.to_numpy(zero_copy_only=False))
        digits = _characters(cells.take(pa.array(where)), size)
        checked[where] = _check_character(digits) == digits[:, 17] if size == 18 else True
        birth[where] = _dates(digits[:, 6:14] if size == 18 else digits[:, 6:12])
        area[where] = np.isin(_number(digits[:, :2]), _AREAS)
    return IdNumbers(form.to_numpy(zero_copy_only=False), checked, birth, area)


def _characters(cells: pa.Array, size: int) -> npt.NDArray[np.uint8]:
    """ASCII texts of one length as a matrix of capital characters."""
    fixed = pc.ascii_upper(cells).cast(pa.large_binary()).cast(pa.binary(size))
    start = fixed.offset * size
    return np.frombuffer(fixed.buffers()[1], dtype=np.uint8)[start : start + len(fixed) * size].reshape(
        -1, size
    )


def _check_character(digits: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    sums = (digits[:, :17].astype(np.int64) - ord("0")) @ _WEIGHTS
    return np.asarray(_CHECK[sums % 11])


def _number(digits: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    powers = 10 ** np.arange(digits.shape[1])[::-1]
    return np.asarray((digits.astype(np.int64) - ord("0")) @ powers)


def _dates(digits: npt.NDArray[np.uint8]) -> npt.NDArray[np.datetime64]:
    """YYYYMMDD, or YYMMDD of the 20th century, as days; NaT where there is no such day."""
    year = _number(digits[:, :-4]) + (0 if digits.shape[1] == 8 else 1900)
    month, day = _number(digits[:, -4:-2]), _number(digits[:, -2:])
    first = (np.datetime64("0000-01", "M") + (year * 12 + month - 1)).astype("datetime64[D]")
    dates = first + (day - 1)
    same_month = dates.astype("datetime64[M]") == first.astype("datetime64[M]")
    real = (month >= 1) & (month <= 12) & (day >= 1) & same_month
    return np.where(real, dates, np.datetime64("NaT", "D"))
