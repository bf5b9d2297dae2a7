"""Addresses → positions through geopy: our offline gazetteer by default, Nominatim or Baidu where configured.

Those two send addresses of people to somebody else's computer: nothing calls them unless ``dataset.toml`` asks for
one and whoever starts the program allows it (`dataset.ONLINE_VARIABLE`). They go to the services' own addresses.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from geopy.exc import GeopyError
from geopy.geocoders import BaiduV3, Nominatim

from matcher.geography.datum import in_china, to_wgs84
from matcher.geography.gazetteer import GazetteerGeocoder
from matcher.tables import PLACE_LEVELS

#: Datum of what each geocoder answers, and the pause in seconds that its terms of use ask for.
_DATUM = {"baidu": "bd09"}
_PAUSE_S = {"nominatim": 1.0, "baidu": 0.05}
#: Where the key for Baidu stands: in the environment, never in a file of the data.
BAIDU_KEY_VARIABLE = "MATCHER_BAIDU_KEY"
_TIMEOUT_S = 10
#: Failures in a row after which a service is taken to be out of reach.
_MOST_FAILURES = 3


class GeocodingWarning(UserWarning):
    """A geocoding service failed; the rows concerned stay without position."""


def make_geocoder(name: str, *, places: pd.DataFrame | None = None, **settings: str) -> Any:
    """A geopy geocoder by name.

    Parameters
    ----------
    name : {"gazetteer", "nominatim", "baidu"}
    places : DataFrame, optional
        Located places, for the gazetteer.
    **settings : str
        ``user_agent`` (Nominatim). Baidu's key comes from the environment, `BAIDU_KEY_VARIABLE`.

    Raises
    ------
    KeyError
        For an unknown name, or a setting or environment variable that is missing.
    """
    if name == "gazetteer":
        if places is None:
            raise KeyError("places")
        return GazetteerGeocoder(places)
    if name == "nominatim":
        return Nominatim(user_agent=settings["user_agent"], timeout=_TIMEOUT_S)
    if name == "baidu":
        return BaiduV3(api_key=os.environ[BAIDU_KEY_VARIABLE], timeout=_TIMEOUT_S)
    raise KeyError(name)


def geocode(addresses: Iterable[str], settings: Mapping[str, str], places: pd.DataFrame) -> pd.DataFrame:
    """Positions of addresses, each distinct one asked for once.

    Parameters
    ----------
    addresses : iterable of str
    settings : mapping
        ``name`` of the geocoder and its settings; empty for the gazetteer.
    places : DataFrame
        Located places with ``precision``.

    Returns
    -------
    pandas.DataFrame
        Index the addresses that were found; columns ``lat``, ``lon`` (WGS-84) and ``precision``: ``"address"``,
        or of the gazetteer the level of the place that it found. An address that is sure of no more than its city is
        not found.

    Warns
    -----
    GeocodingWarning
        When a service fails. After three failures in a row it is asked no more.
    """
    settings = dict(settings)
    name = settings.pop("name", "gazetteer")
    distinct = list(dict.fromkeys(addresses))
    found = _ask(make_geocoder(name, places=places, **settings), distinct, _PAUSE_S.get(name, 0.0))
    lat, lon = (np.array([getattr(place, axis) for place in found.values()], dtype=float) for axis in _AXES)
    lat, lon = to_wgs84(lat, lon, _DATUM.get(name, "wgs84"))
    precision: Any = "address"
    if name == "gazetteer":
        levels = places.set_index("place_code")["precision"]
        precision = levels.reindex([place.raw["place_code"] for place in found.values()]).to_numpy()
    index = pd.Index(list(found), dtype="str")
    table = pd.DataFrame({"lat": lat, "lon": lon, "precision": precision}, index=index).astype(
        {"precision": "str"}
    )
    # Who is somewhere in a city, or a province, is not at its centre.
    return table[in_china(lat, lon) & ~table["precision"].isin(PLACE_LEVELS[-2:])]


_AXES = ("latitude", "longitude")


def _ask(geocoder: Any, addresses: list[str], pause_s: float) -> dict[str, Any]:
    """What the geocoder finds, by address; a service that fails loses rows, never the run."""
    found: dict[str, Any] = {}
    failures, in_a_row, reason = 0, 0, ""
    for number, address in enumerate(addresses):
        if in_a_row == _MOST_FAILURES:
            failures += len(addresses) - number
            break
        try:
            location = geocoder.geocode(address)
            in_a_row = 0
            if location is not None:
                found[address] = location
        except GeopyError as error:
            failures, in_a_row, reason = failures + 1, in_a_row + 1, type(error).__name__
        time.sleep(pause_s)
    if failures:
        warnings.warn(f"{failures} addresses were not looked up ({reason})", GeocodingWarning, stacklevel=2)
    return found
