"""Targets and tasks of a document: what is to be reached by when, and what offices are to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from matcher.policy.rules import STANDINGS, Reading
from matcher.policy.schema import Reader, Spot, array, code, integer, number, record, takes, text, wording
from matcher.tables import PLACE_LEVELS
from matcher.words.catalogues import LANGUAGES

#: How a value is held against a threshold.
OPERATORS = (">=", ">", "=", "<=", "<")
#: Threshold of a target whose bound an office attests in the table `attested`, under the id of the target.
BY_ATTESTATION = "attested"
FAILS = ("sites", "providers", "places", "residents", "modes", "consortia")


@dataclass(frozen=True)
class Measure:
    """What a measure counts; `care.measures` has the function of each.

    Parameters
    ----------
    den : str
        What it is a part of.
    fails_are : str
        Of which table those are that fail.
    needs : tuple of str
        Tables and columns (``table.column``) without which it is not measured.
    """

    den: str
    fails_are: str
    needs: tuple[str, ...]


#: The closed list: numerator to what it is a part of.
MEASURES: Mapping[str, Measure] = {
    "homes_served": Measure("homes", "sites", ("sites", "agreements")),
    "modes_with_provider": Measure("modes", "modes", ("providers",)),
    "centres_with_care": Measure("centres", "providers", ("providers",)),
    "counties_with_assessment": Measure("counties", "places", ("providers.services",)),
    "tcm_hospitals_with_tcm_prevention": Measure("tcm_hospitals", "providers", ("providers.services",)),
    "township_centres_with_tcm_hall": Measure("township_centres", "providers", ("providers.services",)),
    "hospitals_with_green_channel": Measure("hospitals_level_2", "providers", ("providers.services",)),
    "hospitals_with_geriatrics": Measure("hospitals_level_2", "providers", ("providers.services",)),
    "hospitals_with_geriatric_ward": Measure("hospitals_level_2", "providers", ("providers.services",)),
    "general_hospitals_with_geriatrics": Measure(
        "general_hospitals_level_2", "providers", ("providers.services",)
    ),
    "providers_with_green_channel": Measure("providers", "providers", ("providers.services",)),
    "urban_with_home_care_centre": Measure("urban_villages", "places", ("sites", "places.urban")),
    "urban_with_day_care": Measure("urban_villages", "places", ("sites", "places.urban")),
    "rural_with_mutual_aid_centre": Measure("rural_villages", "places", ("sites", "places.urban")),
    "health_checked": Measure("local_65", "residents", ("visits",)),
    "inside_units_insured": Measure("inside_units", "providers", ("providers.insurance",)),
    "sites_with_telemedicine": Measure("sites", "sites", ("agreements", "providers.services")),
    "sites_with_agreement_served": Measure("sites", "sites", ("agreements",)),
    "community_sites_served": Measure("community_sites", "sites", ("sites", "agreements")),
    "sites_beside_provider": Measure("sites_to_stand_beside", "sites", ("sites.lat", "sites.lon")),
    "special_beds": Measure(
        "beds", "sites", ("sites.beds", "sites.beds_nursing", "sites.beds_rehab", "sites.beds_hospice")
    ),
    "special_beds_of_centres": Measure(
        "beds_of_centres",
        "sites",
        (
            "sites.beds",
            "sites.beds_nursing",
            "sites.beds_rehab",
            "sites.beds_hospice",
            "sites.operator_provider_id",
            "sites.host_provider_id",
        ),
    ),
    "primary_with_family_bed": Measure("primary_providers", "providers", ("providers.services",)),
    "primary_with_home_visit": Measure("primary_providers", "providers", ("providers.services",)),
    "primary_with_tcm": Measure("primary_providers", "providers", ("providers.services",)),
    "providers_with_telemedicine": Measure("providers", "providers", ("providers.services",)),
    "private_with_local_care": Measure("private_providers", "providers", ("providers.ownership",)),
    "nursing_beds": Measure("beds", "sites", ("sites.beds", "sites.beds_nursing")),
    "hospice_beds": Measure("beds", "sites", ("sites.beds", "sites.beds_hospice")),
    "age_friendly_providers": Measure("providers", "providers", ("providers.age_friendly",)),
    "primary_in_consortium": Measure("primary_providers", "providers", ("consortia",)),
    "consortia_led_by_hospital": Measure("consortia", "consortia", ("consortia",)),
    "signed": Measure("local_people", "residents", ("signings",)),
    "priority_signed": Measure("priority_people", "residents", ("signings",)),
    "signed_and_served": Measure("signed_people", "residents", ("signings", "visits")),
    "assessed_lately": Measure("graded_people", "residents", ("residents.assessed_on",)),
}


@dataclass(frozen=True)
class Target:
    """A value that every place of a level is to reach.

    Parameters
    ----------
    year : int
        By the end of which.
    op : str
        One of `OPERATORS`.
    threshold : float or "attested"
        See `BY_ATTESTATION`.
    level : str
        One of ``tables.PLACE_LEVELS``: the target holds for each place of it.
    up_to : str
        The same, for the places of every level from `level` to this one; empty: of `level` alone.
    num, den : str
        A key of `MEASURES` and its part; without `den` the number itself is held against the threshold, without
        `num` the value is attested.
    fails_are : str
        Of which table those are that fail; follows from `num`.
    """

    id: str
    year: int
    op: str
    threshold: float | str
    level: str
    source: str
    num: str = ""
    den: str = ""
    fails_are: str = ""
    standing: str = "default"
    reading: Reading = field(default_factory=dict)
    up_to: str = ""

    @property
    def levels(self) -> tuple[str, ...]:
        """From the smallest to the largest."""
        first = PLACE_LEVELS.index(self.level)
        return PLACE_LEVELS[first : PLACE_LEVELS.index(self.up_to or self.level) + 1]


@dataclass(frozen=True)
class Task:
    """What a document gives to an office.

    Parameters
    ----------
    lead, partners : tuple of str
        Offices; ``with`` in the file are the partners.
    due : str
        ISO date, the last day.
    targets : tuple of str
        Ids of `Target`: the values that stand beside.
    """

    no: int
    text: str
    lead: tuple[str, ...]
    due: str
    source: str
    partners: tuple[str, ...] = field(default=(), metadata={"key": "with"})
    targets: tuple[str, ...] = ()
    standing: str = "default"


@takes({"type": "string", "format": "date"})
def _day(value: object, spot: Spot) -> str:
    try:
        return date.fromisoformat(value if isinstance(value, str) else "").isoformat()
    except ValueError:
        raise spot.refuse(value, '"YYYY-MM-DD"') from None


_SHARE = number(least=0, most=1_000_000_000)


@takes({"anyOf": [_SHARE.schema, {"const": BY_ATTESTATION}]})
def _threshold(value: object, spot: Spot) -> float | str:
    return BY_ATTESTATION if value == BY_ATTESTATION else _SHARE(value, spot)


_STANDING: dict[str, Reader[Any]] = {"source": text, "standing": code(STANDINGS)}
_TARGET = record(
    Target,
    _STANDING
    | {
        "id": text,
        "year": integer(2000, 2100),
        "op": code(OPERATORS),
        "threshold": _threshold,
        "level": code(PLACE_LEVELS),
        "up_to": code(PLACE_LEVELS),
        "num": code(tuple(MEASURES)),
        "den": code(tuple(dict.fromkeys(measure.den for measure in MEASURES.values()))),
        "fails_are": code(FAILS),
        "reading": wording(LANGUAGES),
    },
)


@takes(_TARGET.schema)
def _target(value: object, spot: Spot) -> Target:
    """A target whose parts are of one measure."""
    target = _TARGET(value, spot)
    if not target.levels:
        raise spot.at("up_to").refuse(target.up_to, f'"{target.level}" …')
    if not target.num:
        if target.den or target.fails_are or target.threshold == BY_ATTESTATION:
            raise spot.at("num").error("missing_key")
        return target
    measure = MEASURES[target.num]
    if target.den not in ("", measure.den):
        raise spot.at("den").refuse(target.den, f'"{measure.den}"')
    if target.fails_are not in ("", measure.fails_are):
        raise spot.at("fails_are").refuse(target.fails_are, f'"{measure.fails_are}"')
    return target


TARGETS = array(_target)
TASKS = array(
    record(
        Task,
        _STANDING
        | {
            "no": integer(1, 10_000),
            "text": text,
            "lead": array(text, least=1),
            "with": array(text),
            "due": _day,
            "targets": array(text),
        },
    )
)
