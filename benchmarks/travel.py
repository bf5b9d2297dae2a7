"""The travel table at full size: read, checked and matched; and asked from a server, which here knows no roads."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from benchmarks.city import run_match
from benchmarks.measure import Run, Timed, machine, measured, peak_mb
from benchmarks.report import DOCS, number, table, today, write_section
from matcher.geography.sphere import great_circle_km, unit_vectors
from matcher.inputs import Routing
from matcher.intake.check import load_inputs
from matcher.policy.documents import load_policy
from matcher.sample.city import make_sample
from matcher.travel.table import travel_table

STAGES = ("read", "candidates", "solve", "verify", "write", "total")
#: Roads of the benchmark: how much longer than the crow flies, at random, and how fast.
DETOURS, SPEED_KMH = (1.2, 2.0), 30.0


def make_city(folder: Path, residents: int) -> None:
    """A sample city in which every address point is a village of its own: some 3,000 places."""
    make_sample(folder, residents=residents)
    people, places = (_read(folder / name) for name in ("residents.csv", "places.csv"))
    points = people[["place_code", "lat", "lon"]].drop_duplicates()
    points = points[(points != "").all(axis=1)].reset_index(drop=True)
    points["village"] = [f"{code}-{i}" for i, code in enumerate(points["place_code"])]
    people = people.merge(points, how="left", on=["place_code", "lat", "lon"])
    people["place_code"] = people.pop("village").fillna(people["place_code"])
    villages = points.rename(columns={"place_code": "parent_code", "village": "place_code"})
    villages = villages.assign(name=villages["place_code"], level="village")
    _write(pd.concat([places, villages]).fillna(""), folder / "places.csv")
    _write(people, folder / "residents.csv")


def journeys_of_places(folder: Path) -> pd.DataFrame:
    """Every village that somebody lives in × every provider."""
    inputs = load_inputs(folder)
    places = inputs.places[inputs.places["place_code"].isin(inputs.residents["place_code"])]
    providers = inputs.providers
    a, b = (unit_vectors(t["lat"].to_numpy(), t["lon"].to_numpy()) for t in (places, providers))
    i, j = np.divmod(np.arange(len(a) * len(b)), len(b))
    km = great_circle_km(a[i], b[j]) * np.random.default_rng(1).uniform(*DETOURS, len(i))
    return pd.DataFrame(
        {
            "from_code": places["place_code"].array.take(i),
            "provider_id": providers["provider_id"].array.take(j),
            "minutes": (km / SPEED_KMH * 60).round(2),
            "km": km.round(3),
        }
    )


def journeys_of_people(folder: Path, of_places: pd.DataFrame, each: int) -> pd.DataFrame:
    """Everybody × the nearest few providers of their village, no two ways alike."""
    nearest = of_places.sort_values("km", kind="stable").groupby("from_code").head(each)
    people = _read(folder / "residents.csv")[["resident_id", "place_code"]]
    rows = people.merge(nearest, left_on="place_code", right_on="from_code")
    more = np.random.default_rng(2).uniform(0.95, 1.05, len(rows))
    rows = rows.assign(from_code=rows["resident_id"], km=(rows["km"] * more).round(3))
    return rows[list(of_places.columns)]


class _Server(BaseHTTPRequestHandler):
    """Answers as OSRM does, by the crow."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, query = self.path.split("?")
        lonlat = np.array([point.split(",") for point in path.split("/")[-1].split(";")], float)
        ends = dict(part.split("=") for part in query.split("&"))
        a, b = (lonlat[np.array(ends[end].split(";"), int)] for end in ("sources", "destinations"))
        i, j = np.divmod(np.arange(len(a) * len(b)), len(b))
        points = [unit_vectors(p[:, 1], p[:, 0]) for p in (a[i], b[j])]
        metres = (great_circle_km(*points) * 1400).round(1).reshape(len(a), len(b))
        seconds = (metres / SPEED_KMH * 3.6).round(1)
        answer = {"code": "Ok", "durations": seconds.tolist(), "distances": metres.tolist()}
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve(pipe: Connection) -> None:
    """Serve on a free port, which goes through the pipe."""
    server = HTTPServer(("127.0.0.1", 0), _Server)
    pipe.send(server.server_address[1])
    server.serve_forever()


def ask(folder: Path, cache: Path, port: int) -> Timed:
    """The table from the server or the cache: ``((rows, requests, known, peak MB), seconds)``."""
    inputs = load_inputs(folder)
    routing = Routing("osrm", f"http://127.0.0.1:{port}", "driving")
    inputs = inputs.replace(dataset=type(inputs.dataset)(inputs.dataset.as_of, routing=routing))
    begun = time.perf_counter()
    travel, answers = travel_table(inputs, load_policy(), cache)
    seconds = time.perf_counter() - begun
    return Timed(((len(travel), answers.requests, answers.cached, peak_mb()), seconds))


def main(argv: list[str] | None = None) -> int:
    """Measure, print, write; exit code 1 where something did not finish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.travel", description=__doc__)
    parser.add_argument("--residents", type=int, default=250_000)
    parser.add_argument("--each", type=int, default=4, help="rows for each person")
    parser.add_argument("--docs", type=Path, default=DOCS, help="Markdown file that gets the tables")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "city"
        make_city(data, arguments.residents)
        matched = [_matched("none", data, Path(folder) / "out", None)]
        of_places = journeys_of_places(data)
        matched.append(_matched("by place", data, Path(folder) / "out", of_places))
        of_people = journeys_of_people(data, of_places, arguments.each)
        matched.append(_matched("by person", data, Path(folder) / "out", of_people))
        (data / "travel.csv").unlink()
        asked = _asked(data, Path(folder) / "cache")
    if any(row is None for row in (*matched, asked)):
        print("travel: a run did not finish", file=sys.stderr)
        return 1
    text = section([row for row in matched if row], asked or [], arguments.residents)
    print(text)
    write_section("travel", text, arguments.docs)
    return 0


def _matched(name: str, data: Path, out: Path, travel: pd.DataFrame | None) -> tuple[str, ...] | None:
    if travel is not None:
        _write(travel, data / "travel.csv")
    run = measured(run_match, data, out)
    if run.answer is None:
        return None
    seconds = json.loads((out / "outcome.json").read_text(encoding="utf-8"))["seconds"]
    rows = 0 if travel is None else len(travel)
    return (name, number(rows), *(number(seconds[stage], 1) for stage in STAGES), number(run.answer[2]))


def _asked(data: Path, cache: Path) -> list[tuple[str, ...]] | None:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    server = context.Process(target=serve, args=(there,), daemon=True)
    server.start()
    port = here.recv()
    runs = [(name, measured(ask, data, cache, port)) for name in ("first run", "second run")]
    server.terminate()
    server.join()
    return None if any(run.answer is None for _, run in runs) else [_row(name, run) for name, run in runs]


def _row(name: str, run: Run) -> tuple[str, ...]:
    rows, requests, known, peak = run.answer
    return name, number(rows), number(requests), number(known), number(run.seconds, 1), number(peak)


def section(matched: list[tuple[str, ...]], asked: list[tuple[str, ...]], residents: int) -> str:
    """The section of the docs."""
    return f"""## Travel tables for {residents:,} residents

`python -m benchmarks.travel --residents {residents}`, {today()}. Every address point is a place of its own.
{machine()}.

The whole `match` command, in seconds of its stages:

{table(("journeys listed", "rows", *STAGES, "peak MB"), matched)}

The table from a server on the same machine, which measures by the crow and takes a share of the time; seconds of
`travel_table`, reading not included:

{table(("", "journeys", "requests", "known pairs", "seconds", "peak MB"), asked)}
"""


def _read(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8")


def _write(frame: pd.DataFrame, file: Path) -> None:
    pyarrow.csv.write_csv(pa.Table.from_pandas(frame, preserve_index=False), file)


if __name__ == "__main__":
    sys.exit(main())
