"""Column specifications: the one truth on tables, columns, types, units and codes.

Labels are words and live in ``locales/*.toml`` under ``column.<table>.<name>`` and ``code.<vocabulary>.<code>``.
"""

from __future__ import annotations

from matcher.care_tables import (
    CARE_KEYS,
    CARE_RESIDENT_COLUMNS,
    CARE_TABLES,
    CARE_VOCABULARIES,
    PROVIDER_FLAGS,
)
from matcher.columns import Column

MODES = ("institutional", "community", "home", "migratory", "high_end")
SERVICES = (
    "basic_care",
    "chronic_care",
    "health_check",
    "home_visit",
    "family_bed",
    "nursing",
    "rehab",
    "dementia_care",
    "mental_health",
    "mental_follow_up",
    "tcm",
    "tcm_prevention",
    "hospice",
    "geriatrics",
    "assessment",
    "day_nursing",
    "living_assist",
    "green_channel",
    "emergency",
    "telemedicine",
    "leisure",
    "tcm_hall",
    "geriatric_ward",
)
HOSPITAL_KINDS = (
    "general_hospital",
    "tcm_hospital",
    "specialist_hospital",
    "rehab_hospital",
    "nursing_hospital",
)
#: 二级以上 (攀办发〔2016〕71号 三(二)1): least level of a hospital that stands upstream of other providers.
UPSTREAM_LEVEL = 2
PROVIDER_KINDS = (
    *HOSPITAL_KINDS,
    "care_site_clinic",
    "community_health_centre",
    "community_health_station",
    "township_health_centre",
    "village_clinic",
    "private_clinic",
    "nursing_station",
    "rehab_station",
)
#: They exercise and treat nobody: no medical provider that could run a site's care.
NOT_MEDICAL_KINDS = ("rehab_station",)
SITE_KINDS = (
    "care_home",
    "welfare_home",
    "wellness_home",
    "day_care",
    "happiness_home",
    "service_complex",
    "hotel",
    "farmstay",
    "home_care_centre",
    "mutual_aid_centre",
)
VOCABULARIES: dict[str, tuple[str, ...]] = {
    "mode": MODES,
    "service": SERVICES,
    "provider_kind": PROVIDER_KINDS,
    "site_kind": SITE_KINDS,
    "sex": ("F", "M"),
    "origin": ("local", "visitor"),
    "living_setting": ("own_home", "care_home", "day_care", "hotel", "farmstay"),
    "ability_scheme": ("GB/T 42195-2022", "MZ/T 039-2013", "NHSA 2021-37"),
    "ownership": ("public", "private"),
    "status": ("open", "planned", "closed"),
    "premises": ("idle_building", "converted_hospital", "new_ground"),
    "choice": ("required", "forbidden"),
    "level": ("province", "city", "county", "township", "village"),
    "correction": ("died", "left", "place", "phone", "grade", "override", "frozen"),
    "condition": (
        "hypertension",
        "diabetes",
        "severe_mental_disorder",
        "dementia",
        "stroke",
        "copd",
        "cancer",
        "coronary_heart_disease",
        "chronic_kidney_disease",
        "parkinson",
        "arthritis",
        "osteoporosis",
        "fracture",
        "tuberculosis",
    ),
    "group": (
        "destitute",
        "bereaved_parent",
        "special_family",
        "disabled",
        "empty_nest",
        "low_income",
        "immobile",
    ),
    **CARE_VOCABULARIES,
}
#: Lists that a county may extend: an unknown code there is a warning, no rule reads it.
OPEN_VOCABULARIES = frozenset({"condition", "group"})
#: Grades that each ability scheme knows (0 is able). Kept apart: the schemes are never coerced into each other.
ABILITY_GRADES = {
    "GB/T 42195-2022": (0, 1, 2, 3, 4),
    "MZ/T 039-2013": (0, 1, 2, 3),
    "NHSA 2021-37": (0, 1, 2, 3, 4, 5),
}
#: The one that long-term care insurance goes by.
INSURANCE_SCHEME = "NHSA 2021-37"
#: From the smallest place to the largest.
PLACE_LEVELS = ("village", "township", "county", "city", "province")
#: How a row got its position, from the best to none: its own coordinates, those an online geocoder knows for the
#: address, those of its site, or those of the smallest known place, which may be far from where somebody lives.
POSITIONS = ("own", "address", "site", *PLACE_LEVELS, "none")
#: Where the cost of a journey comes from: the table `travel`, or computed from the two positions.
DISTANCE_SOURCES = ("table", "computed")
DATUMS = ("wgs84", "gcj02", "bd09")


def _persons(name: str) -> Column:
    return Column(name, "integer", minimum=0, unit="persons")


_POSITION = (
    Column("lat", "latitude", minimum=-90, maximum=90, unit="degrees"),
    Column("lon", "longitude", minimum=-180, maximum=180, unit="degrees"),
)
_NEW_BEDS = tuple(Column(name, "integer", minimum=0, unit="beds") for name in ("new_beds", "special_beds"))
_PLACE = Column("place_code", "id", refers="places")

RESIDENTS = (
    Column("resident_id", "id", required=True),
    Column("name"),
    Column("sex", "code", vocabulary="sex"),
    Column("birth_date", "date"),
    Column("age", "integer", minimum=0, maximum=120, unit="years"),
    Column("id_number", "id"),
    Column("phone", "id"),
    _PLACE,
    Column("address"),
    *_POSITION,
    Column("origin", "code", vocabulary="origin"),
    Column("living_setting", "code", vocabulary="living_setting"),
    Column("site_id", "id", refers="sites"),
    Column("lives_alone", "flag"),
    Column("ability_scheme", "code", vocabulary="ability_scheme"),
    Column("ability_grade", "integer", minimum=0, maximum=5),
    *CARE_RESIDENT_COLUMNS,
    Column("conditions", "codes", vocabulary="condition"),
    Column("groups", "codes", vocabulary="group"),
    Column("requested_mode", "code", vocabulary="mode"),
    Column("needs", "codes", vocabulary="service"),
    Column("season_from", "integer", minimum=1, maximum=12, unit="month"),
    Column("season_to", "integer", minimum=1, maximum=12, unit="month"),
    Column("household_id", "id"),
    Column("current_provider_id", "id", refers="providers"),
)
CAPACITY_COLUMNS = tuple(f"capacity_{mode}" for mode in MODES)
PROVIDERS = (
    Column("provider_id", "id", required=True),
    Column("name"),
    Column("kind", "code", required=True, vocabulary="provider_kind"),
    Column("hospital_level", "integer", minimum=1, maximum=3),
    Column("ownership", "code", vocabulary="ownership"),
    _PLACE,
    Column("address"),
    *_POSITION,
    Column("services", "codes", vocabulary="service"),
    Column("site_id", "id", refers="sites"),
    Column("parent_provider_id", "id", refers="providers"),
    Column("insurance", "flag"),
    *PROVIDER_FLAGS,
    Column("status", "code", vocabulary="status"),
    *(_persons(name) for name in CAPACITY_COLUMNS),
    _persons("capacity_total"),
    _persons("max_downstream"),
)
SITES = (
    Column("site_id", "id", required=True),
    Column("name"),
    Column("kind", "code", vocabulary="site_kind"),
    Column("ownership", "code", vocabulary="ownership"),
    Column("operator_provider_id", "id", refers="providers"),
    Column("host_provider_id", "id", refers="providers"),
    *(_persons(name) for name in ("beds", "beds_nursing", "beds_rehab", "beds_hospice")),
    _PLACE,
    *_POSITION,
    Column("agreement_provider_id", "id", refers="providers"),
    *_NEW_BEDS,
    Column("licensed", "flag"),
    Column("opened_on", "date"),
)
PLACES = (
    Column("place_code", "id", required=True),
    Column("name"),
    Column("level", "code", vocabulary="level"),
    Column("parent_code", "id", refers="places"),
    Column("urban", "flag"),
    *_POSITION,
    _persons("pop60"),
    _persons("pop65"),
)
TRAVEL = (
    Column("from_code", "id", required=True),
    Column("provider_id", "id", required=True, refers="providers"),
    Column("minutes", "number", minimum=0, unit="min"),
    Column("km", "number", minimum=0, unit="km"),
    Column("reachable", "flag"),
)
CANDIDATES = (
    *(column for column in PROVIDERS if column.name not in ("status", "max_downstream")),
    Column("fixed_cost", "number", minimum=0, maximum=1e10, unit="yuan"),
    Column("cost_per_slot", "number", minimum=0, maximum=1e8, unit="yuan"),
    Column("max_slots", "integer", minimum=0, unit="persons"),
    Column("premises", "code", vocabulary="premises"),
    Column("choice", "code", vocabulary="choice"),
    *_NEW_BEDS,
    Column("short_beds", "integer", minimum=0, unit="beds"),
)
#: What was decided about a person since the data were made: see ``intake/corrections.py``.
CORRECTIONS = (
    Column("resident_id", "id", required=True, refers="residents"),
    Column("what", "code", required=True, vocabulary="correction"),
    Column("value"),
    Column("reason"),
    Column("decided_by"),
    Column("decided_on", "date"),
)
#: Corrections that name a provider; where a person has both, the first holds.
DECIDED = ("frozen", "override")

#: Every input table by file name. Only residents, providers and places must be there.
TABLES: dict[str, tuple[Column, ...]] = {
    "residents": RESIDENTS,
    "providers": PROVIDERS,
    "sites": SITES,
    "places": PLACES,
    "travel": TRAVEL,
    "candidates": CANDIDATES,
    "corrections": CORRECTIONS,
    **CARE_TABLES,
}
REQUIRED_TABLES = ("residents", "providers", "places")
KEYS = {
    "residents": ("resident_id",),
    "providers": ("provider_id",),
    "sites": ("site_id",),
    "places": ("place_code",),
    "travel": ("from_code", "provider_id"),
    "candidates": ("provider_id",),
    "corrections": ("resident_id", "what"),
    **CARE_KEYS,
}

#: Output tables of ``match``, in the order of their columns. What ends in ``_m`` is metres, or seconds where the
#: policy's cost is time.
OUTPUTS: dict[str, tuple[str, ...]] = {
    "assignments": (
        "resident_id",
        "mode",
        "mode_rule",
        "tier",
        "provider_id",
        "distance_km",
        "cost_m",
        "rank",
        "distance_source",
        "position",
    ),
    "unserved": (
        "resident_id",
        "mode",
        "tier",
        "reason",
        "nearest_provider_id",
        "nearest_distance_km",
    ),
    "providers": (
        "provider_id",
        "mode",
        "capacity",
        "assigned",
        "slot_value_served",
        "slot_value_tier",
        "slot_value_m",
    ),
    "coverage": ("place_code", "mode", "residents", "served", "share", "median_km", "p90_km"),
}
#: Columns that tell the rows of an output table apart.
OUTPUT_KEYS: dict[str, tuple[str, ...]] = {
    "assignments": ("resident_id",),
    "unserved": ("resident_id",),
    "providers": ("provider_id", "mode"),
    "coverage": ("place_code", "mode"),
}
#: Why nobody serves a person, in the order in which it is asked.
UNSERVED_REASONS = (
    "waiting",
    "no_location",
    "no_qualified_provider",
    "no_way",
    "beyond_limit",
    "capacity_full",
)
