"""Two scenarios of a comparison, place by place: where more, where fewer people are served."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from matcher.scenario.comparison import Comparison

#: Columns of `place_differences`.
COLUMNS = (
    *("place_code", "name", "lat", "lon"),
    *("residents_a", "served_a", "share_a", "residents_b", "served_b", "share_b"),
    *("served_more", "share_more"),
)


def place_differences(told: Comparison, a: str, b: str, places: pd.DataFrame) -> pd.DataFrame:
    """A less B at some places.

    Parameters
    ----------
    told : Comparison
        With both.
    a, b : str
        Names of scenarios, ``comparison.BASELINE`` for the data as they are.
    places : DataFrame[place_code, name, lat, lon]
        Rows of the input table, of one level.

    Returns
    -------
    DataFrame
        `COLUMNS`: ``served_more`` in persons, ``share_more`` in shares (missing where nobody lives on one of the two
        sides); the greatest loss first, then the greatest gain last, by code where they are equal.
    """
    totals = told.tables["totals"].query("by == 'place'")
    columns = ["key", "residents", "served", "share"]
    table = places[["place_code", "name", "lat", "lon"]]
    for side, name in (("a", a), ("b", b)):
        rows = totals.loc[totals["scenario"] == name, columns].add_suffix(f"_{side}")
        table = table.merge(rows, left_on="place_code", right_on=f"key_{side}", how="inner")
    table = table.assign(
        name=table["name"].fillna(table["place_code"]),
        served_more=table["served_a"] - table["served_b"],
        share_more=table["share_a"] - table["share_b"],
    )
    table = table.sort_values(["served_more", "place_code"], ignore_index=True)
    return table[list(COLUMNS)]


def difference_classes(table: pd.DataFrame, bounds: Sequence[float]) -> pd.DataFrame:
    """How many places, with how many people, differ by how much.

    Parameters
    ----------
    table : DataFrame
        From `place_differences`.
    bounds : sequence of float
        Of ``share_more``: the classes lie below the first, between two, and from the last on; each holds its lower
        bound.

    Returns
    -------
    DataFrame[places, residents]
        By number of the class; residents are those of A. Places without a difference (nobody lives there) are in none.
    """
    known = table[table["share_more"].notna()]
    number = np.searchsorted(np.asarray(bounds), known["share_more"].to_numpy(np.float64), side="right")
    classes = range(len(bounds) + 1)
    grouped = known.groupby(number)["residents_a"].agg(["size", "sum"]).reindex(classes, fill_value=0)
    return grouped.rename(columns={"size": "places", "sum": "residents"}).astype("int64")
