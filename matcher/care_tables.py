"""Columns and codes of the tables on the network of care: what is agreed on, attested, done, and by whom.

All of them are optional; what would need one that is absent is not measured.
"""

from __future__ import annotations

from matcher.columns import Column

CARE_VOCABULARIES: dict[str, tuple[str, ...]] = {
    "agreement_form": (
        "own_clinic",
        "shared_infirmary",
        "run_by_hospital",
        "outreach_clinic",
        "outreach_ward",
        "posting",
        "trusteeship",
        "agreement",
    ),
    "agreement_state": ("signed", "served", "ended"),
    "task_state": ("open", "doing", "done"),
    "visit_outcome": ("ok", "poor_control", "urgent_referral"),
    "staff_role": ("gp", "nurse", "other"),
}
_RESIDENT = Column("resident_id", "id", required=True, refers="residents")
_SITE = Column("site_id", "id", required=True, refers="sites")
_PROVIDER = Column("provider_id", "id", required=True, refers="providers")

#: What the assessment of a resident's ability says besides the grade: when it was, and whether long-term care insurance
#: grants care by it.
CARE_RESIDENT_COLUMNS = (Column("assessed_on", "date"), Column("ltc_entitled", "flag"))
#: Whether a provider is recognised as age-friendly (老年友善医疗机构).
PROVIDER_FLAGS = (Column("age_friendly", "flag"),)

#: Who serves a site, by which kind of agreement.
AGREEMENTS = (
    _SITE,
    _PROVIDER,
    Column("form", "code", required=True, vocabulary="agreement_form"),
    Column("signed_on", "date"),
    Column("until", "date"),
    Column("state", "code", required=True, vocabulary="agreement_state"),
)
#: What an office says of itself for a target that nobody can compute.
ATTESTED = (
    Column("target_id", "id", required=True),
    Column("place_code", "id", refers="places"),
    Column("value", "number", required=True),
    Column("on", "date"),
    Column("by", required=True),
    Column("evidence", required=True),
)
#: How far the tasks that a document gives to offices are.
TASKS = (
    Column("no", "integer", required=True, minimum=1),
    Column("state", "code", required=True, vocabulary="task_state"),
    Column("on", "date"),
    Column("evidence"),
)
#: Visits and check-ups that took place.
VISITS = (
    Column("visit_id", "id", required=True),
    _RESIDENT,
    Column("provider_id", "id", refers="providers"),
    Column("service", "code", required=True, vocabulary="service"),
    Column("on", "date", required=True),
    Column("outcome", "code", vocabulary="visit_outcome"),
)
#: Who works at a provider.
STAFF = (
    _PROVIDER,
    Column("role", "code", vocabulary="staff_role"),
    Column("fte", "number", minimum=0, unit="persons"),
    Column("hours_month", "number", minimum=0, maximum=744, unit="h"),
    Column("teams", "integer", minimum=0),
)
#: When who lived at a site.
STAYS = (
    _RESIDENT,
    _SITE,
    Column("from", "date", required=True),
    Column("until", "date"),
    Column("grade", "integer", minimum=0, maximum=5),
    Column("scheme", "code", vocabulary="ability_scheme"),
)
#: Which family doctor's team somebody has signed with, since when; each renewal is a row.
SIGNINGS = (
    _RESIDENT,
    _PROVIDER,
    Column("signed_on", "date", required=True),
    Column("until", "date"),
)
#: Medical consortia (医共体): a row for each member, the lead hospital one of them.
CONSORTIA = (
    Column("consortium_id", "id", required=True),
    Column("name"),
    Column("lead_provider_id", "id", required=True, refers="providers"),
    _PROVIDER,
)

CARE_TABLES: dict[str, tuple[Column, ...]] = {
    "agreements": AGREEMENTS,
    "attested": ATTESTED,
    "tasks": TASKS,
    "visits": VISITS,
    "staff": STAFF,
    "stays": STAYS,
    "signings": SIGNINGS,
    "consortia": CONSORTIA,
}
CARE_KEYS: dict[str, tuple[str, ...]] = {
    "agreements": ("site_id", "provider_id", "form", "signed_on"),
    "attested": ("target_id", "place_code", "on"),
    "tasks": ("no",),
    "visits": ("visit_id",),
    "staff": ("provider_id", "role"),
    "stays": ("resident_id", "site_id", "from"),
    "signings": ("resident_id", "provider_id", "signed_on"),
    "consortia": ("consortium_id", "provider_id"),
}
