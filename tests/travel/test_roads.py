"""A travel table from the roads of an extract: pair by pair as the plainest Dijkstra finds it, or refused."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.cli import main
from matcher.errors import BadInput
from matcher.geography.datum import from_wgs84
from matcher.inputs import Inputs
from matcher.policy.documents import load_policy, policy_with
from matcher.travel.network import Links, Network, network, thinned
from matcher.travel.osm import read_roads
from matcher.travel.roads import RoadJourneys, journeys_on, road_journeys
from matcher.travel.snapping import ISLAND_KM, leading_on, spots
from tests.helpers.builders import make_inputs, provider, resident
from tests.helpers.examples import examples
from tests.helpers.folders import DATASET, checked, write_folder
from tests.helpers.road_files import (
    Points,
    Ways,
    at,
    metres,
    plain_graph,
    plain_ways,
    steps,
    write_osm,
)

pytest.importorskip("osmium", reason="osmium is not installed (extra “roads”)")

POLICY = load_policy()
KMH = POLICY.roads.kmh
WALK = POLICY.roads.off_road / 3.6

#: A main road of four kilometres with bends, a quick one above it, a lane that joins both, a one-way street back.
TOWN: Points = {
    1: at(0, 0),
    2: at(1, 0.1),
    3: at(2, 0),
    4: at(3, -0.1),
    5: at(4, 0),
    6: at(0, 1),
    7: at(2, 1.2),
    8: at(4, 1),
    9: at(2, 0.6),
    10: at(5.5, 0.5),
    11: at(1.5, -1.5),
}
STREETS: Ways = {
    101: ([1, 2, 3, 4, 5], {"highway": "residential"}),
    102: ([6, 7, 8], {"highway": "trunk"}),
    103: ([1, 6], {"highway": "service"}),
    104: ([3, 9, 7], {"highway": "unclassified"}),
    105: ([5, 10, 8], {"highway": "tertiary", "oneway": "yes"}),
    106: ([8, 5], {"highway": "track"}),
    107: ([3, 11], {"highway": "residential"}),
}


def journeys(
    file: Path,
    places: Mapping[str, tuple[float, float]],
    providers: Mapping[str, tuple[float, float]],
    closed: Sequence[int] = (),
) -> RoadJourneys:
    """From some places to some providers."""
    return road_journeys(inputs_of(places, providers), POLICY, file, closed)


def inputs_of(
    places: Mapping[str, tuple[float, float]], providers: Mapping[str, tuple[float, float]], **more: object
) -> Inputs:
    """Somebody in each place."""
    spot = {
        name: dict(zip(("lat", "lon"), point, strict=True)) for name, point in {**places, **providers}.items()
    }
    return make_inputs(
        [resident(f"R-{name}", place_code=name, **spot[name]) for name in places],
        [provider(name, **spot[name]) for name in providers],
        places=[{"place_code": name, "level": "village", **spot[name]} for name in places],
        **more,
    )


def told(found: RoadJourneys) -> dict[tuple[str, str], tuple[float, float] | None]:
    """Minutes and kilometres by pair; None where there is no way."""
    return {
        (row.from_code, row.provider_id): None if row.reachable == 0 else (row.minutes, row.km)
        for row in found.table.fillna({"reachable": 1}).itertuples()
    }


# --- the ways --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["town.osm", "town.osm.pbf", "town.osm.gz"])
def test_every_pair_is_as_the_plainest_dijkstra_finds_it(tmp_path, name):
    """From every crossing and bend to every other, at the speeds of the policy, one-way streets one way."""
    found = journeys(
        write_osm(tmp_path / name, TOWN, STREETS),
        {f"V{point}": TOWN[point] for point in TOWN},
        {f"P{point}": TOWN[point] for point in TOWN},
    )
    graph = plain_graph(TOWN, STREETS, KMH)
    ways = {start: plain_ways(graph, start) for start in TOWN}
    expected = {(f"V{a}", f"P{b}"): (ways[a][b][0] / 60, ways[a][b][1] / 1000) for a in TOWN for b in TOWN}
    assert expected["V5", "P10"] != pytest.approx(expected["V10", "P5"])
    assert list(told(found)) == sorted(expected)
    for pair, journey in told(found).items():
        assert journey == pytest.approx(expected[pair], abs=1e-3), pair
    assert found.off_road.max() == pytest.approx(0, abs=0.02)


def test_of_equally_fast_ways_the_shortest_is_told(tmp_path):
    """Twice as far at twice the speed takes as long."""
    points = {1: at(0, 0), 2: at(4, 0), 3: at(2, 2 * np.sqrt(3))}
    policy = policy_with(policy_with(POLICY, "roads.primary", 60, "x"), "roads.residential", 30, "x")
    lines = {1: ([1, 2], {"highway": "residential"}), 2: ([1, 3, 2], {"highway": "primary"})}
    file = write_osm(tmp_path / "x.osm", points, lines)
    roads = read_roads(file, policy.roads.kmh)
    roads.cm[1:] = roads.cm[0]
    found = journeys_on(roads, inputs_of({"V": points[1]}, {"P": points[2]}), policy, file)
    assert told(found)["V", "P"] == pytest.approx((8, 4), abs=1e-3)


@pytest.mark.parametrize(
    ("tags", "there", "back"),
    [
        ({}, True, True),
        ({"oneway": "yes"}, True, False),
        ({"oneway": "1"}, True, False),
        ({"oneway": "-1"}, False, True),
        ({"oneway": "no"}, True, True),
        ({"junction": "roundabout"}, True, False),
        ({"junction": "roundabout", "oneway": "-1"}, False, True),
        ({"highway": "motorway"}, True, False),
        ({"highway": "motorway", "oneway": "no"}, True, True),
        ({"oneway": "sometimes"}, True, True),
    ],
)
def test_which_way_a_road_may_be_driven(tmp_path, tags, there, back):
    line = {7: ([1, 2], {"highway": "primary"} | tags)}
    roads = read_roads(write_osm(tmp_path / "x.osm", {1: at(0, 0), 2: at(1, 0)}, line), KMH)
    assert (roads.forward.tolist(), roads.backward.tolist()) == ([there], [back])
    assert roads.cm.tolist() == [pytest.approx(100_000, abs=2)]


@pytest.mark.parametrize(
    ("tags", "usable"),
    [
        ({"access": "no"}, False),
        ({"access": "private"}, False),
        ({"motor_vehicle": "no"}, False),
        ({"vehicle": "private"}, False),
        ({"motor_vehicle": "forestry"}, False),
        ({"access": "no", "motor_vehicle": "yes"}, True),
        ({"access": "destination"}, True),
        ({"highway": "footway"}, False),
        ({"highway": "construction"}, False),
        ({"highway": "service", "area": "yes"}, False),
        ({"highway": "track"}, True),
    ],
)
def test_which_roads_cars_may_use(tmp_path, tags, usable):
    lines = {7: ([1, 2], {"highway": "primary"} | tags), 8: ([2, 3], {"highway": "primary"})}
    points = {1: at(0, 0), 2: at(1, 0), 3: at(2, 0)}
    roads = read_roads(write_osm(tmp_path / "x.osm", points, lines), KMH)
    assert roads.way.tolist() == ([7, 8] if usable else [8])


def test_a_class_at_speed_nought_is_no_road(tmp_path):
    """A policy that sends nobody over tracks."""
    policy = policy_with(POLICY, "roads.track", 0, "mine")
    roads = read_roads(write_osm(tmp_path / "x.osm", TOWN, STREETS), policy.roads.kmh)
    assert set(roads.way.tolist()) == set(STREETS) - {106}


def test_a_way_is_broken_where_the_extract_lacks_a_point(tmp_path):
    """As at the edge of every extract: no straight line is drawn over the gap."""
    points = {number: at(number, 0) for number in (1, 2, 4, 5, 7)}
    file = write_osm(tmp_path / "x.osm", points, {9: ([1, 2, 3, 4, 5, 6, 7], {"highway": "road"})})
    roads = read_roads(file, KMH)
    assert len(roads) == 2
    assert roads.cm.tolist() == [pytest.approx(100_000, abs=2)] * 2


# --- no way ----------------------------------------------------------------------------------------------------


def test_a_one_way_bridge_leads_one_way_and_an_island_nowhere(tmp_path):
    """`reachable` is 0 and the journey empty; the other direction is as long as the road."""
    points = {1: at(0, 0), 2: at(2, 0), 3: at(3, 0), 4: at(5, 0), 5: at(0, 4), 6: at(2, 4)}
    lines = {
        1: ([1, 2], {"highway": "primary"}),
        2: ([2, 3], {"highway": "primary", "oneway": "yes"}),
        3: ([3, 4], {"highway": "primary"}),
        4: ([5, 6], {"highway": "primary"}),
    }
    ends = {"W": points[1], "E": points[4], "I": points[5]}
    found = journeys(
        write_osm(tmp_path / "x.osm", points, lines), ends, {f"P{name}": spot for name, spot in ends.items()}
    )
    got = told(found)
    assert got["W", "PE"] == pytest.approx((5 / 50 * 60, 5), abs=1e-3)
    none = {pair for pair, journey in got.items() if journey is None}
    assert none == {("E", "PW"), *(pair for pair in got if ("I" in pair) != ("PI" in pair))}
    assert found.table.loc[found.table["reachable"].eq(0), ["minutes", "km"]].isna().all(axis=None)


def test_a_journey_of_more_than_ten_hours_is_none():
    """A single link, just below and just above."""
    for hours, there in ((9.99, True), (10.01, False)):
        cost = np.array([(round(hours * 3_600_000) << 27) + 130_000_000])
        both = np.ones(1, bool)
        net = Network(2, Links(np.array([0]), np.array([1]), cost, both, both), np.array([0, 1]))
        ((_, seconds, long),) = net.reach(np.array([1]), np.array([0]))
        assert np.isfinite(seconds).all() == there
        if there:
            assert (seconds[0, 0], long[0, 0]) == (pytest.approx(hours * 3600), 1_300_000)


# --- off the road ----------------------------------------------------------------------------------------------


def test_the_way_to_the_road_is_walked_at_both_ends(tmp_path):
    """In the middle of a piece too, where the way begins; and of one piece only the part between is driven."""
    points = {1: at(0, 0), 2: at(6, 0)}
    file = write_osm(tmp_path / "x.osm", points, {5: ([1, 2], {"highway": "primary"})})
    found = journeys(file, {"V": at(1, 0.3)}, {"P": at(3, -0.2), "Q": at(-0.4, 0.3)})
    got = told(found)
    assert got["V", "P"] == pytest.approx((2 / 50 * 60 + 0.5 / 4 * 60, 2.5), abs=2e-3)
    assert got["V", "Q"] == pytest.approx((1 / 50 * 60 + 0.8 / 4 * 60, 1.8), abs=2e-3)
    assert found.off_road == pytest.approx([500, 800], abs=2)


def test_who_is_there_already_makes_no_way(tmp_path):
    """A clinic that stands at the centre of its village, far from the road."""
    file = write_osm(tmp_path / "x.osm", TOWN, STREETS)
    found = journeys(file, {"V": at(1, -2)}, {"P": at(1, -2), "Q": TOWN[5]})
    assert told(found)["V", "P"] == (0, 0)
    assert found.off_road.tolist()[0] == 0
    assert found.off_road.tolist()[1] > 700


def test_yards_and_dead_one_way_streets_are_no_start(tmp_path):
    """Roads shorter than a kilometre in all that lead nowhere, though they are nearer than the street."""
    points = {1: at(0, 0), 2: at(4, 0), 3: at(1, 0.3), 4: at(1.5, 0.3), 5: at(3, 0), 6: at(3, 0.3)}
    lines = {
        1: ([1, 5, 2], {"highway": "primary"}),
        2: ([3, 4], {"highway": "service"}),
        3: ([5, 6], {"highway": "service", "oneway": "yes"}),
    }
    assert ISLAND_KM > 0.5
    file = write_osm(tmp_path / "x.osm", points, lines)
    found = journeys(file, {"V": points[3], "W": points[6]}, {"P": points[2]})
    assert told(found)["V", "P"] == pytest.approx((3 / 50 * 60 + 0.3 / 4 * 60, 3.3), abs=2e-3)
    assert told(found)["W", "P"] == pytest.approx((1 / 50 * 60 + 0.3 / 4 * 60, 1.3), abs=2e-3)


def test_ends_without_a_road_near_are_not_listed_and_counted(tmp_path):
    """They count as the crow flies, as every pair that is not listed."""
    file = write_osm(tmp_path / "x.osm", TOWN, STREETS)
    found = journeys(file, {"V": TOWN[1], "W": at(-12, 0)}, {"P": TOWN[2], "Q": at(0, -14)})
    assert list(told(found)) == [("V", "P")]
    assert (found.places, found.providers) == ((1, 2), (1, 2))


# --- closed roads ----------------------------------------------------------------------------------------------


def test_a_closed_road_is_gone_around(tmp_path):
    """As on the network without it, to the second."""
    file = write_osm(tmp_path / "x.osm", TOWN, STREETS)
    ends = {f"V{point}": TOWN[point] for point in (1, 5, 8)}
    found = journeys(file, ends, {"P7": TOWN[7]}, [102, 106])
    graph = plain_graph(TOWN, STREETS, KMH, closed=(102, 106))
    assert told(found)["V8", "P7"] is None  # a one-way street is left, which leads there
    for point in (1, 5):
        seconds, long = plain_ways(graph, point)[7]
        assert told(found)[f"V{point}", "P7"] == pytest.approx((seconds / 60, long / 1000), abs=1e-3)
    assert told(found) != told(journeys(file, ends, {"P7": TOWN[7]}))


def test_who_is_cut_off_by_a_closed_bridge_walks_over_no_river(tmp_path):
    """The yard beyond the bridge is short, yet journeys begin there, and none is left."""
    points = {1: at(0, 0), 2: at(3, 0), 3: at(3, 0.2), 4: at(3, 0.6)}
    lines = {
        1: ([1, 2], {"highway": "primary"}),
        2: ([2, 3], {"highway": "primary"}),
        3: ([3, 4], {"highway": "residential"}),
    }
    file = write_osm(tmp_path / "x.osm", points, lines)
    assert told(journeys(file, {"V": points[4]}, {"P": points[1]}))["V", "P"] is not None
    assert told(journeys(file, {"V": points[4]}, {"P": points[1]}, [2]))["V", "P"] is None


def test_who_lives_on_the_closed_road_starts_at_the_next_one(tmp_path):
    """And the way there is walked, and told."""
    points = {1: at(0, 0), 2: at(4, 0), 3: at(0, 1), 4: at(4, 1)}
    lines = {
        1: ([1, 2], {"highway": "primary"}),
        2: ([3, 4], {"highway": "primary"}),
        3: ([1, 3], {"highway": "primary"}),
    }
    file = write_osm(tmp_path / "x.osm", points, lines)
    found = journeys(file, {"V": at(2, 0)}, {"P": points[4]}, [1])
    assert told(found)["V", "P"] == pytest.approx((2 / 50 * 60 + 1 / 4 * 60, 3), abs=2e-3)
    assert found.off_road == pytest.approx([1000], abs=2)


# --- the command -----------------------------------------------------------------------------------------------


def folder_of(folder: Path, dataset: str = DATASET, **rows: list[dict[str, str]]) -> Path:
    """The village of the tests, its clinic, and a second clinic three kilometres east."""
    folder.mkdir(exist_ok=True)
    lat, lon = TOWN[4]
    far = {"kind": "village_clinic", "lat": str(lat), "lon": str(lon), "capacity_home": "3"}
    more = {"providers": [far | {"provider_id": "P2"}], "candidates": [far | {"provider_id": "N2"}]}
    write_folder(folder, more | rows, dataset=dataset)
    (folder / "travel.csv").unlink()
    return folder


def test_the_table_of_the_command_is_read_by_match(tmp_path, capsys):
    """Providers and candidates; beside the data, where `check` finds no fault with it."""
    data = folder_of(tmp_path / "data")
    file = write_osm(tmp_path / "town.osm.pbf", TOWN, STREETS)
    out = data / "travel.csv"
    assert main(["travel", str(data), "--osm", str(file), "--out", str(out), "--lang", "en"]) == 0
    assert "3 journeys" in capsys.readouterr().out
    table = pd.read_csv(out)
    assert list(table.columns) == ["from_code", "provider_id", "minutes", "km", "reachable"]
    assert table["provider_id"].tolist() == ["N2", "P1", "P2"]
    assert table["km"].nunique() == 2
    problems = checked(data).problems
    assert not problems["code"].str.contains("travel|reference").any()
    assert main(["match", str(data), "--out", str(tmp_path / "plan")]) == 0
    served = pd.read_csv(tmp_path / "plan" / "assignments.csv")
    assert served["distance_source"].tolist() == ["table"]


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_the_datum_of_the_data_makes_no_difference(tmp_path, datum):
    """The extract is WGS-84; the engine brings the data there."""
    file = write_osm(tmp_path / "town.osm", TOWN, STREETS)
    tables = []
    for name in ("wgs84", datum):
        data = folder_of(tmp_path / name, DATASET.replace("wgs84", name))
        for table in ("places", "providers", "candidates"):
            frame = pd.read_csv(data / f"{table}.csv", dtype={"place_code": str})
            frame["lat"], frame["lon"] = from_wgs84(frame["lat"], frame["lon"], name)
            frame.to_csv(data / f"{table}.csv", index=False)
        out = tmp_path / f"{name}.csv"
        assert main(["travel", str(data), "--osm", str(file), "--out", str(out)]) == 0
        tables.append(pd.read_csv(out))
    pd.testing.assert_frame_equal(*tables, atol=1e-3)
    assert tables[0]["km"].max() > 2.9


def test_closed_ways_are_named_on_the_command_line(tmp_path, capsys):
    data = folder_of(tmp_path / "data")
    file = write_osm(tmp_path / "town.osm", TOWN, STREETS)
    call = ["travel", str(data), "--osm", str(file), "--lang", "en"]
    assert main([*call, "--out", str(tmp_path / "a.csv")]) == 0
    assert main([*call, "--out", str(tmp_path / "b.csv"), "--without", "104", "103"]) == 0
    assert main([*call, "--out", str(tmp_path / "c.csv"), "--without", "104", "999", "1000"]) == 1
    told_error = capsys.readouterr().err
    assert "999, 1000" in told_error
    assert "2 of the closed ways" in told_error
    assert not (tmp_path / "c.csv").exists()
    assert main(["travel", str(data), "--out", str(tmp_path / "c.csv"), "--without", "104"]) == 1
    assert "--osm" in capsys.readouterr().err


def test_far_ends_are_told(tmp_path, capsys):
    """Two kilometres off the road at the clinic, and a place beyond the extract."""
    points = {number: at(east - 2, north) for number, (east, north) in enumerate([(0, 2), (4, 2)], start=1)}
    file = write_osm(tmp_path / "x.osm", points, {1: ([1, 2], {"highway": "primary"})})
    away = {"resident_id": "R2", "birth_date": "1950-01-05", "place_code": "V2"}
    village = {"place_code": "V2", "level": "village", "parent_code": "T1", "lat": "27.5", "lon": "101.7"}
    data = folder_of(tmp_path / "data", residents=[away], places=[village])
    call = ["travel", str(data), "--osm", str(file), "--out", str(tmp_path / "a.csv"), "--lang", "en"]
    assert main(call) == 0
    out = capsys.readouterr().out
    assert "at 4 km/h" in out
    assert "1 of 2 places have no road within 10 km" in out


BAD = {
    "osm_unreadable": b"resident_id,name\n1,2\n",
    "osm_empty": b'<osm version="0.6"></osm>',
}


@pytest.mark.parametrize("name", ["x.osm", "x.osm.pbf", "x.csv", "x.osm.gz"])
def test_a_file_that_is_none_is_refused(tmp_path, capsys, name):
    """Whatever it is called; nothing is written."""
    refused(tmp_path, capsys, name, BAD["osm_unreadable"], "cannot be read as an OpenStreetMap file")


def test_a_broken_download_is_refused(tmp_path, capsys):
    whole = write_osm(tmp_path / "whole.osm.pbf", TOWN, STREETS).read_bytes()
    refused(tmp_path, capsys, "x.osm.pbf", whole[: len(whole) * 2 // 3], "downloaded whole")


def test_an_extract_without_roads_is_refused(tmp_path, capsys):
    refused(tmp_path, capsys, "x.osm", BAD["osm_empty"], "no road that a car may use")
    paths = write_osm(tmp_path / "paths.osm", TOWN, {1: ([1, 2], {"highway": "path"})}).read_bytes()
    refused(tmp_path, capsys, "x.osm", paths, "no road that a car may use")


def test_an_extract_of_elsewhere_is_refused(tmp_path, capsys):
    """Hundreds of kilometres north."""
    points = {number: (lat + 5, lon) for number, (lat, lon) in TOWN.items()}
    content = write_osm(tmp_path / "north.osm", points, STREETS).read_bytes()
    refused(tmp_path, capsys, "x.osm", content, "does not cover the data")


def test_a_file_that_is_not_there_is_refused(tmp_path, capsys):
    refused(tmp_path, capsys, "x.osm", None, "x.osm")


def test_without_the_package_it_is_said_how_to_install_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "osmium", None)
    refused(tmp_path, capsys, "x.osm", BAD["osm_empty"], 'pip install "osmium')


def refused(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes | None, why: str
) -> None:
    """The command ends with exit code 1, says why, and leaves nothing behind."""
    data = folder_of(folder / "data")
    if content is not None:
        (folder / name).write_bytes(content)
    before = sorted(folder.rglob("*"))
    call = ["travel", str(data), "--osm", str(folder / name), "--out", str(folder / "out" / "new.csv")]
    assert main([*call, "--lang", "en"]) == 1
    assert why in capsys.readouterr().err
    assert sorted(folder.rglob("*")) == before


# --- random networks -------------------------------------------------------------------------------------------


@st.composite
def grids(draw: st.DrawFn) -> tuple[Points, Ways]:
    """Crooked grids of up to 4 × 4 crossings, streets of all kinds missing, closed or one-way."""
    wide, high = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    points, lines = {}, {}
    for i in range(wide):
        for j in range(high):
            jitter = draw(st.integers(0, 3)) / 10
            points[i * high + j + 1] = at(i * 1.3 + jitter, j * 1.1 + jitter / 2)
    pairs = [(a, a + high) for a in points if a + high in points]
    pairs += [(a, a + 1) for a in points if a % high]
    for number, (a, b) in enumerate(pairs, start=1):
        kind = draw(st.sampled_from(["", "primary", "residential", "track"]))
        if kind:
            way = draw(st.sampled_from([{}, {}, {"oneway": "yes"}]))
            lines[number] = (draw(st.sampled_from([[a, b], [b, a]])), {"highway": kind} | way)
    return points, lines


@examples(60)
@given(grids(), st.integers(0, 2**32 - 1))
def test_random_networks_agree_with_the_plainest_search(tmp_path_factory, drawn, seed):
    """From and to random points: the spot on the nearest road that leads on, then the plainest Dijkstra."""
    points, lines = drawn
    if not lines:
        return
    file = write_osm(tmp_path_factory.mktemp("grid") / "x.osm", points, lines)
    random = np.random.default_rng(seed)
    ends = [at(*spot) for spot in random.uniform((-0.5, -0.5), (4.5, 4.0), (4, 2))]
    roads = read_roads(file, KMH)
    usable = leading_on(roads)
    assert usable.tolist() == plainly_leading_on(points, lines)
    if not usable.any():
        return
    near = spots(roads, np.array(ends), usable)
    net = network(roads, near, np.ones(len(roads), bool))
    found = {
        int(row): (seconds[at_row], long[at_row])
        for rows, seconds, long in net.reach(np.arange(4), np.arange(4))
        for at_row, row in enumerate(rows)
    }
    graph, feet = with_spots(points, lines, ends, usable.tolist())
    for origin in range(4):
        assert near.off_m[origin] == pytest.approx(feet[origin][1], abs=0.5)
        ways = plain_ways(graph, feet[origin][0])
        for target in range(4):
            seconds, long = (float(block[origin]) for block in found[target])
            expected = ways.get(feet[target][0], (np.nan, np.nan))
            assert (seconds, long) == pytest.approx(expected, abs=0.6, nan_ok=True)


def plainly_leading_on(points: Points, lines: Ways) -> list[bool]:
    """Steps of which each end is reached from the other, in parts of a kilometre at least."""
    graph = plain_graph(points, lines, KMH)
    reached = {point: set(plain_ways(graph, point)) for point in points}
    part = {a: frozenset(b for b in points if b in reached[a] and a in reached[b]) for a in points}
    long: dict[frozenset[int], float] = {}
    for _, a, b in steps(lines):
        if part[a] == part[b]:
            long[part[a]] = long.get(part[a], 0) + metres(points[a], points[b])
    return [part[a] == part[b] and long[part[a]] >= 1000 for _, a, b in steps(lines)]


def with_spots(
    points: Points, lines: Ways, ends: list[tuple[float, float]], usable: list[bool]
) -> tuple[dict[int, list[tuple[int, float, float]]], list[tuple[int, float]]]:
    """The plain graph with a point where each end meets the nearest usable step, and how far off that is."""
    more, cut = dict(points), {}
    feet = []
    every = list(steps(lines))
    for end in ends:
        best = min(
            (
                (metres(end, foot), number, share)
                for number, ((_, a, b), leads) in enumerate(zip(every, usable, strict=True))
                if leads
                for share, foot in [_foot(points[a], points[b], end)]
            ),
            key=lambda found: found[0],
        )
        off, number, share = best
        _, a, b = every[number]
        if share in (0.0, 1.0):  # at a crossing, where every road of it begins
            feet.append((b if share else a, off))
            continue
        name = 1000 + len(feet)
        more[name] = tuple(x + share * (y - x) for x, y in zip(points[a], points[b], strict=True))
        cut.setdefault(number, []).append((share, name))
        feet.append((name, off))
    ways: dict[int, tuple[list[int], dict[str, str]]] = {}
    for number, (way, a, b) in enumerate(every):
        inner = [name for _, name in sorted(cut.get(number, []))]
        ways[number] = ([a, *inner, b], lines[way][1])
    return plain_graph(more, ways, KMH), feet


def _foot(
    a: tuple[float, float], b: tuple[float, float], end: tuple[float, float]
) -> tuple[float, tuple[float, float]]:
    """How far along a step its point nearest to `end` lies, and where."""
    stretch = np.array([1.0, np.cos(np.radians(26.5))])
    start, way, here = np.array(a) * stretch, (np.array(b) - a) * stretch, np.array(end) * stretch
    share = float(np.clip((here - start) @ way / (way @ way), 0, 1))
    lat, lon = (start + share * way) / stretch
    return share, (float(lat), float(lon))


@examples(80)
@given(st.integers(2, 9), st.integers(0, 2**32 - 1))
def test_thinning_changes_no_way_between_the_points_that_are_kept(size, seed):
    """Loops, parallel links, dead ends, one-way chains and closed links among them."""
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 3 * size))
    links = Links(
        random.integers(0, size, count),
        random.integers(0, size, count),
        (random.integers(1, 60_000, count) << 27) + random.integers(1, 90_000, count),
        random.random(count) < 0.8,
        random.random(count) < 0.8,
    )
    kept = random.random(size) < 0.4
    some = np.flatnonzero(kept)
    thin = thinned(links, kept)
    assert len(thin.a) <= count
    if len(some):
        whole, less = (
            list(Network(size, part, some).reach(*[np.arange(len(some))] * 2)) for part in (links, thin)
        )
        for one, other in zip(whole, less, strict=True):
            for left, right in zip(one, other, strict=True):
                np.testing.assert_array_equal(left, right)


def test_a_city_of_chains_is_thinned_to_its_crossings():
    """A ring of a thousand bends with two kept points becomes two links."""
    ring = np.arange(1000)
    ones = np.ones(1000, bool)
    kept = np.isin(ring, (0, 500))
    thin = thinned(Links(ring, np.roll(ring, -1), np.full(1000, (1000 << 27) + 500), ones, ones), kept)
    assert sorted(map(sorted, zip(thin.a.tolist(), thin.b.tolist(), strict=True))) == [[0, 500], [0, 500]]
    assert (thin.cost >> 27).tolist() == [500_000, 500_000]


def test_journeys_from_nowhere_are_none(tmp_path):
    """Nobody lives anywhere: an empty table of the same columns."""
    file = write_osm(tmp_path / "x.osm", TOWN, STREETS)
    found = road_journeys(make_inputs([], [provider("P1")]), POLICY, file)
    assert list(found.table.columns) == ["from_code", "provider_id", "minutes", "km", "reachable"]
    assert not len(found.table)
    with pytest.raises(BadInput, match="osm_unknown_way"):
        road_journeys(make_inputs([], [provider("P1")]), POLICY, file, [1])
