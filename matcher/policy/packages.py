"""Packages of services: to whom a document grants which visits, how often, where, and who pays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from matcher.policy.rules import Clause, Reading
from matcher.policy.schema import Reader, array, code, codes, flag, integer, record
from matcher.tables import MODES, SERVICES

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
    return array(record(Package, dict(shared) | keys))
