"""Who stands only roughly where they live is counted by how roughly, and who stands far off is named."""

from __future__ import annotations

from tests.helpers.folders import PROVIDER, RESIDENT, checked, told, write_folder

CODES = {"position_by_address", "coarse_position", "far_from_place"}


def test_people_at_the_centre_of_a_township_are_counted(tmp_path):
    """One line for the table, with how many stand at a centre of each level."""
    people = [{**RESIDENT, "resident_id": f"R{n}", "name": f"n{n}", "place_code": "T1"} for n in (2, 3)]
    problems = checked(write_folder(tmp_path, {"residents": people})).problems
    assert told(problems) == {("residents.csv", 0, "place_code", "coarse_position")}
    assert problems["value"].tolist() == ["township: 2"]


def test_a_position_guessed_from_an_address_is_told_with_what_it_rests_on(tmp_path):
    """An address that names a village stands there; one that names nothing known stands nowhere."""
    people = [
        {**RESIDENT, "resident_id": "R2", "name": "李四", "place_code": "", "address": "甲镇一村3号"},
        {**RESIDENT, "resident_id": "R3", "name": "赵六", "place_code": "", "address": "别处"},
    ]
    problems = checked(write_folder(tmp_path, {"residents": people})).problems
    lines = problems[problems["code"] == "position_by_address"]
    assert lines["value"].tolist() == ["none: 1; village: 1"]


def test_coordinates_far_from_the_place_named_are_told_with_the_distance(tmp_path):
    """Forty kilometres from a village is a slip; ten may be a hamlet of it."""
    near = {**RESIDENT, "resident_id": "R2", "name": "李四", "lat": "26.59", "lon": "101.7"}
    far = {**RESIDENT, "resident_id": "R3", "name": "赵六", "lat": "26.86", "lon": "101.7"}
    clinic = {**PROVIDER, "provider_id": "P2", "lat": "27.5", "lon": "101.7"}
    problems = checked(write_folder(tmp_path, {"residents": [near, far], "providers": [clinic]})).problems
    assert told(problems) == {
        ("residents.csv", 4, "lat", "far_from_place"),
        ("providers.csv", 3, "lat", "far_from_place"),
    }
    assert problems["value"].tolist() == ["111 km", "40 km"]
