"""An office's own map pictures under the maps: off unless the environment names them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np

from matcher.errors import BadInput
from matcher.geography.datum import from_wgs84
from matcher.tables import DATUMS

TEMPLATE_VARIABLE = "MATCHER_TILES"
DATUM_VARIABLE = "MATCHER_TILES_DATUM"
_PARTS = ("{z}", "{x}", "{y}")

#: South-west and north-east (lat, lon).
Bounds = list[list[float]]


@dataclass(frozen=True)
class Tiles:
    """Where pictures come from.

    Parameters
    ----------
    template : str
        An ``http`` or ``https`` address with ``{z}``, ``{x}`` and ``{y}``.
    datum : str
        One of ``tables.DATUMS``.
    """

    template: str
    datum: str

    @property
    def origin(self) -> str:
        """Scheme, host and port: the only other server that a page may ask, for pictures alone."""
        parts = urlsplit(self.template)
        return f"{parts.scheme}://{parts.netloc}"

    def shifts(self, bounds: Bounds) -> list[list[float]]:
        """How far the pictures lie from WGS-84 at the corners SW, SE, NW, NE: [(lat, lon), …] in degrees."""
        (south, west), (north, east) = bounds
        lat, lon = np.array([south, south, north, north]), np.array([west, east, west, east])
        there = from_wgs84(lat, lon, self.datum)
        return [[float(a), float(b)] for a, b in zip(there[0] - lat, there[1] - lon, strict=True)]


def tiles() -> Tiles | None:
    """What the environment names; None without it.

    Raises
    ------
    BadInput
        ``tiles_bad_template`` or ``tiles_bad_datum``.
    """
    template = os.environ.get(TEMPLATE_VARIABLE, "").strip()
    if not template:
        return None
    parts = urlsplit(template)
    if (
        parts.scheme not in ("http", "https")
        or not re.fullmatch(r"[\w.-]+(:\d+)?", parts.netloc)
        or any(part not in template for part in _PARTS)
    ):
        raise BadInput("tiles_bad_template", variable=TEMPLATE_VARIABLE)
    datum = os.environ.get(DATUM_VARIABLE, "").strip() or "wgs84"
    if datum not in DATUMS:
        raise BadInput("tiles_bad_datum", variable=DATUM_VARIABLE, found=datum, allowed=", ".join(DATUMS))
    return Tiles(template, datum)
