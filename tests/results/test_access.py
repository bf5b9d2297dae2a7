"""Care within reach: floating catchment areas by hand, by a plain loop and by PySAL's `access`."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.cli import main
from matcher.eligibility.derive import Eligibility, derive
from matcher.errors import BadInput
from matcher.intake.check import load_inputs
from matcher.policy.documents import Policy, load_policy
from matcher.results.access import COLUMNS, Zones, access, gini, group_scores, worst_tenth
from matcher.sample.city import make_sample
from matcher.words.catalogues import t
from tests.helpers.builders import PLACES, VILLAGE, make_inputs, provider, resident
from tests.helpers.examples import examples

small = examples(100)
POLICY = load_policy("panzhihua-2016")
SECOND = {**VILLAGE, "place_code": "V2", "name": "二村"}


def scores(policy: Policy = POLICY, zones: Zones | None = None, **tables: object) -> pd.DataFrame:
    """By place, of people at home."""
    table = access(make_inputs(places=(*PLACES, SECOND), **tables), policy, zones=zones)
    assert tuple(table.columns) == COLUMNS
    return table[table["mode"] == "home"].set_index("place_code")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Eligibility:
    """A sample city of 600."""
    folder = tmp_path_factory.mktemp("sample")
    make_sample(folder, residents=600, seed=3)
    return derive(load_inputs(folder), POLICY)


def tables_of(known: Eligibility) -> tuple[pd.Series, pd.Series, pd.DataFrame]:
    """Persons by group, places by slot, and pairs of both with their cost, as another program would take them."""
    groups, problem = known.groups, known.problem
    slot = pd.MultiIndex.from_arrays([problem.slot_provider, problem.slot_mode])
    supply = pd.Series(problem.capacity, index=range(len(slot)), name="places")
    pairs = pd.DataFrame({"group": known.pairs.group, "cost": known.pairs.cost})
    wanted = pd.MultiIndex.from_arrays([known.pairs.provider, groups.mode[known.pairs.group]])
    pairs["slot"] = slot.get_indexer(wanted)
    return pd.Series(groups.size, name="people"), supply, pairs


def test_scores_equal_a_plain_loop(sample: Eligibility):
    """Places over people who may come; then the sum of what each provider within reach has."""
    people, supply, pairs = tables_of(sample)
    zones = Zones((5.0, 20.0), weights=(1.0, 0.5, 0.25))
    found = group_scores(sample, POLICY, zones)
    for score, weights in zip(found, ((1.0, 1.0, 1.0), zones.weights), strict=True):
        rows = [
            (group, slot, weights[(cost > 5000) + (cost > 20000)])
            for group, slot, cost in zip(pairs["group"], pairs["slot"], pairs["cost"], strict=True)
        ]
        wanted = dict.fromkeys(supply.index, 0.0)
        for group, slot, weight in rows:
            wanted[slot] += weight * people[group]
        expected = dict.fromkeys(people.index, 0.0)
        for group, slot, weight in rows:
            expected[group] += weight * supply[slot] / wanted[slot]
        known = ~np.isnan(score)
        assert known.sum() > 100
        assert score[known] == pytest.approx(np.array(list(expected.values()))[known])


@pytest.mark.skipif(
    importlib.util.find_spec("access") is None, reason="access is not installed (requirements-bench.txt)"
)
def test_scores_equal_those_of_pysal(sample: Eligibility):
    """The `access` package, from the same pairs."""
    from access import Access
    from access.weights import step_fn

    people, supply, pairs = tables_of(sample)
    other = Access(
        demand_df=people.to_frame().rename_axis("group"),
        demand_value="people",
        supply_df=supply.to_frame().rename_axis("slot"),
        supply_value="places",
        cost_df=pairs,
        cost_origin="group",
        cost_dest="slot",
        cost_name="cost",
    )
    most = int(pairs["cost"].max()) + 1
    theirs = (
        other.two_stage_fca(name="two", cost="cost", max_cost=most),
        other.enhanced_two_stage_fca(
            name="enhanced", cost="cost", max_cost=most, weight_fn=step_fn({5000: 1, 20000: 0.5, most: 0.25})
        ),
    )
    ours = group_scores(sample, POLICY, Zones((5.0, 20.0), weights=(1.0, 0.5, 0.25)))
    for mine, table in zip(ours, theirs, strict=True):
        reached = np.unique(pairs["group"])
        assert len(reached) > 100
        assert mine[reached] == pytest.approx(table.iloc[:, 0].reindex(reached).to_numpy())


def test_three_people_share_what_two_providers_have():
    """P has 2 places for all three people, Q one for Cai: 2/3 each, and 1 more for Cai."""
    table = scores(
        residents=[
            resident("a", place_code="V1"),
            resident("b", place_code="V1"),
            resident("c", km=6, place_code="V2"),
        ],
        providers=[
            provider("p", km=3, capacity_home=2),
            provider("q", km=12, capacity_home=1),
        ],
    )
    assert table["residents"].to_dict() == {"V1": 2, "V2": 1}
    assert table["two_step"].to_dict() == {"V1": pytest.approx(2 / 3), "V2": pytest.approx(5 / 3)}


def test_nothing_within_reach_is_zero_and_an_unknown_position_is_missing():
    """Ann's provider is full of nobody else; Bob lives where none is; nobody knows where Cai lives."""
    table = scores(
        residents=[
            resident("a", place_code="V1"),
            resident("b", km=900, place_code="V2"),
            resident("c", place_code="T1", lat=None, lon=None),
        ],
        providers=[provider("p", capacity_home=3)],
    )
    assert table["two_step"].fillna(-1).to_dict() == {"T1": -1, "V1": 3, "V2": 0}


def test_whoever_is_near_counts_more():
    """Weight 1 within 5 km and 0.5 beyond: one place over 1.5 people; Bob, at 7 km by road, gets half of that."""
    terms = {
        "residents": [resident("a", place_code="V1"), resident("b", km=5, place_code="V2")],
        "providers": [provider("p", capacity_home=1)],
    }
    table = scores(zones=Zones((5.0,), weights=(1.0, 0.5)), **terms)
    assert table["two_step"].tolist() == [0.5, 0.5]
    assert table["enhanced_two_step"].tolist() == pytest.approx([1 / 1.5, 0.5 / 1.5])
    slow = replace(POLICY, cost="time", speed_kmh=60.0)
    timed = scores(slow, Zones((5.0,), weights=(1.0, 0.5)), **terms)
    assert timed["enhanced_two_step"].tolist() == pytest.approx([1 / 1.5, 0.5 / 1.5])


def test_weights_fall_with_distance_by_default():
    """1 in the first zone, exp(-2) where one begins at the limit."""
    cost, limit = np.array([0, 999, 1000, 1001, 100_001]), np.full(5, 100_000)
    weight = Zones((1.0, 100.0)).weigh(cost, limit, POLICY)
    assert weight == pytest.approx([1, 1, 1, np.exp(-2 / 100**2), np.exp(-2)])


def test_gini_by_hand():
    """One of two has all: one half; alike: 0; people weigh, missing scores do not count."""
    assert gini([0, 4], [1, 1]) == pytest.approx(0.5)
    assert gini([3, 3, 3], [1, 5, 2]) == pytest.approx(0)
    assert gini([0, 4, np.nan], [3, 1, 9]) == pytest.approx(0.75)
    assert np.isnan(gini([0, 0], [1, 1]))
    assert np.isnan(gini([], []))


@small
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), max_size=6))
def test_gini_is_the_mean_difference_of_any_two(places: list[tuple[int, int]]):
    """Half the mean difference of all pairs of people, over the mean."""
    score, people = [value for value, _ in places], [count for _, count in places]
    each = np.repeat(np.array(score, float), people)
    found = gini(score, people)
    if each.sum():
        assert found == pytest.approx(
            np.abs(np.subtract.outer(each, each)).mean() / 2 / each.mean(), abs=1e-9
        )
    else:
        assert np.isnan(found)


def test_the_worst_off_tenth_by_hand():
    """Of 20 people two count: the one with 0, and one of the five with 1."""
    mean, places = worst_tenth([1, 5, 0, np.nan], [5, 14, 1, 50])
    assert (mean, places.tolist()) == (pytest.approx(0.5), [2, 0])
    mean, places = worst_tenth([np.nan], [3])
    assert np.isnan(mean)
    assert places.tolist() == []


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"ends_km": ()}, "zone_ends"),
        ({"ends_km": (5.0, 2.0)}, "zone_ends"),
        ({"ends_km": (float("nan"),)}, "zone_ends"),
        ({"ends_km": (5.0,), "weights": (1.0,)}, "zone_weights"),
        ({"ends_km": (5.0,), "weights": (1.0, -1.0)}, "zone_weights"),
    ],
)
def test_wrong_zones_are_refused(terms: dict[str, tuple[float, ...]], code: str):
    """What was found, what is allowed."""
    with pytest.raises(BadInput) as error:
        Zones(**terms)
    assert error.value.code == code
    assert t(f"error.{code}", "en", **error.value.values)


def test_the_command_writes_and_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A row for each place and mode; Gini and the worst-off tenth on the terminal; never into the data folder."""
    data, target = tmp_path / "data", tmp_path / "new" / "access.csv"
    make_sample(data, residents=200, seed=1)
    assert main(["access", str(data), "--out", str(target), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "E2SFCA: Gini 0." in told
    assert "worst-off tenth has" in told
    table = pd.read_csv(target, dtype={"place_code": "str"})
    assert tuple(table.columns) == COLUMNS
    assert table["residents"].sum() == 200
    assert main(["access", str(data), "--out", str(data / "access.csv")]) == 1
    assert not (data / "access.csv").exists()
