"""Filters: every figure of a narrowed plan counts the same people, and parts add up to the whole."""

from __future__ import annotations

import pytest

from matcher.errors import BadInput
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.results.filters import AGE_BANDS, Filter, narrowed
from matcher.results.inside import unserved_people
from matcher.results.overview import by_mode, by_reason, by_tier, figures, place_shares, provider_loads
from matcher.tables import VOCABULARIES
from tests.helpers.builders import PLACES, TOWNSHIP, VILLAGE, make_inputs, provider, resident

ELSEWHERE = (
    TOWNSHIP | {"place_code": "T2", "name": "丁镇"},
    VILLAGE | {"place_code": "V2", "name": "二村", "parent_code": "T2"},
)


@pytest.fixture(scope="module")
def plan():
    people = [
        resident("R1", age=65, groups="low_income;disabled"),
        resident("R2", 1.0, age=69, groups="disabled"),
        resident("R3", 90.0, age=70),
        resident("R4", 0.5, age=91, place_code="V2"),
        resident("R5", 0.6, age=None, place_code="V2"),
    ]
    inputs = make_inputs(people, [provider("P1", capacity_home=3)], places=(*PLACES, *ELSEWHERE))
    return match(inputs, load_policy())


def ids(plan):
    return set(plan.people["resident_id"])


@pytest.mark.parametrize(
    ("wanted", "those"),
    [
        (Filter(place="T1"), {"R1", "R2", "R3"}),
        (Filter(place="V2"), {"R4", "R5"}),
        (Filter(ages=(60, 69)), {"R1", "R2"}),
        (Filter(ages=(69, 70)), {"R2", "R3"}),
        (Filter(group="disabled"), {"R1", "R2"}),
        (Filter(group="low_income"), {"R1"}),
        (Filter(place="T1", ages=(66, 150)), {"R2", "R3"}),
        (Filter(), {"R1", "R2", "R3", "R4", "R5"}),
    ],
)
def test_it_takes_whom_it_names(plan, wanted, those):
    """Places contain what lies within them; ages are closed; a person of several groups is in each."""
    assert ids(narrowed(plan, wanted)) == those


@pytest.mark.parametrize("wanted", [Filter(place="T2"), Filter(ages=(60, 70)), Filter(group="disabled")])
def test_every_figure_counts_the_same_people(plan, wanted):
    """Totals, modes, tiers, reasons, places and the list agree on who is there and who is served."""
    some = narrowed(plan, wanted)
    all_ = figures(some)
    assert all_.residents == len(some.people) == by_mode(some)["residents"].sum()
    assert all_.served == by_tier(some)["served"].sum() == place_shares(some, "city")["served"].sum()
    assert all_.unserved == by_reason(some).sum() == len(unserved_people(some)) == len(some.unserved)
    assert len(some.assignments) == all_.served


def test_tiers_and_places_add_up_to_the_whole(plan):
    """Nobody is in two tiers or two townships, nobody in none."""
    tiers = [ids(narrowed(plan, Filter(tier=tier))) for tier in range(1, plan.policy.tier_count + 1)]
    places = [ids(narrowed(plan, Filter(place=code))) for code in ("T1", "T2")]
    for parts in (tiers, places):
        assert sum(map(len, parts)) == len(plan.people)
        assert set.union(*parts) == ids(plan)


def test_age_bands_leave_no_age_out_and_count_none_twice():
    """Each year from birth to 150 is in one band."""
    assert [sum(low <= age <= high for low, high in AGE_BANDS) for age in range(151)] == [1] * 151


def test_loads_stay_those_of_everybody_and_the_plan_stays_as_it_was(plan):
    """A place that somebody else took is taken."""
    before = len(plan.people)
    some = narrowed(plan, Filter(place="T2"))
    loads = [provider_loads(one).set_index("provider_id")[["capacity", "assigned"]] for one in (some, plan)]
    assert loads[0].equals(loads[1])
    assert len(plan.people) == before
    assert plan.outcome.fingerprint in some.outcome.fingerprint
    assert some.outcome.fingerprint != plan.outcome.fingerprint


def test_a_filter_of_nobody_is_all_nothing(plan):
    """Empty is counted, not an error."""
    assert figures(narrowed(plan, Filter(group="destitute"))).residents == 0


@pytest.mark.parametrize(
    ("wanted", "code"), [(Filter(place="T3"), "unknown_place"), (Filter(group="disable"), "unknown_group")]
)
def test_an_unknown_code_is_told_with_the_nearest(plan, wanted, code):
    """Of places and of groups."""
    with pytest.raises(BadInput) as error:
        narrowed(plan, wanted)
    assert error.value.code == code
    assert ("disabled" if code == "unknown_group" else "T1") in str(error.value.values["nearest"])
    assert "disabled" in VOCABULARIES["group"]
