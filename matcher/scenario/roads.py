"""Roads that close: the journeys of the travel table lead around them, or no way is left."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from matcher.errors import ScenarioError
from matcher.inputs import Inputs
from matcher.policy.documents import Policy
from matcher.scenario.edits import CloseRoad
from matcher.travel.osm import Roads, read_roads
from matcher.travel.roads import journeys_on

_KEYS = ["from_code", "provider_id"]
_MEASURES = ["minutes", "km"]
#: Minutes and kilometres by which a table may be rounded and still be the one that the extract gives.
_ROUNDED = 0.01


def close(edit: CloseRoad, inputs: Inputs, policy: Policy) -> Inputs:
    """With the listed journeys as they are without some ways; the same inputs where none of them changes.

    Raises
    ------
    ScenarioError
        ``scenario_no_roads`` without an extract; ``scenario_no_journeys``, ``scenario_other_roads`` when the table
        `travel` is not the one that the extract gives.
    BadInput
        What `travel.roads.journeys_on` raises.
    """
    known = inputs.dataset.roads
    if known is None:
        raise ScenarioError("scenario_no_roads")
    roads = _roads(known.file, policy)
    closed = (*known.closed, *edit.ways)
    before, after = (
        _listed(inputs.travel, journeys_on(roads, inputs, policy, known.file, ways).table)
        for ways in (known.closed, closed)
    )
    _refuse_others(inputs.travel, before, known.file)
    same = _same(before, after)
    dataset = replace(inputs.dataset, roads=replace(known, closed=closed))
    if same.all():
        return inputs.replace(dataset=dataset)
    # Who has no road near any more, has no way; and what is not told would be measured as the crow flies.
    shut = after["found"].isna() | after["reachable"].eq(0).fillna(False)
    no_way = pd.Series(False, index=same.index, dtype="boolean").where(shut)
    travel = inputs.travel.assign(
        **{name: inputs.travel[name].where(same, after[name]) for name in _MEASURES},
        reachable=inputs.travel["reachable"].where(same, no_way),
    )
    return inputs.replace(travel=travel, dataset=dataset)


def _roads(file: Path, policy: Policy) -> Roads:
    """The roads of a file, read once as long as it stays as it is."""
    found = file.stat() if file.is_file() else None
    return _read(file, tuple(policy.roads.kmh.items()), found and (found.st_mtime_ns, found.st_size))


@lru_cache(maxsize=1)
def _read(file: Path, kmh: tuple[tuple[str, float], ...], _state: tuple[int, int] | None) -> Roads:
    return read_roads(file, dict(kmh))


def _listed(travel: pd.DataFrame, journeys: pd.DataFrame) -> pd.DataFrame:
    """The journeys of the rows of `travel`, in their order; with ``found`` where there is one."""
    return travel[_KEYS].merge(journeys.assign(found=True), how="left", on=_KEYS).set_axis(travel.index)


def _refuse_others(travel: pd.DataFrame, journeys: pd.DataFrame, file: Path) -> None:
    """What is not measured by these roads cannot be measured without one of them."""
    if not len(travel):
        raise ScenarioError("scenario_no_journeys", file=file)
    others = np.flatnonzero(journeys["found"].isna() | ~_same(travel, journeys))
    if len(others):
        row = int(travel["row"].iloc[others[0]])
        raise ScenarioError("scenario_other_roads", file=file, row=row, number=len(others))


def _same(a: pd.DataFrame, b: pd.DataFrame) -> pd.Series[bool]:
    """Rows in which minutes and kilometres agree, or are missing on both sides."""
    left, right = (table[_MEASURES].to_numpy(np.float64) for table in (a, b))
    return pd.Series(
        np.isclose(left, right, rtol=0, atol=_ROUNDED, equal_nan=True).all(axis=1), index=a.index
    )
