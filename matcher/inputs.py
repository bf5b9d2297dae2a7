"""The checked input tables as one frozen value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pandas as pd

from matcher.tables import TABLES


@dataclass(frozen=True)
class Routing:
    """A server that knows the roads; nothing calls it but the command ``travel``.

    Parameters
    ----------
    engine : {"osrm", "valhalla"}
    url : str
        The only address that is ever called.
    profile : str
        OSRM's profile or Valhalla's costing.
    chunk_origins, chunk_providers : int
        Points of each side in one request; a server that refuses so many is asked for less.
    timeout_s : int
        Seconds to wait for an answer.
    """

    engine: str
    url: str
    profile: str
    chunk_origins: int = 50
    chunk_providers: int = 50
    timeout_s: int = 30


@dataclass(frozen=True)
class RoadFile:
    """The roads by which the `travel` table was measured, for scenarios that close some.

    Parameters
    ----------
    file : Path
        OpenStreetMap extract.
    closed : tuple of int
        Ways of it that are closed.
    """

    file: Path
    closed: tuple[int, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """What ``dataset.toml`` says.

    Title, the day on which ages count, datum by table, legal basis, geocoder, and where to ask for travel times. The
    roads are what a command was given beside it.
    """

    as_of: date
    title: str = ""
    datum: dict[str, str] = field(default_factory=dict)
    legal_basis: str = ""
    geocoder: dict[str, str] = field(default_factory=dict)
    routing: Routing | None = None
    roads: RoadFile | None = None


@dataclass(frozen=True)
class Inputs:
    """Typed tables of one data folder, every specified column present.

    Types: ``id``, ``text`` and ``code`` are pandas ``str`` (missing = NaN); ``codes`` are ``str``, sorted, unique,
    joined by ``;`` and ``""`` for none, never missing; ``integer`` is ``Int64``; ``number`` and positions are
    ``float64`` (NaN); ``flag`` is ``boolean``; ``date`` is ``datetime64[s]``. Each table has ``row``, the row in its
    file (header = 1). Positions are WGS-84 once `locate` has run, which adds ``precision``.
    Frames are never changed in place; `replace` makes a new value.
    """

    residents: pd.DataFrame
    providers: pd.DataFrame
    sites: pd.DataFrame
    places: pd.DataFrame
    travel: pd.DataFrame
    candidates: pd.DataFrame
    corrections: pd.DataFrame
    agreements: pd.DataFrame
    attested: pd.DataFrame
    tasks: pd.DataFrame
    visits: pd.DataFrame
    staff: pd.DataFrame
    stays: pd.DataFrame
    signings: pd.DataFrame
    consortia: pd.DataFrame
    dataset: Dataset

    def replace(self, **changes: object) -> Inputs:
        """A copy with some tables exchanged."""
        return replace(self, **changes)  # type: ignore[arg-type]


DTYPES = {
    "id": "str",
    "text": "str",
    "code": "str",
    "codes": "str",
    "integer": "Int64",
    "number": "float64",
    "flag": "boolean",
    "date": "datetime64[s]",
    "latitude": "float64",
    "longitude": "float64",
}


def typed_frame(table: str, rows: Iterable[Mapping[str, object]] = ()) -> pd.DataFrame:
    """A table of clean Python values in the types that `Inputs` promises.

    Parameters
    ----------
    table : str
        Key of ``tables.TABLES``.
    rows : iterable of mapping
        Column to value; what is not named is missing. Lists stand for ``codes``.

    Returns
    -------
    pandas.DataFrame
        All specified columns and ``row`` (numbered from 2, as in a file).

    Raises
    ------
    KeyError
        When a row names a column that the table does not have.
    """
    rows = list(rows)
    specs = {column.name: column for column in TABLES[table]}
    for values in rows:
        for name in values:
            if name not in specs:
                raise KeyError(f"{table}.{name}")
    frame = pd.DataFrame(
        {
            name: pd.Series([_clean(spec.type, values.get(name)) for values in rows], dtype=DTYPES[spec.type])
            for name, spec in specs.items()
        }
    )
    frame["row"] = pd.Series(range(2, len(rows) + 2), dtype="int64")
    return frame


def _clean(type_: str, value: object) -> object:
    if type_ != "codes":
        return None if value == "" else value
    codes = value.split(";") if isinstance(value, str) else list(value or ())  # type: ignore[call-overload]
    return ";".join(sorted({str(code) for code in codes if code}))
