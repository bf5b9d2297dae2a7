"""Small OpenStreetMap files, and shortest ways on them by the plainest Dijkstra."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from tests.helpers.builders import KM

#: Latitude and longitude by number.
Points = Mapping[int, tuple[float, float]]
#: By number: the points of a way and its tags.
Ways = Mapping[int, tuple[list[int], dict[str, str]]]
#: By point: where one may go from there, in how many seconds and metres.
Graph = dict[int, list[tuple[int, float, float]]]


def at(east_km: float, north_km: float) -> tuple[float, float]:
    """A position, counted from the centre of the village."""
    return 26.5 + north_km * KM, 101.7 + east_km * KM / math.cos(math.radians(26.5))


def write_osm(file: Path, points: Points, ways: Ways) -> Path:
    """An extract; the name says whether it is XML or PBF."""
    import osmium
    from osmium.osm.mutable import Node, Way

    with osmium.SimpleWriter(str(file), overwrite=True) as writer:
        for id, (lat, lon) in points.items():
            writer.add_node(Node(id=id, location=(lon, lat)))
        for id, (line, tags) in ways.items():
            writer.add_way(Way(id=id, nodes=line, tags=tags))
    return file


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The great circle, by the haversine."""
    (lat_a, lon_a), (lat_b, lon_b) = ([math.radians(x) for x in point] for point in (a, b))
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * 6371009 * math.asin(math.sqrt(half))


def plain_graph(points: Points, ways: Ways, kmh: Mapping[str, float], closed: Iterable[int] = ()) -> Graph:
    """Every step along every way; one-way where the tag says ``yes``."""
    graph: Graph = {point: [] for point in points}
    for id, (line, tags) in ways.items():
        if id not in closed:
            for a, b in pairwise(line):
                long = metres(points[a], points[b])
                quick = long / kmh[tags["highway"]] * 3.6
                graph[a].append((b, quick, long))
                if tags.get("oneway") != "yes":
                    graph[b].append((a, quick, long))
    return graph


def plain_ways(graph: Graph, start: int) -> dict[int, tuple[float, float]]:
    """Seconds and metres of the fastest way from a point to each that it leads to; the shortest of equally fast."""
    best: dict[int, tuple[float, float]] = {}
    queue = [(0.0, 0.0, start)]
    while queue:
        seconds, long, point = heapq.heappop(queue)
        if point not in best:
            best[point] = seconds, long
            for other, quick, far in graph[point]:
                heapq.heappush(queue, (seconds + quick, long + far, other))
    return best


def steps(ways: Ways) -> Iterator[tuple[int, int, int]]:
    """Way and both ends of each of its steps."""
    for id, (line, _) in ways.items():
        for a, b in pairwise(line):
            yield id, a, b
