"""Three-row tables for tests: name only the columns that matter, the rest is missing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date

from matcher.care_tables import CARE_TABLES
from matcher.inputs import Dataset, Inputs, typed_frame

Row = Mapping[str, object]

#: One kilometre of latitude on the sphere of radius 6371.009 km, in degrees.
KM = math.degrees(1 / 6371.009)

VILLAGE = {
    "place_code": "V1",
    "name": "一村",
    "level": "village",
    "parent_code": "T1",
    "lat": 26.5,
    "lon": 101.7,
}
TOWNSHIP = {
    "place_code": "T1",
    "name": "甲镇",
    "level": "township",
    "parent_code": "C1",
    "lat": 26.5,
    "lon": 101.7,
}
COUNTY = {
    "place_code": "C1",
    "name": "乙县",
    "level": "county",
    "parent_code": "CITY",
    "lat": 26.5,
    "lon": 101.7,
}
CITY = {"place_code": "CITY", "name": "丙市", "level": "city", "lat": 26.5, "lon": 101.7}
PLACES = (CITY, COUNTY, TOWNSHIP, VILLAGE)


def make_inputs(
    residents: Iterable[Row] = (),
    providers: Iterable[Row] = (),
    sites: Iterable[Row] = (),
    places: Iterable[Row] = PLACES,
    travel: Iterable[Row] = (),
    candidates: Iterable[Row] = (),
    corrections: Iterable[Row] = (),
    as_of: date = date(2026, 1, 1),
    **care: Iterable[Row],
) -> Inputs:
    """Checked inputs from plain rows; `care` are the tables on the network of care."""
    return Inputs(
        **{table: typed_frame(table, care.get(table, ())) for table in CARE_TABLES},
        residents=typed_frame("residents", residents),
        providers=typed_frame("providers", providers),
        sites=typed_frame("sites", sites),
        places=typed_frame("places", places),
        travel=typed_frame("travel", travel),
        candidates=typed_frame("candidates", candidates),
        corrections=typed_frame("corrections", corrections),
        dataset=Dataset(as_of=as_of, title="test", datum={}, legal_basis="test"),
    )


def resident(id: str, km: float = 0.0, **more: object) -> dict[str, object]:
    """A local person of 70 living at home, `km` kilometres north of the village centre."""
    row = {"resident_id": id, "age": 70, "origin": "local", "living_setting": "own_home", "place_code": "V1"}
    return row | {"lat": 26.5 + km * KM, "lon": 101.7} | more


def provider(id: str, km: float = 0.0, **more: object) -> dict[str, object]:
    """An open township health centre with one place in home mode, `km` kilometres north of the village centre."""
    row = {"provider_id": id, "kind": "township_health_centre", "ownership": "public", "capacity_home": 1}
    return row | {"lat": 26.5 + km * KM, "lon": 101.7} | more
