"""Two versions of the data: who and what came, went, or is no longer the same."""

from __future__ import annotations

import pandas as pd

from matcher.inputs import Inputs
from matcher.tables import KEYS

#: Columns of `changed_rows`.
COLUMNS = ("table", "came", "gone", "changed", "same")


def changed_rows(before: Inputs, after: Inputs) -> pd.DataFrame:
    """Rows that came, went, changed or stayed, by table.

    Parameters
    ----------
    before, after : Inputs
        Rows are told apart by the keys of their table; where a row stands in its file is no difference.

    Returns
    -------
    DataFrame
        `COLUMNS`: tables that have rows in one of the two.
    """
    rows = []
    for table, keys in KEYS.items():
        old, new = (_by_key(getattr(inputs, table), keys) for inputs in (before, after))
        both = old.index.intersection(new.index)
        same = int((old.loc[both] == new.loc[both]).all(axis=1).sum()) if len(both) else 0
        if len(old) or len(new):
            rows.append((table, len(new) - len(both), len(old) - len(both), len(both) - same, same))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _by_key(table: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    """Cells as texts, by key; missing ones alike."""
    index = (
        pd.MultiIndex.from_frame(table[list(keys)].astype(str)) if len(keys) > 1 else pd.Index(table[keys[0]])
    )
    cells = table.drop(columns=[*keys, "row"], errors="ignore").astype(object)
    return cells.where(cells.notna(), "").astype(str).set_axis(index)
