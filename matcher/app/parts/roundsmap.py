"""The map of a day's rounds as SVG for paper: the provider, numbered stops, a line for each team, north and a scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TypeAlias

import numpy as np

from matcher.geography.sphere import KM_PER_DEGREE

Point: TypeAlias = tuple[float, float]

#: Lines of the teams: colours that colour-blind people tell apart, and strokes that a grey printer does.
COLOURS = ("#0b7a75", "#c2410c", "#1f5fbf", "#c2255c", "#4a1d8c", "#8a6d00", "#51646d", "#1a2b30")
STROKES = ("", "8 4", "2 4", "10 3 2 3", "4 2", "12 4", "1 3", "6 6")
_WIDTH, _HEIGHT, _EDGE = 720, 430, 34
#: Of the line below the map in which the teams stand; as many as there are colours fit into it.
_LEGEND, _TEAM = 28, 88
#: Pixels between two circles, and how often they are moved until there are.
_LEAST, _TIMES = 23, 80
#: Kilometres that the bar of the scale may stand for.
_BARS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True)
class Stop:
    """A stop of a team: its place in the order, and where it is, in degrees of WGS-84."""

    team: int
    order: int
    lat: float
    lon: float


def rounds_map(
    start: tuple[float, float], stops: Sequence[Stop], unit: str, lang: str, teams: Mapping[int, str]
) -> str:
    """The drawing.

    Parameters
    ----------
    start : (lat, lon)
        The provider.
    stops : sequence of Stop
        By team and order.
    unit : str
        The word for kilometres.
    lang : str
    teams : mapping of int to str
        What each team is called; several of them stand below the map with their lines.
    """
    lats, lons = [start[0], *(one.lat for one in stops)], [start[1], *(one.lon for one in stops)]
    shrink = math.cos(math.radians(sum(lats) / len(lats)))
    middle = (max(lats) + min(lats)) / 2, (max(lons) + min(lons)) / 2
    tall, wide = max(max(lats) - min(lats), 1e-4), max((max(lons) - min(lons)) * shrink, 1e-4)
    scale = min((_HEIGHT - 2 * _EDGE) / tall, (_WIDTH - 2 * _EDGE) / wide)

    def at(lat: float, lon: float) -> Point:
        return (
            round(_WIDTH / 2 + (lon - middle[1]) * shrink * scale, 1),
            round(_HEIGHT / 2 - (lat - middle[0]) * scale, 1),
        )

    places = _apart([at(*start), *(at(one.lat, one.lon) for one in stops)])
    numbered = list(zip(stops, places[1:], strict=True))
    lines = "".join(
        _line(team, [places[0], *(place for _, place in route), places[0]])
        for team, route in groupby(numbered, key=lambda one: one[0].team)
    )
    circles = "".join(_circle(one, place) for one, place in numbered)
    shown = list(dict.fromkeys(one.team for one in stops))
    below = _teams(shown, teams) if len(shown) > 1 else ""
    high = _HEIGHT + (_LEGEND if below else 0)
    x, y = places[0]
    square = (
        f'<rect x="{x - 9}" y="{y - 9}" width="18" height="18" fill="#1a2b30"/>'
        f'<path d="M{x - 5} {y}h10M{x} {y - 5}v10" stroke="#fff" stroke-width="3"/>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {high}" lang="{escape(lang)}">'
        f'<rect width="{_WIDTH}" height="{high}" fill="#f7f9f9"/>'
        f"{lines}{circles}{square}{_scale(scale, unit)}{_north()}{below}</svg>"
    )


def _apart(points: Sequence[Point]) -> list[Point]:
    """The points, moved as little as it takes so that their circles can be read; the first, the provider, stays."""
    places = np.array(points, float)
    turn = np.arange(len(places)) * 2.4  # where two are at one place, each has a direction of its own
    places += 0.01 * np.column_stack((np.cos(turn), np.sin(turn)))
    for _ in range(_TIMES):
        way = places[:, None] - places[None, :]
        far = np.hypot(way[..., 0], way[..., 1])
        np.fill_diagonal(far, np.inf)
        push = (np.clip(_LEAST - far, 0, None) / 2 / far)[..., None] * way
        places[1:] += push.sum(axis=1)[1:]
        places = np.clip(places, 14, (_WIDTH - 14, _HEIGHT - 14))
    return [(x, y) for x, y in places.round(1).tolist()]


def _line(team: int, points: Sequence[Point]) -> str:
    path = " ".join(f"{x},{y}" for x, y in points)
    return f'<polyline points="{path}" fill="none" {_stroke(team)} stroke-linejoin="round"/>'


def _stroke(team: int) -> str:
    number = (team - 1) % len(COLOURS)
    return f'stroke="{COLOURS[number]}" stroke-width="2" stroke-dasharray="{STROKES[number]}"'


def _teams(shown: Iterable[int], names: Mapping[int, str]) -> str:
    """Which line is whose."""
    y = _HEIGHT + _LEGEND / 2
    return "".join(
        f'<path d="M{14 + place * _TEAM} {y}h28" {_stroke(team)}/>'
        f'<text x="{46 + place * _TEAM}" y="{y + 4.5}" font-family="sans-serif" font-size="13" fill="#1a2b30">'
        f"{escape(names[team])}</text>"
        for place, team in enumerate(shown)
    )


def _circle(stop: Stop, place: Point) -> str:
    colour = COLOURS[(stop.team - 1) % len(COLOURS)]
    x, y = place
    return (
        f'<circle cx="{x}" cy="{y}" r="10" fill="#fff" stroke="{colour}" stroke-width="2"/>'
        f'<text x="{x}" y="{y + 4.5:.1f}" text-anchor="middle" font-family="sans-serif" font-size="12"'
        f' font-weight="700" fill="#1a2b30">{stop.order}</text>'
    )


def _scale(scale: float, unit: str) -> str:
    pixels_of_km = scale / KM_PER_DEGREE
    km = max((one for one in _BARS if one * pixels_of_km <= _WIDTH / 4), default=_BARS[0])
    length = km * pixels_of_km
    return (
        f'<path d="M14 {_HEIGHT - 14}h{length:.1f}" stroke="#1a2b30" stroke-width="3"/>'
        f'<text x="14" y="{_HEIGHT - 22}" font-family="sans-serif" font-size="13" fill="#1a2b30">'
        f"{km:g} {escape(unit)}</text>"
    )


def _north() -> str:
    x = _WIDTH - 22
    return (
        f'<path d="M{x} 12l7 20l-7 -5l-7 5z" fill="#1a2b30"/>'
        f'<text x="{x}" y="48" text-anchor="middle" font-family="sans-serif" font-size="13" fill="#1a2b30">N</text>'
    )
