"""Who is served where: by place of every level and mode; planned shares of the modes against the actual."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.pairs import who_waits
from matcher.plan.figures import ALL, share, tally
from matcher.policy.documents import Policy
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


def place_within(places: pd.DataFrame, level: str) -> dict[str, str]:
    """Each place that lies in a place of a level, or is one, with that place."""
    wanted = set(places.loc[places["level"] == level, "place_code"])
    found = {
        code: next((up for up in chain if up in wanted), None) for code, chain in ancestors(places).items()
    }
    return {code: up for code, up in found.items() if up is not None}


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
    width = len(MODES) + 1
    cell, person = _counted_in(_containing(codes, chains)[:, home], mode, width)
    served, km = people["served"].to_numpy(bool), people["distance_km"].to_numpy(np.float64)
    table = tally(cell, served[person], km[person], len(codes) * width)
    table["place_code"] = np.repeat(codes.to_numpy(dtype=object), width)
    table["mode"] = np.tile(np.array([*MODES, ALL], dtype=object), len(codes))
    return table[list(OUTPUTS["coverage"])].astype({"place_code": "str", "mode": "str"})


def _containing(codes: pd.Index, chains: dict[str, list[str]]) -> Ints:
    """Number of the place that contains each place, a row for each step up from itself; −1 above the top."""
    number = {code: i for i, code in enumerate(codes)}
    depth = max((len(chain) for chain in chains.values()), default=0)
    ways = [chains[code] for code in codes]
    up = [[number[way[step]] if step < len(way) else -1 for way in ways] for step in range(depth)]
    return np.array(up, np.int64).reshape(depth, len(codes))


def _counted_in(place: Ints, mode: Ints, width: int) -> tuple[Ints, Ints]:
    """Cells in which each person counts: every place that contains the home, in the own mode and over all modes.

    Parameters
    ----------
    place : (n_steps, n_residents)
        From `_containing`.
    mode : (n_residents,)
    width : int
        Cells of a place; the last is that over all modes.

    Returns
    -------
    cell, person : (n,), (n,)
    """
    step, person = np.nonzero(place >= 0)
    own = place[step, person] * width
    return np.concatenate((own + mode[person], own + width - 1)), np.concatenate((person, person))


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
    rows = [
        (mode, policy.target_shares[mode], int(counts.get(mode, 0)))
        for mode in MODES
        if mode in policy.target_shares
    ]
    table = pd.DataFrame(rows, columns=["mode", "target_share", "local_residents"])
    return table.assign(actual_share=share(table["local_residents"], len(local)))
