"""Journeys that a server has told, kept in a SQLite file: what was asked once is not asked again.

Nobody's name or id is in it, only points (degrees to six decimals) with their way to the nearest road, and seconds and
metres along roads, by server and profile.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matcher.errors import BadInput, RoutingError
from matcher.inputs import Routing
from matcher.travel.server import Matrix

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Marks a file as ours ("Mtch"), and its schema.
_APPLICATION = 0x4D746368
_VERSION = 2
_SCHEMA = (
    "CREATE TABLE server (id INTEGER PRIMARY KEY, engine TEXT, url TEXT, profile TEXT, UNIQUE (engine, url, profile))",
    "CREATE TABLE point (id INTEGER PRIMARY KEY, lat INTEGER, lon INTEGER, UNIQUE (lat, lon))",
    "CREATE TABLE journey (server INTEGER, origin INTEGER, target INTEGER, seconds REAL, metres REAL, "
    "PRIMARY KEY (server, origin, target)) WITHOUT ROWID",
    "CREATE TABLE off_road (server INTEGER, point INTEGER, metres REAL, PRIMARY KEY (server, point)) WITHOUT ROWID",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
)
_WAIT_S = 30.0
_ROWS_AT_ONCE = 100_000
_PER_DEGREE = 1_000_000


@contextmanager
def open_cache(file: Path, routing: Routing) -> Iterator[JourneyCache]:
    """The cache of one server and profile; what is kept stays, however the block ends.

    Parameters
    ----------
    file : Path
        Made where there is none.
    routing : Routing

    Raises
    ------
    BadInput
        ``routing_cache`` when the file is something else, or damaged.
    RoutingError
        ``routing_cache_failed`` when the disk refuses, or another process holds the file.
    """
    try:
        with closing(sqlite3.connect(file, timeout=_WAIT_S, isolation_level=None)) as connection:
            yield JourneyCache(connection, routing)
    except sqlite3.OperationalError as error:
        raise RoutingError("routing_cache_failed", file=file, detail=str(error)) from error
    except (sqlite3.DatabaseError, _StrangeFileError) as error:
        raise BadInput("routing_cache", file=file) from error


class _StrangeFileError(Exception):
    """A database of somebody else."""


class JourneyCache:
    """See `open_cache`."""

    def __init__(self, connection: sqlite3.Connection, routing: Routing) -> None:
        self._connection = connection
        self._prepare()
        server = (routing.engine, routing.url, routing.profile)
        connection.execute("INSERT OR IGNORE INTO server (engine, url, profile) VALUES (?, ?, ?)", server)
        (self._server,) = connection.execute(
            "SELECT id FROM server WHERE engine = ? AND url = ? AND profile = ?", server
        ).fetchone()

    def _prepare(self) -> None:
        run = self._connection.execute
        with self._connection:
            run("BEGIN IMMEDIATE")
            mark = [run(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
            empty = run("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
            if empty:
                for statement in _SCHEMA:
                    run(statement)
            elif mark != [_APPLICATION, _VERSION]:
                raise _StrangeFileError

    def ids(self, points: Floats) -> Ints:
        """Numbers of points, new ones added.

        Parameters
        ----------
        points : (n, 2) array
            Latitude and longitude; told apart to six decimals.
        """
        exact = np.round(points * _PER_DEGREE).astype(np.int64).tolist()
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("INSERT OR IGNORE INTO point (lat, lon) VALUES (?, ?)", exact)
        known = self._connection.execute("SELECT lat, lon, id FROM point")
        number = {(lat, lon): point for lat, lon, point in known}
        return np.array([number[lat, lon] for lat, lon in exact], np.int64)

    def known(self, origins: Ints, targets: Ints) -> Iterator[tuple[Ints, Ints, Floats, Floats]]:
        """The journeys kept between some points, in portions: positions in `origins` and `targets`, seconds, metres.

        Parameters
        ----------
        origins, targets : arrays
            From `ids`, each point once.
        """
        highest = max(origins.max(initial=0), targets.max(initial=0))
        places = np.full((2, highest + 2), -1, np.int64)
        places[0, origins], places[1, targets] = np.arange(len(origins)), np.arange(len(targets))
        cursor = self._connection.execute(
            "SELECT origin, target, seconds, metres FROM journey WHERE server = ?", (self._server,)
        )
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            table = np.array(rows, np.float64)
            ends = np.minimum(table[:, :2].astype(np.int64), highest + 1)
            row, column = places[0, ends[:, 0]], places[1, ends[:, 1]]
            asked = (row >= 0) & (column >= 0)
            yield row[asked], column[asked], table[asked, 2], table[asked, 3]

    def off_road(self, points: Ints) -> Floats:
        """Metres from each point (from `ids`) to the road; NaN where no answer said it."""
        told = dict(
            self._connection.execute("SELECT point, metres FROM off_road WHERE server = ?", (self._server,))
        )
        return np.array([told.get(point, np.nan) for point in points.tolist()], np.float64)

    def keep(self, origins: Ints, targets: Ints, matrix: Matrix) -> None:
        """Keep one answer, whole or not at all."""
        ends = np.broadcast_arrays(origins[:, None], targets[None, :])
        # SQLite keeps NaN as NULL, and gives it back as None.
        columns = (*ends, matrix.seconds, matrix.metres)
        rows = zip(*(column.ravel().tolist() for column in columns), strict=True)
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(
                f"INSERT OR REPLACE INTO journey VALUES ({self._server}, ?, ?, ?, ?)", rows
            )
            for points, off in ((origins, matrix.origins_off), (targets, matrix.targets_off)):
                known = ~np.isnan(off)
                self._connection.executemany(
                    f"INSERT OR REPLACE INTO off_road VALUES ({self._server}, ?, ?)",
                    zip(points[known].tolist(), off[known].tolist(), strict=True),
                )
