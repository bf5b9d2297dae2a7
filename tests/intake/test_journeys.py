"""A listed journey is held against the great circle, a speed that is possible, and the people it could serve."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.helpers.folders import GOOD, PROVIDER, RESIDENT, checked, csv_text, told, write_folder

CODES = {
    "travel_unit_km",
    "travel_unit_minutes",
    "travel_below_line",
    "travel_far_around",
    "travel_too_fast",
    "travel_too_slow",
    "travel_minutes_alone",
    "travel_km_alone",
    "travel_from_above",
    "travel_from_nowhere",
    "travel_to_closed",
}
#: Providers 22 to 56 km north of the village V1, and by how much the road is longer.
LINE_KM = {f"P{n}": 11.12 * n for n in (2, 3, 4, 5)}
PROVIDERS = [
    {**PROVIDER, "provider_id": id, "place_code": "", "lat": f"{26.5 + km / 111.195:.5f}", "lon": "101.7"}
    for id, km in LINE_KM.items()
]
FACTOR = {"P2": 1.3, "P3": 1.5, "P4": 1.2, "P5": 1.7}


def journeys(km: float = 1.0, minutes: float = 1.0) -> list[dict[str, str]]:
    """Ways a little longer than the line at about forty kilometres an hour, in other units where asked."""
    return [
        {
            "from_code": "V1",
            "provider_id": id,
            "km": f"{line * FACTOR[id] * km:.3f}",
            "minutes": f"{line * FACTOR[id] * 1.5 * minutes:.2f}",
        }
        for id, line in LINE_KM.items()
    ]


def problems_of(folder: Path, travel: list[dict[str, str]], **more: list[dict[str, str]]) -> pd.DataFrame:
    """Problems of a folder whose travel table is just these rows."""
    write_folder(folder, {**more, "providers": [*PROVIDERS, *more.get("providers", [])]})
    (folder / "travel.csv").write_text(csv_text(travel), encoding="utf-8")
    return checked(folder).problems


def test_plausible_journeys_raise_no_word(tmp_path):
    assert told(problems_of(tmp_path, journeys())) == set()


@pytest.mark.parametrize("factor", [1000, 0.001, 0.4])
def test_kilometres_in_another_unit_are_told_once(tmp_path, factor):
    """Metres, thousands of kilometres: one line for the file, no line a row."""
    problems = problems_of(tmp_path, journeys(km=factor))
    assert told(problems) == {("travel.csv", 0, "km", "travel_unit_km")}


@pytest.mark.parametrize("factor", [60, 1 / 60])
def test_minutes_in_another_unit_are_told_once(tmp_path, factor):
    """Seconds or hours."""
    problems = problems_of(tmp_path, journeys(minutes=factor))
    assert told(problems) == {("travel.csv", 0, "minutes", "travel_unit_minutes")}


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"km": "10", "minutes": "30"}, "travel_below_line", "km"),
        ({"km": "700", "minutes": "900"}, "travel_far_around", "km"),
        ({"minutes": "5"}, "travel_too_fast", "minutes"),
        ({"minutes": "3200"}, "travel_too_slow", "minutes"),
    ],
)
def test_one_journey_that_cannot_be_is_told_by_its_row(tmp_path, cells, code, column):
    """Shorter than the line, twenty times it, faster than a car, slower than a walk."""
    rows = journeys()
    rows[1] |= cells
    assert told(problems_of(tmp_path, rows)) == {("travel.csv", 3, column, code)}


@pytest.mark.parametrize(
    ("left", "code", "column"),
    [("km", "travel_minutes_alone", "minutes"), ("minutes", "travel_km_alone", "km")],
)
def test_a_column_alone_is_told_with_its_consequence(tmp_path, left, code, column):
    rows = [{name: cell for name, cell in row.items() if name != left} for row in journeys()]
    problems = problems_of(tmp_path, rows)
    assert told(problems) == {("travel.csv", 0, column, code)}
    assert problems["value"].tolist() == ["4"]


def test_rows_without_effect_are_told(tmp_path):
    """From a township where nobody stands, from a village where nobody lives, to a provider that is closed."""
    rows = journeys()
    rows[0]["from_code"], rows[1]["from_code"], rows[2]["provider_id"] = "T1", "V2", "P9"
    more = {
        "places": [{**GOOD["places"][1], "place_code": "V2", "name": "二村"}],
        "providers": [{**PROVIDERS[2], "provider_id": "P9", "status": "closed"}],
    }
    assert told(problems_of(tmp_path, rows, **more)) == {
        ("travel.csv", 2, "from_code", "travel_from_above"),
        ("travel.csv", 3, "from_code", "travel_from_nowhere"),
        ("travel.csv", 4, "provider_id", "travel_to_closed"),
    }


def test_a_journey_from_where_only_a_centre_is_known_is_not_held_against_the_line(tmp_path):
    """A village without coordinates stands at its township, which may be anywhere near."""
    village = {"place_code": "V2", "name": "二村", "level": "village", "parent_code": "T1"}
    person = {**RESIDENT, "resident_id": "R2", "name": "李四", "place_code": "V2"}
    rows = [*journeys(), {"from_code": "V2", "provider_id": "P5", "km": "3", "minutes": "5"}]
    problems = problems_of(tmp_path, rows, places=[village], residents=[person])
    assert told(problems) == {("residents.csv", 0, "place_code", "coarse_position")}
