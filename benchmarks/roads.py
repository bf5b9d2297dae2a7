"""A travel table from the roads of a county: an OpenStreetMap extract is written, read, and measured."""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.measure import Timed, machine, measured, peak_mb
from benchmarks.report import DOCS, number, table, today, write_section
from matcher.geography.sphere import EARTH_RADIUS_KM
from matcher.policy.documents import load_policy
from matcher.travel.network import network
from matcher.travel.osm import Roads, read_roads
from matcher.travel.snapping import Spots, leading_on, spots

#: South-west corner of the county, and the side of its square in kilometres.
CORNER, SIDE_KM = (26.3, 101.3), 60.0
#: Points of a way between two crossings, and by how far they leave the straight line, in degrees.
BENDS, SWERVE = 8, 0.0002
#: Share of the ways that end nowhere, and of those that are one-way.
DEAD_ENDS, ONE_WAY = 0.3, 0.08
#: Classes of road, and every how many streets they come.
CLASSES = {64: "primary", 16: "secondary", 4: "tertiary", 2: "unclassified", 1: "residential"}


def write_county(file: Path, ways: int, seed: int = 1) -> None:
    """A county of streets that cross, bend, end nowhere and are partly one-way."""
    import osmium
    from osmium.osm.mutable import Node, Way

    draw = np.random.default_rng(seed)
    across = max(2, int(np.sqrt(ways * (1 - DEAD_ENDS) / 2)))
    lat0, lon0 = CORNER
    side = np.degrees(SIDE_KM / EARTH_RADIUS_KM)
    row, column = (x.ravel() for x in np.mgrid[:across, :across])
    step = side / across
    lat = lat0 + row * step + draw.normal(0, step / 8, across**2)
    lon = lon0 + column * step + draw.normal(0, step / 8, across**2)
    ids = np.arange(across**2) + 1
    right, up = column < across - 1, row < across - 1
    a = np.concatenate((ids[right], ids[up]))
    b = np.concatenate((ids[right] + 1, ids[up] + across))
    street = np.concatenate((row[right], column[up]))
    writer = osmium.SimpleWriter(str(file), overwrite=True)
    try:
        for id, y, x in zip(ids.tolist(), lat.tolist(), lon.tolist(), strict=True):
            writer.add_node(Node(id=id, location=(x, y)))
        bends = _Bends(writer, len(ids) + 1, draw)
        lines = []
        for p, q in zip((a - 1).tolist(), (b - 1).tolist(), strict=True):
            lines.append([p + 1, *bends.between((lat[p], lon[p]), (lat[q], lon[q])), q + 1])
        for p in draw.integers(0, len(ids), ways - len(lines)).tolist():
            lines.append([p + 1, *bends.between((lat[p], lon[p]), (lat[p] + step / 2, lon[p] + step / 3))])
        for way, line in enumerate(lines, start=1):
            kind = "residential" if way > len(street) else _class(int(street[way - 1]))
            tags = {"highway": kind}
            if way <= len(street) and draw.random() < ONE_WAY:
                tags["oneway"] = "yes"
            writer.add_way(Way(id=way, nodes=line, tags=tags))
    finally:
        writer.close()


class _Bends:
    """Points of ways between their ends; each is written at once."""

    def __init__(self, writer: object, first: int, draw: np.random.Generator) -> None:
        self._writer, self._next, self._draw = writer, first, draw

    def between(self, a: tuple[float, float], b: tuple[float, float]) -> list[int]:
        """Ids of new points on a crooked line."""
        from osmium.osm.mutable import Node

        share = np.linspace(0, 1, BENDS + 2)[1:-1, None]
        points = np.array(a) + share * (np.array(b) - np.array(a)) + self._draw.normal(0, SWERVE, (BENDS, 2))
        ids = range(self._next, self._next + BENDS)
        for id, (lat, lon) in zip(ids, points.tolist(), strict=True):
            self._writer.add_node(Node(id=id, location=(lon, lat)))  # type: ignore[attr-defined]
        self._next += BENDS
        return list(ids)


def _class(street: int) -> str:
    return next(kind for every, kind in CLASSES.items() if street % every == 0)


def county_table(file: Path, places: int, providers: int) -> Timed:
    """All journeys: ``((pieces, points, journeys, without a way, stages, cpu seconds, peak MB), seconds)``."""
    draw = np.random.default_rng(2)
    side = np.degrees(SIDE_KM / EARTH_RADIUS_KM)
    points = np.array(CORNER) + draw.uniform(0, side, (places + providers, 2))
    begun, clock = _cpu(), time.perf_counter()
    stages = []
    roads = read_roads(file, load_policy().roads.kmh)
    stages.append(_cpu() - begun)
    at, every = _snapped(roads, points)
    stages.append(_cpu() - begun)
    net = network(roads, at, every)
    stages.append(_cpu() - begun)
    found = [seconds for _, seconds, _ in net.reach(np.arange(places, places + providers), np.arange(places))]
    stages.append(_cpu() - begun)
    none = int(sum(np.isnan(block).sum() for block in found))
    spent = np.diff([0.0, *stages]).round(1).tolist()
    told = (len(roads), net.size, places * providers, none, spent, stages[-1], peak_mb())
    return Timed((told, time.perf_counter() - clock))


def _snapped(roads: Roads, points: npt.NDArray[np.float64]) -> tuple[Spots, npt.NDArray[np.bool_]]:
    return spots(roads, points, leading_on(roads)), np.ones(len(roads), bool)


def _cpu() -> float:
    """Processor seconds of this process: what a machine that others use as well does not spoil."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(argv: list[str] | None = None) -> int:
    """Measure, print, write; exit code 1 where it did not finish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.roads", description=__doc__)
    parser.add_argument("--ways", type=int, default=70_000)
    parser.add_argument("--places", type=int, default=3_000)
    parser.add_argument("--providers", type=int, default=500)
    parser.add_argument("--docs", type=Path, default=DOCS, help="Markdown file that gets the table")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "county.osm.pbf"
        write_county(file, arguments.ways)
        run = measured(county_table, file, arguments.places, arguments.providers)
    if run.answer is None:
        print(f"roads: {run.note}", file=sys.stderr)
        return 1
    text = section(run.answer, run.seconds or 0.0, arguments)
    print(text)
    write_section("roads", text, arguments.docs)
    return 0


def section(answer: tuple[object, ...], seconds: float, arguments: argparse.Namespace) -> str:
    """The section of the docs."""
    pieces, points, journeys, none, stages, cpu, peak = answer
    row = (
        *(number(value) for value in (arguments.ways, pieces, points, journeys, none)),
        *(number(value, 1) for value in (*stages, cpu, seconds)),  # type: ignore[misc]
        number(peak),
    )
    head = ("ways", "pieces", "points left", "journeys", "without a way", "read", "snap", "thin", "search")
    sizes = f"--ways {arguments.ways} --places {arguments.places} --providers {arguments.providers}"
    return f"""## Roads of a county

`python -m benchmarks.roads {sizes}`, {today()}.
Streets that cross, bend, end nowhere and are partly one-way, as an extract of OpenStreetMap; ends anywhere between.
Stages and "processor" in seconds of the processor. {machine()}.

{table((*head, "processor", "seconds", "peak MB"), [row])}
"""


if __name__ == "__main__":
    sys.exit(main())
