"""The figures of the overview: four people, two providers, numbers that one can count by hand."""

import pandas as pd
import pytest

from matcher.geography.locate import locate
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.results import overview
from matcher.results.summary import summary_lines
from tests.helpers.builders import PLACES, make_inputs, provider, resident

SERVICES = ["basic_care", "chronic_care", "health_check", "home_visit"]


@pytest.fixture(scope="module")
def plan():
    """P1 has two places, for R1 at its door and R2 a kilometre away; R3 waits; where R4 lives, nobody knows."""
    people = [
        resident("R1"),
        resident("R2", km=1.0),
        resident("R3", km=2.0),
        {"resident_id": "R4", "age": 70, "origin": "visitor", "living_setting": "own_home"},
    ]
    providers = [
        provider(
            "P1", capacity_home=2, capacity_community=3, services=SERVICES, place_code="T1", name="甲镇卫生院"
        ),
        provider("P2", km=300, capacity_home=0, services=SERVICES),
        provider("P3", km=300, capacity_home=9, capacity_community=9, capacity_total=9, services=SERVICES),
    ]
    return match(locate(make_inputs(people, providers)), load_policy())


@pytest.fixture(scope="module")
def empty():
    return match(locate(make_inputs()), load_policy())


def test_figures_count_everybody_and_measure_only_the_served(plan):
    detour = plan.policy.detour_factor
    found = overview.figures(plan)
    assert (found.residents, found.local, found.served, found.unserved, found.share) == (4, 3, 2, 2, 0.5)
    assert (found.median_km, found.p90_km) == pytest.approx((0.5 * detour, 0.9 * detour))


def test_figures_of_nobody_are_unknown_and_never_zero(plan, empty):
    for found in (overview.figures(empty), overview.figures(plan, "migratory")):
        assert (found.residents, found.served) == (0, 0)
        assert (found.share, found.median_km, found.p90_km) == (None, None, None)


def test_every_mode_and_every_tier_is_listed_with_its_people(plan):
    modes = overview.by_mode(plan).set_index("mode")
    assert modes.loc["home", ["residents", "served", "share"]].tolist() == [4, 2, 0.5]
    assert modes["residents"].tolist() == [0, 0, 4, 0, 0]
    assert modes["share"].notna().tolist() == [False, False, True, False, False]
    tiers = overview.by_tier(plan)
    assert tiers["tier"].tolist() == list(range(1, plan.policy.tier_count + 1))
    assert (tiers["residents"].sum(), tiers["served"].sum()) == (4, 2)


@pytest.mark.parametrize(
    ("ages", "crowded"),
    [((85, 85, 70, 70), []), ((85, 85, 85, 70, 70), [2]), ((70, 70, 70), []), ((), [])],
)
def test_a_tier_of_more_than_half_is_warned_of_and_the_last_never(ages, crowded):
    """Who is 85 is in tier 2, who is 70 in tier 3, the last."""
    found = match(make_inputs([resident(f"R{i}", age=age) for i, age in enumerate(ages)]), load_policy())
    assert overview.crowded_tiers(found) == crowded
    for lang, word in (("en", "Warning: more than half"), ("zh", "超过全部居民的一半")):
        assert sum(word in line for line in summary_lines(found, lang)) == len(crowded)


def test_the_summary_tells_how_large_each_tier_is(plan):
    assert "  tier 3: 4 residents (100.0% of all), 2 served" in list(summary_lines(plan, "en"))


def test_every_reason_is_listed_also_those_of_nobody(plan):
    assert overview.by_reason(plan).to_dict() == {
        "waiting": 0,
        "no_location": 1,
        "no_qualified_provider": 0,
        "no_way": 0,
        "beyond_limit": 0,
        "capacity_full": 1,
    }


def test_the_curve_of_distances_rises_to_everybody_whose_distance_is_known(plan, empty):
    curve = overview.within_distance(plan, steps=4)
    assert curve["km"].iloc[0] == 0
    assert curve["persons"].iloc[-1] == 2
    assert curve["share"].iloc[-1] == 1
    assert curve["share"].is_monotonic_increasing
    assert overview.within_distance(empty).empty


def test_the_curve_counts_who_is_nearer():
    """Three people, one of them at the provider, one nearer than half of the farthest way: two within half of it."""
    inputs = make_inputs(
        [resident(f"R{number}", km) for number, km in enumerate((0, 0.9, 2))],
        [provider("P1", capacity_home=3)],
    )
    curve = overview.within_distance(match(inputs, load_policy()), steps=2)
    assert curve["persons"].tolist() == [1, 2, 3]


def test_providers_are_counted_by_how_full_they_are():
    """A class holds its lower bound; a provider without any place to give is in none."""
    loads = pd.DataFrame({"load": [0.0, 0.49, 0.5, 1.0, float("nan")]})
    assert overview.load_classes(loads, (0.0, 0.5, 1.0)).tolist() == [2, 1, 1]


def test_who_waits_is_counted_at_the_nearest_qualified_provider():
    """One place, three people: two wait at the provider that is nearest to them."""
    inputs = make_inputs(
        [resident(f"R{number}", 0.1 * number) for number in range(3)],
        [provider("P1"), provider("P2", 3.0, capacity_home=0)],
    )
    found = overview.provider_loads(match(inputs, load_policy())).set_index("provider_id")
    assert found["waiting"].to_dict() == {"P1": 2, "P2": 0}


def test_places_have_names_parents_and_their_unserved(plan):
    (village,) = overview.place_shares(plan, "village").to_dict("records")
    assert (village["name"], village["parent_name"]) == ("一村", "甲镇")
    assert (village["residents"], village["served"], village["unserved"]) == (3, 2, 1)
    assert village["share"] == pytest.approx(2 / 3)


def test_places_with_more_unserved_people_come_first():
    more = {
        "place_code": "V2",
        "name": "二村",
        "level": "village",
        "parent_code": "T1",
        "lat": 26.5,
        "lon": 101.7,
    }
    inputs = make_inputs([resident("R1", place_code="V2")])
    inputs = inputs.replace(places=make_inputs(places=[*PLACES, more]).places)
    found = overview.place_shares(match(locate(inputs), load_policy()), "village")
    assert found["place_code"].tolist() == ["V2", "V1"]


def test_loads_are_summed_over_the_modes_up_to_the_total(plan):
    found = overview.provider_loads(plan).set_index("provider_id")
    assert found.loc[["P1", "P2", "P3"], "capacity"].tolist() == [5, 0, 9]
    assert found.loc["P1", ["assigned", "load", "place_name"]].tolist() == [2, 0.4, "甲镇"]


def test_a_provider_without_places_has_no_load_rather_than_zero(plan):
    load = overview.provider_loads(plan).set_index("provider_id")["load"]
    assert load.isna().to_dict() == {"P1": False, "P2": True, "P3": False}


def test_loads_of_one_mode_list_only_who_offers_it_and_say_who_should_grow(plan):
    found = overview.provider_loads(plan, "home").set_index("provider_id")
    assert found["wanted"].to_dict() == {"P1": True, "P2": False, "P3": False}
    assert overview.provider_loads(plan, "community")["provider_id"].tolist() == ["P3", "P1"]


def test_capacities_leave_out_modes_that_are_not_offered(plan):
    assert overview.capacities(plan.inputs.providers, "P1") == {"community": 3, "home": 2}
    assert overview.capacities(plan.inputs.providers, "P2") == {"home": 0}


def test_a_provider_is_wanted_where_one_of_its_modes_is() -> None:
    """One place at home for two, and three day places that nobody asks for."""
    clinic = provider("P", capacity_home=1, capacity_community=3)
    crowded = match(make_inputs([resident("a"), resident("b")], [clinic]), load_policy())
    assert overview.provider_loads(crowded)["wanted"].tolist() == [True]
    assert overview.provider_loads(crowded, "community")["wanted"].tolist() == [False]
