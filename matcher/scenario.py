"""What-if: a list of edits to the inputs, and the people whose care differs between two plans."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from numbers import Integral, Real
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pandas as pd

from matcher.errors import ScenarioError
from matcher.inputs import Inputs, typed_frame
from matcher.locate import locate
from matcher.masking import mask_if_id_number, mask_name
from matcher.tables import MODES, PROVIDERS, VOCABULARIES, Column

if TYPE_CHECKING:
    from matcher.plan import Plan

#: The kinds of change, best news first.
CHANGES = ("newly_served", "moved", "newly_unserved")
#: Columns of `compare`.
COMPARISON = ("resident_id", "change", "from_provider", "to_provider", "delta_km")
_SPECS = {column.name: column for column in PROVIDERS}


@dataclass(frozen=True)
class AddProvider:
    """A provider that is not there yet; `values` are columns of the providers table (positions in WGS-84)."""

    values: Mapping[str, object]


@dataclass(frozen=True)
class CloseProvider:
    """A provider that stops serving."""

    provider_id: str


@dataclass(frozen=True)
class ChangeCapacity:
    """Another capacity in one mode: set `to` persons, or change `by` persons (exactly one of the two)."""

    provider_id: str
    mode: str
    to: int | None = None
    by: int | None = None


Edit = AddProvider | CloseProvider | ChangeCapacity


@dataclass(frozen=True)
class Scenario:
    """Edits in the order in which they happen."""

    id: str
    edits: tuple[Edit, ...] = field(default=())
    title: str = ""


def apply(scenario: Scenario, inputs: Inputs) -> Inputs:
    """The inputs as they would be.

    Parameters
    ----------
    scenario : Scenario
        Edits, applied in their order: a later one may change a provider that an earlier one added.
    inputs : Inputs
        Located inputs; never changed.

    Returns
    -------
    Inputs
        With another table of providers; a provider that was added has ``row`` 0, for it stands in no file.

    Raises
    ------
    ScenarioError
        At the first edit that cannot be applied; ``values`` names the scenario, the number of the edit
        (from 1), what was found and what is allowed.
    """
    for number, edit in enumerate(scenario.edits, start=1):
        try:
            inputs = inputs.replace(providers=_edited(edit, inputs))
        except ScenarioError as error:
            where = {"scenario": scenario.title or scenario.id, "edit": number}
            raise ScenarioError(error.code, **(where | error.values)) from None
    return inputs


def _edited(edit: Edit, inputs: Inputs) -> pd.DataFrame:
    if isinstance(edit, AddProvider):
        return _added(edit, inputs)
    providers = inputs.providers
    chosen = _chosen(edit.provider_id, providers)
    if isinstance(edit, ChangeCapacity):
        if edit.mode not in MODES:
            _refuse_value("mode", edit.mode, ", ".join(MODES))
        column = f"capacity_{edit.mode}"
        places = _new_capacity(edit, providers.loc[chosen, column].iloc[0])
        return providers.assign(**{column: providers[column].mask(chosen, places)})
    if (providers.loc[chosen, "status"] == "closed").all():
        raise ScenarioError("scenario_already_closed", provider_id=edit.provider_id)
    return providers.assign(status=providers["status"].mask(chosen, "closed"))


def _chosen(provider_id: str, providers: pd.DataFrame) -> pd.Series[bool]:
    """True in the row of the provider."""
    chosen = providers["provider_id"] == provider_id
    if not chosen.any():
        nearest = _nearest(provider_id, providers["provider_id"])
        raise ScenarioError("scenario_unknown_provider", provider_id=provider_id, allowed=nearest)
    return chosen


def _new_capacity(edit: ChangeCapacity, present: int | None) -> int:
    """Persons; a mode that is not offered has no number to add to."""
    if (edit.to is None) == (edit.by is None):
        raise ScenarioError("scenario_to_or_by", provider_id=edit.provider_id)
    if edit.to is not None:
        wanted = edit.to
    else:
        if present is None or pd.isna(present):
            raise ScenarioError("scenario_mode_not_offered", provider_id=edit.provider_id, mode=edit.mode)
        if not _is_whole(edit.by):
            _refuse_value("by", edit.by, "…, -1, 0, 1, …")
        wanted = int(present) + int(edit.by or 0)
    _check_value(_SPECS[f"capacity_{edit.mode}"], wanted)
    return int(wanted)


def _added(edit: AddProvider, inputs: Inputs) -> pd.DataFrame:
    values = {name: value for name, value in edit.values.items() if value is not None}
    _check_provider(values, inputs)
    row = typed_frame("providers", [values]).assign(row=0)
    alone = locate(
        inputs.replace(providers=row, residents=inputs.residents[:0], candidates=inputs.candidates[:0])
    )
    row = alone.providers
    if row["lat"].isna().any():
        raise ScenarioError("scenario_no_position", provider_id=values["provider_id"])
    return pd.concat([inputs.providers, row[inputs.providers.columns]], ignore_index=True)


def _check_provider(values: Mapping[str, object], inputs: Inputs) -> None:
    for name, value in values.items():
        if name not in _SPECS:
            raise ScenarioError("scenario_unknown_column", column=name, allowed=_nearest(name, _SPECS))
        _check_value(_SPECS[name], value)
    for spec in PROVIDERS:
        if spec.required and not values.get(spec.name):
            raise ScenarioError("scenario_missing_value", column=spec.name)
        if spec.refers and spec.name in values:
            ids = getattr(inputs, spec.refers).iloc[:, 0]
            if values[spec.name] not in set(ids):
                _refuse_value(spec.name, values[spec.name], _nearest(str(values[spec.name]), ids))
    if values["provider_id"] in set(inputs.providers["provider_id"]):
        raise ScenarioError("scenario_duplicate_provider", provider_id=values["provider_id"])
    if ("lat" in values) != ("lon" in values):
        raise ScenarioError("scenario_no_position", provider_id=values["provider_id"])


def _check_value(spec: Column, value: object) -> None:
    """Raise unless `value` is of the column's type, within its bounds and its vocabulary."""
    words = VOCABULARIES.get(spec.vocabulary or "", ())
    low = -math.inf if spec.minimum is None else spec.minimum
    high = math.inf if spec.maximum is None else spec.maximum
    if spec.type == "codes":
        codes = value.split(";") if isinstance(value, str) else value
        fits, allowed = isinstance(codes, Iterable) and set(codes) <= {*words, ""}, ", ".join(words)
    elif spec.type == "flag":
        fits, allowed = value in (0, 1), "0, 1"
    elif spec.type in ("integer", "latitude", "longitude"):
        number = _is_whole(value) if spec.type == "integer" else isinstance(value, Real)
        fits, allowed = number and low <= value <= high, f"{low:g} … {high:g}"  # type: ignore[operator]
    else:
        fits, allowed = isinstance(value, str) and value in (words or (value,)), ", ".join(words) or "text"
    if not fits:
        _refuse_value(spec.name, value, allowed)


def _refuse_value(column: str, value: object, allowed: str) -> NoReturn:
    raise ScenarioError("scenario_bad_value", column=column, value=value, allowed=allowed)


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _nearest(word: str, words: Iterable[str]) -> str:
    """Up to three known words that look like `word`."""
    return ", ".join(get_close_matches(word, list(words), n=3, cutoff=0.3)) or "–"


def compare(before: Plan, after: Plan) -> pd.DataFrame:
    """Everybody whose provider differs between two plans.

    Returns
    -------
    pandas.DataFrame
        ``resident_id``, ``change`` (one of `CHANGES`), ``from_provider`` and ``to_provider`` (missing where
        nobody served or serves), ``delta_km`` (how much farther the new provider is; missing unless moved).
        Sorted by resident_id; people without a change are left out.
    """
    wanted = ["resident_id", "provider_id", "distance_km"]
    both = before.assignments[wanted].merge(
        after.assignments[wanted], on="resident_id", how="outer", suffixes=("_from", "_to")
    )
    came, went = both["provider_id_from"].isna(), both["provider_id_to"].isna()
    moved = ~came & ~went & both["provider_id_from"].ne(both["provider_id_to"])
    both["change"] = pd.Series(
        np.select([came, went], ["newly_served", "newly_unserved"], "moved"), index=both.index, dtype="str"
    )
    both["delta_km"] = both["distance_km_to"] - both["distance_km_from"]
    both = both.rename(columns={"provider_id_from": "from_provider", "provider_id_to": "to_provider"})
    changed: pd.DataFrame = both.loc[came | went | moved, list(COMPARISON)]
    return changed.sort_values("resident_id", ignore_index=True)


def count_changes(changes: pd.DataFrame, residents: pd.DataFrame, by: str) -> pd.DataFrame:
    """How many people changed, counted by a column of `residents` (``mode``, ``tier``, ``place_code`` …).

    Returns
    -------
    pandas.DataFrame
        ``by``, then one column of persons for each of `CHANGES`; groups without a change are left out.
    """
    told = changes.merge(residents[["resident_id", by]], on="resident_id", how="left")
    counts: pd.DataFrame = pd.crosstab(told[by], told["change"])
    counts = counts.reindex(columns=list(CHANGES), fill_value=0).rename_axis(columns=None)
    return counts.reset_index()


def changed_people(changes: pd.DataFrame, after: Plan) -> pd.DataFrame:
    """The people of a comparison as a list may show them: names masked, providers by name.

    Returns
    -------
    DataFrame[resident_id, name, mode, tier, change, from_name, to_name, delta_km]
        In the order of `changes`; an id of the shape of a national id number is masked.
    """
    providers = after.inputs.providers.set_index("provider_id")["name"]
    names = providers.fillna(dict(zip(providers.index, providers.index, strict=True)))
    told = changes.merge(after.people[["resident_id", "name", "mode", "tier"]], on="resident_id", how="left")
    told["resident_id"] = told["resident_id"].map(mask_if_id_number)
    told["name"] = told["name"].fillna("").map(mask_name)
    told["from_name"] = told["from_provider"].map(names)
    told["to_name"] = told["to_provider"].map(names)
    columns = ["resident_id", "name", "mode", "tier", "change", "from_name", "to_name", "delta_km"]
    return told[columns]


def changed_places(changes: pd.DataFrame, after: Plan) -> pd.DataFrame:
    """Where the people of a comparison live.

    Returns
    -------
    DataFrame[place_code, newly_served, moved, newly_unserved, name, lat, lon]
        Places with a position and at least one change.
    """
    counts = count_changes(changes, after.people, "place_code")
    places = after.inputs.places[["place_code", "name", "lat", "lon"]].dropna(subset=["lat", "lon"])
    return counts.merge(places, on="place_code")
