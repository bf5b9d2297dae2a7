"""Where everybody is: WGS-84 positions from a row's own coordinates, else its site, its place or its address."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from matcher.geography.datum import to_wgs84
from matcher.geography.geocode import geocode
from matcher.inputs import Dataset, Inputs
from matcher.tables import PLACE_LEVELS

_POSITION = ["lat", "lon", "precision"]


def locate(inputs: Inputs) -> Inputs:
    """Inputs with every position that can be known, in WGS-84.

    A row's own coordinates go first. Then a resident takes those of the site, when living or gathering there (any
    ``living_setting`` but ``own_home``; empty follows the site); a provider and a candidate those of their site. Then
    the place stands in, and for a place without coordinates the nearest place above it. Last, a row with nothing
    but an address is looked up by the geocoder of the data set, else in the gazetteer of `inputs.places`.

    Parameters
    ----------
    inputs : Inputs
        Positions in the datums of ``inputs.dataset.datum``; a table not named there is in WGS-84.

    Returns
    -------
    Inputs
        ``lat`` and ``lon`` filled where possible (NaN else) and the column ``precision`` (one of `tables.POSITIONS`)
        in residents, providers, candidates, sites and places; ``dataset.datum`` is WGS-84 for all of them. Outlines are
        read apart and keep theirs.

    Warns
    -----
    GeocodingWarning
        When an online geocoder fails; the rows concerned have precision ``"none"``.
    """
    dataset = inputs.dataset
    places = _fill_from_above(_own(inputs, "places"))
    sites = _borrow(_own(inputs, "sites"), "place_code", places)
    at_sites = sites.assign(precision=sites["precision"].replace({"own": "site"}))
    tables = {"places": places, "sites": sites}
    for name in ("residents", "providers", "candidates"):
        table = _own(inputs, name)
        there = table["living_setting"] != "own_home" if name == "residents" else None
        table = _borrow(table, "site_id", at_sites, there)
        table = _borrow(table, "place_code", places)
        tables[name] = _look_up(table, dataset, places)
    return inputs.replace(
        **tables, dataset=replace(dataset, datum=dataset.datum | dict.fromkeys(tables, "wgs84"))
    )


def _own(inputs: Inputs, name: str) -> pd.DataFrame:
    """A table with its own coordinates in WGS-84."""
    table: pd.DataFrame = getattr(inputs, name)
    datum = inputs.dataset.datum.get(name, "wgs84")
    lat, lon = to_wgs84(table["lat"].to_numpy(), table["lon"].to_numpy(), datum)
    precision = _by_coordinates(table)
    return table.assign(lat=lat, lon=lon, precision=precision)


def precisions(table: pd.DataFrame) -> pd.Series:
    """How each row was placed, one of `tables.POSITIONS`; by its coordinates alone where `locate` has not seen it."""
    own = _by_coordinates(table)
    return table["precision"].fillna(own) if "precision" in table else own


def _by_coordinates(table: pd.DataFrame) -> pd.Series:
    return pd.Series("own", index=table.index, dtype="str").where(table["lat"].notna(), "none")


def _fill_from_above(places: pd.DataFrame) -> pd.DataFrame:
    """Places with the position of the nearest place above where they have none, and the level it comes from.

    A place of unknown level counts as coarse as a province, so that no precision is claimed that nobody gave.
    """
    level = places["level"].fillna(PLACE_LEVELS[-1])
    places = places.assign(precision=level.where(places["lat"].notna(), "none"))
    while True:
        lacking = places["lat"].isna().sum()
        places = _borrow(places, "parent_code", places)
        if places["lat"].isna().sum() == lacking:
            return places


def _borrow(
    table: pd.DataFrame, key: str, source: pd.DataFrame, where: pd.Series | None = None
) -> pd.DataFrame:
    """`table` with position and precision of the row of `source` that `key` names, where it has no position.

    The first column of `source` is its id. `where` leaves out other rows.
    """
    lacking = table["lat"].isna() & table[key].notna()
    if where is not None:
        lacking &= where
    if not lacking.any():
        return table
    found = source.set_index(source.columns[0])[_POSITION].reindex(table.loc[lacking, key])
    found = found[found["lat"].notna()]
    rows = lacking[lacking].index[table.loc[lacking, key].isin(found.index)]
    return _placed(table, rows, found)


def _look_up(table: pd.DataFrame, dataset: Dataset, places: pd.DataFrame) -> pd.DataFrame:
    """`table` with positions of the addresses, where a row has neither a position nor a place."""
    lacking = table["lat"].isna() & table["place_code"].isna() & table["address"].notna()
    if not lacking.any():
        return table
    addresses = table.loc[lacking, "address"]
    found = geocode(addresses, dataset.geocoder, places)
    known = addresses[addresses.isin(found.index)]
    return _placed(table, known.index, found.reindex(known))


def _placed(table: pd.DataFrame, rows: pd.Index, found: pd.DataFrame) -> pd.DataFrame:
    """A copy of `table` with the positions `found` in `rows`, in the same order."""
    table = table.copy()
    for column in _POSITION:
        table.loc[rows, column] = found[column].to_numpy()
    return table
