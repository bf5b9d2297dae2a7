"""A road closes: the journeys lead around it, compared with the table that the same roads gave, or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from matcher.cli import main
from matcher.errors import ScenarioError
from matcher.inputs import Inputs, RoadFile, typed_frame
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.scenario.applying import Applied, apply
from matcher.scenario.edits import CloseRoad, Edit, MoveProvider, Scenario
from matcher.travel.roads import road_journeys
from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.builders import make_inputs, provider, resident
from tests.helpers.folders import write_folder
from tests.helpers.road_files import Points, Ways, at, write_osm

pytest.importorskip("osmium", reason="osmium is not installed (extra “roads”)")

POLICY = load_policy()
#: Two villages with the river between them: a bridge of two kilometres, another one far in the north.
POINTS: Points = {1: at(0, 0), 2: at(2, 0), 3: at(0, 4), 4: at(2, 4), 5: at(-3, 0)}
ROADS: Ways = {
    11: ([5, 1], {"highway": "primary"}),
    12: ([1, 2], {"highway": "primary"}),
    13: ([1, 3], {"highway": "primary"}),
    14: ([3, 4], {"highway": "primary"}),
    15: ([4, 2], {"highway": "primary"}),
    16: ([5, 3], {"highway": "track"}),
}
HOMES = {"V1": POINTS[1], "V2": POINTS[2]}


@pytest.fixture
def city(tmp_path: Path) -> Inputs:
    """A resident on each side, a clinic on the east side, and the table that the roads give."""
    spot = {name: dict(zip(("lat", "lon"), point, strict=True)) for name, point in HOMES.items()}
    inputs = make_inputs(
        [resident("a", place_code="V1", **spot["V1"]), resident("b", place_code="V2", **spot["V2"])],
        [provider("P", capacity_home=2, **spot["V2"]), provider("Q", capacity_community=1, **spot["V2"])],
        places=[{"place_code": name, "level": "village", **spot[name]} for name in HOMES],
    )
    file = write_osm(tmp_path / "x.osm", POINTS, ROADS)
    return listed(inputs, file)


def listed(inputs: Inputs, file: Path, closed: tuple[int, ...] = ()) -> Inputs:
    """With the table of the extract, as a file holds it."""
    rows = road_journeys(inputs, POLICY, file, closed).table.round(6).astype(object)
    rows = rows.where(rows.notna(), None).to_dict("records")
    dataset = replace(inputs.dataset, roads=RoadFile(file))
    return inputs.replace(travel=typed_frame("travel", rows), dataset=dataset)


def closing(inputs: Inputs, *edits: Edit) -> Applied:
    """These edits applied."""
    return apply(Scenario("flood", edits), inputs, POLICY)


def test_a_closed_bridge_makes_the_way_longer_and_the_plan_knows_it(city):
    """Two kilometres become ten; the table says what it would say had the road never been."""
    applied = closing(city, CloseRoad((12,)))
    km = applied.inputs.travel.set_index(["from_code", "provider_id"])["km"]
    assert km["V1", "P"] == pytest.approx(10, abs=1e-3)
    assert km["V2", "P"] == 0
    fresh = listed(city, city.dataset.roads.file, (12,)).travel
    pd.testing.assert_frame_equal(applied.inputs.travel, fresh, atol=1e-6)
    before, after = match(city, POLICY), match(applied.inputs, POLICY)
    moved = (
        after.people.set_index("resident_id")["distance_km"]
        - before.people.set_index("resident_id")["distance_km"]
    )
    assert moved["a"] == pytest.approx(8, abs=1e-3)
    assert applied.effects[0].note == ""


def test_where_no_way_is_left_nobody_is_matched_along_the_crow(city):
    """Both bridges: a way is told as none, not forgotten and computed."""
    applied = closing(city, CloseRoad((12, 14)))
    row = applied.inputs.travel.query("provider_id == 'P'").set_index("from_code").loc["V1"]
    assert row["reachable"] == False  # noqa: E712 - pandas' own
    assert pd.isna(row["km"])
    left = match(applied.inputs, POLICY).unserved.set_index("resident_id")["reason"]
    assert left.to_dict() == {"a": "no_way"}


def test_roads_close_one_after_the_other(city):
    """Two edits are as one of both ways; the second knows the first."""
    one, two = closing(city, CloseRoad((12, 14))), closing(city, CloseRoad((12,)), CloseRoad((14,)))
    pd.testing.assert_frame_equal(one.inputs.travel, two.inputs.travel)
    assert two.inputs.dataset.roads.closed == (12, 14)
    assert city.dataset.roads.closed == ()


def test_a_road_that_nobody_takes_changes_nothing_and_is_told(city):
    applied = closing(city, CloseRoad((16,)))
    assert applied.inputs.travel is city.travel
    assert applied.effects[0].note == "no_way_there"
    for lang in LANGUAGES:
        assert t("scenario_note.no_way_there", lang, scenario="flood", edit=1)


def test_a_provider_that_moved_is_computed_as_without_the_edit(city):
    """Its journeys are forgotten, and the closed road brings none of them back."""
    applied = closing(city, MoveProvider("P", *POINTS[5]), CloseRoad((12,)))
    assert applied.inputs.travel["provider_id"].tolist() == ["Q", "Q"]
    assert applied.inputs.travel["km"].round(2).tolist() == [10, 0]


def changed(inputs: Inputs, **values: float) -> Inputs:
    """With another first journey."""
    travel = inputs.travel.copy()
    for name, value in values.items():
        travel.loc[0, name] = value
    return inputs.replace(travel=travel)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda c: c.replace(dataset=replace(c.dataset, roads=None)), "scenario_no_roads"),
        (lambda c: c.replace(travel=c.travel[:0]), "scenario_no_journeys"),
        (lambda c: changed(c, km=2.5), "scenario_other_roads"),
        (lambda c: changed(c, minutes=9.0), "scenario_other_roads"),
        (lambda c: c.replace(travel=c.travel.assign(from_code="a")), "scenario_other_roads"),
    ],
)
def test_what_cannot_be_compared_is_refused(city, spoil, code):
    """Without the roads; without their table; with a table that other roads gave, or that names people."""
    with pytest.raises(ScenarioError, match=code) as caught:
        closing(spoil(city), CloseRoad((12,)))
    for lang in LANGUAGES:
        said = t(f"error.{code}", lang, **caught.value.values)
        assert "flood" in said
        assert "1" in said


def test_an_unknown_way_is_named_with_its_edit(city):
    with pytest.raises(ScenarioError, match="osm_unknown_way") as caught:
        closing(city, CloseRoad((12,)), CloseRoad((77,)))
    assert caught.value.values["edit"] == 2
    assert "77" in t("error.osm_unknown_way", "en", **caught.value.values)


def test_the_command_compares_with_a_road_closed(tmp_path, capsys):
    """From the extract to the table, to the plan without the bridge; without the extract it says what is missing."""
    file = write_osm(tmp_path / "x.osm.pbf", POINTS, ROADS)
    lat, lon = (str(x) for x in POINTS[2])
    data = tmp_path / "data"
    data.mkdir()
    write_folder(
        data, {"providers": [{"provider_id": "P2", "kind": "village_clinic", "lat": lat, "lon": lon}]}
    )
    people = "resident_id,birth_date,origin,place_code\nR1,1950-01-05,local,V1\n"
    (data / "residents.csv").write_text(people, encoding="utf-8")
    clinics = f"provider_id,kind,capacity_home,lat,lon\nP2,village_clinic,3,{lat},{lon}\n"
    (data / "providers.csv").write_text(clinics, encoding="utf-8")
    (data / "travel.csv").unlink()
    scenario = tmp_path / "flood.toml"
    scenario.write_text('id = "flood"\n[[edits]]\nkind = "close_road"\nways = [12]\n', encoding="utf-8")
    assert main(["travel", str(data), "--osm", str(file), "--out", str(data / "travel.csv")]) == 0
    call = ["compare", str(data), str(scenario), "--out", str(tmp_path / "out"), "--lang", "en"]
    assert main(call) == 1
    assert "--osm FILE.osm.pbf" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert main([*call, "--osm", str(file), "--workers", "1"]) == 0
    told = pd.read_csv(tmp_path / "out" / "scenarios.csv").query("mode == 'all'").set_index("scenario")
    assert told["mean_km"].round(2).to_dict() == {"baseline": 2, "flood": 10}
