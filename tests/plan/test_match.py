"""`match` end to end on three-row tables: who is served, why not, and that the answer is the best there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.errors import PlanRefused
from matcher.inputs import Inputs
from matcher.plan.coverage import actual_shares
from matcher.plan.figures import by_distance_band
from matcher.plan.fingerprint import fingerprint
from matcher.plan.match import match
from matcher.plan.plan import Plan
from matcher.plan.verify import verify
from matcher.policy.documents import Policy, load_policy
from matcher.scenario.changes import compare
from matcher.solve import warm
from matcher.solve.prices import Prices, seat_costs
from matcher.travel.distance import TravelModel
from tests.helpers.builders import KM, make_inputs, provider, resident
from tests.helpers.examples import examples
from tests.oracles.every_plan import best_value

POLICY = load_policy("panzhihua-2016")


def solve(inputs: Inputs, policy: Policy = POLICY) -> Plan:
    plan = match(inputs, policy)
    assert plan.outcome.status == "optimal"
    assert len(plan.assignments) + len(plan.unserved) == len(inputs.residents)
    return plan


def served(plan: Plan) -> dict[str, str]:
    return dict(zip(plan.assignments["resident_id"], plan.assignments["provider_id"], strict=True))


def reasons(plan: Plan) -> dict[str, str]:
    return dict(zip(plan.unserved["resident_id"], plan.unserved["reason"], strict=True))


# --- who is served -----------------------------------------------------------------------------------------


def test_each_goes_to_the_nearest_provider_with_room() -> None:
    plan = solve(make_inputs([resident("a", 0), resident("b", 2)], [provider("p", 0), provider("q", 2)]))
    assert served(plan) == {"a": "p", "b": "q"}
    assert plan.assignments["rank"].tolist() == [1, 1]


def test_people_make_way_where_that_serves_more() -> None:
    """`a` is nearest to `p`, but only `p` can reach `b`: `a` takes the farther `q` (rank 2)."""
    plan = solve(make_inputs([resident("a", 4), resident("b", 0)], [provider("p", 3), provider("q", 9)]))
    assert served(plan) == {"a": "q", "b": "p"}
    assert plan.assignments.set_index("resident_id")["rank"].to_dict() == {"a": 2, "b": 1}


def test_first_tier_comes_first() -> None:
    plan = solve(make_inputs([resident("a", 0), resident("b", 5, groups=["destitute"])], [provider("p", 0)]))
    assert served(plan) == {"b": "p"}
    assert plan.outcome.served_by_tier == {"1": 1, "2": 0, "3": 0}


def test_a_distance_equal_to_the_limit_counts() -> None:
    """10 km by road is 7.142857 km as the crow flies: 10,000 m is eligible, 10,001 m is not."""
    at_limit, beyond = 10 / 1.4, 10.001 / 1.4
    plan = solve(make_inputs([resident("a", at_limit)], [provider("p", 0)]))
    assert plan.assignments["cost_m"].tolist() == [10_000]
    plan = solve(make_inputs([resident("a", beyond)], [provider("p", 0)]))
    assert reasons(plan) == {"a": "beyond_limit"}


def test_zero_residents_and_zero_providers_are_an_optimal_empty_answer() -> None:
    empty = solve(make_inputs([], [provider("p")]))
    assert (empty.outcome.served, empty.outcome.total_cost_m, len(empty.unserved)) == (0, 0, 0)
    nobody = solve(make_inputs([resident("a")], []))
    assert reasons(nobody) == {"a": "no_qualified_provider"}
    assert solve(make_inputs([], [], places=[])).coverage.empty


# --- why not -----------------------------------------------------------------------------------------------


def test_each_reason_and_its_nearest_provider() -> None:
    people = [
        resident("full", 0),
        resident("first", 0, groups=["destitute"]),
        resident("lost", lat=None, lon=None, place_code=None),
        resident("needy", 0, needs=["hospice"]),
        resident("remote", 30),
    ]
    plan = solve(make_inputs(people, [provider("p", 1)]))
    assert reasons(plan) == {
        "full": "capacity_full",
        "lost": "no_location",
        "needy": "no_qualified_provider",
        "remote": "beyond_limit",
    }
    nearest = plan.unserved.set_index("resident_id")
    assert nearest["nearest_provider_id"].fillna("-").to_dict() == {
        "full": "p",
        "lost": "-",
        "needy": "-",
        "remote": "p",
    }
    assert nearest.loc["remote", "nearest_distance_km"] == pytest.approx(29 * 1.4, abs=1e-6)


def test_who_waits_for_a_care_home_takes_no_place_and_is_a_resident_all_the_same() -> None:
    """`a` comes first, next door to a free bed; it stays for `b`, who lives in a home, and `a` is in no share."""
    hospital = provider("p", kind="general_hospital", hospital_level=2, capacity_institutional=1)
    asking = resident("a", ability_grade=3, requested_mode="institutional")
    plan = solve(make_inputs([asking, resident("b", 1, living_setting="care_home")], [hospital]))
    assert (reasons(plan), served(plan)) == ({"a": "waiting"}, {"b": "p"})
    assert plan.unserved["nearest_provider_id"].isna().all()
    assert (plan.outcome.residents, plan.outcome.eligible_pairs) == (2, 1)
    shares = actual_shares(plan.people, POLICY).set_index("mode")
    assert shares.loc["institutional", ["local_residents", "actual_share"]].tolist() == [1, 0.5]


def test_a_full_provider_next_door_is_the_nearest() -> None:
    """No distance at all is a distance: `p` at 0 km, not `q` at 1.4."""
    full = [provider("p", 0, capacity_home=0), provider("q", 1, capacity_home=0)]
    row = solve(make_inputs([resident("a", 0)], full)).unserved.iloc[0]
    assert (row["nearest_provider_id"], row["nearest_distance_km"]) == ("p", 0.0)


def test_capacity_zero_is_full_and_an_empty_capacity_is_not_offered() -> None:
    plan = solve(make_inputs([resident("a")], [provider("p", capacity_home=0)]))
    assert reasons(plan) == {"a": "capacity_full"}
    plan = solve(make_inputs([resident("a")], [provider("p", capacity_home=None)]))
    assert reasons(plan) == {"a": "no_qualified_provider"}


@pytest.mark.parametrize("status", ["planned", "closed"])
def test_a_provider_that_is_not_open_serves_nobody(status: str) -> None:
    assert reasons(solve(make_inputs([resident("a")], [provider("p", status=status)]))) == {
        "a": "no_qualified_provider"
    }


@pytest.mark.parametrize("tie", ["operator_provider_id", "agreement_provider_id"])
def test_people_of_two_care_homes_are_told_apart_where_only_one_has_ties(tie: str) -> None:
    """A small hospital serves the home that it runs, or has an agreement with, and not the other."""
    sites = [{"site_id": "s1", "kind": "care_home", tie: "p"}, {"site_id": "s2", "kind": "care_home"}]
    people = [
        resident(name, site_id=site, living_setting="care_home", requested_mode="institutional")
        for name, site in (("a", "s1"), ("b", "s2"))
    ]
    hospital = provider("p", kind="nursing_hospital", hospital_level=1, capacity_institutional=5)
    plan = solve(make_inputs(people, [hospital], sites=sites))
    assert (served(plan), reasons(plan)) == ({"a": "p"}, {"b": "no_qualified_provider"})


# --- capacity, loads, slot values --------------------------------------------------------------------------


def test_capacity_total_binds_over_modes() -> None:
    """One provider, one place in all: the tier-1 visitor takes it before the local in tier 3."""
    people = [
        resident("home"),
        resident("visitor", origin="visitor", living_setting="hotel", groups=["destitute"]),
    ]
    plan = solve(make_inputs(people, [provider("p", capacity_migratory=1, capacity_total=1)]))
    assert served(plan) == {"visitor": "p"}


def test_loads_have_a_row_for_each_offered_mode_with_slot_values() -> None:
    """One more place at `p` serves `b` in tier 3, who then travels 2.8 km; at `q` nobody gains."""
    people = [resident("a", 0, groups=["destitute"]), resident("b", 2)]
    plan = solve(make_inputs(people, [provider("p", 0), provider("q", 60, capacity_community=3)]))
    rows = plan.loads.set_index(["provider_id", "mode"])
    assert rows.loc[("p", "home")].tolist() == [1, 1, 1, 3, -2800]
    assert rows.loc[("q", "home"), "slot_value_served"] == 0
    assert pd.isna(rows.loc[("q", "home"), "slot_value_tier"])
    assert rows.loc[("q", "community"), ["capacity", "assigned"]].tolist() == [3, 0]


# --- travel table, time, switching -------------------------------------------------------------------------


def test_a_listed_journey_replaces_the_computed_one() -> None:
    """The crow flies 1 km, the road round the mountain takes 9.5; for the person listed by id it is 2."""
    travel = [
        {"from_code": "V1", "provider_id": "p", "km": 9.5},
        {"from_code": "b", "provider_id": "p", "km": 2.0},
    ]
    plan = solve(
        make_inputs([resident("a", 1), resident("b", 1)], [provider("p", 0, capacity_home=2)], travel=travel)
    )
    assert plan.assignments["distance_km"].tolist() == [9.5, 2.0]


def test_a_listed_journey_may_bring_near_what_is_far() -> None:
    travel = [{"from_code": "a", "provider_id": "p", "km": 9.0}]
    people = [resident("a", 50), resident("b", 50)]
    plan = solve(make_inputs(people, [provider("p", 0, capacity_home=2)], travel=travel))
    assert served(plan) == {"a": "p"}


def test_a_listed_journey_serves_a_person_without_a_position() -> None:
    travel = [{"from_code": "a", "provider_id": "p", "km": 3.0}]
    person = resident("a", lat=None, lon=None, place_code=None)
    assert served(solve(make_inputs([person], [provider("p")], travel=travel))) == {"a": "p"}


def test_a_journey_without_kilometres_keeps_the_computed_ones() -> None:
    travel = [{"from_code": "V1", "provider_id": "p", "minutes": 55.0}]
    plan = solve(make_inputs([resident("a", 1)], [provider("p", 0)], travel=travel))
    assert plan.assignments["cost_m"].tolist() == [1400]


def test_a_persons_journey_without_kilometres_replaces_the_places_journey_too() -> None:
    """The place is listed at 50 km, the person without kilometres: the person's are computed, 1.4 km."""
    travel = [
        {"from_code": "V1", "provider_id": "p", "km": 50.0},
        {"from_code": "a", "provider_id": "p", "minutes": 5.0},
    ]
    plan = solve(make_inputs([resident("a", 1)], [provider("p", 0)], travel=travel))
    assert plan.assignments["cost_m"].tolist() == [1400]


def test_a_person_without_position_whose_journeys_lead_nowhere_has_no_location() -> None:
    travel = [{"from_code": "a", "provider_id": "p", "minutes": 5.0}]
    person = resident("a", lat=None, lon=None, place_code=None)
    assert reasons(solve(make_inputs([person], [provider("p")], travel=travel))) == {"a": "no_location"}


def test_a_person_without_position_whose_listed_provider_is_full_waits_for_a_place() -> None:
    """Two without a position, both 3 km by the table from the one place: whoever goes without lacks no location."""
    travel = [{"from_code": name, "provider_id": "p", "km": 3.0} for name in ("a", "b")]
    people = [resident(name, lat=None, lon=None, place_code=None) for name in ("a", "b")]
    plan = solve(make_inputs(people, [provider("p", capacity_home=1)], travel=travel))
    assert reasons(plan) == {"b": "capacity_full"}
    assert plan.unserved["nearest_distance_km"].tolist() == [3.0]


def test_cost_by_time_counts_seconds() -> None:
    """1.4 km by road at 30 km/h takes 168 s; listed minutes go before."""
    policy = replace(POLICY, cost="time")
    inputs = make_inputs([resident("a", 1)], [provider("p", 0)])
    assert solve(inputs, policy).assignments["cost_m"].tolist() == [168]
    listed = make_inputs(
        [resident("a", 1)],
        [provider("p", 0)],
        travel=[{"from_code": "V1", "provider_id": "p", "minutes": 7.5}],
    )
    assert solve(listed, policy).assignments["cost_m"].tolist() == [450]


def test_switching_keeps_people_with_their_provider_up_to_its_price() -> None:
    """`q` is 1,400 m nearer: a price of 2,000 m keeps the person at `p`, one of 1,000 m does not."""
    inputs = make_inputs([resident("a", 0, current_provider_id="p")], [provider("p", 1), provider("q", 0)])
    stays = solve(inputs, replace(POLICY, switching_m=2000)).assignments
    assert stays[["provider_id", "cost_m", "rank"]].to_numpy().tolist() == [["p", 1400, 2]]
    goes = solve(inputs, replace(POLICY, switching_m=1000)).assignments
    assert goes[["provider_id", "cost_m", "rank"]].to_numpy().tolist() == [["q", 1000, 1]]


# --- ties and order ----------------------------------------------------------------------------------------


def test_ties_go_by_provider_id_then_resident_id() -> None:
    same = [resident("c", 0), resident("a", 0), resident("b", 0)]
    plan = solve(make_inputs(same, [provider("q", 1), provider("p", 1)]))
    assert served(plan) == {"a": "p", "b": "q"}
    assert reasons(plan) == {"c": "capacity_full"}


def test_a_free_place_goes_to_the_lower_provider_id() -> None:
    plan = solve(make_inputs([resident("a", 0)], [provider("r", 1), provider("p", 1), provider("q", 1)]))
    assert served(plan) == {"a": "p"}


def test_row_order_changes_nothing() -> None:
    inputs = _city(40, 6)
    plan = solve(inputs)
    turned = inputs.replace(
        residents=inputs.residents.iloc[::-1].reset_index(drop=True),
        providers=inputs.providers.iloc[::-1].reset_index(drop=True),
        places=inputs.places.iloc[::-1].reset_index(drop=True),
    )
    again = solve(turned)
    for table in ("assignments", "unserved", "loads", "coverage"):
        pd.testing.assert_frame_equal(getattr(plan, table), getattr(again, table))
    assert plan.outcome.fingerprint == again.outcome.fingerprint


def test_renamed_ids_keep_counts_and_cost() -> None:
    inputs = _city(40, 6)
    residents = inputs.residents.assign(resident_id=[f"x{97 * i % 40:02d}" for i in range(40)]).astype(
        {"resident_id": "str"}
    )
    providers = inputs.providers.assign(provider_id=[f"y{5 - i}" for i in range(6)]).astype(
        {"provider_id": "str"}
    )
    a, b = solve(inputs).outcome, solve(inputs.replace(residents=residents, providers=providers)).outcome
    assert (a.served_by_tier, a.total_cost_m) == (b.served_by_tier, b.total_cost_m)
    assert a.fingerprint != b.fingerprint


def test_fingerprint_tells_policies_apart() -> None:
    inputs = _city(5, 2)
    assert (
        solve(inputs).outcome.fingerprint != solve(inputs, replace(POLICY, switching_m=1)).outcome.fingerprint
    )


def test_the_fingerprint_is_of_all_that_decides_and_of_nothing_else() -> None:
    """Version, policy, day, start and every cell of every table; not the order of rows, nor their numbers in a file."""
    inputs = make_inputs([resident("a"), resident("b")], [provider("p")])
    name = fingerprint(inputs, POLICY, "1")
    renumbered = inputs.residents.assign(row=[7, 9]).iloc[::-1]
    assert fingerprint(inputs.replace(residents=renumbered), POLICY, "1") == name
    day = replace(inputs.dataset, as_of=inputs.dataset.as_of + timedelta(days=1))
    others = [
        fingerprint(inputs, POLICY, "2"),
        fingerprint(inputs, replace(POLICY, switching_m=1), "1"),
        fingerprint(inputs, POLICY, "1", "another plan"),
        fingerprint(inputs.replace(dataset=day), POLICY, "1"),
        fingerprint(inputs.replace(residents=inputs.residents.assign(age=[70, 71])), POLICY, "1"),
        fingerprint(inputs.replace(providers=inputs.providers.assign(capacity_home=[2])), POLICY, "1"),
        fingerprint(inputs.replace(places=inputs.places.iloc[:-1]), POLICY, "1"),
    ]
    assert len({name, *others}) == 1 + len(others)


# --- more is never less ------------------------------------------------------------------------------------


@examples(20)
@given(st.integers(0, 10_000))
def test_more_capacity_another_provider_or_a_wider_limit_never_serve_fewer(seed: int) -> None:
    inputs = _city(30, 5, seed)
    before = solve(inputs).outcome
    roomier = inputs.providers.assign(capacity_home=inputs.providers["capacity_home"] + 1)
    another = make_inputs(providers=[provider("new", 3, capacity_home=2)]).providers
    wider = replace(POLICY, limit_km={**POLICY.limit_km, "home": 12.0})
    for after in (
        solve(inputs.replace(providers=roomier)),
        solve(inputs.replace(providers=pd.concat([inputs.providers, another], ignore_index=True))),
        solve(inputs, wider),
    ):
        assert _cumulative(after.outcome.served_by_tier) >= _cumulative(before.served_by_tier)
        assert after.outcome.served >= before.served


@examples(60)
@given(st.data())
def test_match_finds_what_plain_loops_and_brute_force_find(data: st.DataObject) -> None:
    rows = st.integers(0, 5)
    people = [
        resident(
            f"r{i}",
            data.draw(st.sampled_from([0, 0.5, 3, 6, 10 / 1.4, 9])),
            groups=data.draw(st.sampled_from([[], ["destitute"]])),
            lives_alone=data.draw(st.booleans()),
            needs=data.draw(st.sampled_from([[], ["rehab"], ["rehab", "tcm"]])),
        )
        for i in range(data.draw(rows))
    ]
    providers = [
        provider(
            f"p{i}",
            data.draw(st.sampled_from([0, 1, 4, 8])),
            kind=data.draw(st.sampled_from(["village_clinic", "general_hospital", "township_health_centre"])),
            ownership=data.draw(st.sampled_from(["public", "private"])),
            services=data.draw(st.sampled_from([[], ["rehab"], ["rehab", "tcm"]])),
            status=data.draw(st.sampled_from(["open", "open", "closed"])),
            capacity_home=data.draw(st.sampled_from([None, 0, 1, 2])),
        )
        for i in range(data.draw(st.integers(0, 3)))
    ]
    plan = solve(make_inputs(people, providers))
    tiers = plan.outcome.served_by_tier
    value = (-tiers["1"], -tiers["2"], -tiers["3"], plan.outcome.total_cost_m)
    assert value == best_value(people, providers)


# --- the checker objects -----------------------------------------------------------------------------------


def test_verify_accepts_the_plan_from_the_tables_alone() -> None:
    inputs = _city(40, 6)
    plan = solve(inputs)
    again = verify(inputs, POLICY, plan.assignments)
    assert again.valid
    assert again.checked_pairs == plan.outcome.eligible_pairs
    assert again.min_reduced_cost == 0


def test_verify_objects_when_one_person_is_moved() -> None:
    inputs = make_inputs(
        [resident("a", 0)], [provider("p", 0, capacity_home=2), provider("q", 1, capacity_home=2)]
    )
    plan = solve(inputs)
    moved = plan.assignments.assign(provider_id="q", cost_m=1400)
    certificate = verify(inputs, POLICY, moved)
    assert not certificate.valid
    (move,) = certificate.witness
    assert (move.resident_id, move.from_provider, move.to_provider, move.delta_m) == ("a", "q", "p", -1400)


def test_verify_objects_when_one_person_is_dropped() -> None:
    inputs = _city(40, 6)
    plan = solve(inputs)
    certificate = verify(inputs, POLICY, plan.assignments.iloc[1:])
    assert not certificate.valid
    assert certificate.witness[0].from_provider is None


def test_verify_objects_when_the_wrong_tier_is_served() -> None:
    """Serving `a` of tier 3 in place of the destitute `b` is witnessed by the exchange."""
    inputs = make_inputs([resident("a", 0), resident("b", 0, groups=["destitute"])], [provider("p", 0)])
    plan = solve(inputs)
    certificate = verify(inputs, POLICY, plan.assignments.assign(resident_id="a"))
    assert [(m.resident_id, m.from_provider, m.to_provider) for m in certificate.witness] == [
        ("b", None, "p"),
        ("a", "p", None),
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"provider_id": "q"}, "provider q is above its capacity"),
        ({"provider_id": "zz"}, "unknown provider zz"),
        ({"resident_id": "nobody"}, "unknown resident nobody"),
        ({"provider_id": "far"}, "not eligible"),
        ({"cost_m": 1}, "wrong cost"),
        ({"resident_id": "b"}, "assigned twice"),
    ],
)
def test_verify_names_what_is_not_feasible(change: dict[str, object], fault: str) -> None:
    inputs = make_inputs(
        [resident("a", 0), resident("b", 0)], [provider("p", 0), provider("q", 0), provider("far", 60)]
    )
    assignments = solve(inputs).assignments
    assert served(solve(inputs)) == {"a": "p", "b": "q"}
    broken = assignments.copy()
    for column, value in change.items():
        broken.loc[0, column] = value
    certificate = verify(inputs, POLICY, broken)
    assert not certificate.valid
    assert any(fault in told for told in certificate.faults)


@pytest.mark.parametrize("stated", [1399, 1401])
def test_verify_objects_to_a_cost_too_low_and_too_high(stated: int) -> None:
    inputs = make_inputs([resident("a", 1)], [provider("p", 0)])
    told = pd.DataFrame({"resident_id": ["a"], "provider_id": ["p"], "cost_m": [stated]})
    assert verify(inputs, POLICY, told).faults == ("resident a has a wrong cost",)


def test_the_pairs_of_all_who_wait_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few groups are sampled: `b`, whose pair was lost, waits, and is looked at."""
    inputs = make_inputs([resident("a", 0), resident("b", 2), resident("c", 60)], [provider("p", 1)])
    monkeypatch.setattr("matcher.plan.verify.SAMPLED_GROUPS", 1)
    plan = match(inputs, POLICY)
    lost = replace(
        plan.eligibility, pairs=replace(plan.eligibility.pairs, cost=plan.eligibility.pairs.cost + 1)
    )
    (waits,) = set(inputs.residents["resident_id"]) - {"c"} - set(plan.assignments["resident_id"])
    told = verify(inputs, POLICY, plan.assignments, lost).faults
    assert f"the eligible providers of resident {waits} are incomplete" in told


def test_verify_counts_all_modes_of_a_provider_together() -> None:
    """Two places in home mode, one in all: the second person is one too many."""
    one_in_all = make_inputs(
        [resident("a"), resident("b")], [provider("p", capacity_home=2, capacity_total=1)]
    )
    both = pd.DataFrame({"resident_id": ["a", "b"], "provider_id": "p", "cost_m": 0})
    assert verify(one_in_all, POLICY, both).faults == ("provider p is above its total capacity",)
    assert verify(one_in_all, POLICY, both.iloc[:1]).valid


def test_prices_that_do_not_hold_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the search for prices to give wrong ones, the pairs would contradict them."""
    inputs = make_inputs([resident("a", 0)], [provider("p", 0), provider("q", 1)])
    farther = pd.DataFrame({"resident_id": ["a"], "provider_id": ["q"], "cost_m": [1400]})
    free = np.zeros(2, np.int64)
    monkeypatch.setattr(
        "matcher.plan.verify.least_prices", lambda problem, seats: Prices(free, seat_costs(problem, seats))
    )
    certificate = verify(inputs, POLICY, farther)
    assert (certificate.valid, certificate.min_reduced_cost) == (False, -1400)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("mode", "community"),
        ("mode_rule", "other"),
        ("tier", 1),
        ("distance_km", 1.5),
        ("distance_km", float("nan")),
        ("rank", 2),
        ("distance_source", "table"),
        ("position", "village"),
    ],
)
def test_verify_holds_every_column_that_it_is_given_against_the_tables(column: str, value: object) -> None:
    inputs = make_inputs([resident("a", 1)], [provider("p", 0)])
    assignments = solve(inputs).assignments
    assert verify(inputs, POLICY, assignments[["resident_id", "provider_id", "cost_m"]]).valid
    certificate = verify(inputs, POLICY, assignments.assign(**{column: value}))
    assert (certificate.valid, certificate.faults) == (False, (f"resident a has a wrong {column}",))


def test_verify_takes_a_table_as_it_was_read_from_the_file() -> None:
    """Six decimals of a distance, and every number a text."""
    inputs = _city(40, 6)
    told = solve(inputs).assignments
    as_text = told.assign(distance_km=told["distance_km"].map("{:.6f}".format), tier=told["tier"].astype(str))
    assert verify(inputs, POLICY, as_text).valid


# --- coverage ----------------------------------------------------------------------------------------------


def test_coverage_adds_up_from_village_to_city() -> None:
    """Three people of one village, two served at 0 and 1.4 km; nobody lives in the second village."""
    places = [
        {"place_code": "CITY", "level": "city"},
        {"place_code": "C1", "level": "county", "parent_code": "CITY"},
        {"place_code": "T1", "level": "township", "parent_code": "C1"},
        {"place_code": "V1", "level": "village", "parent_code": "T1"},
        {"place_code": "V2", "level": "village", "parent_code": "T1"},
    ]
    people = [resident("a", 0), resident("b", 1), resident("c", 40)]
    plan = solve(make_inputs(people, [provider("p", 0, capacity_home=2)], places=places))
    rows = plan.coverage.set_index(["place_code", "mode"])
    for place in ("V1", "T1", "C1", "CITY"):
        for mode in ("home", "all"):
            assert rows.loc[(place, mode), ["residents", "served"]].tolist() == [3, 2]
            assert rows.loc[(place, mode), ["median_km", "p90_km"]].tolist() == pytest.approx([0.7, 1.26])
    assert rows.loc[("V2", "all"), "residents"] == 0
    assert np.isnan(rows.loc[("V2", "all"), "share"])
    assert len(plan.coverage) == len(places) * 6


def test_people_of_unknown_place_are_not_lost_from_coverage() -> None:
    plan = solve(make_inputs([resident("a", 0, place_code=None)], [provider("p", 0)]))
    rows = plan.coverage.set_index(["place_code", "mode"])
    assert rows.loc[("", "all"), "served"] == 1


def test_a_guest_counts_at_the_place_of_the_site() -> None:
    site = {"site_id": "s", "kind": "hotel", "place_code": "V1", "lat": 26.5, "lon": 101.7}
    guest = resident("a", 0, place_code=None, site_id="s", origin="visitor", living_setting="hotel")
    plan = solve(make_inputs([guest], [provider("p", 0, capacity_migratory=1)], sites=[site]))
    assert plan.coverage.set_index(["place_code", "mode"]).loc[("V1", "migratory"), "served"] == 1


def _cumulative(by_tier: dict[str, int]) -> tuple[int, ...]:
    return tuple(np.cumsum([by_tier[key] for key in sorted(by_tier)]).tolist())


def _city(people: int, providers: int, seed: int = 1) -> Inputs:
    """A small random city in home mode with too few places."""
    rng = np.random.default_rng(seed)
    residents = [
        resident(
            f"r{i:03d}",
            lat=26.5 + KM * float(rng.integers(0, 12)),
            lon=101.7 + KM * float(rng.integers(0, 12)),
            groups=["destitute"] if rng.random() < 0.2 else [],
            lives_alone=bool(rng.random() < 0.3),
            needs=["rehab"] if rng.random() < 0.2 else [],
        )
        for i in range(people)
    ]
    clinics = [
        provider(
            f"p{i:02d}",
            lat=26.5 + KM * float(rng.uniform(0, 12)),
            lon=101.7 + KM * float(rng.uniform(0, 12)),
            services=["rehab"] if rng.random() < 0.6 else [],
            capacity_home=int(rng.integers(0, max(1, people // providers))),
        )
        for i in range(providers)
    ]
    return make_inputs(residents, clinics)


# --- starting from an earlier plan -------------------------------------------------------------------------


@examples(25)
@given(st.integers(0, 10_000), st.sampled_from(["close", "add", "less", "more", "people"]))
def test_a_start_from_an_earlier_plan_ends_at_the_same_optimum(seed: int, change: str) -> None:
    inputs = _city(40, 6, seed)
    plan = solve(inputs)
    providers, residents = inputs.providers, inputs.residents
    if change == "close":
        providers = providers.assign(status=["closed"] + ["open"] * (len(providers) - 1)).astype(
            {"status": "str"}
        )
    if change == "add":
        new = make_inputs(providers=[provider("a-new-one", 5, capacity_home=7, services=["rehab"])]).providers
        providers = pd.concat([new, providers], ignore_index=True)
    if change == "less":
        providers = providers.assign(capacity_home=providers["capacity_home"] // 2)
    if change == "more":
        providers = providers.assign(capacity_home=providers["capacity_home"] + 2)
    if change == "people":
        residents = pd.concat(
            [residents.iloc[5:], make_inputs([resident("z", 3)]).residents], ignore_index=True
        )
    changed = inputs.replace(providers=providers, residents=residents)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warm, "SMALL", 0)
        again = match(changed, POLICY, start=plan)
    cold = solve(changed)
    assert again.outcome.certificate["valid"]
    assert again.outcome.served_by_tier == cold.outcome.served_by_tier
    assert again.outcome.total_cost_m == cold.outcome.total_cost_m
    pd.testing.assert_frame_equal(again.loads.drop(columns="assigned"), cold.loads.drop(columns="assigned"))


# --- what a check found once ------------------------------------------------------------------------------


def test_half_a_second_beyond_the_limit_rounds_to_it() -> None:
    """At 40 km/h without detour 6.672 km take 600.48 s: 600 s, the limit, which counts."""
    policy = replace(
        POLICY,
        cost="time",
        speed_kmh=40.0,
        detour_factor=1.0,
        limit_minutes={**POLICY.limit_minutes, "home": 10.0},
    )
    plan = solve(make_inputs([resident("a", 6.672)], [provider("p", 0)]), policy)
    assert plan.assignments["cost_m"].tolist() == [600]


def test_a_person_served_at_an_unknown_distance_is_in_no_band_and_no_median() -> None:
    """Only minutes are listed and the position is unknown: served, with no kilometres to tell."""
    policy = replace(POLICY, cost="time")
    people = [resident("a", lat=None, lon=None), resident("b", 1)]
    places = [{"place_code": "V1", "level": "village"}]
    travel = [{"from_code": "a", "provider_id": "p", "minutes": 5.0}]
    plan = solve(
        make_inputs(people, [provider("p", 0, capacity_home=2)], places=places, travel=travel), policy
    )
    assert plan.outcome.served == 2
    bands = by_distance_band(plan.people, policy)
    assert bands["served"].sum() == 1
    assert plan.coverage.set_index(["place_code", "mode"]).loc[("V1", "home"), "median_km"] == pytest.approx(
        1.4
    )


def test_the_checker_objects_to_pairs_that_were_overlooked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a short cut to lose the pair of `a` and `p`, the plan without it must not get out."""
    monkeypatch.setattr(TravelModel, "within_reach", lambda *_: np.zeros((1, 1), bool))
    with pytest.raises(PlanRefused, match="the eligible providers of resident a are incomplete"):
        match(make_inputs([resident("a", 0)], [provider("p", 0)]), POLICY)


@pytest.mark.parametrize("change", ["none", "room", "place"])
def test_a_start_moves_nobody_without_need(change: str) -> None:
    """Without an edit, or with places that nobody wants, everybody stays; one place more moves few."""
    inputs = _crowd()
    plan = solve(inputs)
    providers = inputs.providers
    if change == "room":
        providers = pd.concat(
            [providers, make_inputs(providers=[provider("far", 90)]).providers], ignore_index=True
        )
    if change == "place":
        first = providers["provider_id"] == "p0"
        providers = providers.assign(capacity_home=providers["capacity_home"] + first.astype("Int64"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warm, "SMALL", 0)
        again = match(inputs.replace(providers=providers), POLICY, start=plan)
    assert again.outcome.status == "optimal"
    changes = compare(plan, again)
    moved = (changes["change"] != "newly_served").sum()
    gained = (changes["change"] == "newly_served").sum()
    if change == "place":
        assert gained == 1
        assert moved <= 3
    else:
        assert changes.empty
    assert again.outcome.fingerprint != plan.outcome.fingerprint


def _crowd() -> Inputs:
    """Forty people in five houses, many alike, before four small clinics at equal distances."""
    people = [
        resident(
            f"r{i:02d}",
            i % 5,
            groups=["destitute"] if i % 7 == 0 else [],
            needs=["tcm"] if i % 3 == 0 else [],
        )
        for i in range(40)
    ]
    clinics = [
        provider(f"p{j}", 2 + 2 * (j % 2), capacity_home=7, services=["tcm"] if j % 2 else [])
        for j in range(4)
    ]
    return make_inputs(people, clinics)
