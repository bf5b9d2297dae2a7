"""Who is served where: by place of every level, mode, tier, distance band; planned shares against the actual."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.candidates import who_waits
from matcher.policy import Policy
from matcher.tables import MODES, OUTPUTS

Ints = npt.NDArray[np.int64]

#: Row of people whose place is not known.
UNKNOWN_PLACE = ""


def ancestors(places: pd.DataFrame) -> dict[str, list[str]]:
    """Each place with all places that contain it, itself first."""
    parent = {
        code: up for code, up in zip(places["place_code"], places["parent_code"], strict=True) if pd.notna(up)
    }
    chains = {}
    for code in places["place_code"]:
        chain = [code]
        while chain[-1] in parent:
            chain.append(parent[chain[-1]])
        chains[code] = chain
    return chains


def home_place(people: pd.DataFrame, sites: pd.DataFrame) -> pd.Series[str]:
    """Place of each person: their own, else that of the site where they stay; missing where neither is known."""
    place_of_site = sites.set_index("site_id")["place_code"]
    return people["place_code"].fillna(people["site_id"].map(place_of_site).astype("str"))


def coverage_table(people: pd.DataFrame, places: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Coverage of every place, of every level, by mode and over all modes.

    Parameters
    ----------
    people : DataFrame[place_code, site_id, mode, served, distance_km]
        `distance_km` is NaN for the unserved.
    places, sites : DataFrame
        The input tables.

    Returns
    -------
    DataFrame
        Columns of ``OUTPUTS["coverage"]``, a row for each place and mode in code order. `share` is NaN where nobody
        lives, quantiles where nobody is served. People whose place is not known have a row with an empty code.
    """
    codes = pd.Index(places["place_code"].sort_values())
    chains = ancestors(places)
    place = home_place(people, sites).fillna(UNKNOWN_PLACE)
    if not place.isin(codes).all():
        codes = pd.Index([UNKNOWN_PLACE]).append(codes)
        chains[UNKNOWN_PLACE] = [UNKNOWN_PLACE]
    home = pd.Categorical(place, categories=codes).codes.astype(np.int64)
    mode = pd.Categorical(people["mode"], categories=MODES).codes.astype(np.int64)
    depth = max((len(chain) for chain in chains.values()), default=0)
    number = {code: i for i, code in enumerate(codes)}
    served = people["served"].to_numpy(bool)
    km = people["distance_km"].to_numpy(np.float64)
    width = len(MODES) + 1
    residents = np.zeros(len(codes) * width, np.int64)
    keys, distances = [], []
    for level in range(depth):
        up = np.array(
            [number[chains[code][level]] if level < len(chains[code]) else -1 for code in codes], np.int64
        )
        inside = up[home] >= 0
        for column in (mode, np.full(len(people), len(MODES))):
            key = up[home] * width + column
            residents += np.bincount(key[inside], minlength=len(residents))
            keys.append(key[served & inside])
            distances.append(km[served & inside])
    cell = np.concatenate(keys) if keys else np.zeros(0, np.int64)
    served_count = np.bincount(cell, minlength=len(residents))
    median, p90 = _quantiles(cell, np.concatenate(distances) if keys else np.zeros(0), len(residents))
    with np.errstate(invalid="ignore"):
        share = np.where(residents > 0, served_count / residents, np.nan)
    return pd.DataFrame(
        {
            "place_code": np.repeat(codes.to_numpy(dtype=object), width),
            "mode": np.tile(np.array([*MODES, "all"], dtype=object), len(codes)),
            "residents": residents,
            "served": served_count,
            "share": share,
            "median_km": median,
            "p90_km": p90,
        },
        columns=list(OUTPUTS["coverage"]),
    ).astype({"place_code": "str", "mode": "str"})


def _quantiles(
    cell: Ints, value: npt.NDArray[np.float64], cells: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Median and 90th percentile of each cell, interpolated linearly as NumPy does; NaN for an empty cell.

    Unknown values are left out.
    """
    known = ~np.isnan(value)
    cell, value = cell[known], value[known]
    count = np.bincount(cell, minlength=cells)
    order = np.lexsort((value, cell))
    ordered = value[order]
    start = np.cumsum(count) - count
    found = []
    for q in (0.5, 0.9):
        at = np.maximum(count - 1, 0) * q
        low = start + np.floor(at).astype(np.int64)
        high = start + np.ceil(at).astype(np.int64)
        filled = count > 0
        result = np.full(len(count), np.nan)
        below, above = ordered[low[filled]], ordered[high[filled]]
        result[filled] = below + (above - below) * (at - np.floor(at))[filled]
        found.append(result)
    return found[0], found[1]


def by_distance_band(people: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Served people by mode and the policy's distance bands.

    Returns
    -------
    DataFrame[mode, from_km, to_km, served]
        Bands are closed above; the last is open (`to_km` inf). People whose distance is not known (a listed journey
        in minutes alone) are in none.
    """
    edges = np.array([0.0, *policy.bands_km, np.inf])
    served = people[people["served"] & people["distance_km"].notna()]
    band = np.searchsorted(edges[1:], served["distance_km"].to_numpy(np.float64), side="left")
    mode = pd.Categorical(served["mode"], categories=MODES).codes.astype(np.int64)
    bands = len(edges) - 1
    counts = np.bincount(mode * bands + band, minlength=len(MODES) * bands)
    rows = [
        (name, edges[i], edges[i + 1], int(counts[m * bands + i]))
        for m, name in enumerate(MODES)
        for i in range(bands)
    ]
    return pd.DataFrame(rows, columns=["mode", "from_km", "to_km", "served"])


def actual_shares(people: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The plan's shares (90/7/3) against the actual ones.

    Visitors are not in the denominator; who waits for a care home is, but lives in none and counts for no mode.

    Returns
    -------
    DataFrame[mode, target_share, local_residents, actual_share]
        `actual_share` is NaN where there is no local resident.
    """
    local = people[people["origin"].fillna("local") == "local"]
    counts = local.loc[~who_waits(local), "mode"].value_counts()
    rows = []
    for mode in MODES:
        if mode in policy.target_shares:
            count = int(counts.get(mode, 0))
            share = count / len(local) if len(local) else np.nan
            rows.append((mode, policy.target_shares[mode], count, share))
    return pd.DataFrame(rows, columns=["mode", "target_share", "local_residents", "actual_share"])
