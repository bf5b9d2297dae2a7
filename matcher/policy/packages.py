"""Packages of services: to whom a document grants which visits, how often, where, and who pays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from matcher.policy.rules import Clause, Reading
from matcher.policy.schema import Reader, Spot, array, clock, code, codes, flag, integer, record, takes
from matcher.tables import MODES, SERVICES, VOCABULARIES

WHERE = ("home", "clinic", "site")
PAYERS = ("public_health", "insurance_and_person", "self", "negotiated")


@dataclass(frozen=True)
class Item:
    """One service of a package: `times` a year, `minutes` each, where it takes place and who pays."""

    service: str
    times: int
    minutes: int
    where: str
    payer: str


@dataclass(frozen=True)
class Package:
    """What people of `modes` are granted for whom any clause of `when` holds (no clause: all of them).

    Parameters
    ----------
    modes : tuple of str
        Empty: every mode.
    min_age, max_age : int, optional
        Completed years, inclusive; an unknown age satisfies neither.
    needs : tuple of str
        Services that the person must need, by request or by a requirement.
    instead_of : tuple of str
        Packages that nobody gets who gets this one.
    combine : bool
        One visit serves all packages that combine in the same service at the same place.
    """

    id: str
    items: tuple[Item, ...]
    modes: tuple[str, ...] = ()
    min_age: int | None = None
    max_age: int | None = None
    when: tuple[Clause, ...] = ()
    needs: tuple[str, ...] = ()
    instead_of: tuple[str, ...] = ()
    combine: bool = False
    source: str = ""
    standing: str = "default"
    reading: Reading = field(default_factory=dict)


@dataclass(frozen=True)
class Visiting:
    """When a service counts as due, and the day of those who go out.

    Parameters
    ----------
    window_days : int
        Days before and after the day of reckoning in which a service is due; before them it is overdue.
    soon_days : int
        Days to the next visit after one with an outcome of `soon_after`.
    day_from, day_until : str
        HH:MM; a round begins and ends at the provider.
    """

    window_days: int
    soon_days: int
    soon_after: tuple[str, ...]
    day_from: str
    day_until: str
    id: str = "visiting"
    source: str = ""
    standing: str = "default"
    reading: Reading = field(default_factory=dict)


def visiting_reader(shared: Mapping[str, Reader[Any]]) -> Reader[Visiting]:
    """Reader of ``[visiting]``."""
    keys: dict[str, Reader[Any]] = {
        "window_days": integer(0, 365),
        "soon_days": integer(1, 365),
        "soon_after": codes(VOCABULARIES["visit_outcome"], least=0),
        "day_from": clock,
        "day_until": clock,
    }
    read_one = record(Visiting, dict(shared) | keys)

    @takes(read_one.schema)
    def read(value: object, spot: Spot) -> Visiting:
        visiting = read_one(value, spot)
        if visiting.day_from >= visiting.day_until:
            raise spot.at("day_until").refuse(visiting.day_until, f"> {visiting.day_from}")
        return visiting

    return read


def packages_reader(shared: Mapping[str, Reader[Any]], text: Reader[str]) -> Reader[tuple[Package, ...]]:
    """Reader of ``[[packages]]``; `shared` reads what all rules have."""
    item: dict[str, Reader[Any]] = {
        "service": code(SERVICES),
        "times": integer(1, 365),
        "minutes": integer(1, 1_440),
        "where": code(WHERE),
        "payer": code(PAYERS),
    }
    keys: dict[str, Reader[Any]] = {
        "items": array(record(Item, item), least=1),
        "modes": codes(MODES),
        "min_age": integer(0, 150),
        "max_age": integer(0, 150),
        "needs": codes(SERVICES),
        "instead_of": array(text),
        "combine": flag,
    }
    read_one = record(Package, dict(shared) | keys)

    @takes(read_one.schema)
    def read(value: object, spot: Spot) -> Package:
        package = read_one(value, spot)
        if package.min_age is not None and package.max_age is not None and package.min_age > package.max_age:
            raise spot.at("min_age").refuse(package.min_age, f"≤ max_age = {package.max_age}")
        return package

    return array(read)
