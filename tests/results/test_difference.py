"""Differences agree with the rounded figures beside them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.results.difference import signed


@pytest.mark.parametrize(
    ("old", "new", "digits", "factor", "told"),
    [
        (0.8124, 0.8126, 1, 100, "+0.1"),  # 81.2% and 81.3%
        (0.81251, 0.81349, 1, 100, "±0.0"),  # 81.3% both
        (12000, 10766, 0, 1, "−1,234"),
        (3, 3, 0, 1, "±0"),
        (2.34, 2.36, 1, 1, "+0.1"),
    ],
)
def test_the_difference_is_that_of_the_figures_shown(old, new, digits, factor, told):
    """Worked by hand."""
    assert signed(old, new, digits, factor) == told


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 3))
def test_whoever_subtracts_what_is_shown_finds_it(old, new, digits):
    """For percentages as the pages format them."""
    shown_old, shown_new = (Decimal(f"{share:.{digits + 2}f}") for share in (old, new))
    told = Decimal(signed(old, new, digits + 2).replace("−", "-").replace("±", "").replace(",", ""))
    assert shown_old + told == shown_new
