"""Data folders of three rows for tests: name only the cells that matter."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from matcher.intake.check import Checked, check
from matcher.intake.read import read_folder

Row = Mapping[str, str]

#: An id number whose check character is right: born on 1950-01-05 in Panzhihua.
GOOD_ID = "510402195001050016"
DATASET = 'title = "test"\nas_of = 2026-01-01\ndatum = "wgs84"\nlegal_basis = "test"\n'
RESIDENT = {
    "resident_id": "R1",
    "name": "张三",
    "birth_date": "1950-01-05",
    "origin": "local",
    "place_code": "V1",
}
PROVIDER = {"provider_id": "P1", "kind": "township_health_centre", "place_code": "V1", "capacity_home": "3"}
SITE = {"site_id": "S1", "kind": "care_home", "place_code": "V1"}
PLACES = (
    {"place_code": "T1", "name": "甲镇", "level": "township", "lat": "26.5", "lon": "101.7"},
    {
        "place_code": "V1",
        "name": "一村",
        "level": "village",
        "parent_code": "T1",
        "lat": "26.5",
        "lon": "101.7",
    },
)
TRAVEL = {"from_code": "V1", "provider_id": "P1", "km": "5", "minutes": "10"}
CANDIDATE = {"provider_id": "N1", "kind": "village_clinic", "place_code": "V1"}
GOOD: dict[str, Sequence[Row]] = {
    "residents": [RESIDENT],
    "providers": [PROVIDER],
    "sites": [SITE],
    "places": PLACES,
    "travel": [TRAVEL],
    "candidates": [CANDIDATE],
}


def csv_text(rows: Iterable[Row]) -> str:
    """CSV with the union of the rows' columns as header."""
    rows = list(rows)
    header = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_folder(
    folder: Path, more: Mapping[str, Sequence[Row]] | None = None, dataset: str | None = DATASET
) -> Path:
    """A sound folder, one good row a table (two places), with `more` rows below; returns the folder."""
    more = more or {}
    for table in dict.fromkeys((*GOOD, *more)):
        text = csv_text([*GOOD.get(table, ()), *more.get(table, ())])
        (folder / f"{table}.csv").write_text(text, encoding="utf-8")
    if dataset is not None:
        (folder / "dataset.toml").write_text(dataset, encoding="utf-8")
    return folder


def checked(folder: Path) -> Checked:
    """The folder, read and checked."""
    return check(read_folder(folder))


def told(problems: pd.DataFrame) -> set[tuple[str, int, str, str]]:
    """File, row (0 for a whole file), column and code of every problem."""
    rows = problems["row"].fillna(0).astype(int)
    return set(zip(problems["file"], rows, problems["column"], problems["code"], strict=True))
