"""A routing server of the tests' own: OSRM or Valhalla by flag, on this machine, with faults on demand."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Point = tuple[float, float]
#: A fault takes the handler and answers in its place.
Fault = Callable[["Handler"], None]


def metres_between(a: Point, b: Point) -> float:
    """Roads run along the grid: 100 km a degree, whatever the direction."""
    return round((abs(a[0] - b[0]) + abs(a[1] - b[1])) * 100_000, 1)


@dataclass
class Server:
    """What the server knows and what it was asked.

    Parameters
    ----------
    engine : {"osrm", "valhalla"}
    islands : set of points
        No way leads from or to them.
    off_road : set of points
        A request that names one is refused.
    off : dict of point to float
        Metres from these points to the road; 0 for all others.
    untold : tuple of str
        Ends of which OSRM's answers say nothing.
    largest : int
        Most pairs in a request.
    faults : list
        One for each of the next requests, None for a sound answer.
    asked : list
        ``(origins, targets)`` of every request that was understood.
    paths : list of str
        Every path requested.
    """

    engine: str
    url: str = ""
    islands: set[Point] = field(default_factory=set)
    off_road: set[Point] = field(default_factory=set)
    off: dict[Point, float] = field(default_factory=dict)
    untold: tuple[str, ...] = ()
    largest: int = 2500
    faults: list[Fault | None] = field(default_factory=list)
    asked: list[tuple[list[Point], list[Point]]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def matrix(self, origins: list[Point], targets: list[Point]) -> list[list[float | None]]:
        """Metres; everybody drives 10 m a second."""
        return [[None if {a, b} & self.islands else metres_between(a, b) for b in targets] for a in origins]


class Handler(BaseHTTPRequestHandler):
    """Answers as the documents of both engines say."""

    protocol_version = "HTTP/1.1"
    state: Server

    def do_GET(self) -> None:
        """OSRM's table service."""
        parts = urlsplit(self.path)
        if self._goes_wrong() or self.state.engine != "osrm":
            return
        points = [tuple(map(float, point.split(",")))[::-1] for point in parts.path.split("/")[-1].split(";")]
        query = parse_qs(parts.query)
        assert query["annotations"] == ["duration,distance"]
        ends = [[points[int(i)] for i in query[end][0].split(";")] for end in ("sources", "destinations")]
        refusal = self._refusal(*ends)
        if refusal:
            self.answer(400, {"code": refusal, "message": "no luck"})
            return
        metres = self.state.matrix(*ends)
        seconds = [[None if m is None else m / 10 for m in row] for row in metres]
        off = [[{"distance": self.state.off.get(point, 0.0)} for point in points] for points in ends]
        told = {"sources": off[0], "destinations": off[1]}
        told = {end: waypoints for end, waypoints in told.items() if end not in self.state.untold}
        self.answer(200, {"code": "Ok", "durations": seconds, "distances": metres, **told})

    def do_POST(self) -> None:
        """Valhalla's matrix service."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._goes_wrong() or self.path != "/sources_to_targets":
            return
        assert (body["costing"], body["units"]) == ("auto", "kilometers")
        ends = [[(point["lat"], point["lon"]) for point in body[end]] for end in ("sources", "targets")]
        refusal = self._refusal(*ends)
        if refusal:
            code = {"TooBig": 150, "NoSegment": 171}[refusal]
            self.answer(400, {"error_code": code, "error": "no luck", "status_code": 400})
            return
        cells = [
            [
                {"distance": None if m is None else m / 1000, "time": None if m is None else m / 10}
                for m in row
            ]
            for row in self.state.matrix(*ends)
        ]
        # the point on the road lies straight north
        on_road = [
            [{"lat": lat + self.state.off.get((lat, lon), 0.0) / 111_195, "lon": lon} for lat, lon in points]
            for points in ends
        ]
        told = {"sources": on_road[0], "targets": on_road[1]}
        self.answer(200, {"sources_to_targets": cells, "units": "kilometers", **told})

    def answer(self, status: int, content: Any) -> None:
        """Send JSON, or bytes as they are."""
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _goes_wrong(self) -> bool:
        self.state.paths.append(self.path)
        fault = self.state.faults.pop(0) if self.state.faults else None
        if fault is not None:
            fault(self)
        return fault is not None

    def _refusal(self, origins: list[Point], targets: list[Point]) -> str:
        self.state.asked.append((origins, targets))
        if len(origins) * len(targets) > self.state.largest:
            return "TooBig"
        return "NoSegment" if self.state.off_road & {*origins, *targets} else ""


def status(code: int, content: Any = b"") -> Fault:
    """Answer with this status."""
    return lambda handler: handler.answer(code, content)


def silence(seconds: float) -> Fault:
    """Answer too late, and then hang up."""

    def wait(handler: Handler) -> None:
        time.sleep(seconds)
        handler.close_connection = True

    return wait


def hang_up(handler: Handler) -> None:
    """Close the connection in the middle of an answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"code": "Ok", "durations": [[')
    handler.close_connection = True


@contextmanager
def routing_server(engine: str) -> Iterator[Server]:
    """Serve on a free port of this machine until the block ends."""
    state = Server(engine)
    handler = type("Bound", (Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
