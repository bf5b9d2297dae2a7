"""The map of a day's rounds: every stop can be read, nothing leaves the paper, and the text is markup of its own."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree

import pytest

from matcher.app.parts.roundsmap import COLOURS, Stop, rounds_map

NAME = "{http://www.w3.org/2000/svg}"
START = (26.5, 101.7)
TEAMS = {1: "<1>", 2: "<2>", 3: "<3>"}
#: All at one place, as people of a village are whose homes nobody knows; in a row; and one alone at the provider.
DAYS = {
    "together": [Stop(1, n, 26.52, 101.72) for n in range(1, 16)],
    "in a row": [Stop(1 + n // 5, 1 + n % 5, 26.5 + n / 500, 101.7) for n in range(15)],
    "at home": [Stop(1, 1, *START)],
}


@pytest.mark.parametrize("stops", DAYS.values(), ids=DAYS)
def test_every_stop_is_read_and_none_covers_another(stops):
    drawing = ElementTree.fromstring(rounds_map(START, stops, "<km>", "zh", TEAMS))
    width, height = (float(one) for one in drawing.get("viewBox").split()[2:])
    circles = [(float(one.get("cx")), float(one.get("cy"))) for one in drawing.iter(f"{NAME}circle")]
    assert len(circles) == len(stops)
    assert all(10 <= x <= width - 10 and 10 <= y <= height - 10 for x, y in circles)
    assert all((a - c) ** 2 + (b - d) ** 2 >= 18**2 for (a, b), (c, d) in combinations(circles, 2))
    told = [one.text for one in drawing.iter(f"{NAME}text")]
    assert told[: len(stops)] == [str(one.order) for one in stops]
    assert any("<km>" in text for text in told)
    assert len(list(drawing.iter(f"{NAME}polyline"))) == len({one.team for one in stops})


@pytest.mark.parametrize(("day", "named"), [("in a row", ["<1>", "<2>", "<3>"]), ("at home", [])], ids=str)
def test_several_teams_are_named_with_their_lines(day, named):
    drawing = ElementTree.fromstring(rounds_map(START, DAYS[day], "km", "zh", TEAMS))
    assert [one.text for one in drawing.iter(f"{NAME}text") if one.text in TEAMS.values()] == named
    strokes = [one.get("stroke") for one in drawing.iter(f"{NAME}polyline")]
    told = [one.get("stroke") for one in drawing.iter(f"{NAME}path") if one.get("stroke") in COLOURS[:3]]
    assert told == (strokes if named else [])
