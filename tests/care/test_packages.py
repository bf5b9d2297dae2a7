"""What people are granted, when it is due, and the work it makes: each number of the examples, and properties."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.care.packages import due_services, due_table, granted
from matcher.care.workload import services_of_plan, workload
from matcher.cli import main
from matcher.eligibility.classify import classify
from matcher.errors import PolicyError
from matcher.plan.match import match
from matcher.policy.documents import load_policy, policy_names, policy_with
from tests.helpers.builders import make_inputs, provider, resident
from tests.helpers.examples import examples
from tests.helpers.folders import checked, told, write_folder

P, C = load_policy("panzhihua-2016"), load_policy("chenzhou-2018")
DAY = dt.date(2026, 1, 15)
BOTH = ["hypertension", "diabetes"]


def services_of(policy=P, visits=(), **person):
    """Services of one person, with their due days."""
    inputs = make_inputs([resident("a", **person)], visits=visits, as_of=DAY)
    return due_services(granted(classify(inputs, policy), policy), inputs, policy.visiting)


def visit(on: str, **more):
    """A follow-up of the person's chronic disease."""
    return {
        "visit_id": f"v{on}",
        "resident_id": "a",
        "service": "chronic_care",
        "on": dt.date.fromisoformat(on),
    } | more


@pytest.mark.parametrize(
    ("policy", "person", "visits", "minutes"),
    [
        (P, {"age": 66, "conditions": BOTH}, 5, 110),
        (P, {"age": 62, "conditions": ["hypertension"]}, 5, 95),
        (P, {"age": 70}, 1, 30),
        (P, {"age": 61, "groups": ["bereaved_parent"]}, 1, 15),
        (C, {"age": 61, "groups": ["bereaved_parent"]}, 1, 30),
        (C, {"age": 61}, 1, 15),
        (P, {"age": None, "conditions": ["severe_mental_disorder"]}, 4, 80),
        (P, {"age": 82, "groups": ["immobile"]}, 13, 390),
        (P, {"age": 70, "groups": ["immobile"]}, 1, 30),
    ],
)
def test_a_year_of_visits(policy, person, visits, minutes):
    found = services_of(policy, **person)
    assert found["times"].sum() == visits
    assert (found["times"] * found["minutes"]).sum() == minutes


def test_packages_that_do_not_combine_are_visits_of_their_own():
    raw = [
        {
            "id": c,
            "items": [
                {"service": "chronic_care", "times": 4, "minutes": 20, "where": "clinic", "payer": "self"}
            ],
            "when": [{"conditions": [c]}],
        }
        for c in BOTH
    ]
    policy = policy_with(P, "packages", raw, "mine")
    assert services_of(policy, conditions=BOTH)["times"].sum() == 8


def test_a_package_instead_of_an_unknown_one_is_refused():
    item = {"service": "nursing", "times": 1, "minutes": 1, "where": "home", "payer": "self"}
    with pytest.raises(PolicyError):
        policy_with(P, "packages", [{"id": "a", "items": [item], "instead_of": ["b"]}], "mine")


def test_a_package_for_nobody_is_refused_with_its_place():
    item = {"service": "nursing", "times": 1, "minutes": 1, "where": "home", "payer": "self"}
    with pytest.raises(PolicyError) as refused:
        policy_with(P, "packages", [{"id": "a", "items": [item], "min_age": 65, "max_age": 64}], "mine")
    assert refused.value.values["where"] == "packages[1].min_age"
    assert refused.value.values["allowed"] == "≤ max_age = 64"


def test_the_days_that_make_a_visit_due_are_the_policy_s():
    policy = policy_with(policy_with(P, "visiting.window_days", 0, "mine"), "visiting.soon_days", 7, "mine")
    found = services_of(
        policy, [visit("2026-01-05", outcome="poor_control")], conditions=["hypertension"]
    ).set_index("service")
    assert str(found.loc["chronic_care", "due_on"].date()) == "2026-01-12"
    assert found.loc["chronic_care", "state"] == "overdue"


@pytest.mark.parametrize("name", policy_names())
def test_every_policy_has_packages_with_a_source(name):
    packages = load_policy(name).packages
    assert packages
    assert all(package.source for package in packages)


@pytest.mark.parametrize(
    ("visits", "due_on", "state"),
    [
        ([visit("2025-10-01")], "2025-12-31", "due"),
        ([visit("2025-08-01")], "2025-10-31", "overdue"),
        ([visit("2025-08-01"), visit("2026-01-05", outcome="poor_control")], "2026-01-19", "due"),
        ([visit("2026-01-10")], "2026-04-11", "ok"),
        ([visit("2025-10-01", service="health_check")], "2026-01-15", "due"),
        ([visit("2025-09-16")], "2025-12-16", "due"),
        ([visit("2025-09-15")], "2025-12-15", "overdue"),
        ([visit("2025-11-15")], "2026-02-14", "due"),
        ([visit("2025-11-16")], "2026-02-15", "ok"),
    ],
)
def test_when_the_follow_up_of_hypertension_is_due(visits, due_on, state):
    found = services_of(visits=visits, conditions=["hypertension"]).set_index("service").loc["chronic_care"]
    assert (str(found["due_on"].date()), found["state"]) == (due_on, state)


def test_without_visits_nothing_is_measured():
    inputs = make_inputs([resident("a")], [provider("p")], as_of=DAY)
    plan = match(inputs, P)
    services = services_of_plan(plan)
    assert due_table(services)[["state", "provider_id"]].iloc[0].tolist() == ["not_measured", "p"]
    work = workload(services, plan)
    assert len(work) == 12
    assert work[["visits", "visit_hours", "travel_hours", "staff_hours", "short_hours"]].isna().all(axis=None)


def work_of(visits, staff=(), **person):
    """Workload of one person's provider, by month."""
    inputs = make_inputs(
        [resident("a", **person)],
        [provider("p", 1.0, services=["home_visit", "chronic_care"])],
        visits=visits,
        staff=staff,
        as_of=DAY,
    )
    plan = match(inputs, P)
    return workload(services_of_plan(plan), plan).set_index("month")


def test_months_hours_and_the_staff_that_lacks():
    """Twelve home visits of half an hour, 1.4 km away at 30 km/h, and one check-up in January."""
    staff = [{"provider_id": "p", "role": "gp", "fte": 0.5, "hours_month": 1.0}]
    work = work_of([visit("2025-12-20", service="home_visit")], staff, age=82, groups=["immobile"])
    assert work.index.tolist()[0::11] == ["2026-01", "2026-12"]
    assert work.loc["2026-01", ["visits", "visit_hours"]].tolist() == [2, 1.0]
    assert work.loc["2026-01", "travel_hours"] == pytest.approx(2 * 1400 / 30_000, abs=1e-4)
    assert work.loc["2026-01", "short_hours"] == pytest.approx(0.5 + 2.8 / 30, abs=1e-4)
    assert work.loc["2026-02", "visits"] == 1
    assert work.loc["2026-02", "short_hours"] == pytest.approx(2.8 / 30, abs=1e-4)


def test_hours_of_staff_that_are_not_told_are_unknown():
    staff = [
        {"provider_id": "p", "role": "gp", "fte": 1, "hours_month": 100},
        {"provider_id": "p", "role": "nurse"},
    ]
    work = work_of([visit("2025-12-20")], staff)
    assert work["staff_hours"].isna().all()
    assert work["short_hours"].isna().all()


@examples(50)
@given(back=st.integers(0, 900))
def test_months_agree_with_counting_day_by_day(back):
    last = DAY - dt.timedelta(days=back)
    work = work_of([visit(last.isoformat())], conditions=["hypertension"], age=50)
    day, months = last + dt.timedelta(days=91), dict.fromkeys(work.index, 0)
    if day < DAY.replace(day=1):
        months["2026-01"] += 1
    while day.year < 2027:
        if day.year == 2026:
            months[f"{day:%Y-%m}"] += 1
        day += dt.timedelta(days=91)
    assert work["visits"].to_dict() == months


def test_the_command_writes_both_files(tmp_path):
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    for name, text in {
        "residents.csv": "resident_id,age,origin,living_setting,place_code,lat,lon,conditions\n"
        "a,66,local,own_home,V1,26.5,101.7,hypertension\n",
        "providers.csv": "provider_id,kind,lat,lon,capacity_home\np,village_clinic,26.5,101.7,1\n",
        "places.csv": "place_code,name,level,lat,lon\nV1,一村,village,26.5,101.7\n",
        "visits.csv": "visit_id,resident_id,service,on\nv,a,chronic_care,2025-10-01\n",
        "dataset.toml": 'as_of = "2026-01-15"\ndatum = "wgs84"\n',
    }.items():
        (data / name).write_text(text, encoding="utf-8")
    assert main(["packages", str(data), "--policy", "panzhihua-2016", "--out", str(out)]) == 0
    due = pd.read_csv(out / "due.csv")
    assert list(due) == [
        "resident_id",
        "provider_id",
        "package",
        "service",
        "due_on",
        "state",
        "where",
        "payer",
    ]
    assert due["due_on"].tolist() == ["2026-01-15", "2025-12-31"]
    header = (out / "workload.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "provider_id,month,visits,visit_hours,travel_hours,staff_hours,short_hours"
    assert main(["packages", str(data), "--as-of", "2025-09-01", "--out", str(out)]) == 1


def test_a_visit_after_the_day_of_reckoning_is_named(tmp_path):
    row = {"visit_id": "v1", "resident_id": "R1", "service": "chronic_care", "on": "2026-01-01"}
    rows = [row, row | {"visit_id": "v2", "on": "2026-01-02"}]
    result = checked(write_folder(tmp_path, {"visits": rows}))
    assert told(result.problems) == {("visits.csv", 3, "on", "visit_in_future")}
    assert result.inputs is None
