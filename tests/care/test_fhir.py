"""One provider's people as FHIR R4: elements and cardinalities of hl7.org/fhir/R4, masked, and the same every time."""

from __future__ import annotations

import io
import json
import re
from datetime import date

import pytest

from matcher.accounts.accounts import open_accounts
from matcher.accounts.trail import last_rows
from matcher.care.fhir import Ids, entries, write_bundle
from matcher.cli import main
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from tests.helpers.app_data import write_tables
from tests.helpers.builders import PLACES, make_inputs, provider, resident

KEY = Ids(b"k" * 32)
#: Elements of R4 that each resource must have, and may have beside ``resourceType``, ``id`` and ``meta``.
MUST = {
    "Organization": {"identifier"},  # org-1: a name or an identifier
    "Location": set(),
    "Patient": set(),
    "CareTeam": set(),
    "ServiceRequest": {"status", "intent", "subject"},
}
MAY = {
    "Organization": {"identifier", "active", "type", "name"},
    "Location": {"status", "name", "address", "position", "managingOrganization"},
    "Patient": {"identifier", "name", "telecom", "gender", "birthDate", "address"},
    "CareTeam": {"status", "subject", "participant", "managingOrganization"},
    "ServiceRequest": {
        *("status", "intent", "code", "subject", "occurrenceDateTime", "performer"),
        *("locationCode", "locationReference"),
    },
}
#: Elements that R4 lets repeat, which are arrays in JSON.
MANY = {"identifier", "participant", "performer", "locationCode", "locationReference", "telecom"}
MANY_OF = {
    ("Organization", "type"),
    ("Patient", "name"),
    ("Patient", "address"),
    ("CareTeam", "managingOrganization"),
}
R4_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")

PEOPLE = [
    resident(
        "510402195001011234",
        name="张三丰",
        sex="M",
        birth_date=date(1950, 1, 1),
        id_number="510402195001011234",
        phone="13812345678",
        address="竹湖园路7号",
        conditions="hypertension",
    ),
    resident("R2", name="李", age=70),
    resident("R3", 1, groups="immobile", needs="home_visit"),
    resident("R9", 5, name="王五"),
]
PROVIDERS = [
    provider("P1", name="甲镇卫生院", services="chronic_care;home_visit", capacity_home=3),
    provider("P2", 5, name="乙镇卫生院", services="chronic_care", capacity_home=1),
]
VISITS = [
    {"visit_id": "1", "resident_id": "510402195001011234", "service": "chronic_care", "on": date(2025, 11, 1)}
]


def bundle(*, full=False, ids=KEY, lang="zh", people=PEOPLE, visits=VISITS, who="P1"):
    plan = match(make_inputs(people, PROVIDERS, visits=visits), load_policy())
    stream = io.StringIO()
    count = write_bundle(stream, entries(plan, who, ids, lang, full=full), masked=not full)
    told = json.loads(stream.getvalue())
    assert count == len(told["entry"])
    return told


def of(told, kind):
    return [one["resource"] for one in told["entry"] if one["resource"]["resourceType"] == kind]


def references(value):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from [inner] if name == "reference" else references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def empty_anywhere(value):
    """R4 has neither null nor empty texts, arrays or objects."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value in (None, "", [], {}) or any(empty_anywhere(one) for one in inner)


@pytest.mark.parametrize("full", [False, True])
def test_every_resource_has_what_r4_requires_and_nothing_that_it_does_not_know(full):
    told = bundle(full=full)
    assert (told["resourceType"], told["type"]) == ("Bundle", "collection")
    assert set(told) <= {"resourceType", "meta", "type", "entry"}
    assert not empty_anywhere(told)
    for entry in told["entry"]:
        resource = entry["resource"]
        kind = resource["resourceType"]
        elements = set(resource) - {"resourceType", "id", "meta"}
        assert MUST[kind] <= elements <= MAY[kind]
        assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", resource["id"])
        assert entry["fullUrl"] == f"urn:uuid:{resource['id']}"
        for element in elements:
            many = element in MANY or (kind, element) in MANY_OF
            assert isinstance(resource[element], list) == many, (kind, element)


def test_references_lead_to_entries_and_no_id_stands_twice():
    told = bundle()
    known = [entry["fullUrl"] for entry in told["entry"]]
    assert len(set(known)) == len(known)
    assert set(references(told)) <= set(known)


def test_codes_are_those_that_r4_binds():
    told = bundle()
    assert {one.get("gender", "unknown") for one in of(told, "Patient")} <= {
        "male",
        "female",
        "other",
        "unknown",
    }
    assert {(one["status"], one["intent"]) for one in of(told, "ServiceRequest")} == {("active", "plan")}
    assert {one["status"] for one in of(told, "CareTeam")} == {"active"}
    for one in of(told, "ServiceRequest"):
        assert R4_DATE.fullmatch(one["occurrenceDateTime"])


def test_only_the_people_of_the_provider_are_in_it_each_with_a_team():
    told = bundle()
    assert [len(of(told, kind)) for kind in ("Organization", "Location", "Patient", "CareTeam")] == [
        1,
        1,
        3,
        3,
    ]
    assert {one["subject"]["reference"] for one in of(told, "CareTeam")} == {
        f"urn:uuid:{one['id']}" for one in of(told, "Patient")
    }


def test_a_masked_file_tells_surname_and_birth_year_and_nothing_else_of_a_person():
    told = bundle()
    told_of = [
        {name: one[name] for name in set(one) - {"resourceType", "id", "meta"}} for one in of(told, "Patient")
    ]
    assert told_of == [
        {"name": [{"text": "张*"}], "gender": "male", "birthDate": "1950"},
        {"name": [{"text": "*"}]},
        {},
    ]
    text = json.dumps(told, ensure_ascii=False)
    for secret in ("三丰", "510402195001011234", "13812345678", "竹湖园路", "1950-01-01"):
        assert secret not in text
    assert told["meta"]["security"][0]["code"] == "MASKED"


def test_a_full_file_tells_all_and_is_not_called_masked():
    told = bundle(full=True)
    (person,) = [one for one in of(told, "Patient") if one.get("birthDate")]
    assert person["name"] == [{"text": "张三丰"}]
    assert person["birthDate"] == "1950-01-01"
    assert person["telecom"] == [{"system": "phone", "value": "13812345678"}]
    assert person["address"] == [{"text": "竹湖园路7号"}]
    assert {"system": "urn:oid:2.16.156.10011.1.3", "value": "510402195001011234"} in person["identifier"]
    assert "MASKED" not in json.dumps(told)


def test_an_age_alone_is_no_birth_date():
    assert not any("birthDate" in one for one in of(bundle(people=PEOPLE[1:]), "Patient"))


def test_what_is_due_stands_on_its_day_and_without_visits_no_day_is_told():
    """Hypertension: four times a year, so 91 days after the last of 2025-11-01."""
    days = {
        one["code"]["coding"][0]["code"]: one["occurrenceDateTime"] for one in of(bundle(), "ServiceRequest")
    }
    assert days["chronic_care"] == "2026-01-31"
    without = of(bundle(visits=()), "ServiceRequest")
    assert len(without) == len(of(bundle(), "ServiceRequest"))
    assert not any("occurrenceDateTime" in one for one in without)


def test_visits_at_home_are_at_the_persons_residence_and_others_at_the_provider():
    told = bundle()
    (location,) = of(told, "Location")
    for one in of(told, "ServiceRequest"):
        if one["code"]["coding"][0]["code"] == "home_visit":
            assert one["locationCode"][0]["coding"][0]["code"] == "PTRES"
        else:
            assert one["locationReference"] == [{"reference": f"urn:uuid:{location['id']}"}]


def test_the_same_key_gives_the_same_file_and_another_key_other_ids():
    assert bundle() == bundle(people=PEOPLE[::-1])
    ids = [{entry["fullUrl"] for entry in bundle(ids=key)["entry"]} for key in (KEY, Ids(b"x" * 32))]
    assert not ids[0] & ids[1]


def test_words_are_in_the_language_asked_for():
    assert of(bundle(lang="en"), "Organization")[0]["type"][0]["text"] == "Township health centre"


# ---- The command


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MATCHER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MATCHER_DATABASE_URL", f"sqlite:///{(tmp_path / 'store.sqlite3').as_posix()}")
    tables = {"residents": PEOPLE, "providers": PROVIDERS, "places": PLACES, "visits": VISITS}
    return write_tables(tmp_path / "data", tables)


def run(folder, *more, lang="en"):
    out = folder.parent / "out"
    code = main(["fhir", str(folder), "--out", str(out), "--lang", lang, *more])
    file = out / "fhir.json"
    return code, json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def test_the_command_writes_a_masked_file_and_notes_nothing(folder, capsys):
    code, told = run(folder, "--provider", "P1")
    assert code == 0
    assert len(of(told, "Patient")) == 3
    assert "3 people" in capsys.readouterr().out
    assert [row.what for row in last_rows(open_accounts().database, 9)] == []


def test_all_of_it_needs_a_reason_and_is_in_the_audit(folder, capsys):
    for without in ([], ["--reason", " "]):
        assert run(folder, "--provider", "P1", "--full", *without) == (1, None)
    assert "--reason" in capsys.readouterr().err
    code, told = run(folder, "--provider", "P1", "--full", "--reason", "转诊对接")
    assert code == 0
    assert "张三丰" in json.dumps(told, ensure_ascii=False)
    (row,) = last_rows(open_accounts().database, 9)
    assert (row.what, row.whose, row.result, row.role) == ("fhir_full", "P1", "转诊对接", "terminal")


def test_an_unknown_provider_writes_nothing_and_is_not_noted(folder, capsys):
    assert run(folder, "--provider", "P3", "--full", "--reason", "x") == (1, None)
    assert "P1" in capsys.readouterr().err
    assert last_rows(open_accounts().database, 9) == []


def test_the_file_can_be_read_again_under_the_same_ids(folder):
    first, second = run(folder, "--provider", "P1"), run(folder, "--provider", "P1")
    assert first == second
