"""Seconds and metres between points from an OSRM or Valhalla server: asked, asked again, checked.

No proxy is used and no redirect followed: coordinates go to the one address that is configured.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt

from matcher.errors import RoutingError
from matcher.geography.sphere import great_circle_km, unit_vectors
from matcher.inputs import Routing

Floats = npt.NDArray[np.float64]

#: Seconds to wait before each further attempt; a connection that was only closed meanwhile needs no wait.
PAUSES_S = (0.0, 1.0, 5.0)
#: Answers that may be better next time.
_PASSING = (408, 429, 500, 502, 503, 504)
_TOO_LARGE = (413, 414)
_LONGEST_MESSAGE = 200


@dataclass(frozen=True)
class Matrix:
    """Journeys between points.

    Parameters
    ----------
    seconds, metres : (n_origins, n_targets)
        Along roads; both NaN where the server knows no way.
    origins_off, targets_off : (n_origins,), (n_targets,)
        Metres from each point to the road where its journeys begin or end; NaN where the server does not say.
    """

    seconds: Floats
    metres: Floats
    origins_off: Floats
    targets_off: Floats


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    body: str | None = None


@dataclass(frozen=True)
class _Engine:
    """How to ask a kind of server, and what its refusals mean.

    Parameters
    ----------
    request : function of (profile, origins, targets)
    matrix : function of the decoded answer
        Seconds and metres; raises KeyError, TypeError or ValueError when the answer is not as documented.
    refusal : function of the decoded answer
        Code and message.
    too_large, no_way : codes of refusals
    """

    request: Callable[[str, Floats, Floats], _Request]
    matrix: Callable[[Any], tuple[Floats, Floats]]
    refusal: Callable[[Any], tuple[str, str]]
    too_large: frozenset[str]
    no_way: frozenset[str]


class _PassingError(Exception):
    """What may be better next time."""


class _RefusedError(Exception):
    """What would be the same next time."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code, self.message = status, code, message


class MatrixServer:
    """A connection to the configured server.

    Parameters
    ----------
    routing : Routing
    pauses_s : sequence of float
        Seconds before each further attempt.
    """

    def __init__(self, routing: Routing, pauses_s: Sequence[float] = PAUSES_S) -> None:
        parts = urlsplit(routing.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(str(parts.hostname), parts.port, timeout=routing.timeout_s)
        self._base = parts.path
        self._routing = routing
        self._engine = _ENGINES[routing.engine]
        self._pauses_s = pauses_s
        self.requests = 0

    def ask(self, origins: Floats, targets: Floats) -> Matrix:
        """Journeys from every origin to every target.

        A request that the server finds too large is asked in halves; so is one refused for a point that lies on no
        road it knows, down to the single pairs to which no way leads.

        Parameters
        ----------
        origins, targets : (n, 2) arrays
            Latitude and longitude, WGS-84.

        Raises
        ------
        RoutingError
            ``routing_silent`` after the last attempt, ``routing_refused``, or ``routing_not_understood``.
        """
        shape = (len(origins), len(targets))
        try:
            answer = self._send(self._engine.request(self._routing.profile, origins, targets))
        except _RefusedError as refusal:
            no_way = refusal.code in self._engine.no_way
            too_large = refusal.code in self._engine.too_large or refusal.status in _TOO_LARGE
            if max(shape) > 1 and (no_way or too_large):
                return self._in_halves(origins, targets)
            if no_way:
                return Matrix(*(np.full(size, np.nan) for size in (shape, shape, shape[0], shape[1])))
            told = {"status": refusal.status, "message": f"{refusal.code} {refusal.message}".strip()}
            raise RoutingError("routing_refused", url=self._routing.url, **told) from None
        return self._checked(answer, origins, targets)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _in_halves(self, origins: Floats, targets: Floats) -> Matrix:
        if len(origins) < len(targets):
            return _beside(*(self.ask(origins, half) for half in np.array_split(targets, 2)))
        return _turned(_beside(*(_turned(self.ask(half, targets)) for half in np.array_split(origins, 2))))

    def _send(self, request: _Request) -> Any:
        """The decoded answer; failures that may pass are tried again."""
        for pause in (None, *self._pauses_s):
            if pause is not None:
                time.sleep(pause)
            try:
                return self._attempt(request)
            except _PassingError as failure:
                detail = str(failure)
        attempts = len(self._pauses_s) + 1
        raise RoutingError("routing_silent", url=self._routing.url, attempts=attempts, detail=detail)

    def _attempt(self, request: _Request) -> Any:
        try:
            status, text = self._exchange(request)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise _PassingError(f"{type(error).__name__} {error}".strip()) from error
        try:
            answer = json.loads(text, parse_constant=_refuse_constant)
        except ValueError:
            answer = None
        if status in _PASSING or (status == 200 and answer is None):
            raise _PassingError(f"HTTP {status}" if status != 200 else "no JSON")
        if status != 200:
            raise _RefusedError(status, *self._refusal(answer))
        return answer

    def _exchange(self, request: _Request) -> tuple[int, bytes]:
        self.requests += 1
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        self._connection.request(request.method, self._base + request.path, request.body, headers)
        response = self._connection.getresponse()
        return response.status, response.read()

    def _refusal(self, answer: Any) -> tuple[str, str]:
        try:
            code, message = self._engine.refusal(answer)
        except (KeyError, TypeError):
            return "", ""
        return code, " ".join(message.split())[:_LONGEST_MESSAGE]

    def _checked(self, answer: Any, origins: Floats, targets: Floats) -> Matrix:
        shape = (len(origins), len(targets))
        try:
            seconds, metres = self._engine.matrix(answer)
        except (KeyError, TypeError, ValueError):
            raise self._not_understood("form") from None
        ends = (answer.get("sources"), answer.get("destinations", answer.get("targets")))
        off = [_off_road(told, points) for told, points in zip(ends, (origins, targets), strict=True)]
        matrix = Matrix(seconds, metres, *off)
        if matrix.seconds.shape != shape or matrix.metres.shape != shape:
            raise self._not_understood(f"{matrix.seconds.shape} ≠ {shape}")
        known = ~np.isnan(matrix.seconds)
        both = np.concatenate((matrix.seconds[known], matrix.metres[known]))
        if (known != ~np.isnan(matrix.metres)).any() or not (np.isfinite(both) & (both >= 0)).all():
            raise self._not_understood("values")
        return matrix

    def _not_understood(self, detail: str) -> RoutingError:
        told = {"url": self._routing.url, "engine": self._routing.engine}
        return RoutingError("routing_not_understood", detail=detail, **told)


def _refuse_constant(word: str) -> float:
    """NaN and Infinity are no JSON: NaN would pass for "no way"."""
    raise ValueError(word)


def _beside(left: Matrix, right: Matrix) -> Matrix:
    """Journeys from the same origins to the targets of both; an end is off the road as far as either knows."""
    return Matrix(
        seconds=np.concatenate((left.seconds, right.seconds), axis=1),
        metres=np.concatenate((left.metres, right.metres), axis=1),
        origins_off=np.fmax(left.origins_off, right.origins_off),
        targets_off=np.concatenate((left.targets_off, right.targets_off)),
    )


def _turned(matrix: Matrix) -> Matrix:
    """Origins for targets."""
    return Matrix(matrix.seconds.T, matrix.metres.T, matrix.targets_off, matrix.origins_off)


def _off_road(told: Any, points: Floats) -> Floats:
    """Metres from each point to the road: as told, else to the point on the road that the server names.

    OSRM tells ``distance`` and ``location`` of every waypoint. Valhalla, by version, tells nothing, the points as
    asked, or where it has set them on the road, in the entry itself or under ``correlation``.
    """
    off = np.full(len(points), np.nan)
    if not isinstance(told, list) or len(told) != len(points):
        return off
    for number, (entry, point) in enumerate(zip(told, points, strict=True)):
        off[number] = _metres_off(entry, point)
    return np.where(np.isfinite(off) & (off >= 0), off, np.nan)


def _metres_off(entry: Any, point: Floats) -> float:
    try:
        where = {**entry, **(entry.get("correlation") or {})}
        if "distance" in where:
            return float(where["distance"])
        lon, lat = where["location"] if "location" in where else (where["lon"], where["lat"])
        ends = unit_vectors(np.array([point[0], float(lat)]), np.array([point[1], float(lon)]))
    except (AttributeError, KeyError, TypeError, ValueError):
        return np.nan
    return float(great_circle_km(ends[:1], ends[1:])[0] * 1000)


def _ask_osrm(profile: str, origins: Floats, targets: Floats) -> _Request:
    points = ";".join(f"{lon:.6f},{lat:.6f}" for lat, lon in (*origins, *targets))
    numbers = [str(number) for number in range(len(origins) + len(targets))]
    sources, destinations = ";".join(numbers[: len(origins)]), ";".join(numbers[len(origins) :])
    query = f"sources={sources}&destinations={destinations}&annotations=duration,distance"
    return _Request("GET", f"/table/v1/{profile}/{points}?{query}")


def _read_osrm(answer: Any) -> tuple[Floats, Floats]:
    return np.array(answer["durations"], np.float64), np.array(answer["distances"], np.float64)


def _ask_valhalla(profile: str, origins: Floats, targets: Floats) -> _Request:
    ends = {
        name: [{"lat": round(float(lat), 6), "lon": round(float(lon), 6)} for lat, lon in points]
        for name, points in (("sources", origins), ("targets", targets))
    }
    body = json.dumps({**ends, "costing": profile, "units": "kilometers", "verbose": True})
    return _Request("POST", "/sources_to_targets", body)


def _read_valhalla(answer: Any) -> tuple[Floats, Floats]:
    rows = answer["sources_to_targets"]
    seconds = np.array([[cell["time"] for cell in row] for row in rows], np.float64)
    return seconds, np.array([[cell["distance"] for cell in row] for row in rows], np.float64) * 1000


_ENGINES = {
    "osrm": _Engine(
        request=_ask_osrm,
        matrix=_read_osrm,
        refusal=lambda answer: (str(answer["code"]), str(answer.get("message", ""))),
        too_large=frozenset({"TooBig"}),
        no_way=frozenset({"NoSegment", "NoTable"}),
    ),
    "valhalla": _Engine(
        request=_ask_valhalla,
        matrix=_read_valhalla,
        refusal=lambda answer: (str(answer["error_code"]), str(answer.get("error", ""))),
        too_large=frozenset({"150", "154"}),
        no_way=frozenset({"171", "442"}),
    ),
}
