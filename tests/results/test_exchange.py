"""What it costs the others if one person goes to one provider: as matching everybody else from scratch says."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.results.exchange import exchange
from matcher.results.person import FULL, TOO_FAR, nearer_providers
from tests.helpers.builders import make_inputs, provider, resident
from tests.helpers.examples import examples
from tests.oracles.every_plan import best_value, cost_m, eligible, tier

POLICY = load_policy()
STEPS = st.integers(0, 12).map(lambda n: n / 2)


@st.composite
def streets(draw):
    people = [
        resident(f"r{n}", draw(STEPS), groups=["destitute"] if draw(st.booleans()) else [])
        for n in range(draw(st.integers(1, 5)))
    ]
    clinics = [
        provider(
            f"p{n}",
            draw(STEPS),
            capacity_home=draw(st.integers(0, 2)),
            capacity_total=draw(st.sampled_from([None, 1, 2])),
        )
        for n in range(draw(st.integers(1, 4)))
    ]
    return people, clinics


def bounded(clinic, by=0):
    """The clinic with one number for both capacities, which mean the same with one mode."""
    total = clinic["capacity_total"]
    places = clinic["capacity_home"] if total is None else min(total, clinic["capacity_home"])
    return {**clinic, "capacity_home": places - by, "capacity_total": None}


@examples(50)
@given(streets(), st.data())
def test_it_is_the_best_plan_with_that_place_taken(street, data):
    people, clinics = street
    plan = match(make_inputs(people, clinics), POLICY)
    row = data.draw(st.integers(0, len(people) - 1))
    at = data.draw(st.integers(0, len(clinics) - 1))
    told = exchange(plan, row, f"p{at}")
    plain = [bounded(clinic) for clinic in clinics]
    if not eligible(people[row], plain[at]) or plain[at]["capacity_home"] < 1:
        assert told is None
        return
    rest = [bounded(clinic, by=n == at) for n, clinic in enumerate(clinics)]
    others = [person for n, person in enumerate(people) if n != row]
    value = list(best_value(others, rest)) if others else [0, 0, 0, 0]
    value[tier(people[row]) - 1] -= 1
    value[3] += cost_m(people[row], clinics[at])
    before = best_value(people, plain)
    assert told.metres == value[3] - before[3]
    assert told.served == tuple(before[n] - value[n] for n in range(3))
    assert told.moved <= len(others)
    if plan.people["provider_id"].iloc[row] == f"p{at}":
        assert (told.moved, told.served, told.metres) == (0, (0, 0, 0), 0)


@examples(50)
@given(streets(), st.data())
def test_every_nearer_provider_is_told_with_what_keeps_the_person_away(street, data):
    people, clinics = street
    plan = match(make_inputs(people, clinics), POLICY)
    row = data.draw(st.integers(0, len(people) - 1))
    own = plan.people["provider_id"].iloc[row]
    told = nearer_providers(plan, row)
    assume(told)
    far = {clinic["provider_id"]: cost_m(people[row], clinic) for clinic in clinics}
    wanted = [
        id
        for id in sorted(far, key=lambda id: (far[id], id))
        if not isinstance(own, str) or far[id] < far[own]
    ]
    assert [one.provider_id for one in told] == wanted
    for one in told:
        assert one.because == (TOO_FAR if far[one.provider_id] > 10_000 else FULL)


def test_a_service_that_lacks_is_told_before_the_distance():
    people = [resident("r", needs="home_visit")]
    clinics = [provider("a", 1.0, services="basic_care"), provider("b", 2.0, services="home_visit")]
    plan = match(make_inputs(people, clinics), POLICY)
    assert [(one.provider_id, one.because) for one in nearer_providers(plan, 0)] == [("a", "missing_service")]
