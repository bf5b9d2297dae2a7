"""A data folder in one piece, and the same county by county."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from matcher.sample.city import make_sample

#: What a province needs of a sample.
SHARED = ("places.csv", "providers.csv", "sites.csv", "dataset.toml")


def city_and_parts(room: Path, residents: int, seed: int, *, short: float = 1.0) -> tuple[Path, Path]:
    """A sample city, and its residents by county; people without a place live in the first one.

    Parameters
    ----------
    room : Path
    residents, seed
        As of `make_sample`.
    short : float
        What is left of the places of each provider.
    """
    city, parted = room / "city", room / "parted"
    make_sample(room / "sample", residents=residents, seed=seed)
    city.mkdir()
    for name in (*SHARED, "residents.csv"):
        shutil.copy(room / "sample" / name, city / name)
    providers = pd.read_csv(city / "providers.csv", dtype=str, keep_default_na=False)
    for column in (name for name in providers if name.startswith("capacity_")):
        some = providers[column] != ""
        less = (providers.loc[some, column].astype(int) * short).round().astype(int)
        providers.loc[some, column] = less.astype(str)
    providers.to_csv(city / "providers.csv", index=False, encoding="utf-8")
    parted.mkdir()
    for name in SHARED:
        shutil.copy(city / name, parted / name)
    people = pd.read_csv(city / "residents.csv", dtype=str)
    county = people["place_code"].str[:6].fillna("510402")
    for code, some in people.groupby(county):
        write_county(parted, str(code), some)
    return city, parted


def write_county(parted: Path, code: str, people: pd.DataFrame) -> None:
    """The part of one county."""
    folder = parted / "residents" / f"county={code}"
    folder.mkdir(parents=True, exist_ok=True)
    people.to_parquet(folder / "part.parquet", index=False)


def read_parts(folder: Path, table: str) -> pd.DataFrame:
    """A written table of all counties."""
    parts = [pd.read_parquet(path) for path in sorted((folder / table).glob("county=*/part.parquet"))]
    return pd.concat(parts).sort_values("resident_id", ignore_index=True)
