"""Who is served and how far, counted once: coverage, overview, summary, comparison and roster tell the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.plan.figures import by_distance_band, count_by, count_people, share, tally
from matcher.plan.match import match
from matcher.plan.plan import Plan
from matcher.policy.documents import load_policy
from matcher.results import overview, roster
from matcher.results.summary import summary_lines
from matcher.scenario.figures import tables_of
from tests.helpers.builders import PLACES, make_inputs, provider, resident

BY_TIME = replace(load_policy("panzhihua-2016"), cost="time")


def people(*rows: tuple[bool, float | None], mode: str = "home") -> pd.DataFrame:
    """Served or not, and how far."""
    return pd.DataFrame(
        {
            "mode": mode,
            "origin": "local",
            "served": [served for served, _ in rows],
            "distance_km": np.array([np.nan if km is None else km for _, km in rows], np.float64),
        }
    )


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Three served: at 1.4 km, at 2.8 km, and one without a position, 10 minutes away by the table; one waits."""
    lost = resident("c", lat=None, lon=None)
    inputs = make_inputs(
        [resident("a", 1), resident("b", 2), lost, resident("d", 60)],
        [provider("p", 0, capacity_home=3)],
        places=PLACES,
        travel=[{"from_code": "c", "provider_id": "p", "minutes": 10.0}],
    )
    return match(inputs, BY_TIME)


def test_one_unknown_distance_leaves_the_others_known(plan: Plan):
    """Median of 1.4 and 2.8 km; nine in ten within 2.66; one distance unknown."""
    found = overview.figures(plan)
    assert (found.residents, found.served, found.share, found.unknown_km) == (4, 3, 0.75, 1)
    assert (found.median_km, found.p90_km, found.mean_km) == pytest.approx((2.1, 2.66, 2.1))


def test_every_view_tells_the_same(plan: Plan):
    whole = overview.figures(plan)
    told = [whole.residents, whole.served, whole.share, whole.median_km, whole.p90_km]
    columns = ["residents", "served", "share", "median_km", "p90_km"]
    city = plan.coverage[(plan.coverage["place_code"] == "CITY") & (plan.coverage["mode"] == "all")]
    assert city[columns].to_numpy().tolist() == [pytest.approx(told)]
    home = overview.by_mode(plan).set_index("mode").loc["home", columns]
    assert home.tolist() == pytest.approx(told)
    compared = tables_of("now", plan, plan, [])["scenarios"].set_index("mode")
    for mode in ("home", "all"):
        row = compared.loc[mode, ["residents", "served", "share", "mean_km", "p90_km"]]
        assert row.tolist() == pytest.approx([*told[:3], whole.mean_km, whole.p90_km])
    rows = roster.roster(plan, "p")
    assert roster.figures(rows, plan, "p").median_km == pytest.approx(whole.median_km)
    assert any(
        "4 residents, 3 served (75.0%), median distance 2.1 km, distance of 1 not known" in line
        for line in summary_lines(plan, "en")
    )


def test_no_distance_is_told_where_none_is_known():
    """Neither "none km" nor "nan km": nothing."""
    lost = resident("c", lat=None, lon=None)
    inputs = make_inputs(
        [lost], [provider("p", 0)], travel=[{"from_code": "c", "provider_id": "p", "minutes": 10.0}]
    )
    served, waiting = (
        match(inputs, BY_TIME),
        match(make_inputs([resident("a", 60)], [provider("p")]), BY_TIME),
    )
    assert overview.figures(served).median_km is None
    for plan in (served, waiting):
        for lang, unit in (("en", " km"), ("zh", "公里")):
            assert not any(unit in line for line in summary_lines(plan, lang))


def test_a_band_is_closed_above():
    """2 km belongs to the band that ends at 2 km, not to the one that begins there."""
    policy = replace(BY_TIME, bands_km=(1.0, 2.0))
    bands = by_distance_band(people((True, 2.0), (True, 2.000001), (True, 0.0)), policy)
    home = bands[bands["mode"] == "home"]
    assert list(zip(home["to_km"], home["served"], strict=True)) == [(1.0, 1), (2.0, 1), (np.inf, 1)]


def test_the_unserved_and_the_unknown_are_in_no_band():
    bands = by_distance_band(people((False, None), (True, None)), BY_TIME)
    assert bands["served"].sum() == 0


def test_nobody_is_no_share():
    nobody = count_people(people())
    assert (nobody.residents, nobody.served, nobody.share, nobody.median_km) == (0, 0, None, None)
    assert np.isnan(share(0, 0))


def test_values_that_nobody_has_keep_their_row_and_order():
    table = count_by(people((True, 1.0)), "mode", ["high_end", "home"])
    assert table[["mode", "residents"]].to_numpy().tolist() == [["high_end", 0], ["home", 1]]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2), st.booleans(), st.none() | st.integers(0, 40).map(lambda tenth: tenth / 10)
        ),
        max_size=12,
    )
)
def test_tally_is_what_numpy_says_of_each_cell(rows: list[tuple[int, bool, float | None]]):
    cell = np.array([row[0] for row in rows], np.int64)
    served = np.array([row[1] for row in rows], bool)
    km = np.array([np.nan if row[2] is None else row[2] for row in rows], np.float64)
    table = tally(cell, served, km, 3)
    for number, row in table.iterrows():
        mine = km[(cell == number) & served]
        known = mine[~np.isnan(mine)]
        assert (row["residents"], row["served"]) == ((cell == number).sum(), len(mine))
        assert row["unknown_km"] == len(mine) - len(known)
        expected = (
            [np.quantile(known, 0.5), np.quantile(known, 0.9), known.mean()] if len(known) else [np.nan] * 3
        )
        assert row[["median_km", "p90_km", "mean_km"]].tolist() == pytest.approx(expected, nan_ok=True)
