"""Readers of policies and scenarios: each takes a TOML value and its spot, and returns it checked or refuses it.

Each also knows the JSON Schema of what it takes, so that editors are told by the same table that reads the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any, Generic, TypeAlias, TypeVar

from matcher.errors import BadInput, PolicyError
from matcher.words.nearest import nearest as likest

T = TypeVar("T")


@dataclass(frozen=True)
class Spot:
    """Where a value stands: file, and the dotted path of keys (``mode_rules[2].when[1].min_age``).

    Parameters
    ----------
    family : str
        What kind of file it is; messages are ``error.<family>_…``.
    raises : type
        The error of that family.
    """

    file: str
    key: str = ""
    family: str = "policy"
    raises: type[BadInput] = PolicyError

    def at(self, key: str) -> Spot:
        """The spot of one key of a table."""
        return replace(self, key=f"{self.key}.{key}" if self.key else key)

    def nth(self, index: int) -> Spot:
        """The spot of one element of an array, counted from 1."""
        return replace(self, key=f"{self.key}[{index + 1}]")

    def error(self, what: str, **values: object) -> BadInput:
        """The error ``<family>_<what>``, naming file and key."""
        return self.raises(f"{self.family}_{what}", file=self.file, where=self.key, **values)

    def refuse(self, found: object, allowed: str) -> BadInput:
        """The error for a value of a wrong type, or outside what is allowed."""
        return self.error("value", found=toml(found), allowed=allowed)


Schema: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Reader(Generic[T]):
    """Reads one value.

    Parameters
    ----------
    read : callable
        Value and spot in, the checked value out; raises what `Spot` gives.
    schema : dict
        JSON Schema of what is taken; what it cannot say (a sum, an order) is left to `read`.
    """

    read: Callable[[object, Spot], T]
    schema: Schema

    def __call__(self, value: object, spot: Spot) -> T:
        """The value, checked."""
        return self.read(value, spot)


def takes(schema: Schema) -> Callable[[Callable[[object, Spot], T]], Reader[T]]:
    """Make a reader of a function."""
    return lambda read: Reader(read, schema)


def published(schema: Schema, title: str) -> Schema:
    """A schema as editors want the whole of it: in the draft that they all know."""
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": title} | schema


def nearest(word: str, words: Iterable[str]) -> str:
    """The word most like `word`, letter case aside."""
    choice = {known.lower(): known for known in sorted(words)}
    found = likest(word.lower(), choice, cutoff=0.0)
    return choice[found[0]] if found else ""


def toml(value: object) -> str:
    """A value as one would write it in TOML, shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


@takes({"type": "string", "pattern": r"\S"})
def text(value: object, spot: Spot) -> str:
    """A string that says something."""
    if not isinstance(value, str) or not value.strip():
        raise spot.refuse(value, '"…"')
    return value


@takes({"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9]$"})
def clock(value: object, spot: Spot) -> str:
    """A time of the day as ``HH:MM``; as text it has the order of the clock."""
    if not isinstance(value, str) or not re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise spot.refuse(value, '"HH:MM"')
    return value


def wording(languages: Sequence[str]) -> Reader[dict[str, str]]:
    """A text in each language, or one text for all of them."""
    read_each = table(dict.fromkeys(languages, text), required=languages)

    @takes({"anyOf": [text.schema, read_each.schema]})
    def read(value: object, spot: Spot) -> dict[str, str]:
        return (
            dict.fromkeys(languages, text(value, spot)) if isinstance(value, str) else read_each(value, spot)
        )

    return read


@takes({"type": "boolean"})
def flag(value: object, spot: Spot) -> bool:
    """``true`` or ``false``."""
    if not isinstance(value, bool):
        raise spot.refuse(value, "true, false")
    return value


def integer(least: int, most: int) -> Reader[int]:
    """A whole number within bounds, inclusive."""

    @takes({"type": "integer", "minimum": least, "maximum": most})
    def read(value: object, spot: Spot) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise spot.refuse(value, f"{least}, {least + 1}, … {most}")
        return value

    return read


def number(*, least: float | None = None, above: float = 0.0, most: float) -> Reader[float]:
    """A finite number, from `least` (inclusive) or above `above`, up to `most` (inclusive)."""
    bounds = f"> {above:g}, ≤ {most:g}" if least is None else f"≥ {least:g}, ≤ {most:g}"

    lowest = {"exclusiveMinimum": above} if least is None else {"minimum": least}

    @takes({"type": "number", "maximum": most} | lowest)
    def read(value: object, spot: Spot) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise spot.refuse(value, bounds)
        # NaN satisfies no comparison, and no bound lets infinity through.
        if not ((value > above if least is None else value >= least) and value <= most):
            raise spot.refuse(value, bounds)
        return float(value)

    return read


def or_empty(read_one: Reader[T]) -> Reader[T | None]:
    """What `read_one` takes, or ``""`` for none: so a file takes back what its base says."""

    @takes({"anyOf": [read_one.schema, {"const": ""}]})
    def read(value: object, spot: Spot) -> T | None:
        return None if value == "" else read_one(value, spot)

    return read


def code(allowed: Sequence[str]) -> Reader[str]:
    """One code of a vocabulary; the error names the nearest."""

    @takes({"enum": list(allowed)})
    def read(value: object, spot: Spot) -> str:
        if not isinstance(value, str):
            raise spot.refuse(value, _quoted(allowed))
        if value not in allowed:
            raise spot.error("code", found=value, nearest=nearest(value, allowed), allowed=_quoted(allowed))
        return value

    return read


def codes(allowed: Sequence[str], *, least: int = 1) -> Reader[tuple[str, ...]]:
    """An array of codes, read as a set: the order in the file means nothing."""
    read_one = code(allowed)

    @takes({"type": "array", "items": read_one.schema, "minItems": least})
    def read(value: object, spot: Spot) -> tuple[str, ...]:
        if not isinstance(value, list) or len(value) < least:
            raise spot.refuse(value, f"[{_quoted(allowed)}]")
        found = {read_one(item, spot.nth(i)) for i, item in enumerate(value)}
        return tuple(item for item in allowed if item in found)

    return read


def array(read_one: Reader[T], *, least: int = 0, most: int | None = None) -> Reader[tuple[T, ...]]:
    """An array in the order of the file, of `least` to `most` elements."""
    size = {"minItems": least} | ({} if most is None else {"maxItems": most})

    @takes({"type": "array", "items": read_one.schema} | size)
    def read(value: object, spot: Spot) -> tuple[T, ...]:
        if not isinstance(value, list) or len(value) < least or (most is not None and len(value) > most):
            allowed = f"≥ {least}" if most is None else f"{least}" if least == most else f"{least} … {most}"
            raise spot.refuse(value, f"[…] × {allowed}")
        return tuple(read_one(item, spot.nth(i)) for i, item in enumerate(value))

    return read


def table(readers: Mapping[str, Reader[Any]], required: Iterable[str] = ()) -> Reader[dict[str, Any]]:
    """A table with no other keys than those of `readers`.

    Raises
    ------
    BadInput
        ``<family>_unknown_key`` naming the nearest valid key, ``<family>_missing_key``, or what a reader raises.
    """
    required = tuple(required)

    @takes(
        {
            "type": "object",
            "properties": {key: reader.schema for key, reader in readers.items()},
            "required": list(required),
            "additionalProperties": False,
        }
    )
    def read(value: object, spot: Spot) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise spot.refuse(value, f"{{ {', '.join(readers)} }}")
        for key in value:
            if key not in readers:
                raise spot.at(key).error(
                    "unknown_key", nearest=nearest(key, readers), allowed=", ".join(readers)
                )
        for key in required:
            if key not in value:
                raise spot.at(key).error("missing_key")
        return {key: readers[key](value[key], spot.at(key)) for key in readers if key in value}

    return read


def record(build: Callable[..., T], readers: Mapping[str, Reader[Any]]) -> Reader[T]:
    """A table as a dataclass: a field without default is a required key; a key without field is read and dropped.

    A field whose key is no name in Python says it: ``metadata={"key": "with"}``.
    """
    known = {f.metadata.get("key", f.name): f for f in fields(build)}  # type: ignore[arg-type]
    required = [name for name, f in known.items() if f.default is MISSING and f.default_factory is MISSING]
    read_table = table(readers, required)

    @takes(read_table.schema)
    def read(value: object, spot: Spot) -> T:
        return build(
            **{known[key].name: found for key, found in read_table(value, spot).items() if key in known}
        )

    return read


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)
