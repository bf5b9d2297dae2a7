"""Maps: nothing in them points elsewhere, and what is sent to the browser holds places and providers, never people."""

import json
import re

import pandas as pd
import pytest

from matcher.app import map_script
from matcher.app.parts import layers, maps, measures
from matcher.geography.locate import locate
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.results.overview import provider_loads
from matcher.scenario.edits import AddProvider, CloseProvider
from tests.helpers.app_data import SMALL
from tests.helpers.builders import make_inputs


@pytest.fixture(scope="module")
def plan():
    return match(locate(make_inputs(SMALL["residents"], SMALL["providers"])), load_policy())


def test_style_and_script_hold_no_address():
    assert re.findall(r"url\((?!data:)[^)]*\)", maps.style()) == []
    assert "sourceMappingURL" not in map_script.script()
    assert "L.tileLayer(" not in map_script.script()


def test_the_licence_notice_of_the_library_is_kept():
    assert "Leaflet 1.9.4" in map_script.script()


def test_an_empty_map_shows_the_country():
    assert maps.bounds([]) == maps.CHINA


def test_a_map_shows_all_points_and_areas():
    area = {"geometry": {"type": "Polygon", "coordinates": [[[101.0, 26.0], [102.0, 26.5], [101.5, 27.0]]]}}
    shown = [{"points": [{"at": [25.0, 103.0]}]}, {"areas": {"features": [area]}}]
    (south, west), (north, east) = maps.bounds(shown)
    assert (south < 25.0, west < 101.0, north > 27.0, east > 103.0) == (True, True, True, True)


def test_layers_are_plain_values_without_anybody_in_them(plan):
    text = json.dumps(
        [layers.township_layer(plan), layers.village_layer(plan), layers.provider_layer(plan)],
        ensure_ascii=False,
        allow_nan=False,
    )
    assert "甲镇卫生院" in text
    for row in SMALL["residents"]:
        assert row["resident_id"] not in text
        assert row["name"] not in text


def test_a_village_without_residents_is_grey_and_says_so(plan):
    (village,) = layers.village_layer(plan, "migratory")["points"]
    assert village["colour"] == "#c9d3d7"
    assert village["tip"][1].endswith("–")


def test_providers_of_another_mode_are_not_drawn(plan):
    assert [point["id"] for point in layers.provider_layer(plan)["points"]] == ["P1", "P2"]
    assert layers.provider_layer(plan, "migratory")["points"] == []


def test_a_provider_without_position_is_left_out_of_the_map_and_kept_in_the_table():
    providers = [*SMALL["providers"], {"provider_id": "P9", "kind": "village_clinic", "capacity_home": 1}]
    plan = match(locate(make_inputs(SMALL["residents"], providers)), load_policy())
    assert "P9" not in [point["id"] for point in layers.provider_layer(plan)["points"]]
    assert "P9" in set(provider_loads(plan)["provider_id"])


def test_the_edit_layer_marks_what_edits_touch(plan):
    edits = [CloseProvider("P1"), AddProvider({"provider_id": "P2"})]
    assert [point["id"] for point in layers.edit_layer(plan.inputs, edits)["points"]] == ["P2", "P1"]


def test_a_layer_of_another_mode_is_another_version(plan):
    assert layers.provider_layer(plan)["version"] != layers.provider_layer(plan, "home")["version"]


@pytest.mark.parametrize("name", measures.MEASURES)
def test_each_measure_colours_every_township_in_a_class_of_its_legend(plan, name):
    layer, legend = measures.measured_townships(plan, "all", measures.MEASURES[name], plan)
    known = {item["colour"] for item in legend["items"]}
    found = {feature["properties"]["colour"] for feature in layer["areas"]["features"]}
    assert found <= known
    assert len({item["text"] for item in legend["items"]}) == len(legend["items"])


@pytest.mark.parametrize(
    ("unserved", "texts"),
    [
        ([0, 0], ["0", "≥1"]),
        ([0, 1, 1], ["0", "≥1"]),
        ([0, 4, 8, 12, 40], ["0", "1–6", "7–9", "10–18", "≥19"]),
    ],
)
def test_classes_of_people_begin_at_nobody_and_do_not_overlap(unserved, texts):
    """Quarters of the places where somebody is unserved, worked by hand."""
    measure = measures.MEASURES["unserved"]
    bounds = measure.bounds(pd.DataFrame({"unserved": unserved}))
    legend = measures._legend(measure, bounds, measure.colours[: len(bounds)])
    assert [item["text"] for item in legend["items"]][:-1] == texts


def test_a_map_of_another_measure_is_another_version(plan):
    versions = {
        measures.measured_townships(plan, "all", one, plan)[0]["version"]
        for one in measures.MEASURES.values()
    }
    assert len(versions) == len(measures.MEASURES)
