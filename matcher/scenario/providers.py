"""Edits of providers: add, close, move, open, change a capacity; each gives other inputs."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from matcher.columns import Column
from matcher.errors import ScenarioError
from matcher.geography.datum import CHINA_LAT, CHINA_LON, in_china
from matcher.geography.locate import locate
from matcher.inputs import Inputs, typed_frame
from matcher.intake.cleaning import is_placeholder, visible_text
from matcher.scenario.checks import MOST_PERSONS, is_whole, nearest_ids, refuse_value
from matcher.scenario.edits import AddProvider, ChangeCapacity, CloseProvider, MoveProvider, OpenPlanned
from matcher.tables import MODES, PROVIDERS, VOCABULARIES

_SPECS = {column.name: column for column in PROVIDERS}
#: What says where a provider is, and is forgotten when it moves.
_WHERE = ("lat", "lon", "place_code", "site_id", "address")


def add(edit: AddProvider, inputs: Inputs) -> Inputs:
    """With one more provider, last in the table."""
    values = {name: _visible(name, value) for name, value in edit.values.items() if value is not None}
    _check_provider(values, inputs)
    row = _placed(typed_frame("providers", [values]).assign(row=0), inputs)
    providers = pd.concat([inputs.providers, row[inputs.providers.columns]], ignore_index=True)
    return inputs.replace(providers=providers)


def values_of(row: Mapping[Hashable, Any]) -> dict[str, object]:
    """A row of providers as `AddProvider` and scenario files say it; what is missing is left out.

    Parameters
    ----------
    row : mapping
        By column; columns of no provider are left out.
    """
    return {name: _plain(spec, row[name]) for name, spec in _SPECS.items() if _filled(row.get(name))}


def _filled(value: Any) -> bool:
    return not pd.isna(value) and value != ""


def _plain(spec: Column, value: Any) -> object:
    if spec.type in ("integer", "flag"):
        return int(value)
    return float(value) if spec.type in ("latitude", "longitude") else str(value)


def close(edit: CloseProvider, inputs: Inputs) -> Inputs:
    """With the status of one provider closed."""
    chosen = _chosen(edit.provider_id, inputs)
    if _is_closed(inputs.providers, chosen):
        raise ScenarioError("scenario_already_closed", provider_id=edit.provider_id)
    return _with(inputs, chosen, "status", "closed")


def open_planned(edit: OpenPlanned, inputs: Inputs) -> Inputs:
    """With a planned provider open."""
    chosen = _chosen(edit.provider_id, inputs)
    status = inputs.providers.loc[chosen, "status"].fillna("open").iloc[0]
    if status != "planned":
        planned = inputs.providers.loc[inputs.providers["status"] == "planned", "provider_id"]
        raise ScenarioError(
            "scenario_not_planned",
            provider_id=edit.provider_id,
            status=status,
            allowed=nearest_ids(edit.provider_id, planned),
        )
    return _with(inputs, chosen, "status", "open")


def change_capacity(edit: ChangeCapacity, inputs: Inputs) -> Inputs:
    """With another capacity of one provider in one mode."""
    chosen = _standing(edit.provider_id, inputs)
    if edit.mode not in MODES:
        refuse_value("mode", edit.mode, ", ".join(MODES))
    column = f"capacity_{edit.mode}"
    places = _new_capacity(edit, inputs.providers.loc[chosen, column].iloc[0])
    return _with(inputs, chosen, column, places)


def move(edit: MoveProvider, inputs: Inputs) -> Inputs:
    """With one provider elsewhere, and without the listed journeys to where it was."""
    chosen = _standing(edit.provider_id, inputs)
    values = {name: getattr(edit, name, None) for name in _WHERE}
    target = {name: value for name, value in values.items() if value is not None}
    if set(target) not in ({"lat", "lon"}, {"place_code"}, {"site_id"}):
        raise ScenarioError("scenario_where", provider_id=edit.provider_id)
    for name, value in target.items():
        _check_value(_SPECS[name], value)
    _check_references(target, inputs)
    _check_position(target)
    row = inputs.providers[chosen]
    if row["kind"].iloc[0] == "care_site_clinic" and edit.site_id is None:
        raise ScenarioError("scenario_clinic_of_site", provider_id=edit.provider_id)
    moved = _placed(
        row.assign(**typed_frame("providers", [target])[list(_WHERE)].set_axis(row.index)), inputs
    )
    providers = inputs.providers.copy()
    for name in (*_WHERE, "precision"):
        providers.loc[row.index, name] = moved[name]
    journeys = inputs.travel["provider_id"] == edit.provider_id
    travel = inputs.travel[~journeys].reset_index(drop=True) if journeys.any() else inputs.travel
    return inputs.replace(providers=providers, travel=travel)


def _with(inputs: Inputs, chosen: pd.Series[bool], column: str, value: object) -> Inputs:
    providers = inputs.providers
    return inputs.replace(providers=providers.assign(**{column: providers[column].mask(chosen, value)}))


def _chosen(provider_id: str, inputs: Inputs) -> pd.Series[bool]:
    """True in the row of the provider."""
    ids = inputs.providers["provider_id"]
    chosen = ids == provider_id
    if not chosen.any():
        nearest = nearest_ids(provider_id, ids)
        raise ScenarioError("scenario_unknown_provider", provider_id=provider_id, allowed=nearest)
    return chosen


def _standing(provider_id: str, inputs: Inputs) -> pd.Series[bool]:
    """As `_chosen`, of a provider that is not closed: to change a closed one contradicts its closing."""
    chosen = _chosen(provider_id, inputs)
    if _is_closed(inputs.providers, chosen):
        raise ScenarioError("scenario_closed", provider_id=provider_id)
    return chosen


def _is_closed(providers: pd.DataFrame, chosen: pd.Series[bool]) -> bool:
    return bool((providers.loc[chosen, "status"] == "closed").all())


def _placed(row: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """One provider with its position, as it is found for the providers of a file."""
    nobody = {"residents": inputs.residents[:0], "candidates": inputs.candidates[:0]}
    row = locate(inputs.replace(providers=row, **nobody)).providers
    if row["lat"].isna().any():
        raise ScenarioError("scenario_no_position", provider_id=row["provider_id"].iloc[0])
    return row


def _new_capacity(edit: ChangeCapacity, present: int | None) -> int:
    """Persons; a mode that is not offered has no number to add to."""
    if (edit.to is None) == (edit.by is None):
        raise ScenarioError("scenario_to_or_by", provider_id=edit.provider_id)
    if edit.to is not None:
        wanted = edit.to
    else:
        if present is None or pd.isna(present):
            raise ScenarioError("scenario_mode_not_offered", provider_id=edit.provider_id, mode=edit.mode)
        if not is_whole(edit.by):
            refuse_value("by", edit.by, "…, -1, 0, 1, …")
        wanted = int(present) + int(edit.by or 0)
    _check_value(_SPECS[f"capacity_{edit.mode}"], wanted)
    return int(wanted)


def _check_provider(values: Mapping[str, object], inputs: Inputs) -> None:
    for name, value in values.items():
        if name not in _SPECS:
            raise ScenarioError("scenario_unknown_column", column=name, allowed=nearest_ids(name, _SPECS))
        _check_value(_SPECS[name], value)
    for spec in PROVIDERS:
        if spec.required and not values.get(spec.name):
            raise ScenarioError("scenario_missing_value", column=spec.name)
    _check_references(values, inputs)
    if values["provider_id"] in set(inputs.providers["provider_id"]):
        raise ScenarioError("scenario_duplicate_provider", provider_id=values["provider_id"])
    if ("lat" in values) != ("lon" in values):
        raise ScenarioError("scenario_no_position", provider_id=values["provider_id"])
    _check_position(values)


def _visible(name: str, value: object) -> object:
    """The value as a cell of a table would be read: without what nobody can see."""
    if not isinstance(value, str):
        return value
    seen = visible_text(value, is_id=name in _SPECS and _SPECS[name].type == "id")
    if name == "provider_id" and is_placeholder(seen):
        raise ScenarioError("scenario_placeholder", value=seen)
    return seen


def _check_position(values: Mapping[str, object]) -> None:
    """Raise where a table would be refused: 0, 0, exchanged, or outside China."""
    if "lat" not in values:
        return
    lat, lon = (np.array([values[name]], np.float64) for name in ("lat", "lon"))
    if not in_china(lat, lon)[0]:
        low, high = zip(CHINA_LAT, CHINA_LON, strict=True)
        allowed = f"lat {low[0]:g} … {high[0]:g}, lon {low[1]:g} … {high[1]:g}"
        refuse_value("lat, lon", f"{values['lat']}, {values['lon']}", allowed)


def _check_references(values: Mapping[str, object], inputs: Inputs) -> None:
    """Raise unless every id that refers to another table stands there."""
    for name, value in values.items():
        table = _SPECS[name].refers
        if table:
            ids = getattr(inputs, table).iloc[:, 0]
            if value not in set(ids):
                refuse_value(name, value, nearest_ids(str(value), ids))


def _check_value(spec: Column, value: object) -> None:
    """Raise unless `value` is of the column's type, within its bounds and its vocabulary."""
    words = VOCABULARIES.get(spec.vocabulary or "", ())
    if spec.type == "codes":
        codes = value.split(";") if isinstance(value, str) else value
        fits = isinstance(codes, list | tuple | set) and all(code in (*words, "") for code in codes)
    elif spec.type == "flag":
        fits, words = value in (0, 1), ("0", "1")
    elif spec.type in ("integer", "latitude", "longitude"):
        _check_number(spec, value)
        return
    else:
        fits = isinstance(value, str) and value in (words or (value,))
    if not fits:
        refuse_value(spec.name, value, ", ".join(words) or "text")


def _check_number(spec: Column, value: object) -> None:
    low = -math.inf if spec.minimum is None else spec.minimum
    high = MOST_PERSONS if spec.maximum is None else spec.maximum
    number = is_whole(value) if spec.type == "integer" else isinstance(value, Real)
    if not (number and low <= value <= high):  # type: ignore[operator]
        refuse_value(spec.name, value, f"{low:g} … {high:g}")
