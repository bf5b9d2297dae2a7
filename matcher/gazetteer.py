"""A geopy geocoder that works offline: it looks for names of counties, townships and villages in the address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pandas as pd
from geopy.geocoders.base import DEFAULT_SENTINEL, Geocoder
from geopy.location import Location

from matcher.aliases import place_suffixes
from matcher.tables import PLACE_LEVELS

#: A name shorter than this occurs in too many addresses by chance.
_SHORTEST_NAME = 2


class GazetteerGeocoder(Geocoder):  # type: ignore[misc]  # geopy ships no types
    """Finds the smallest place that an address names, without any network.

    It goes down from city to village, at each level among the places inside the one found above; a name that is
    only part of a longer one does not count. Where two places are named, the place that holds both is the answer:
    it never guesses.

    Parameters
    ----------
    places : DataFrame
        ``place_code``, ``name``, ``level``, ``parent_code``, ``lat``, ``lon`` (WGS-84).
    """

    def __init__(self, places: pd.DataFrame) -> None:
        super().__init__()
        columns = ["place_code", "name", "level", "parent_code", "lat", "lon"]
        records = places[columns].astype(object).where(places[columns].notna(), None).to_dict("records")
        self._places: dict[str, dict[Any, Any]] = {record["place_code"]: record for record in records}
        self._chains = {code: self._chain(code) for code in self._places}
        self._names: dict[tuple[str, str | None], list[tuple[str, str]]] = defaultdict(list)
        for code, chain in self._chains.items():
            for name in _spoken_names(self._places[code]["name"] or ""):
                for inside in (None, *chain[1:]):
                    self._names[self._places[code]["level"], inside].append((name, code))

    def geocode(
        self, query: str, *, exactly_one: bool = True, timeout: Any = DEFAULT_SENTINEL
    ) -> Location | None:
        """The place that `query` names, as geopy gives it; None when it names none with a position.

        ``raw`` holds the row of the place.
        """
        code: str | None = None
        for level in reversed(PLACE_LEVELS):
            named = self._named(query, level, code)
            if named:
                code = self._common(named)
            if len(named) > 1:
                break
        place = self._places.get(code or "")
        if place is None or place["lat"] is None or place["lon"] is None:
            return None
        return Location(place["name"], (place["lat"], place["lon"]), place)

    def _named(self, query: str, level: str, inside: str | None) -> set[str]:
        """Codes of the places of one level, inside a place, that the address names."""
        names = self._names.get((level, inside), ())
        found: set[str] = set()
        for name in sorted({name for name, _ in names if name in query}, key=len, reverse=True):
            if name in query:
                found |= {code for other, code in names if other == name}
                query = query.replace(name, "\n")  # a shorter name inside this one does not count
        return found

    def _common(self, codes: Iterable[str]) -> str | None:
        """The smallest place that is or holds all of `codes`."""
        chains = [self._chains[code] for code in codes]
        shared = set(chains[0]).intersection(*chains[1:])
        return next((code for code in chains[0] if code in shared), None)

    def _chain(self, code: str) -> list[str]:
        """The place and what holds it, smallest first."""
        chain: list[str] = []
        current: str | None = code
        while current in self._places and current not in chain:
            chain.append(current)
            current = self._places[current]["parent_code"]
        return chain


def _spoken_names(name: str) -> set[str]:
    """The official name and what an address makes of it."""
    short = next((name.removesuffix(end) for end in place_suffixes() if name.endswith(end)), name)
    return {spoken for spoken in (name, short) if len(spoken) >= _SHORTEST_NAME}
