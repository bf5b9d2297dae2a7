"""Rules of a policy: modes and tiers of people, who may serve them, services they need, money for new places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from matcher.tables import MODES, VOCABULARIES

#: Levels of ability that rules speak of, from able to complete loss; each scheme maps its own grades to them.
ABILITY_LEVELS = ("able", "mild", "moderate", "severe", "complete")
#: "document": the cited section says so. "default": no document does; the project chose it. "secondary": others
#: tell that a document says so, which could not be read itself.
STANDINGS = ("document", "default", "secondary")
#: How the text was read, by language; empty where it needs no reading.
Reading = Mapping[str, str]
#: How a provider may have to stand to the site where a person lives; see `Admission`.
RELATIONS = ("inside", "operator", "agreement")
#: Amounts of `Subsidies`, and how a site stands to the provider that earns it; see `Payment`.
AMOUNTS = ("new_bed", "special_bed", "short_place", "monthly")
TIES = ("operator", "host")
#: Where who is entitled to long-term care lives; see `CareHours`.
CARE_PLACES = ("home", "institution")
#: As many as one integer has bits for; see `classify`.
MOST_ADMISSIONS = 62
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
#: Fields that hold rules, in the order in which they are told.
RULE_FAMILIES = (
    "mode_rules",
    "tier_rules",
    "admissions",
    "requirements",
    "beside",
    "payments",
    "interim",
    "packages",
    "green_channel",
    "pairings",
    "priority",
    "care_hours",
)


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
    """People for whom any clause of `when` holds (no clause: everyone) and no earlier rule are of `mode`.

    Parameters
    ----------
    waiting : bool
        They wait for a place of this mode: nobody serves them in it yet.
    """

    id: str
    mode: str
    when: tuple[Clause, ...] = ()
    waiting: bool = False
    source: str = ""
    standing: str = "default"
    reading: Reading = field(default_factory=dict)


@dataclass(frozen=True)
class TierRule:
    """People for whom any clause of `when` holds and no earlier rule are of `tier` (1 = served first)."""

    id: str
    tier: int
    when: tuple[Clause, ...] = ()
    source: str = ""
    standing: str = "default"
    reading: Reading = field(default_factory=dict)


@dataclass(frozen=True)
class Admission:
    """Providers that may serve people of `modes`: those of whom everything asked here is known and holds.

    Parameters
    ----------
    when : tuple of Clause
        Only people for whom any of these holds; no clause: all of the modes.
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
    when: tuple[Clause, ...] = ()
    kinds: tuple[str, ...] = ()
    min_level: int | None = None
    ownership: str | None = None
    relation: str | None = None
    any_services: tuple[str, ...] = ()
    urban: bool | None = None
    source: str = ""
    standing: str = "default"
    reading: Reading = field(default_factory=dict)


@dataclass(frozen=True)
class Requirement:
    """People of `modes` for whom any clause holds (no clause: all of them) need each of `services`."""

    id: str
    modes: tuple[str, ...]
    services: tuple[str, ...]
    when: tuple[Clause, ...] = ()
    source: str = ""
    standing: str = "default"
    reading: Reading = field(default_factory=dict)


@dataclass(frozen=True)
class Beside:
    """A new provider of one of `kinds` no farther than `within_km` from a site of one of `site_kinds` is preferred.

    Parameters
    ----------
    bonus_m : int
        What such a provider counts when sites are chosen: as much as so many metres of travel saved (seconds where
        the policy's cost is time).
    """

    id: str
    kinds: tuple[str, ...]
    site_kinds: tuple[str, ...]
    within_km: float
    bonus_m: int
    source: str = ""
    standing: str = "default"
    reading: Reading = field(default_factory=dict)


@dataclass(frozen=True)
class Payment:
    """On what terms an amount of `Subsidies` is paid.

    Parameters
    ----------
    amount : {"new_bed", "special_bed", "short_place", "monthly"}
        The amount of `Subsidies`, for a bed; the monthly one for a bed in use.
    relations : tuple of {"operator", "host"}
        Only sites that a medical provider runs, or that are inside one: any of these.
    licensed : bool, optional
        Only sites that are known to have their licence, or to have none.
    least_months : int
        Full months without a break before any is paid.
    most_gap_days : int
        Days that somebody may be away without a break.
    from_first_month : bool
        Once paid, the first `least_months` are paid too.
    """

    id: str
    amount: str
    relations: tuple[str, ...]
    licensed: bool | None = None
    least_months: int = 0
    most_gap_days: int = 0
    from_first_month: bool = True
    source: str = ""
    standing: str = "default"
    reading: Reading = field(default_factory=dict)


@dataclass(frozen=True)
class Interim:
    """Who waits for a care home is meanwhile looked after in `mode`, where a place is left; steps in their order."""

    id: str
    mode: str
    source: str = ""
    standing: str = "default"
    reading: Reading = field(default_factory=dict)


@dataclass(frozen=True)
class Priority:
    """People for whom any clause of `when` holds are a group with whom family doctors sign first."""

    id: str
    when: tuple[Clause, ...]
    source: str = ""
    standing: str = "default"
    reading: Reading = field(default_factory=dict)


@dataclass(frozen=True)
class CareHours:
    """Hours of care a month that long-term care insurance grants to who is entitled.

    Parameters
    ----------
    grades : tuple of int
        Of ``tables.INSURANCE_SCHEME``.
    where : {"home", "institution"}
        Where they live.
    hours_month : float
    """

    id: str
    grades: tuple[int, ...]
    where: str
    hours_month: float
    source: str = ""
    standing: str = "default"
    reading: Reading = field(default_factory=dict)


Rule: TypeAlias = (
    ModeRule | TierRule | Admission | Requirement | Beside | Payment | Interim | Priority | CareHours
)


@dataclass(frozen=True)
class Subsidies:
    """Money for care homes inside or run by a medical provider.

    Parameters
    ----------
    new_bed, special_bed, short_place : int
        Yuan, once: for an ordinary bed, a special one, a new bed of a home too small for a licence.
    monthly : mapping of ability level to int
        Yuan a month for a bed in use.
    months : int
        How long the monthly money is paid.
    """

    new_bed: int = 0
    special_bed: int = 0
    short_place: int = 0
    monthly: Mapping[str, int] = field(default_factory=dict)
    months: int = 0
    source: str = ""
