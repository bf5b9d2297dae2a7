"""Rules of a policy: of which mode and tier people are, who may serve them, which services they need."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.tables import MODES, VOCABULARIES

#: Levels of ability that rules speak of, from able to complete loss; each scheme maps its own grades to them.
ABILITY_LEVELS = ("able", "mild", "moderate", "severe", "complete")
#: "document": the cited section says so. "default": no document does; the project chose it.
STANDINGS = ("document", "default")
#: How a provider may have to stand to the site where a person lives; see `Admission`.
RELATIONS = ("inside", "operator", "agreement")
#: Clause keys that ask for one of several codes, with their vocabularies.
CHOICES: dict[str, tuple[str, ...]] = {
    "origin": VOCABULARIES["origin"],
    "setting": VOCABULARIES["living_setting"],
    "site_kind": VOCABULARIES["site_kind"],
    "requested_mode": MODES,
    "ability": ABILITY_LEVELS,
}
#: Clause keys that ask for true or false.
FLAGS = ("lives_alone", "seasonal", "urban")


@dataclass(frozen=True)
class Clause:
    """What must hold of a person, all of it; what is missing about a person satisfies no condition.

    Parameters
    ----------
    origin, setting, site_kind, requested_mode, ability : tuple of str
        The person's value is one of these; empty asks nothing.
    conditions, groups : tuple of str
        At least one of these is listed.
    all_groups : tuple of str
        Each of these is listed.
    min_age, max_age : int, optional
        Completed years, inclusive.
    lives_alone, seasonal, urban : bool, optional
        Seasonal: a month is given in which the stay begins or ends. Urban: of the person's place.
    """

    origin: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()
    site_kind: tuple[str, ...] = ()
    requested_mode: tuple[str, ...] = ()
    ability: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    all_groups: tuple[str, ...] = ()
    min_age: int | None = None
    max_age: int | None = None
    lives_alone: bool | None = None
    seasonal: bool | None = None
    urban: bool | None = None


@dataclass(frozen=True)
class ModeRule:
    """People for whom any clause of `when` holds (no clause: everyone) and no earlier rule are of `mode`."""

    id: str
    mode: str
    when: tuple[Clause, ...] = ()
    source: str = ""
    standing: str = "default"


@dataclass(frozen=True)
class TierRule:
    """People for whom any clause of `when` holds and no earlier rule are of `tier` (1 = served first)."""

    id: str
    tier: int
    when: tuple[Clause, ...] = ()
    source: str = ""
    standing: str = "default"


@dataclass(frozen=True)
class Admission:
    """Providers that may serve people of `modes`: those of whom everything asked here is known and holds.

    Parameters
    ----------
    kinds : tuple of str
        Kinds of provider; empty admits every kind.
    min_level : int, optional
        Least hospital level; a missing level never suffices.
    ownership : {"public", "private"}, optional
    relation : {"inside", "operator", "agreement"}, optional
        To the site where the person lives: the provider is inside it, runs it, or has an agreement with it.
    any_services : tuple of str
        The provider offers at least one of these.
    urban : bool, optional
        Only people whose place is urban (or is not).
    """

    id: str
    modes: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    min_level: int | None = None
    ownership: str | None = None
    relation: str | None = None
    any_services: tuple[str, ...] = ()
    urban: bool | None = None
    source: str = ""
    standing: str = "default"


@dataclass(frozen=True)
class Requirement:
    """People of `modes` for whom any clause holds (no clause: all of them) need each of `services`."""

    id: str
    modes: tuple[str, ...]
    services: tuple[str, ...]
    when: tuple[Clause, ...] = ()
    source: str = ""
    standing: str = "default"
