"""How many people there are, how many of them are served, and how far away: counted here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.policy.documents import Policy
from matcher.tables import MODES

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Stands for "over all modes", as in the coverage table.
ALL = "all"


@dataclass(frozen=True)
class Figures:
    """Counts of persons and distances of the served.

    Parameters
    ----------
    residents, local, served : int
        Persons.
    share : float or None
        Served of residents; None where there is nobody.
    median_km, p90_km, mean_km : float or None
        Of the served whose distance is known; None where there is none.
    unknown_km : int
        Served persons whose distance is not known: a journey listed in minutes alone, from or to no position.
    """

    residents: int
    local: int
    served: int
    share: float | None
    median_km: float | None
    p90_km: float | None
    mean_km: float | None
    unknown_km: int

    @property
    def unserved(self) -> int:
        """Persons without a provider."""
        return self.residents - self.served


def count_people(people: pd.DataFrame) -> Figures:
    """The figures of these people together.

    Parameters
    ----------
    people : DataFrame[served, distance_km, origin]
        Some of the people of a plan; a missing origin is local.
    """
    row = _tally_of(people, np.zeros(len(people), np.int64), 1).iloc[0]
    return Figures(
        residents=len(people),
        local=int((people["origin"].fillna("local") == "local").sum()),
        served=int(row["served"]),
        share=_known(row["share"]),
        median_km=_known(row["median_km"]),
        p90_km=_known(row["p90_km"]),
        mean_km=_known(row["mean_km"]),
        unknown_km=int(row["unknown_km"]),
    )


def count_by(people: pd.DataFrame, column: str, values: Sequence[object]) -> pd.DataFrame:
    """The figures of the people with each value of a column.

    Parameters
    ----------
    people : DataFrame[served, distance_km, `column`]
    column : str
        Holds some of `values` and nothing else.
    values : sequence

    Returns
    -------
    DataFrame
        `column`, one row a value, in this order; then as `tally`.
    """
    cell = pd.Categorical(people[column], categories=list(values)).codes.astype(np.int64)
    table = _tally_of(people, cell, len(values))
    table.insert(0, column, list(values))
    return table


def _tally_of(people: pd.DataFrame, cell: Ints, cells: int) -> pd.DataFrame:
    return tally(cell, people["served"].to_numpy(bool), people["distance_km"].to_numpy(np.float64), cells)


def tally(cell: Ints, served: Bools, km: Floats, cells: int) -> pd.DataFrame:
    """Count people by cell.

    Parameters
    ----------
    cell : (n,)
        0 … `cells` − 1: one entry for each person, several where a person counts in several cells.
    served : (n,)
    km : (n,)
        NaN where not known, and for whom nobody serves.
    cells : int

    Returns
    -------
    DataFrame[residents, served, share, median_km, p90_km, mean_km, unknown_km]
        A row for each cell. `share` is NaN where nobody is. The kilometres are those of the served whose distance is
        known, NaN where there is none; `unknown_km` counts the others of the served.
    """
    residents, of_served = np.bincount(cell, minlength=cells), np.bincount(cell[served], minlength=cells)
    known = served & ~np.isnan(km)
    cell, km = cell[known], km[known]
    count = np.bincount(cell, minlength=cells)
    order = np.argsort(km)
    # Sixteen bits are sorted by radix, many times faster.
    small = np.uint16 if cells < 2**16 else np.int64
    ordered = km[order[np.argsort(cell[order].astype(small), kind="stable")]]
    return pd.DataFrame(
        {
            "residents": residents,
            "served": of_served,
            "share": share(of_served, residents),
            "median_km": _quantile(ordered, count, 0.5),
            "p90_km": _quantile(ordered, count, 0.9),
            "mean_km": share(np.bincount(cell, km, cells), count),
            "unknown_km": of_served - count,
        }
    )


def share(part: npt.ArrayLike, whole: npt.ArrayLike) -> Floats:
    """Part by part of a whole; NaN where the whole is nothing."""
    part, whole = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    shares = np.full(np.broadcast(part, whole).shape, np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares


def _quantile(ordered: Floats, count: Ints, q: float) -> Floats:
    """Quantile of each cell, interpolated linearly as NumPy does; NaN for an empty cell.

    Parameters
    ----------
    ordered : (n,)
        Values of the first cell, ascending, then of the next.
    count : (n_cells,)
        Values of each cell.
    """
    start, filled = np.cumsum(count) - count, count > 0
    at = np.maximum(count - 1, 0) * q
    below = ordered[(start + np.floor(at).astype(np.int64))[filled]]
    above = ordered[(start + np.ceil(at).astype(np.int64))[filled]]
    result = np.full(len(count), np.nan)
    result[filled] = below + (above - below) * (at - np.floor(at))[filled]
    return result


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def by_distance_band(people: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Served people by mode and the policy's distance bands.

    Parameters
    ----------
    people : DataFrame[mode, served, distance_km]
    policy : Policy

    Returns
    -------
    DataFrame[mode, from_km, to_km, served]
        Bands are closed above; the last is open (`to_km` inf). People whose distance is not known are in none.
    """
    edges = np.array([0.0, *policy.bands_km, np.inf])
    served = people[people["served"] & people["distance_km"].notna()]
    band = np.searchsorted(edges[1:], served["distance_km"].to_numpy(np.float64), side="left")
    mode = pd.Categorical(served["mode"], categories=MODES).codes.astype(np.int64)
    bands = len(edges) - 1
    counts = np.bincount(mode * bands + band, minlength=len(MODES) * bands)
    return pd.DataFrame(
        {
            "mode": np.repeat(np.array(MODES, dtype=object), bands),
            "from_km": np.tile(edges[:-1], len(MODES)),
            "to_km": np.tile(edges[1:], len(MODES)),
            "served": counts,
        }
    ).astype({"mode": "str"})
