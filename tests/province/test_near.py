"""Of the providers of a province those are kept that anybody of a county may reach: no eligible pair is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matcher.eligibility.derive import Eligibility, derive
from matcher.inputs import Inputs
from matcher.policy.documents import load_policy
from matcher.province.near import near_providers
from tests.helpers.builders import KM, make_inputs
from tests.helpers.examples import examples


def pairs_by_name(eligibility: Eligibility) -> set[tuple[str, str, int]]:
    """Person, provider and cost of each pair."""
    groups, pairs = eligibility.groups, eligibility.pairs
    found = set()
    for person, group in zip(eligibility.people["resident_id"], groups.member.tolist(), strict=True):
        some = slice(pairs.start[group], pairs.start[group + 1])
        for provider, cost in zip(pairs.provider[some].tolist(), pairs.cost[some].tolist(), strict=True):
            found.add((person, str(groups.provider_ids[provider]), cost))
    return found


def county(seed: int, journeys: bool) -> Inputs:
    """Some people near each other, providers up to 200 km around them."""
    rng = np.random.default_rng(seed)
    people = [
        {
            "resident_id": f"r{number}",
            "lat": 28 + rng.normal() * 10 * KM,
            "lon": 103 + rng.normal() * 0.1,
            "age": 70,
        }
        for number in range(12)
    ]
    people[0] |= {"lat": None, "lon": None}
    people[1]["current_provider_id"] = "p7"
    providers = [
        {
            "provider_id": f"p{number}",
            "kind": "township_health_centre" if number % 2 else "general_hospital",
            "lat": 28 + rng.uniform(-1.8, 1.8),
            "lon": 103 + rng.uniform(-2, 2),
            "capacity_home": 3 if number % 3 else None,
            "capacity_community": 2,
            "capacity_high_end": 1,
        }
        for number in range(40)
    ]
    listed = {"from_code": "r2", "provider_id": "p9", "km": 3.0}
    return make_inputs(people, providers, travel=[listed] if journeys else [])


@examples(25)
@given(
    seed=st.integers(0, 10_000),
    journeys=st.booleans(),
    cost=st.sampled_from(["distance", "time"]),
    switching=st.sampled_from([0, 500]),
)
def test_no_eligible_pair_is_lost(seed: int, journeys: bool, cost: str, switching: int) -> None:
    policy = replace(load_policy("panzhihua-2016"), cost=cost, switching_m=switching)
    inputs = county(seed, journeys)
    near = near_providers(inputs, policy)
    assert pairs_by_name(derive(near, policy)) == pairs_by_name(derive(inputs, policy))
    kept = set(near.providers["provider_id"])
    assert "p9" in kept or not journeys
    assert "p7" in kept or not switching


def test_providers_that_nobody_can_reach_are_left_out() -> None:
    policy = load_policy("panzhihua-2016")
    assert sum(len(near_providers(county(seed, False), policy).providers) for seed in range(20)) < 20 * 35


def test_where_nobody_has_a_position_only_listed_journeys_count() -> None:
    inputs = county(1, True)
    nowhere = inputs.replace(residents=inputs.residents.assign(lat=np.nan, lon=np.nan))
    kept = near_providers(nowhere, load_policy("panzhihua-2016")).providers
    assert kept["provider_id"].tolist() == ["p9"]
