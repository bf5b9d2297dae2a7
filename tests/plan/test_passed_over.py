"""``max_passed_over``: nobody is sent past more nearer providers; held against every plan, anew and from a start."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.errors import BadInput, PolicyError
from matcher.plan.match import match
from matcher.plan.verify import verify
from matcher.policy.documents import load_policy, policy_with
from matcher.scenario.applying import apply
from matcher.scenario.edits import AddProvider, CloseProvider, Scenario
from matcher.scenario.siting.close import close
from tests.helpers.builders import make_inputs, provider, resident
from tests.helpers.examples import examples
from tests.oracles.every_plan import best_value, cost_m

POLICY = load_policy()
#: Whole half kilometres, so that several providers are equally far.
STEPS = st.integers(0, 12).map(lambda n: n / 2)


def at_most(passed_over):
    return replace(POLICY, max_passed_over=passed_over)


def value_of(plan):
    tiers = plan.outcome.served_by_tier
    return (*(-tiers[t] for t in "123"), int(plan.assignments["cost_m"].sum()))


@st.composite
def streets(draw):
    people = [
        resident(
            f"r{n}",
            draw(STEPS),
            groups=["destitute"] if draw(st.booleans()) else [],
            lives_alone=draw(st.booleans()),
        )
        for n in range(draw(st.integers(1, 5)))
    ]
    clinics = [
        provider(f"p{n}", draw(STEPS), capacity_home=draw(st.integers(0, 2)))
        for n in range(draw(st.integers(1, 4)))
    ]
    return people, clinics


@given(streets(), st.sampled_from([None, 0, 1, 2, 9]))
def test_no_plan_is_better_that_sends_nobody_farther(street, passed_over):
    people, clinics = street
    plan = match(make_inputs(people, clinics), at_most(passed_over))
    assert value_of(plan) == best_value(people, clinics, passed_over)
    assert plan.outcome.status == "optimal"
    assert (plan.assignments["rank"] - 1).max() <= (
        99 if passed_over is None else passed_over
    ) or plan.assignments.empty


@examples(50)
@given(streets(), STEPS, st.sampled_from([0, 1, 2]))
def test_a_solve_from_an_earlier_plan_is_as_good(street, km, passed_over):
    """A new provider puts others out of reach, a closed one brings them back."""
    people, clinics = street
    before = match(make_inputs(people, clinics), at_most(passed_over))
    new = provider("new", km, capacity_home=1)
    for edit, now in (
        (AddProvider(new), [*clinics, new]),
        (CloseProvider("p0"), clinics[1:]),
    ):
        inputs = apply(Scenario("s", (edit,)), before.inputs, before.policy).inputs
        assert value_of(match(inputs, before.policy, start=before)) == best_value(people, now, passed_over)


def test_ties_are_no_passing_over_and_a_full_place_counts_as_passed():
    people = [resident(f"r{n}", 2.0) for n in range(3)]
    clinics = [provider("a", 1.0), provider("b", 3.0), provider("c", 4.0, capacity_home=5)]
    assert cost_m(people[0], clinics[0]) == cost_m(people[0], clinics[1])
    near = match(make_inputs(people, clinics), at_most(1))
    assert near.assignments["provider_id"].tolist() == ["a", "b"]
    assert near.unserved["reason"].tolist() == ["capacity_full"]
    assert near.outcome.eligible_pairs == 6
    assert match(make_inputs(people, clinics), at_most(2)).outcome.served == 3


def test_the_checker_objects_to_a_plan_that_sends_somebody_too_far():
    people = [resident("r1", 0.0), resident("r2", 0.0)]
    inputs = make_inputs(people, [provider("a", 1.0), provider("b", 2.0)])
    free = match(inputs, POLICY)
    assert verify(inputs, POLICY, free.assignments).valid
    found = verify(inputs, at_most(0), free.assignments)
    assert [fault for fault in found.faults if "not eligible" in fault]
    wider = verify(inputs, at_most(0), match(inputs, at_most(0)).assignments, free.eligibility)
    assert [fault for fault in wider.faults if "incomplete" in fault]


def test_siting_says_that_it_cannot_be_used_with_it():
    inputs = make_inputs([resident("r")], [provider("a"), provider("b")])
    with pytest.raises(BadInput, match="siting_passed_over"):
        close(inputs, at_most(3), 1)


@pytest.mark.parametrize("value", [-1, 1.5, True, "x"])
def test_the_value_is_a_whole_number_or_none(value):
    with pytest.raises(PolicyError):
        policy_with(POLICY, "max_passed_over", value, "file")


def test_a_file_takes_back_what_its_base_says(tmp_path):
    assert policy_with(POLICY, "max_passed_over", 2, "file").max_passed_over == 2
    file = tmp_path / "p.toml"
    file.write_text('max_passed_over = ""\n', encoding="utf-8")
    assert load_policy(file) == POLICY
