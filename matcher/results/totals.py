"""Totals for whoever may see no person: by place and by mode, small counts withheld; see `suppression`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from matcher.plan.figures import ALL
from matcher.plan.once import once_per_plan
from matcher.results.suppression import withheld
from matcher.tables import MODES
from matcher.words.catalogues import label, t

if TYPE_CHECKING:
    from matcher.plan.plan import Plan

#: Levels that are told, from the largest; modes are told of all but the last.
LEVELS = ("city", "county", "township")
_STATUS = ("residents", "served", "unserved")

#: Begins the name of who lives in a place and in none within it.
_REST = "rest of "

#: Place, mode, status.
Cell = tuple[str, str, str]


@once_per_plan
def totals(plan: Plan) -> pd.DataFrame:
    """Residents, served and unserved of each city, county and township, and of each mode of cities and counties.

    Returns
    -------
    DataFrame[place_code, name, level, mode, residents, served, unserved, share]
        ``Int64``, missing where withheld; ``share`` is missing where it would tell what is withheld. Largest places
        first; ``mode`` is `ALL` for all modes together.
    """
    told = _cells(plan)
    sums = [*_within_place(told), *_over_places(plan, told)]
    rest = {part: _rest(whole, parts, told) for whole, parts in sums for part in parts if part not in told}
    cells = told | rest
    sums += _within_place(rest)
    numbers = {cell: at for at, cell in enumerate(cells)}
    numbered = [(numbers[whole], tuple(numbers[part] for part in parts)) for whole, parts in sums]
    hidden = withheld(np.array(list(cells.values()), np.int64), numbered)
    return _table(plan, {cell: pd.NA if hidden[numbers[cell]] else count for cell, count in told.items()})


def _table(plan: Plan, shown: dict[Cell, Any]) -> pd.DataFrame:
    places = plan.inputs.places.set_index("place_code")
    names = places["name"].fillna(places.index.to_series())
    rows = [
        {
            "place_code": code,
            "name": names[code],
            "level": places.at[code, "level"],
            "mode": mode,
            **{status: shown[code, mode, status] for status in _STATUS},
        }
        for code, mode in dict.fromkeys((code, mode) for code, mode, _ in shown)
    ]
    table = pd.DataFrame(rows, columns=["place_code", "name", "level", "mode", *_STATUS])
    table = table.astype(dict.fromkeys(_STATUS, "Int64"))
    whole = table[list(_STATUS)].notna().all(axis=1) & (table["residents"] > 0).fillna(False)
    table["share"] = (table["served"] / table["residents"]).where(whole).astype("Float64")
    return table


def in_words(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """`totals` for reading: headers and codes in one language, codes of places left out."""
    words = {mode: label("mode", mode, lang) for mode in MODES} | {ALL: t("app.all_modes", lang)}
    told = table.assign(
        mode=table["mode"].map(words), level=[label("level", level, lang) for level in table["level"]]
    )
    told = told.drop(columns="place_code")
    return told.rename(columns={name: t(f"column.totals.{name}", lang) for name in told.columns})


def _cells(plan: Plan) -> dict[Cell, int]:
    """Every count that is told, by place, mode and status."""
    coverage = plan.coverage.merge(plan.inputs.places[["place_code", "level"]], on="place_code")
    cells: dict[Cell, int] = {}
    for level in LEVELS:
        rows = coverage[coverage["level"] == level]
        modes = (ALL,) if level == LEVELS[-1] else (ALL, *MODES)
        rows = rows[rows["mode"].isin(modes)].sort_values("place_code", kind="stable")
        for code, mode, residents, served in zip(
            rows["place_code"], rows["mode"], rows["residents"], rows["served"], strict=True
        ):
            counts = (int(residents), int(served), int(residents - served))
            cells |= {(code, mode, status): count for status, count in zip(_STATUS, counts, strict=True)}
    return cells


def _within_place(cells: dict[Cell, int]) -> list[tuple[Cell, list[Cell]]]:
    """Served and unserved make the residents, and the modes all."""
    sums = [
        ((code, mode, "residents"), [(code, mode, "served"), (code, mode, "unserved")])
        for code, mode, status in cells
        if status == "residents"
    ]
    return sums + [
        ((code, mode, status), [(code, one, status) for one in MODES])
        for code, mode, status in cells
        if mode == ALL and (code, MODES[0], status) in cells
    ]


def _over_places(plan: Plan, cells: dict[Cell, int]) -> list[tuple[Cell, list[Cell]]]:
    """The places within a place make the place, together with who lives in none of them: that too can be worked out."""
    parents = plan.inputs.places.set_index("place_code")["parent_code"].dropna()
    sums = []
    for parent, codes in parents.groupby(parents):
        for mode in (ALL, *MODES):
            for status in _STATUS:
                parts = [(str(code), mode, status) for code in codes.index if (code, mode, status) in cells]
                if parts and (str(parent), mode, status) in cells:
                    sums.append(((str(parent), mode, status), [*parts, (f"{_REST}{parent}", mode, status)]))
    return sums


def _rest(whole: Cell, parts: list[Cell], cells: dict[Cell, int]) -> int:
    return cells[whole] - sum(cells[part] for part in parts if part in cells)
