"""Write a synthetic province, county by county: one Parquet file of residents for each, all other tables whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import shapely

from matcher.errors import BadInput
from matcher.geography.outlines import FILE_NAME as OUTLINES
from matcher.progress import track
from matcher.sample.assessed import as_insured
from matcher.sample.city import AS_OF, populated
from matcher.sample.counties import County, ground_of, lay_out, places_of
from matcher.sample.draw import assumptions, generator, shipped
from matcher.sample.folder import drafted, table_bytes, texts_of
from matcher.tables import TABLES

#: Residents and counties when nothing is said.
RESIDENTS, COUNTIES = 18_000_000, 183
LARGEST, MOST_COUNTIES = 40_000_000, 500
#: Fewest residents to a county, on average.
LEAST_EACH = 200
#: For so many people there are so many times as many providers as in the city: some 50,000 in all.
MORE_PROVIDERS = 2.5
#: The residents, a folder for each county in it; files for all; texts that are put together from a template.
PARTS = "residents"
WHOLE = ("places.csv", "providers.csv", "sites.csv", OUTLINES)
TEXTS = {"dataset.toml": "dataset.toml", "README.md": "about_province.md"}
#: Columns of each table that hold ids of ours, which begin with a letter.
IDS = {
    "residents": ("resident_id", "household_id", "site_id", "current_provider_id"),
    "providers": ("provider_id", "site_id", "parent_provider_id"),
    "sites": ("site_id", "operator_provider_id", "host_provider_id", "agreement_provider_id"),
}
#: How columns are stored that are no text.
STORED = {
    "date": pa.date32(),
    "integer": pa.int8(),
    "flag": pa.int8(),
    "latitude": pa.float64(),
    "longitude": pa.float64(),
}
#: Columns of which nearly every cell differs: no dictionary of them is worth its room.
VARIED = ("resident_id", "lat", "lon")
#: Places, providers and sites of a county.
Made: TypeAlias = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def make_province(
    folder: Path,
    residents: int | None = None,
    seed: int = 1,
    counties: int | None = None,
    progress: bool = False,
) -> int:
    """Write a synthetic province as a data folder whose residents are parted by county.

    The same arguments give the same files, byte for byte. One county is in memory at a time.

    Parameters
    ----------
    folder : Path
        Made with its parents. An earlier sample that nobody changed is replaced.
    residents : int, optional
        Exactly so many, visitors included, `LEAST_EACH` to a county or more; `RESIDENTS` when not given.
    seed : int
        Not negative.
    counties : int, optional
        `COUNTIES` when not given.
    progress : bool
        Show a bar on a terminal.

    Returns
    -------
    int
        How many residents there are.

    Raises
    ------
    BadInput
        When a number is out of range, or `folder` holds something else.
    """
    count = COUNTIES if counties is None else counties
    people = RESIDENTS if residents is None else residents
    if not 1 <= count <= MOST_COUNTIES:
        raise BadInput("sample_counties", found=count, allowed=f"1–{MOST_COUNTIES}")
    if not LEAST_EACH * count <= people <= LARGEST:
        allowed = f"{LEAST_EACH * count}–{LARGEST}"
        raise BadInput("sample_province_residents", found=people, counties=count, allowed=allowed)
    if seed < 0:
        raise BadInput("sample_seed", found=seed)
    with drafted(Path(folder), [PARTS, *WHOLE, *TEXTS]) as draft:
        laid_out = lay_out(people, seed, count)
        made = [_county(draft, county, seed) for county in track(laid_out, progress, "progress.sample")]
        _write_whole(draft, laid_out, made, seed)
    return people


def _county(draft: Path, county: County, seed: int) -> Made:
    """Write the residents of a county; give its rows of the other tables."""
    ground = ground_of(county, seed)
    stream = _stream(seed, county)
    sites, providers, people = populated(
        stream, ground, county.residents, distinct=True, room=county.room, more=MORE_PROVIDERS
    )
    people = as_insured(stream(14), people)
    # Numbers of houses are the same in every county; with its name, an address is one of the province.
    address = (county.name + people["address"]).where(people["address"] != "", "")
    part = draft / PARTS / f"county={county.code}"
    part.mkdir(parents=True)
    _write_people(_with_ids("residents", people.assign(address=address), county), part / "part.parquet")
    return ground.places, _with_ids("providers", providers, county), _with_ids("sites", sites, county)


def _stream(seed: int, county: County) -> Callable[[int], np.random.Generator]:
    """The generators of a county by number."""
    return lambda number: generator(seed, number, int(county.code))


def _with_ids(table: str, frame: pd.DataFrame, county: County) -> pd.DataFrame:
    """The rows with ids that no other county has: its code stands behind the letter."""
    ids = {name: frame[name].str for name in IDS[table]}
    return frame.assign(
        **{
            name: (part[:1] + county.code + part[1:]).where(frame[name] != "", "")
            for name, part in ids.items()
        }
    )


def _write_people(people: pd.DataFrame, path: Path) -> None:
    """Every column of the residents table, typed, null for empty; nothing that depends on the machine."""
    columns = TABLES["residents"]
    cells = {
        column.name: _stored(people, column.name, STORED.get(column.type, pa.string())) for column in columns
    }
    pyarrow.parquet.write_table(
        pa.table(cells),
        path,
        version="2.6",
        compression="zstd",
        compression_level=3,
        use_dictionary=[column.name for column in columns if column.name not in VARIED],
        store_schema=False,
    )


def _stored(people: pd.DataFrame, name: str, kind: pa.DataType) -> pa.Array:
    if name not in people:
        return pa.nulls(len(people), kind)
    if pa.types.is_floating(kind):
        return pa.array(people[name].to_numpy(dtype=np.float64), kind)
    return texts_of(people[name]).cast(kind)


def _facts(counties: list[County], seed: int) -> dict[str, str]:
    """What the texts in the folder say of all of it."""
    residents = sum(county.residents for county in counties)
    part = 100 * residents / sum(county.everybody for county in counties)
    return {
        "as_of": AS_OF,
        "where": assumptions("names")["province"]["name"],
        "residents": f"{residents:,}",
        "counties": str(len(counties)),
        "part": np.format_float_positional(part, precision=2, fractional=False, trim="-"),
        "command": f"python -m matcher sample DIR --province --residents {residents}"
        f" --counties {len(counties)} --seed {seed}",
    }


def _write_whole(draft: Path, counties: list[County], made: list[Made], seed: int) -> None:
    """Write what is not parted by county."""
    places, providers, sites = (list(frames) for frames in zip(*made, strict=True))
    tables = {
        "places": places_of(places),
        "providers": pd.concat(providers, ignore_index=True),
        "sites": pd.concat(sites, ignore_index=True),
    }
    for name, table in tables.items():
        (draft / f"{name}.csv").write_bytes(table_bytes(name, table))
    (draft / OUTLINES).write_bytes(_outlines(counties))
    facts = {name: f"{len(table):,}" for name, table in tables.items()} | _facts(counties, seed)
    for name, template in TEXTS.items():
        (draft / name).write_bytes(shipped(template).format(**facts).encode())


def _outlines(counties: list[County]) -> bytes:
    """The tiles of the counties; one stands on a line."""
    features = [
        {
            "type": "Feature",
            "properties": {"place_code": county.code, "name": county.name},
            "geometry": shapely.geometry.mapping(county.tile.outline),
        }
        for county in counties
    ]
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'.encode()
