"""Decisions on who serves a person are kept, and the rest is the best that is left: held against every plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.eligibility.derive import derive
from matcher.plan.match import match
from matcher.plan.verify import verify
from matcher.policy.documents import load_policy
from matcher.results.decisions import decided, eligible_providers
from matcher.results.exchange import exchange
from matcher.results.roster import roster
from matcher.results.summary import summary_lines
from matcher.scenario.siting.close import close
from matcher.scenario.siting.stress import stress
from tests.helpers.builders import make_inputs, provider, resident
from tests.helpers.examples import examples
from tests.oracles.every_plan import best_value, eligible
from tests.plan.test_passed_over import streets, value_of

POLICY = load_policy()
#: Three in a row; the health centre beside the first has one place, another beyond the last has one as well.
PEOPLE = [resident("R1"), resident("R2", 1.0), resident("R3", 2.0)]
CLINICS = [provider("P1", capacity_home=1), provider("P2", 3.0, capacity_home=1)]


def correction(id, to, what="override"):
    return {"resident_id": id, "what": what, "value": to, "reason": "家属要求"}


def planned(*corrections, policy=POLICY, start=None):
    return match(make_inputs(PEOPLE, CLINICS, corrections=corrections), policy, start=start)


def states(plan):
    return decided(plan).set_index("resident_id")["state"].to_dict()


@examples(40)
@given(streets(), st.data())
def test_the_rest_is_as_good_as_it_can_be(street, data):
    people, clinics = street
    room = {j: clinic["capacity_home"] for j, clinic in enumerate(clinics)}
    wishes = {}
    for i, person in enumerate(people):
        possible = [j for j, clinic in enumerate(clinics) if room[j] and eligible(person, clinic)]
        if possible and data.draw(st.booleans()):
            wishes[i] = data.draw(st.sampled_from(possible))
            room[wishes[i]] -= 1
    rows = [correction(people[i]["resident_id"], clinics[j]["provider_id"]) for i, j in wishes.items()]
    inputs = make_inputs(people, clinics, corrections=rows)
    before = match(inputs.replace(corrections=inputs.corrections[:0]), POLICY)
    for plan in (match(inputs, POLICY), match(inputs, POLICY, start=before)):
        assert plan.outcome.status == "optimal"
        assert value_of(plan) == best_value(people, clinics, decided=wishes)
        assert verify(inputs, POLICY, plan.assignments).valid
        assert set(states(plan).values()) <= {"kept"}
        given_to = plan.people.set_index("resident_id")["provider_id"]
        assert [given_to[row["resident_id"]] for row in rows] == [row["value"] for row in rows]
    undone = match(before.inputs, POLICY, start=match(inputs, POLICY))
    assert value_of(undone) == value_of(before)


def test_a_decision_takes_its_place_and_says_so():
    plan = planned(correction("R1", "P2"))
    assert plan.people["provider_id"].fillna("-").tolist() == ["P2", "P1", "-"]
    assert plan.loads.set_index("provider_id")["assigned"].to_dict() == {"P1": 1, "P2": 1}
    assert plan.loads.set_index("provider_id")["capacity"].to_dict() == {"P1": 1, "P2": 1}
    assert roster(plan, "P2")["why"].tolist() == ["decided"]
    assert any("按指定保留" in line for line in summary_lines(plan, "zh"))


def test_what_cannot_be_kept_is_set_aside_with_its_reason_and_the_person_matched_like_others():
    plan = planned(correction("R1", "P2"), correction("R3", "P2", "frozen"), correction("R2", "P1"))
    assert states(plan) == {"R1": "kept", "R2": "kept", "R3": "no_place"}
    far = [*CLINICS, provider("P3", 90.0, capacity_home=9), provider("P4", capacity_home=9, status="closed")]
    rows = [correction("R1", "P3"), correction("R2", "P4")]
    plan = match(make_inputs(PEOPLE, far, corrections=rows), POLICY)
    assert states(plan) == {"R1": "not_eligible", "R2": "not_eligible"}
    assert plan.people["provider_id"].fillna("-").tolist() == ["P1", "-", "P2"]
    assert sum("R1 → P3" in line for line in summary_lines(plan, "zh")) == 1


def test_a_frozen_match_counts_before_an_override():
    plan = planned(correction("R1", "P2"), correction("R1", "P1", "frozen"))
    assert plan.people["provider_id"].fillna("-").tolist() == ["P1", "-", "P2"]
    assert decided(plan)["what"].tolist() == ["frozen"]


def test_all_may_be_frozen_and_the_total_capacity_counts():
    both = [
        provider("P1", capacity_home=2, capacity_community=2, capacity_total=1),
        provider("P2", 3.0, capacity_home=2),
    ]
    rows = [correction(f"R{n}", "P1", "frozen") for n in (1, 2, 3)]
    plan = match(make_inputs(PEOPLE, both, corrections=rows), POLICY)
    assert states(plan) == {"R1": "kept", "R2": "no_place", "R3": "no_place"}
    assert plan.people["provider_id"].tolist() == ["P1", "P2", "P2"]


@pytest.mark.parametrize("policy", [POLICY, replace(POLICY, switching_m=3000)])
def test_whoever_moves_a_person_away_from_a_decision_is_found_out(policy):
    plan = planned(correction("R1", "P2"), policy=policy)
    assert verify(plan.inputs, policy, plan.assignments).valid
    moved = plan.assignments[plan.assignments["resident_id"] != "R1"]
    told = verify(plan.inputs, policy, moved)
    assert not told.valid
    assert told.faults == ("resident R1 does not have the provider that was decided on",)
    cheaper = plan.assignments.assign(cost_m=plan.assignments["cost_m"] - 1)
    assert not verify(plan.inputs, policy, cheaper).valid


def test_households_stay_together_without_whom_was_decided_on():
    people = [{**one, "household_id": "H1"} for one in PEOPLE[:2]]
    rooms = [provider("P1", capacity_home=2), provider("P2", 3.0, capacity_home=1)]
    policy = replace(POLICY, keep_households_together=True)
    plan = match(make_inputs(people, rooms, corrections=[correction("R1", "P2")]), policy)
    assert plan.people["provider_id"].tolist() == ["P2", "P1"]
    assert verify(plan.inputs, policy, plan.assignments).faults == ()
    assert plan.outcome.status == "optimal"
    assert plan.outcome.bound == plan.outcome.total_cost_m


def test_nobody_is_exchanged_against_whom_was_decided_on():
    plan = planned(correction("R1", "P2"))
    assert exchange(plan, 0, "P1") is None
    assert exchange(plan, 2, "P2") is None  # the only place there is taken for good
    assert exchange(plan, 2, "P1").moved == 1


def test_where_a_person_might_go_is_listed_the_nearest_first():
    plan = planned()
    assert eligible_providers(plan, 0) == ["P1", "P2"]
    assert eligible_providers(plan, 2) == ["P2", "P1"]


def test_without_decisions_nothing_is_fixed():
    eligibility = derive(make_inputs(PEOPLE, CLINICS), POLICY)
    assert (eligibility.fixed == -1).all()
    assert np.array_equal(eligibility.places, eligibility.problem.capacity)
    assert decided(planned()).empty


def test_what_could_close_or_open_is_asked_as_if_nobody_were_decided_on():
    fixed, free = planned(correction("R1", "P2")), planned()
    pd.testing.assert_frame_equal(stress(fixed, workers=1), stress(free, workers=1))
    closed = close(fixed.inputs, POLICY, 1, kinds=["community_health_centre", "township_health_centre"])
    assert closed.before.outcome.served == 2
