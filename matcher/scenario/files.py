"""Scenarios as data: TOML or JSON files and plain values in, frozen scenarios out, and back."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from matcher.errors import ScenarioError
from matcher.policy.schema import (
    Reader,
    Spot,
    array,
    code,
    integer,
    number,
    published,
    record,
    table,
    takes,
    text,
)
from matcher.readers import Unreadable, read_json, read_toml
from matcher.scenario.checks import MOST_PERSONS
from matcher.scenario.edits import KINDS, Edit, Scenario, kind_of
from matcher.scenario.people import MOST_FACTOR, MOST_YEARS
from matcher.tables import MODES

Key = TypeVar("Key", bound=Hashable)


def load_scenario(path: str | Path) -> Scenario:
    """A scenario file with its parents, each path relative to the file that names it.

    Raises
    ------
    ScenarioError
        A file that cannot be read, an unknown key, a wrong value, or parents in a circle.
    """
    path = Path(path)
    scenario = read_scenario(path)
    return with_parents(scenario, path.resolve(), _parent_file)


def _parent_file(parent: str, child: Path) -> tuple[Path, Scenario]:
    path = (child.parent / parent).resolve()
    return path, read_scenario(path)


def with_parents(
    scenario: Scenario,
    key: Key,
    find: Callable[[str, Key], tuple[Key, Scenario]],
    below: tuple[Key, ...] = (),
) -> Scenario:
    """The scenario with its parents found.

    Parameters
    ----------
    scenario : Scenario
    key : hashable
        What tells scenarios apart where they are kept: a path, a name.
    find : callable
        ``find(parent, key)`` gives key and value of the parent that the scenario at `key` names.
    below : tuple
        Keys of the scenarios that build on this one.

    Raises
    ------
    ScenarioError
        When a scenario builds on itself, or what `find` raises.
    """
    if key in below:
        raise ScenarioError("scenario_circle", scenario=scenario.name)
    if scenario.parent is None:
        return scenario
    parent_key, parent = find(scenario.parent, key)
    return replace(scenario, base=with_parents(parent, parent_key, find, (*below, key)))


def read_scenario(path: Path) -> Scenario:
    """A scenario file by itself; its parent is not looked for.

    Raises
    ------
    ScenarioError
        A file that cannot be read, is neither TOML nor JSON by its ending, or says what no scenario may.
    """
    readers: dict[str, Callable[[Path], Any]] = {".toml": read_toml, ".json": read_json}
    read = readers.get(path.suffix.lower())
    if read is None:
        raise ScenarioError("scenario_format", file=path, allowed=", ".join(readers))
    try:
        raw = read(path)
    except Unreadable as error:
        told = {"file": path, "line": error.line, "detail": error.detail}
        raise ScenarioError(f"unreadable_{error.code}", **told) from None
    except OSError as error:
        raise ScenarioError("scenario_unreadable", file=path, detail=error.strerror or error) from None
    return from_data(raw, str(path))


def from_data(data: object, file: str) -> Scenario:
    """A scenario from plain values, as `as_data` gives them and as files hold them; its parent is not looked for.

    Parameters
    ----------
    data : object
        A mapping of ``id``, and optionally ``title``, ``parent``, ``seed`` and ``edits``.
    file : str
        What an error names as the place of the mistake.

    Raises
    ------
    ScenarioError
        With the key (``edits[2].mode``), what was found and what is allowed.
    """
    return _SCENARIO(data, Spot(file, family="scenario", raises=ScenarioError))


def as_data(scenario: Scenario) -> dict[str, Any]:
    """Plain values for JSON; what is not said is left out, and so is the parent itself: only its name stays."""
    said = {name: getattr(scenario, name) for name in ("id", "title", "parent", "seed")}
    edits = [{"kind": kind_of(edit)} | _said(edit) for edit in scenario.edits]
    return {name: value for name, value in said.items() if value not in (None, "")} | {"edits": edits}


def _said(edit: Edit) -> dict[str, Any]:
    values = {f.name: getattr(edit, f.name) for f in fields(edit)}
    return {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items() if inner is not None}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


@takes({})
def _anything(value: object, spot: Spot) -> object:
    """What another reader checks when the scenario is applied."""
    return value


@takes({"type": "object"})
def _values(value: object, spot: Spot) -> dict[str, object]:
    if not isinstance(value, dict):
        raise spot.refuse(value, "{ provider_id = …, kind = …, … }")
    return value


_PLACE_READERS: dict[str, Reader[Any]] = {
    "lat": number(least=-90, most=90),
    "lon": number(least=-180, most=180),
    "place_code": text,
    "site_id": text,
}
#: Ids of OpenStreetMap have 64 bits.
_LAST_WAY = 2**63 - 1
_FIELDS: dict[str, dict[str, Reader[Any]]] = {
    "add_provider": {"values": _values},
    "close_provider": {"provider_id": text},
    "move_provider": {"provider_id": text} | _PLACE_READERS,
    "change_capacity": {
        "provider_id": text,
        "mode": code(MODES),
        "to": integer(0, MOST_PERSONS),
        "by": integer(-MOST_PERSONS, MOST_PERSONS),
    },
    "open_planned": {"provider_id": text},
    "change_demand": {
        "factor": number(least=0, most=MOST_FACTOR),
        "place_code": text,
        "mode": code(MODES),
    },
    "ageing": {"years": integer(1, MOST_YEARS)},
    "season": {"month": integer(1, 12)},
    "close_road": {"ways": array(integer(1, _LAST_WAY), least=1)},
    "set_policy": {"key": text, "value": _anything},
}
_EDITS: dict[str, Reader[Edit]] = {
    kind: record(KINDS[kind], {"kind": text} | readers) for kind, readers in _FIELDS.items()
}


@takes(
    {
        "type": "object",
        "properties": {"kind": {"enum": list(KINDS)}},
        "required": ["kind"],
        "allOf": [
            {"if": {"properties": {"kind": {"const": kind}}}, "then": reader.schema}
            for kind, reader in _EDITS.items()
        ],
    }
)
def _edit(value: object, spot: Spot) -> Edit:
    """One edit, read as its kind wants it."""
    kinds = code(tuple(KINDS))
    if not isinstance(value, dict):
        raise spot.refuse(value, "{ kind = …, … }")
    kind = table({"kind": kinds}, required=("kind",))({k: v for k, v in value.items() if k == "kind"}, spot)
    return _EDITS[kind["kind"]](value, spot)


_SCENARIO = record(
    Scenario,
    {
        "id": text,
        "title": text,
        "parent": text,
        "seed": integer(0, 2**32 - 1),
        "edits": array(_edit),
    },
)


def scenario_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, for editors; what hangs on the data is checked when it is applied."""
    return published(_SCENARIO.schema, "Scenario / 情景")
