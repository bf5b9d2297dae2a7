"""Households served by one provider or waiting together, from tables to plan: meaning, reasons, claims, checker."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.cli import main
from matcher.eligibility.classify import classify
from matcher.eligibility.derive import derive
from matcher.inputs import Inputs
from matcher.plan.claim import claim
from matcher.plan.match import match
from matcher.plan.plan import Options, Plan
from matcher.plan.verify import Certificate, verify
from matcher.policy.documents import load_policy
from matcher.results.roster import roster
from matcher.results.summary import summary_lines
from tests.helpers.builders import make_inputs, provider, resident
from tests.helpers.examples import examples
from tests.oracles.every_plan import cost_m, eligible, tier

APART = load_policy("panzhihua-2016")
POLICY = replace(APART, keep_households_together=True)
#: A visitor in a hotel: migratory mode, beside a spouse at home.
VISITOR = {"origin": "visitor", "living_setting": "hotel"}
#: A couple and a neighbour 5 km away, one place.
FOLDER = {
    "residents.csv": "resident_id,age,origin,living_setting,place_code,lat,lon,household_id\n"
    "a,70,local,own_home,V1,26.5,101.7,h\n"
    "b,70,local,own_home,V1,26.5,101.7,h\n"
    "c,70,local,own_home,V1,26.54,101.7,\n",
    "providers.csv": "provider_id,kind,lat,lon,capacity_home\np,village_clinic,26.5,101.7,1\n",
    "places.csv": "place_code,name,level,lat,lon\nV1,一村,village,26.5,101.7\n",
    "dataset.toml": 'as_of = "2026-01-01"\ndatum = "wgs84"\n',
}


def solve(inputs: Inputs) -> Plan:
    plan = match(inputs, POLICY)
    assert plan.outcome.status == "optimal"
    assert not plan.certificate.faults
    return plan


def served(plan: Plan) -> dict[str, str]:
    return dict(zip(plan.assignments["resident_id"], plan.assignments["provider_id"], strict=True))


def reasons(plan: Plan) -> dict[str, str]:
    return dict(zip(plan.unserved["resident_id"], plan.unserved["reason"], strict=True))


# --- what together means -----------------------------------------------------------------------------------


def test_a_couple_goes_where_both_find_a_place() -> None:
    """Apart, `a` would stay at the near `p`; only `q`, 3 km away, has two places."""
    couple = [resident("a", household_id="h"), resident("b", household_id="h")]
    inputs = make_inputs(couple, [provider("p", 0), provider("q", 3, capacity_home=2)])
    assert served(match(inputs, APART)) == {"a": "p", "b": "q"}
    assert served(solve(inputs)) == {"a": "q", "b": "q"}


def test_the_roster_says_who_comes_with_the_household() -> None:
    """`p` is nearer to both; they are at `q` because of each other."""
    couple = [resident("a", household_id="h"), resident("b", household_id="h")]
    plan = solve(make_inputs(couple, [provider("p", 0), provider("q", 3, capacity_home=2)]))
    assert roster(plan, "q")["why"].tolist() == ["household", "household"]


def test_a_couple_waits_together_and_leaves_the_place_to_somebody_else() -> None:
    """One place: the couple cannot share it, so `c` has it although `c` lives farther away."""
    people = [resident("a", household_id="h"), resident("b", household_id="h"), resident("c", 5)]
    plan = solve(make_inputs(people, [provider("p", 0)]))
    assert served(plan) == {"c": "p"}
    assert reasons(plan) == {"a": "capacity_full", "b": "capacity_full"}


def test_members_of_different_modes_share_the_provider_each_in_their_own_mode() -> None:
    couple = [resident("a", household_id="h"), resident("b", household_id="h", **VISITOR)]
    near, far = provider("p", 0), provider("q", 3, capacity_migratory=1)
    plan = solve(make_inputs(couple, [near, far]))
    assert served(plan) == {"a": "q", "b": "q"}
    assert set(plan.assignments["mode"]) == {"home", "migratory"}


def test_the_total_of_a_provider_binds_a_household() -> None:
    couple = [resident("a", household_id="h"), resident("b", household_id="h", **VISITOR)]
    plan = solve(make_inputs(couple, [provider("p", capacity_migratory=1, capacity_total=1)]))
    assert reasons(plan) == {"a": "capacity_full", "b": "capacity_full"}


@pytest.mark.parametrize("household_id", ["h", None])
def test_who_shares_no_household_is_free(household_id: str | None) -> None:
    """One person with an id of their own, or two without any, go each their way, by the flow."""
    people = [resident("a", household_id=household_id), resident("b", 1, household_id=None)]
    plan = solve(make_inputs(people, [provider("p", 0), provider("q", 1)]))
    assert served(plan) == {"a": "p", "b": "q"}
    assert (plan.outcome.engine, plan.outcome.proof) == ("flow", "prices")


def test_tiers_come_before_households() -> None:
    """The destitute `c` has the place that the couple would need; tier 1 comes before two persons of tier 3."""
    people = [
        resident("a", household_id="h"),
        resident("b", household_id="h"),
        resident("c", 5, groups=["destitute"]),
    ]
    plan = solve(make_inputs(people, [provider("p", 0, capacity_home=2)]))
    assert served(plan) == {"c": "p"}


def test_a_member_of_tier_one_takes_the_household_along() -> None:
    """`a` of tier 1 with `b` of tier 3 come before `c` and `d`, both of tier 2."""
    people = [
        resident("a", 5, household_id="h", groups=["destitute"]),
        resident("b", 5, household_id="h"),
        resident("c", lives_alone=True),
        resident("d", lives_alone=True),
    ]
    plan = solve(make_inputs(people, [provider("p", 0, capacity_home=2)]))
    assert served(plan) == {"a": "p", "b": "p"}


def test_who_waits_for_a_care_home_keeps_nobody_at_home_waiting() -> None:
    """`b` takes no place anywhere, and leaves `a` as free as somebody who lives alone."""
    inputs = make_inputs([resident("a", household_id="h"), resident("b", household_id="h")], [provider("p")])
    people = classify(inputs, POLICY).assign(waiting=[False, True])
    known = derive(inputs, POLICY, people=people)
    assert known.household.tolist() == [-1, -1]
    assert known.problem.size[np.diff(known.problem.start) > 0].tolist() == [1]


def test_a_plan_passes_in_which_one_of_a_couple_waits_for_a_care_home() -> None:
    """`b`, severely disabled, asks for a home; `a` is served alone, and the checker says so too."""
    waits = {"ability_scheme": "GB/T 42195-2022", "ability_grade": 3, "requested_mode": "institutional"}
    couple = [resident("a", household_id="h"), resident("b", household_id="h") | waits]
    inputs = make_inputs(couple, [provider("p", capacity_home=2)])
    plan = solve(inputs)
    assert served(plan) == {"a": "p"}
    assert verify(inputs, POLICY, plan.assignments).valid


# --- why a household waits ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "reason", "nearest"),
    [
        ({"lat": None, "lon": None, "place_code": None}, "no_location", None),
        ({"needs": ["hospice"]}, "no_qualified_provider", None),
        (VISITOR, "no_qualified_provider", None),
        ({"lat": 27.5}, "beyond_limit", "p"),
    ],
)
def test_reasons_are_those_of_the_household(
    other: dict[str, object], reason: str, nearest: str | None
) -> None:
    """`a` alone could be served at `p`; what keeps `b` from it keeps both, and both rows say so."""
    couple = [resident("a", household_id="h"), resident("b", household_id="h") | other]
    plan = solve(make_inputs(couple, [provider("p", 0, capacity_home=2)]))
    assert reasons(plan) == {"a": reason, "b": reason}
    assert [None if pd.isna(name) else name for name in plan.unserved["nearest_provider_id"]] == [nearest] * 2


def test_the_nearest_provider_of_a_household_is_near_to_all() -> None:
    """`p` is nearest to `a` but lacks what `b` needs: both rows name `q`, each with their own distance."""
    couple = [
        resident("a", household_id="h"),
        resident("b", 1, household_id="h", needs=["rehab"]),
        resident("c", 4, groups=["destitute"], needs=["rehab"]),
    ]
    plan = solve(make_inputs(couple, [provider("p", 0), provider("q", 4, services=["rehab"])]))
    assert plan.unserved["nearest_provider_id"].tolist() == ["q", "q"]
    assert plan.unserved["nearest_distance_km"].tolist() == pytest.approx([4 * 1.4, 3 * 1.4], abs=1e-6)


# --- what is claimed ---------------------------------------------------------------------------------------


def test_a_plan_that_only_the_bound_proves_has_no_prices_and_no_slot_values() -> None:
    people = [resident("a", household_id="h"), resident("b", household_id="h"), resident("c", 5)]
    plan = solve(make_inputs(people, [provider("p", 0)]))
    outcome = plan.outcome
    assert (outcome.engine, outcome.proof, outcome.gap) == ("mip", "bound", 0.0)
    assert outcome.bound == outcome.total_cost_m == 7000
    assert outcome.served_bound == outcome.served_by_tier
    assert outcome.certificate == {"valid": False, "checked_pairs": 3, "min_reduced_cost": None}
    assert plan.certificate.undecided
    assert plan.loads["slot_value_served"].isna().all()


def test_a_household_that_nobody_would_split_is_proven_by_prices_but_slots_have_no_value() -> None:
    """One more place would not serve the couple that waits: the plain price, one person more, would be wrong."""
    couple = [resident("a", household_id="h"), resident("b", household_id="h")]
    plan = solve(make_inputs(couple, [provider("p", 0, capacity_home=0)]))
    assert plan.outcome.proof == "prices"
    assert plan.loads["slot_value_served"].isna().all()


@pytest.mark.parametrize(
    ("bounds", "status", "proof", "bound", "gap"),
    [
        ((4, 9, 100), "optimal", "bound", 100, 0.0),
        ((4, 9, 80), "feasible", "none", 80, 0.2),
        ((4, 12, None), "feasible", "none", None, 0.25),
        ((5, None, None), "feasible", "none", None, 0.2),
        ((None, None, None), "feasible", "none", None, None),
    ],
)
def test_the_gap_is_that_of_the_first_open_figure(
    bounds: tuple[int | None, ...], status: str, proof: str, bound: int | None, gap: float | None
) -> None:
    """4 and 9 persons served of two tiers, at a cost of 100."""
    found = claim((4, 9, 100), bounds, Certificate(False, 1, None))
    assert (found.status, found.proof, found.bound, found.gap) == (status, proof, bound, gap)
    assert found.served_bound == bounds[:2]


def test_prices_prove_all() -> None:
    figures = (4, 9, 100)
    priced = claim(figures, (None, None, None), Certificate(True, 1, 0))
    assert (priced.status, priced.proof, priced.bound, priced.gap) == ("optimal", "prices", 100, 0.0)


# --- the checker -------------------------------------------------------------------------------------------


def test_verify_objects_to_a_household_at_two_providers() -> None:
    couple = [resident("a", household_id="h"), resident("b", household_id="h")]
    inputs = make_inputs(couple, [provider("p", 0, capacity_home=2), provider("q", 0, capacity_home=2)])
    assignments = solve(inputs).assignments
    assert verify(inputs, POLICY, assignments).valid
    assignments.loc[1, "provider_id"] = "q"
    certificate = verify(inputs, POLICY, assignments)
    assert certificate.faults == ("household h is split",)
    assert not verify(inputs, APART, assignments).faults


def test_verify_objects_to_a_household_of_which_one_waits() -> None:
    couple = [resident("a", household_id="h"), resident("b", household_id="h")]
    inputs = make_inputs(couple, [provider("p", 0, capacity_home=2)])
    assignments = solve(inputs).assignments
    certificate = verify(inputs, POLICY, assignments.iloc[:1])
    assert certificate.faults == ("household h is split",)
    assert not certificate.undecided


# --- with a price for switching ----------------------------------------------------------------------------


def test_a_couple_stays_with_its_provider_up_to_twice_the_price() -> None:
    """`q` saves each 1,400 m; leaving `p` counts once for each member that is there now."""
    couple = [resident(name, household_id="h", current_provider_id="p") for name in "ab"]
    inputs = make_inputs(couple, [provider("p", 1, capacity_home=2), provider("q", 0, capacity_home=2)])
    for switching_m, where in ((1500, "p"), (1300, "q")):
        plan = match(inputs, replace(POLICY, switching_m=switching_m))
        assert served(plan) == {"a": where, "b": where}


@examples(30)
@given(st.integers(0, 100_000), st.booleans())
def test_switching_is_priced_as_brute_force_prices_it(seed: int, together: bool) -> None:
    people, providers = _street(seed)
    policy = replace(POLICY, keep_households_together=together, switching_m=1500)
    plan = match(make_inputs(people, providers), policy)
    tiers = plan.outcome.served_by_tier
    value = (-tiers["1"], -tiers["2"], -tiers["3"], plan.outcome.total_cost_m)
    assert plan.outcome.status == "optimal"
    assert value == _best(people, providers, policy.switching_m, together)


# --- order and time ----------------------------------------------------------------------------------------


def test_row_order_changes_nothing() -> None:
    inputs = _crowd(60)
    turned = inputs.replace(residents=inputs.residents.iloc[::-1].reset_index(drop=True))
    one, two = solve(inputs), solve(turned)
    pd.testing.assert_frame_equal(one.assignments, two.assignments)
    pd.testing.assert_frame_equal(one.unserved, two.unserved)


def test_a_hundredth_of_a_second_still_gives_a_plan_that_claims_no_more_than_is_known() -> None:
    inputs = _crowd(400)
    quick = match(inputs, POLICY, Options(time_limit_s=0.01))
    best = solve(inputs).outcome
    assert not quick.certificate.faults
    assert quick.outcome.status == "feasible"
    assert quick.outcome.proof == "none"
    assert quick.outcome.gap is not None
    assert 0 < quick.outcome.gap < 0.1
    assert f"  at most {quick.outcome.gap:.2%} from the best" in "\n".join(summary_lines(quick, "en"))
    first = next(t for t in "123" if quick.outcome.served_bound[t] != quick.outcome.served_by_tier[t])
    bound = quick.outcome.served_bound[first]
    assert bound is not None
    assert bound >= best.served_by_tier[first] >= quick.outcome.served_by_tier[first]
    assert quick.outcome.fingerprint != best.fingerprint


def test_the_command_tells_households_and_its_verify_accepts_the_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A couple that waits: `match` counts it, and `verify` finds nothing wrong though prices prove nothing."""
    data, out, policy = tmp_path / "data", tmp_path / "out", tmp_path / "policy.toml"
    data.mkdir()
    for file, text in FOLDER.items():
        (data / file).write_text(text, encoding="utf-8")
    policy.write_text("keep_households_together = true\n", encoding="utf-8")
    flags = ["--policy", str(policy), "--lang", "en"]
    assert main(["match", str(data), "--out", str(out), "--time-limit", "5", *flags]) == 0
    assert "1 households of two or more kept together, 1 wait; for 0 of these" in capsys.readouterr().out
    outcome = json.loads((out / "outcome.json").read_text(encoding="utf-8"))
    assert (outcome["status"], outcome["proof"], outcome["engine"]) == ("optimal", "bound", "mip")
    assert main(["verify", str(data), "--plan", str(out), *flags]) == 0
    assert "keeps households and sites together" in capsys.readouterr().out


Rows = list[dict[str, object]]


def _street(seed: int) -> tuple[Rows, Rows]:
    """Up to six people along ten kilometres, some in couples, some served already; three providers."""
    rng = np.random.default_rng(seed)
    providers = [
        provider(f"p{i}", float(rng.integers(0, 10)), capacity_home=int(rng.integers(0, 4))) for i in range(3)
    ]
    people = [
        resident(
            f"r{i}",
            float(rng.integers(0, 10)),
            household_id=[None, "g", "h"][rng.integers(3)],
            groups=["destitute"] if rng.random() < 0.3 else [],
            lives_alone=bool(rng.random() < 0.3),
            current_provider_id=[None, "p0", "p1", "closed"][rng.integers(4)],
        )
        for i in range(rng.integers(2, 7))
    ]
    return people, providers


def _best(people: Rows, providers: Rows, switching_m: int, together: bool) -> tuple[int, ...]:
    """(−served of tiers 1, 2, 3, total cost) of the best plan, by plain loops over all."""
    costs = [
        {
            j: cost_m(person, candidate) + switching_m * _leaves(person, candidate, providers)
            for j, candidate in enumerate(providers)
            if eligible(person, candidate)
        }
        for person in people
    ]
    names = {person["household_id"] for person in people if together} - {None}
    homes = [[i for i, person in enumerate(people) if person["household_id"] == name] for name in names]
    best = None
    for plan in product(*([-1, *row] for row in costs)):
        full = any(plan.count(j) > row["capacity_home"] for j, row in enumerate(providers))
        if full or any(len({plan[i] for i in home}) > 1 for home in homes):
            continue
        value = [0, 0, 0, 0]
        for person, row, j in zip(people, costs, plan, strict=True):
            if j >= 0:
                value[tier(person) - 1] -= 1
                value[3] += row[j]
        best = tuple(value) if best is None else min(best, tuple(value))
    assert best is not None
    return best


def _leaves(person: dict[str, object], candidate: dict[str, object], providers: Rows) -> bool:
    """Whether the person is served by a known provider now, and it is another one."""
    now = person["current_provider_id"]
    return now != candidate["provider_id"] and now in [row["provider_id"] for row in providers]


def _crowd(count: int) -> Inputs:
    """Couples and single people of two modes around six providers that together have too few places."""
    rng = np.random.default_rng(count)
    people = [
        resident(
            f"r{i:03d}",
            float(rng.uniform(0, 10)),
            household_id=f"h{i // 2}" if i % 5 else None,
            groups=["destitute"] if rng.random() < 0.2 else [],
            lives_alone=bool(rng.random() < 0.3),
            **(VISITOR if rng.random() < 0.2 else {}),
        )
        for i in range(count)
    ]
    providers = [
        provider(f"p{i}", 2.0 * i, capacity_home=count // 10, capacity_migratory=count // 50)
        for i in range(6)
    ]
    return make_inputs(people, providers)
