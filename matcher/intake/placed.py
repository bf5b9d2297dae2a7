"""Rules on positions once everybody is placed: who stands at a mere centre, who was guessed, who is far off."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.arrays import numbered
from matcher.geography.sphere import great_circle_km, unit_vectors
from matcher.inputs import Inputs
from matcher.intake.problems import Reporter
from matcher.tables import PLACE_LEVELS

#: Kilometres from the centre of a place beyond which somebody hardly lives in it.
FAR_KM = {"village": 15.0, "township": 40.0, "county": 150.0, "city": 300.0, "province": 1500.0}


def check_placed(before: pd.DataFrame, inputs: Inputs, report: Reporter) -> None:
    """Tell how many rows of a table have a position that may be far from the real one.

    Parameters
    ----------
    before : DataFrame
        The table before it was located.
    inputs : Inputs
        Located.
    report : Reporter
        Of that table.
    """
    table: pd.DataFrame = getattr(inputs, report.table)
    guessed = before["lat"].isna() & before["place_code"].isna() & before["site_id"].isna()
    guessed &= before["address"].notna()
    if guessed.any():
        report.whole("position_by_address", "address", _counts(table.loc[guessed, "precision"]))
    coarse = ~guessed & table["precision"].isin(PLACE_LEVELS[1:])
    if coarse.any():
        report.whole("coarse_position", "place_code", _counts(table.loc[coarse, "precision"]))
    _check_far(before, table, inputs.places, report)


def _counts(precision: pd.Series) -> str:
    return "; ".join(f"{name}: {count}" for name, count in precision.value_counts().sort_index().items())


def _check_far(before: pd.DataFrame, table: pd.DataFrame, places: pd.DataFrame, report: Reporter) -> None:
    """Coordinates of their own that lie far from the centre of the place that the row names."""
    centres = places[(places["precision"] == places["level"]) & places["lat"].notna()]
    at = numbered(table["place_code"], pd.Index(centres["place_code"]))
    own = np.flatnonzero((at >= 0) & before["lat"].notna().to_numpy())
    a, b = (unit_vectors(t["lat"].to_numpy(), t["lon"].to_numpy()) for t in (table, centres))
    km = great_circle_km(a[own], b[at[own]])
    allowed = centres["level"].map(FAR_KM).to_numpy(np.float64)[at[own]]
    far = km > allowed
    report("far_from_place", "lat", own[far], [f"{distance:.0f} km" for distance in km[far]])
