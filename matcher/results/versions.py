"""Two versions of the data or of the plan: who and what came, went, or is no longer the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from matcher.inputs import Inputs
from matcher.tables import KEYS

if TYPE_CHECKING:
    from matcher.plan.plan import Plan

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


@dataclass(frozen=True)
class Difference:
    """How one plan differs from another.

    Parameters
    ----------
    residents, providers : (int, int, int)
        Rows that came, went and changed.
    moved : int
        Residents of both who have another provider, one instead of none, or none instead of one.
    served : (int, int)
        Persons before and after.
    """

    residents: tuple[int, int, int]
    providers: tuple[int, int, int]
    moved: int
    served: tuple[int, int]


def difference(before: Plan, after: Plan) -> Difference:
    """How a plan differs from an earlier one, in numbers alone."""
    rows = changed_rows(before.inputs, after.inputs).set_index("table")
    rows = rows.reindex(["residents", "providers"], fill_value=0)
    residents, providers = (
        (int(row["came"]), int(row["gone"]), int(row["changed"])) for _, row in rows.iterrows()
    )
    old, new = (
        plan.people.set_index("resident_id")["provider_id"].astype(object).fillna("")
        for plan in (before, after)
    )
    both = old.index.intersection(new.index)
    moved = int((old.loc[both] != new.loc[both]).sum())
    return Difference(residents, providers, moved, (before.outcome.served, after.outcome.served))
