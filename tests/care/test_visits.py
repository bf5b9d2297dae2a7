"""A provider's list of visits: order, what counts as done, and how much of the month's work is done."""

from __future__ import annotations

import datetime as dt

import pytest

from matcher.care.visits import Progress, month_before, progress, visit_list, workload_of_plan
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from tests.helpers.builders import make_inputs, provider, resident

DAY = dt.date(2026, 1, 15)
P = load_policy("panzhihua-2016")


def plan_of(*visits):
    """Four people with hypertension, too young for anything else, at one provider; visits are (whom, when, outcome)."""
    people = [resident(id, age=50, conditions=["hypertension"]) for id in "abcd"]
    rows = [
        {"visit_id": f"v{n}", "resident_id": id, "service": "chronic_care", "on": on, "outcome": outcome}
        for n, (id, on, outcome) in enumerate(visits)
    ]
    place = provider("p", capacity_home=9, services=["chronic_care"])
    return match(make_inputs(people, [place], visits=rows, as_of=DAY), P)


def states(plan, on=DAY):
    table = visit_list(plan, "p", on)
    return dict(zip(table["resident_id"], table["state"], strict=True))


def test_late_comes_first_and_done_last():
    plan = plan_of(
        ("a", dt.date(2026, 1, 10), "ok"),
        ("b", dt.date(2025, 12, 1), None),
        ("c", dt.date(2025, 8, 1), None),
    )
    assert visit_list(plan, "p", DAY)["resident_id"].tolist() == ["c", "d", "b", "a"]
    assert states(plan) == {"c": "overdue", "d": "due", "b": "ok", "a": "done"}


def test_a_visit_that_went_badly_is_not_done():
    assert states(plan_of(("a", dt.date(2026, 1, 10), "poor_control")))["a"] == "due"


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (DAY, Progress(1, 3)),
        (month_before(DAY), Progress(1, 4)),
        (dt.date(2026, 1, 9), Progress(0, 3)),
    ],
)
def test_so_many_of_so_many(on, expected):
    """In January a was visited, c is late and d was never seen; in December b was visited, all others were due."""
    plan = plan_of(
        ("a", dt.date(2026, 1, 10), "ok"),
        ("b", dt.date(2025, 12, 1), None),
        ("c", dt.date(2025, 8, 1), None),
    )
    assert progress(plan, "p", on) == expected


def test_without_visits_nothing_is_measured_and_others_have_nothing():
    plan = plan_of()
    assert set(states(plan).values()) == {"not_measured"}
    assert visit_list(plan, "q", DAY).empty
    assert workload_of_plan(plan)["visits"].isna().all()


def test_the_month_before_january_is_december():
    assert month_before(DAY) == dt.date(2025, 12, 31)
