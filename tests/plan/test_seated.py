"""Who sits where for some of the people: as good as `match` of them alone, and never accepted when it is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.eligibility.classify import classify
from matcher.eligibility.derive import assembled
from matcher.eligibility.pairs import eligible_pairs, group_residents, nearest_pairs
from matcher.eligibility.presence import only
from matcher.eligibility.some import some_people
from matcher.geography.locate import locate
from matcher.plan.match import match
from matcher.plan.plan import Options
from matcher.plan.seated import seat
from matcher.plan.verify import missing_pairs, real_costs, verify_seats
from matcher.policy.documents import load_policy
from tests.helpers.builders import make_inputs, provider, resident
from tests.helpers.examples import examples

POLICY = load_policy()


def seated(inputs, policy, there, current, start=None):
    people = classify(inputs, policy)
    groups = group_residents(people, inputs, replace(policy, switching_m=0))
    pairs = nearest_pairs(eligible_pairs(groups), policy.max_passed_over)
    part = some_people(groups, pairs, there, current)
    some = people[there].reset_index(drop=True)
    return seat(assembled(some, *part, inputs.providers, policy), Options(), start)


@st.composite
def cases(draw):
    count, clinics = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    choice = st.none() | st.integers(0, clinics - 1).map("P{}".format)
    current = draw(st.lists(choice, min_size=count, max_size=count))
    people = [
        resident(
            f"R{i}",
            draw(st.integers(0, 9)),
            age=draw(st.sampled_from([62, 85])),
            current_provider_id=with_whom,
        )
        for i, with_whom in enumerate(current)
    ]
    providers = [
        provider(f"P{i}", draw(st.integers(0, 9)), capacity_home=draw(st.integers(0, 3)))
        for i in range(clinics)
    ]
    held = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, clinics - 1)), max_size=2))
    corrections = [
        {"resident_id": f"R{i}", "what": "override", "value": f"P{j}"} for i, j in dict(held).items()
    ]
    inputs = locate(make_inputs(people, providers, corrections=corrections))
    there = np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    policy = replace(
        POLICY,
        switching_m=draw(st.sampled_from([0, 3_000])),
        max_passed_over=draw(st.sampled_from([None, 0, 1])),
    )
    return inputs, policy, there, np.array([-1 if one is None else int(one[1:]) for one in current])


@examples(30)
@given(cases())
def test_some_people_are_served_as_well_as_if_they_were_all(case):
    inputs, policy, there, current = case
    current = current if policy.switching_m else np.full(len(current), -1)
    first = seated(inputs, policy, np.ones(len(there), bool), np.full(len(there), -1))
    found = seated(inputs, policy, there, current, first)
    plan = match(only(inputs, there), policy)
    person = np.flatnonzero(found.slot >= 0)
    cost = int(real_costs(found.eligibility, person, found.slot[person]).sum())
    assert (len(person), cost) == (plan.outcome.served, plan.outcome.total_cost_m)
    assert found.status == plan.outcome.status == "optimal"


def two():
    people = [resident("R1"), resident("R2", 1.0)]
    inputs = locate(make_inputs(people, [provider("P1"), provider("P2", 2.0), provider("P3", 99.0)]))
    return inputs, seated(inputs, POLICY, np.ones(2, bool), np.full(2, -1))


@pytest.mark.parametrize(
    ("slot", "fault"),
    [
        ([1, 0], None),
        ([0, -1], None),
        ([0, 0], "above its capacity"),
        ([2, 1], "not eligible at the provider"),
    ],
)
def test_seats_that_are_not_the_best_or_not_allowed_are_refused(slot, fault):
    _, found = two()
    assert found.certificate.valid
    certificate = verify_seats(found.eligibility, np.array(slot))
    assert not certificate.valid
    assert [fault in told for told in certificate.faults] == ([] if fault is None else [True])


def test_a_pair_that_was_overlooked_is_found():
    _, found = two()
    groups, pairs, people = found.eligibility.groups, found.eligibility.pairs, found.eligibility.people
    nobody = np.zeros(2, bool)
    assert missing_pairs(people, groups, pairs, nobody, None) == ()
    fewer = replace(
        pairs, start=pairs.start - (np.arange(3) == 2), provider=pairs.provider[:-1], cost=pairs.cost[:-1]
    )
    assert len(missing_pairs(people, groups, fewer, nobody, None)) == 1
