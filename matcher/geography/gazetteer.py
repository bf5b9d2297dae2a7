"""A geopy geocoder that works offline: it looks for names of counties, townships and villages in the address."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pandas as pd
from geopy.geocoders.base import DEFAULT_SENTINEL, Geocoder
from geopy.location import Location

from matcher.tables import PLACE_LEVELS
from matcher.words.aliases import place_words

#: A name shorter than this occurs in too many addresses by chance.
_SHORTEST_NAME = 2
_HAN = "[\u4e00-\u9fff]"


class GazetteerGeocoder(Geocoder):  # type: ignore[misc]  # geopy ships no types
    """Finds the smallest place that an address names, without any network.

    It goes down from city to village, at each level among the places inside the one found above. A name that is only
    part of a longer word does not count, nor one that belongs to a road, an estate or a building (和平路, 红星小区).
    Where two places are named, or one name is borne by two, the place that holds both is the answer: it never
    guesses. An address in a county or township that is not in the table is in none of its villages.

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
        place = self._places.get(self._smallest("".join(query.split())) or "")
        if place is None or place["lat"] is None or place["lon"] is None:
            return None
        return Location(place["name"], (place["lat"], place["lon"]), place)

    def _smallest(self, query: str) -> str | None:
        """Code of the smallest place that is surely meant."""
        code: str | None = None
        for level in reversed(PLACE_LEVELS):
            if self._names_another(query, level, code):
                return None if level in ("province", "city", "county") else code
            named = self._named(query, level, code)
            if named:
                code = self._common(named)
            if len(named) > 1:
                break
        return code

    def _named(self, query: str, level: str, inside: str | None) -> set[str]:
        """Codes of the places of one level, inside a place, that the address names."""
        names = self._names.get((level, inside), ())
        found: set[str] = set()
        for name in sorted({name for name, _ in names if name in query}, key=len, reverse=True):
            if any(_is_meant(query, match) for match in re.finditer(re.escape(name), query)):
                found |= {code for other, code in names if other == name}
            query = query.replace(name, "\n")  # a shorter name inside this one does not count
        return found

    def _names_another(self, query: str, level: str, inside: str | None) -> bool:
        """Whether the address names a unit of this level that is not among those of the table, where it has any."""
        if level == "village" or not self._names.get((level, inside)):
            return False
        known = [name for at in PLACE_LEVELS for name, _ in self._names.get((at, None), ())]
        ends = place_words(f"{level}_ends")
        return any(
            not any(token.endswith(name) or name.endswith(token) for name in known)
            for token in _units(query, ends)
        )

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
    short = next((name.removesuffix(end) for end in place_words("suffixes") if name.endswith(end)), name)
    return {spoken for spoken in (name, short) if len(spoken) >= _SHORTEST_NAME}


def _is_meant(query: str, found: re.Match[str]) -> bool:
    """Whether a name found in an address stands there for the place, and not for something called after it."""
    name, before, after = found.group(), query[: found.start()], query[found.end() :]
    if name.endswith(place_words("unit_ends")):
        return not after.startswith(place_words("unit_roads"))
    if before and not re.search(rf"({_any(place_words('ends_before'))}|[^\u4e00-\u9fff])$", before):
        return False  # the end of a longer name: 大红星村
    if not name.endswith(place_words("village_ends") + place_words("suffixes")):
        part = re.match(rf"({_any(place_words('village_ends'))}|{_parts()}|[^\u4e00-\u9fff0-9]|$)", after)
        if part is None:
            return False  # 和平饭店, 红星大道
        after = after[part.end() :]
    return (
        re.match(rf"[东南西北中上下前后新老{_NUMERALS}]{{0,2}}({_any(place_words('roads'))})", after) is None
    )


_NUMERALS = "0-9０-９一二三四五六七八九十百"


def _parts() -> str:
    """What follows the bare name of a village: its parts, a number before them or not; 和平3组, but not 和平3号路."""
    return rf"[{_NUMERALS}]*({_any(place_words('parts'))})(?!{_any(place_words('roads'))})"


def _any(words: Iterable[str]) -> str:
    return "|".join(words)


def _units(query: str, ends: tuple[str, ...]) -> list[str]:
    """Names of administrative units, with one of some endings, in the part of an address before road or village."""
    head = re.split(rf"[0-9０-９]|{_any(place_words('head_ends'))}", query)[0]
    every = [end for level in PLACE_LEVELS[1:] for end in place_words(f"{level}_ends")]
    tokens = re.findall(rf"{_HAN}+?(?:{_any(every)})", head)
    return [token for token in tokens if token.endswith(ends) and not token.endswith(place_words("no_units"))]
