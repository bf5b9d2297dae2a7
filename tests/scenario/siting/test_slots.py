"""One more place, and ten: ranked, and equal to matching again with them."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.errors import BadInput
from matcher.inputs import Inputs
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.scenario.siting.slots import where_to_add
from matcher.solve import warm
from tests.helpers.builders import make_inputs, provider, resident
from tests.helpers.examples import examples

POLICY = load_policy()


def test_the_place_that_serves_an_earlier_tier_ranks_first() -> None:
    """`p` could serve a destitute person, `q` only a person in tier 3; `r` has room and gains nothing."""
    people = [
        resident("a", 0, groups=["destitute"]),
        resident("b", 0, groups=["destitute"]),
        resident("c", 20),
        resident("d", 20),
    ]
    clinics = [provider("q", 20), provider("p", 0), provider("r", 40, capacity_home=3)]
    table = where_to_add(match(make_inputs(people, clinics), POLICY), places=2)
    assert table["provider_id"].tolist() == ["p", "q", "r"]
    assert table["slot_value_tier"].tolist()[:2] == [1, 3]
    assert table[["more_served", "more_first_tier", "more_m"]].to_numpy().tolist() == [
        [1, 1, 0],
        [1, 0, 0],
        [0, 0, 0],
    ]


@examples(15)
@given(st.integers(0, 1000))
def test_more_places_equal_matching_again_with_them(seed: int) -> None:
    inputs = _city(seed)
    plan = match(inputs, POLICY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warm, "SMALL", 0)
        table = where_to_add(plan, places=3, top=2)
    for row in table.to_dict("records"):
        providers = inputs.providers.copy()
        here = providers["provider_id"] == row["provider_id"]
        providers.loc[here, "capacity_home"] += 3
        again = match(inputs.replace(providers=providers), POLICY).outcome
        assert again.served - plan.outcome.served == row["more_served"]
        assert plan.outcome.total_cost_m - again.total_cost_m == row["more_m"]


def test_numbers_that_are_not_positive_are_refused() -> None:
    plan = match(_city(1), POLICY)
    with pytest.raises(BadInput, match="not_positive"):
        where_to_add(plan, places=0)
    with pytest.raises(BadInput, match="not_positive"):
        where_to_add(plan, top=0)


def test_a_city_without_providers_gives_an_empty_table() -> None:
    table = where_to_add(match(make_inputs([resident("a")]), POLICY))
    assert isinstance(table, pd.DataFrame)
    assert table.empty


def _city(seed: int) -> Inputs:
    distances = [(7 * i + seed) % 13 for i in range(12)]
    people = [
        resident(f"r{i:02d}", km, groups=["destitute"] if (i + seed) % 4 == 0 else [])
        for i, km in enumerate(distances)
    ]
    clinics = [provider(f"p{j}", (5 * j + seed) % 11, capacity_home=(j + seed) % 3) for j in range(4)]
    return make_inputs(people, clinics)
