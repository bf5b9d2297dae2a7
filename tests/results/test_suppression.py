"""No small count is shown, and none can be worked out of what is shown: held against every table that fits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.results.suppression import LEAST, withheld
from matcher.solve.intervals import intervals
from tests.helpers.examples import examples


def table(counts):
    """Values and sums of a two-way table with margins, cells row by row."""
    counts = np.array(counts)
    whole = np.block([[counts, counts.sum(axis=1, keepdims=True)], [counts.sum(axis=0), counts.sum()]])
    rows, columns = whole.shape
    at = np.arange(whole.size).reshape(whole.shape)
    sums = [(int(at[r, -1]), tuple(at[r, :-1].tolist())) for r in range(rows)]
    sums += [(int(at[-1, c]), tuple(at[:-1, c].tolist())) for c in range(columns)]
    return whole.ravel().astype(np.int64), sums


def fitting(values, hidden, most):
    """Every 2 × 2 table with margins that agrees with what is shown, by trying all counts up to `most`."""
    inner = np.indices((most + 1,) * 4).reshape(4, -1).T
    block = inner.reshape(-1, 2, 2)
    rows = np.concatenate([block, block.sum(axis=2, keepdims=True)], axis=2)
    whole = np.concatenate([rows, rows.sum(axis=1, keepdims=True)], axis=1).reshape(-1, 9)
    return whole[(whole[:, ~hidden] == values[~hidden]).all(axis=1)]


@given(st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=2), min_size=2, max_size=2))
@examples(60)
def test_bounds_are_those_of_every_table_that_fits(drawn):
    values, sums = table(drawn)
    hidden = withheld(values, sums)
    found = fitting(values, hidden, 20)  # all people together
    least, most = intervals(values, sums, hidden)
    assert (found.min(axis=0) == least).all()
    inside = most <= 20  # what is open above is not among those that were tried
    assert (found.max(axis=0) == most)[inside].all()


@given(
    st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=2, max_size=6),
)
@examples(60)
def test_nothing_small_is_shown_and_nothing_withheld_is_known(drawn):
    values, sums = table(drawn)
    hidden = withheld(values, sums)
    assert not ((values > 0) & (values < LEAST) & ~hidden).any()
    least, most = intervals(values, sums, hidden)
    known = hidden & (most - least < LEAST)
    shown = ~hidden & (values > 0)
    beside = {
        at for total, parts in sums if known[[total, *parts]].any() for at in (total, *parts) if shown[at]
    }
    assert not beside  # what is still known has nothing left beside it that could be withheld


def test_one_small_count_takes_three_others_with_it():
    values, sums = table([[3, 50], [60, 70]])
    hidden = withheld(values, sums).reshape(3, 3)
    assert hidden.tolist() == [[True, True, False], [True, True, False], [False, False, False]]


def test_two_that_add_up_to_a_known_small_sum_are_told_from_each_other_by_nobody():
    """Both withheld, but their sum is shown and small: more is withheld."""
    values, sums = table([[1, 2, 40], [30, 31, 32], [33, 34, 35]])
    hidden = withheld(values, sums)
    least, most = intervals(values, sums, hidden)
    assert ((most - least)[hidden] >= LEAST).all()


@pytest.mark.parametrize("drawn", [[[0, 0], [0, 0]], [[9, 8], [7, 6]], [[0, 9], [9, 0]]])
def test_without_small_counts_all_is_shown(drawn):
    values, sums = table(drawn)
    assert not withheld(values, sums).any()
