"""One provider's people and what is due to them as FHIR R4 (4.0.1): a Bundle of resources, entry by entry.

Only elements that R4 has; where a table says nothing, the element is left out.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID, uuid5

import pandas as pd

from matcher.care.packages import due_services, granted
from matcher.masking import mask_name
from matcher.plan.plan import Plan
from matcher.words.catalogues import label

Resource = dict[str, Any]

#: Systems of our own ids and codes; ``urn:oid`` is that of resident identity numbers in China's health records.
PROVIDER_IDS, RESIDENT_IDS = "urn:x-matcher:provider_id", "urn:x-matcher:resident_id"
ID_NUMBERS = "urn:oid:2.16.156.10011.1.3"
SERVICE_CODES, KIND_CODES = "urn:x-matcher:service", "urn:x-matcher:provider_kind"
_GENDER = {"F": "female", "M": "male"}
#: How security labels say that something was left out on purpose.
_MASKED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "MASKED",
    "display": "masked",
}
#: At the person's home, in the words of the code system of places.
_AT_HOME = {"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "PTRES"}


@dataclass(frozen=True)
class Ids:
    """Ids of resources: the same every time under one key, and nobody without the key finds whom they mean.

    A plain uuid5 of a resident's id would be found by trying all ids, which may be identity numbers.

    Parameters
    ----------
    key : bytes
    """

    key: bytes

    def of(self, kind: str, *parts: str) -> str:
        """The uuid5 of a resource in a namespace that only the holder of the key knows."""
        namespace = UUID(bytes=hmac.new(self.key, b"fhir", hashlib.sha256).digest()[:16])
        return str(uuid5(namespace, json.dumps([kind, *parts], ensure_ascii=False)))


def entries(plan: Plan, provider_id: str, ids: Ids, lang: str, *, full: bool = False) -> Iterator[Resource]:
    """Resources of one provider: Organization, Location, then Patient, CareTeam and ServiceRequests of each person.

    People come in order of their ids, and so do their services: the same plan gives the same entries.

    Parameters
    ----------
    plan : Plan
    provider_id : str
        One of the plan's; see ``roster.check_provider``.
    ids : Ids
    lang : {"zh", "en"}
        Of the words beside codes.
    full : bool
        Names, birth dates, ids, phones and addresses as they are; else surname and birth year alone.
    """
    providers = plan.inputs.providers
    provider = providers.loc[providers["provider_id"] == provider_id].iloc[0]
    organization, location = ids.of("Organization", provider_id), ids.of("Location", provider_id)
    yield _organization(provider, organization, lang)
    yield _location(provider, location, organization)
    served = plan.assignments.loc[plan.assignments["provider_id"] == provider_id, "resident_id"]
    people = plan.people[plan.people["resident_id"].isin(served)].sort_values("resident_id")
    due = due_services(granted(people, plan.policy), plan.inputs, plan.policy.visiting)
    due = due.sort_values(["resident_id", "service", "package", "where"])
    services = dict(iter(due.groupby("resident_id")))
    for _, person in people.iterrows():
        id = str(person["resident_id"])
        patient = ids.of("Patient", id)
        yield _patient(person, patient, full=full)
        yield _care_team(ids.of("CareTeam", provider_id, id), patient, organization)
        for _, service in services.get(id, due.iloc[:0]).iterrows():
            request = ids.of(
                "ServiceRequest", provider_id, id, *map(str, service[["package", "service", "where"]])
            )
            yield _service_request(service, request, patient, organization, location, lang)


def write_bundle(stream: IO[str], resources: Iterable[Resource], *, masked: bool) -> int:
    """Write a Bundle of type ``collection``, an entry a line, without holding all of it.

    Returns
    -------
    int
        Entries written.
    """
    head: Resource = {"resourceType": "Bundle"}
    if masked:
        head["meta"] = {"security": [_MASKED]}
    head["type"] = "collection"
    stream.write(_text(head)[:-1] + ',"entry":[')
    count = 0
    for count, resource in enumerate(resources, start=1):
        stream.write("\n" if count == 1 else ",\n")
        stream.write(_text({"fullUrl": _url(resource["id"]), "resource": resource}))
    stream.write("\n]}\n")
    return count


def _organization(provider: pd.Series, id: str, lang: str) -> Resource:
    return _filled(
        resourceType="Organization",
        id=id,
        identifier=[{"system": PROVIDER_IDS, "value": provider["provider_id"]}],
        active=provider["status"] not in ("planned", "closed"),
        type=[_concept(KIND_CODES, provider["kind"], label("provider_kind", provider["kind"], lang))],
        name=_known(provider["name"]),
    )


def _location(provider: pd.Series, id: str, organization: str) -> Resource:
    position = None
    if pd.notna(provider["lat"]) and pd.notna(provider["lon"]):
        position = {"longitude": float(provider["lon"]), "latitude": float(provider["lat"])}
    address = _known(provider["address"])
    return _filled(
        resourceType="Location",
        id=id,
        status="active",
        name=_known(provider["name"]),
        address={"text": address} if address else None,
        position=position,
        managingOrganization=_reference(organization),
    )


def _patient(person: pd.Series, id: str, *, full: bool) -> Resource:
    """What the register says of a person; masked, one star stands for the given name, and the year for the birth."""
    name, birth = _known(person["name"]), person["birth_date"]
    told: Resource = {"resourceType": "Patient", "id": id, "meta": None if full else {"security": [_MASKED]}}
    if full:
        told["identifier"] = [
            {"system": system, "value": value}
            for system, value in (
                (RESIDENT_IDS, _known(person["resident_id"])),
                (ID_NUMBERS, _known(person["id_number"])),
            )
            if value
        ]
    told["name"] = [{"text": name if full else mask_name(name)}] if name else None
    told["telecom"] = _phone(person["phone"]) if full else None
    told["gender"] = _GENDER.get(person["sex"])
    told["birthDate"] = None if pd.isna(birth) else birth.strftime("%Y-%m-%d" if full else "%Y")
    told["address"] = [{"text": person["address"]}] if full and _known(person["address"]) else None
    return _filled(**told)


def _phone(phone: object) -> list[Resource] | None:
    number = _known(phone)
    return [{"system": "phone", "value": number}] if number else None


def _care_team(id: str, patient: str, organization: str) -> Resource:
    return {
        "resourceType": "CareTeam",
        "id": id,
        "status": "active",
        "subject": _reference(patient),
        "participant": [{"member": _reference(organization)}],
        "managingOrganization": [_reference(organization)],
    }


def _service_request(
    service: pd.Series, id: str, patient: str, organization: str, location: str, lang: str
) -> Resource:
    """A service that a package grants; without the table ``visits`` nobody knows the day, and none is told."""
    due, where = service["due_on"], service["where"]
    return _filled(
        resourceType="ServiceRequest",
        id=id,
        status="active",
        intent="plan",
        code=_concept(SERVICE_CODES, service["service"], label("service", service["service"], lang)),
        subject=_reference(patient),
        occurrenceDateTime=None if pd.isna(due) else due.strftime("%Y-%m-%d"),
        performer=[_reference(organization)],
        locationCode=[{"coding": [_AT_HOME]}] if where == "home" else None,
        locationReference=[_reference(location)] if where == "clinic" else None,
    )


def _concept(system: str, code: str, words: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": words}], "text": words}


def _reference(id: str) -> Resource:
    return {"reference": _url(id)}


def _url(id: str) -> str:
    return f"urn:uuid:{id}"


def _known(value: Any) -> str | None:
    """The text of a cell, None for an empty one: R4 has no empty strings."""
    return None if pd.isna(value) or not str(value).strip() else str(value).strip()


def _filled(**elements: Any) -> Resource:
    """The elements that say something."""
    return {name: value for name, value in elements.items() if value is not None}


def _text(value: Resource) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
