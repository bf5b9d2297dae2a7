"""The keys of a policy file: how the value of each is read and checked."""

from __future__ import annotations

from typing import Any

from matcher.policy.packages import packages_reader, visiting_reader
from matcher.policy.pairings import SERVED, pairings_reader
from matcher.policy.referral import green_channel_reader
from matcher.policy.roads import roads_reader
from matcher.policy.rules import (
    ABILITY_LEVELS,
    AMOUNTS,
    CARE_PLACES,
    CHOICES,
    FLAGS,
    MOST_ADMISSIONS,
    RELATIONS,
    STANDINGS,
    TIES,
    Admission,
    Beside,
    CareHours,
    Clause,
    Interim,
    ModeRule,
    Payment,
    Priority,
    Requirement,
    Subsidies,
    TierRule,
)
from matcher.policy.schema import (
    Reader,
    Spot,
    array,
    code,
    codes,
    flag,
    integer,
    number,
    or_empty,
    record,
    table,
    takes,
    text,
    wording,
)
from matcher.policy.standards import TARGETS, TASKS
from matcher.tables import ABILITY_GRADES, INSURANCE_SCHEME, MODES, PROVIDER_KINDS, SERVICES, VOCABULARIES
from matcher.words.catalogues import LANGUAGES


def _by_mode(most: float) -> Reader[dict[str, float]]:
    return table({mode: number(most=most) for mode in MODES}, required=MODES)


_AGE = integer(0, 150)
_YUAN = integer(0, 100_000_000)
_CHOSEN: dict[str, Reader[Any]] = {name: codes(vocabulary) for name, vocabulary in CHOICES.items()}
_CLAUSE = record(
    Clause,
    _CHOSEN
    | {
        "conditions": codes(VOCABULARIES["condition"]),
        "groups": codes(VOCABULARIES["group"]),
        "all_groups": codes(VOCABULARIES["group"]),
        "min_age": _AGE,
        "max_age": _AGE,
    }
    | dict.fromkeys(FLAGS, flag),
)


@takes(_CLAUSE.schema | {"minProperties": 1})
def _clause(value: object, spot: Spot) -> Clause:
    clause = _CLAUSE(value, spot)
    if clause == Clause():
        raise spot.refuse(value, "{ key = value, … }")
    if clause.min_age is not None and clause.max_age is not None and clause.min_age > clause.max_age:
        raise spot.refuse(value, "min_age ≤ max_age")
    return clause


def _odds(grades: int) -> Reader[tuple[float, ...]]:
    """Probabilities of each grade, together 1."""
    read_row = array(number(least=0, most=1), least=grades, most=grades)

    @takes(read_row.schema)
    def read(value: object, spot: Spot) -> tuple[float, ...]:
        row = read_row(value, spot)
        if abs(sum(row) - 1) > 1e-9:
            raise spot.refuse(value, "Σ = 1")
        return row

    return read


_CITED: dict[str, Reader[Any]] = {
    "id": text,
    "source": text,
    "standing": code(STANDINGS),
    "reading": wording(LANGUAGES),
}
_WHEN: dict[str, Reader[Any]] = {"when": array(_clause)}
_MODES = codes(MODES)
_SERVICES = codes(SERVICES)
#: What may stand in a policy file, and how it is read.
KEYS: dict[str, Reader[Any]] = {
    "base": text,
    "id": text,
    "title": text,
    "document": text,
    "cost": code(("distance", "time")),
    "detour_factor": number(least=1, most=10),
    "speed_kmh": number(most=1_000),
    "turnover_month": number(most=1),
    "switching_m": integer(0, 1_000_000),
    "keep_households_together": flag,
    "max_passed_over": or_empty(integer(0, 1_000_000)),
    "default_scheme": code(VOCABULARIES["ability_scheme"]),
    "bands_km": array(number(most=100_000), least=1),
    "limit_km": _by_mode(most=100_000),
    "limit_minutes": _by_mode(most=100_000),
    "ability": table(
        {
            scheme: array(code(ABILITY_LEVELS), least=len(grades), most=len(grades))
            for scheme, grades in ABILITY_GRADES.items()
        },
        required=ABILITY_GRADES,
    ),
    "ageing": table(
        {
            scheme: array(_odds(len(grades)), least=len(grades), most=len(grades))
            for scheme, grades in ABILITY_GRADES.items()
        },
        required=ABILITY_GRADES,
    ),
    "setting_of_site": table(
        dict.fromkeys(VOCABULARIES["site_kind"], code(VOCABULARIES["living_setting"])),
        required=VOCABULARIES["site_kind"],
    ),
    "setting_with_beds": table(
        dict.fromkeys(VOCABULARIES["site_kind"], code(VOCABULARIES["living_setting"]))
    ),
    "offered_by_kind": table(dict.fromkeys(PROVIDER_KINDS, codes(SERVICES, least=0))),
    "mode_rules": array(record(ModeRule, _CITED | _WHEN | {"mode": code(MODES), "waiting": flag}), least=1),
    "tier_rules": array(record(TierRule, _CITED | _WHEN | {"tier": integer(1, 9)}), least=1),
    "admissions": array(
        record(
            Admission,
            _CITED
            | _WHEN
            | {
                "modes": _MODES,
                "kinds": codes(PROVIDER_KINDS),
                "min_level": integer(1, 3),
                "ownership": code(VOCABULARIES["ownership"]),
                "relation": code(RELATIONS),
                "any_services": _SERVICES,
                "urban": flag,
            },
        ),
        most=MOST_ADMISSIONS,
    ),
    "requirements": array(record(Requirement, _CITED | _WHEN | {"modes": _MODES, "services": _SERVICES})),
    "packages": packages_reader(_CITED | _WHEN, text),
    "green_channel": green_channel_reader(_CITED | _WHEN),
    "served_by": SERVED,
    "pairings": pairings_reader(_CITED),
    "visiting": visiting_reader(_CITED),
    "roads": roads_reader(_CITED),
    "target_shares": table({mode: number(least=0, most=1) for mode in MODES}),
    "beside": array(
        record(
            Beside,
            _CITED
            | {
                "kinds": codes(PROVIDER_KINDS),
                "site_kinds": codes(VOCABULARIES["site_kind"]),
                "within_km": number(most=100),
                "bonus_m": integer(0, 1_000_000_000),
            },
        )
    ),
    "subsidies": record(
        Subsidies,
        dict.fromkeys(("new_bed", "special_bed", "short_place"), _YUAN)
        | {
            "monthly": table(dict.fromkeys(ABILITY_LEVELS, _YUAN)),
            "months": integer(0, 1_200),
            "source": text,
        },
    ),
    "priority": array(record(Priority, _CITED | {"when": array(_clause, least=1)})),
    "reassess_months": integer(1, 600),
    "care_hours": array(
        record(
            CareHours,
            _CITED
            | {
                "grades": array(integer(0, ABILITY_GRADES[INSURANCE_SCHEME][-1]), least=1),
                "where": code(CARE_PLACES),
                "hours_month": number(least=0, most=744),
            },
        )
    ),
    "interim": array(record(Interim, _CITED | {"mode": code(MODES)})),
    "payments": array(
        record(
            Payment,
            _CITED
            | {
                "amount": code(AMOUNTS),
                "relations": codes(TIES),
                "licensed": flag,
                "least_months": integer(0, 1_200),
                "most_gap_days": integer(0, 366),
                "from_first_month": flag,
            },
        )
    ),
    "targets": TARGETS,
    "tasks": TASKS,
}
