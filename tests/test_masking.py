"""What a mask lets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.masking import mask_id_export, mask_if_id_number, mask_name, mask_phone


@pytest.mark.parametrize(
    ("mask", "text", "masked"),
    [
        (mask_id_export, "510401195001011234", "5****************4"),
        (mask_id_export, "51040119500101123X", "5****************X"),
        (mask_id_export, "E1234", "*****"),
        (mask_id_export, "", ""),
        (mask_phone, "13812345678", "138****5678"),
        (mask_phone, "3331234", "*******"),
        (mask_phone, "", ""),
        (mask_name, "张三", "张*"),
        (mask_name, "欧阳修文", "欧*"),
        (mask_name, "张", "*"),
        (mask_name, "John Smith", "J*"),
        (mask_name, "阿依古丽·买买提", "阿*"),
        (mask_name, "𠮷田", "𠮷*"),
        (mask_name, " 王五 ", "王*"),
        (mask_name, "", ""),
    ],
)
def test_each_mask_keeps_only_what_it_promises(mask, text, masked):
    """One row per shape: full, short, empty."""
    assert mask(text) == masked


@pytest.mark.parametrize("own", ["R000001", "20260101", "123456789012345678", ""])
def test_an_own_id_stays_readable(own):
    """Only what has the shape of a national id number (with a date inside) is masked."""
    assert mask_if_id_number(own) == own


@pytest.mark.parametrize(
    "number",
    [
        "510401195001011234",
        "51040119500101123x",
        "510401500101123",
        "510401189912311234",
        " 510401195001011234 ",
    ],
)
def test_an_id_number_used_as_resident_id_is_masked(number):
    """A register that keys its people by id number does not leak it through the key."""
    assert set(mask_if_id_number(number).strip()[1:-1]) == {"*"}


@given(st.text(min_size=1, max_size=25))
def test_no_mask_shows_a_whole_value_nor_changes_the_length_of_a_number(text):
    """Whatever is written in the cell, at least four characters are hidden, or all."""
    text = text.strip()
    for mask in (mask_id_export, mask_phone):
        masked = mask(text)
        assert len(masked) == len(text)
        assert masked.count("*") >= min(4, len(text))
    assert len(mask_name(text)) <= 2
