"""Id numbers: form, check character, birth date and area."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from matcher.intake.idnumber import read_ids
from tests.helpers.folders import GOOD_ID

# The weights and the table of GB 11643-1999, written out by hand.
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"

seventeen = st.builds(
    lambda born, serial: f"510402{born:%Y%m%d}{serial:03d}",
    st.dates(dt.date(1900, 1, 1), dt.date(2020, 12, 31)),
    st.integers(0, 999),
)


def with_check(digits: str) -> str:
    """Seventeen digits and their check character."""
    return (
        digits + CHECK[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11]
    )


def read(*numbers: str | None):
    """Read a column of id numbers."""
    return read_ids(pd.Series(numbers, dtype="str"))


@given(seventeen)
def test_exactly_one_of_eleven_check_characters_is_right(digits):
    """Of the eleven possible last characters the standard's own is accepted, the ten others are refused."""
    ids = read(*(digits + last for last in CHECK))
    assert [digits + last for last, good in zip(CHECK, ids.checked, strict=True) if good] == [
        with_check(digits)
    ]


@given(seventeen, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(digits, position, change):
    """Changing any one of the seventeen digits breaks the check character."""
    right = with_check(digits)
    wrong = str((int(right[position]) + change) % 10)
    assert not read(right[:position] + wrong + right[position + 1 :]).checked[0]


@given(seventeen, st.integers(0, 15))
def test_two_exchanged_neighbours_are_always_found(digits, position):
    """Exchanging two unlike neighbours breaks the check character."""
    right = with_check(digits)
    swapped = right[:position] + right[position + 1] + right[position] + right[position + 2 :]
    assert read(swapped).checked[0] == (swapped == right)


@given(seventeen)
def test_birth_date_is_read_from_the_middle(digits):
    """Characters 7 to 14 are the birth date, in either case of the check character."""
    born = np.datetime64(f"{digits[6:10]}-{digits[10:12]}-{digits[12:14]}")
    ids = read(with_check(digits), with_check(digits).lower())
    assert list(ids.birth) == [born, born]
    assert ids.checked.all()


def test_fifteen_digits_are_valid_and_of_the_twentieth_century():
    """The old form has a two-digit year and no check character."""
    ids = read("510402500105001")
    assert ids.form[0]
    assert ids.checked[0]
    assert ids.birth[0] == np.datetime64("1950-01-05")


def test_a_day_that_no_calendar_has_is_no_birth_date():
    """30 February, month 13 and day 0 give no date; 29 February does in leap years only."""
    days = ("19500230", "19501301", "19500100", "19510229", "19520229")
    ids = read(*(with_check(f"510402{day}001") for day in days))
    assert list(np.isnat(ids.birth)) == [True, True, True, True, False]
    assert ids.form.all()


def test_other_forms_are_refused():
    """Wrong length, letters, superscript and full-width digits, an X in the middle, and nothing at all."""
    full_width = GOOD_ID.translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)})
    strange = ["", "123", GOOD_ID + "1", GOOD_ID[:-1] + "²", full_width, "5104021950010X0016", None]
    assert not read(*strange).form.any()


def test_area_is_checked_by_province():
    """51 is Sichuan, 83 a permit for Taiwan people, 95 a foreigner's card; nothing begins with 99 or 10."""
    assert (
        list(read(*(f"{area}0402195001050016" for area in (51, 83, 95, 99, 10))).area)
        == [True] * 3 + [False] * 2
    )


def test_an_empty_column_is_read():
    """No rows give no answers."""
    assert len(read().form) == 0
