"""Chinese map datums to WGS-84: GCJ-02 (domestic maps) and BD-09 (Baidu, a second shift on top of GCJ-02).

The forward shifts are the formulas known to every map maker; the inverse has no closed form and is found by
repeating ``p ← p − (shift(p) − wanted)``, which gains more than two digits a step.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from matcher.tables import DATUMS

Floats = npt.NDArray[np.float64]
Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]

#: Krasovsky 1940, on which the shift is computed: semi-major axis in metres, eccentricity squared.
_AXIS_M = 6378245.0
_ECCENTRICITY_2 = 0.00669342162296594323
_BD_PI = np.pi * 3000 / 180
_PRECISION_DEG = 1e-10
_MOST_STEPS = 30
#: What counts as China: generous bounds in degrees, the same for every datum.
CHINA_LAT = (3.0, 54.0)
CHINA_LON = (73.0, 136.0)


def in_china(lat: Floats, lon: Floats) -> npt.NDArray[np.bool_]:
    """Where a position lies in the rectangle around China; NaN does not."""
    return within(lat, CHINA_LAT) & within(lon, CHINA_LON)


def within(degrees: Floats, bounds: tuple[float, float]) -> npt.NDArray[np.bool_]:
    """Where a coordinate lies between two bounds, inclusive; NaN does not."""
    return np.asarray((degrees >= bounds[0]) & (degrees <= bounds[1]))


def to_wgs84(lat: Floats, lon: Floats, datum: str) -> tuple[Floats, Floats]:
    """Positions of a datum in WGS-84.

    Parameters
    ----------
    lat, lon : float arrays of shape (n,)
        Degrees inside China; NaN stays NaN.
    datum : str
        One of ``tables.DATUMS``.

    Returns
    -------
    lat, lon : float arrays of shape (n,)
        Within 1e-9 degrees (0.1 mm) of the exact inverse.

    Raises
    ------
    KeyError
        When there is no such datum.
    """
    if datum not in DATUMS:
        raise KeyError(datum)
    if datum == "bd09":
        lat, lon = _inverse(gcj02_to_bd09, lat, lon)
    if datum in ("bd09", "gcj02"):
        lat, lon = _inverse(wgs84_to_gcj02, lat, lon)
    return lat, lon


def wgs84_to_gcj02(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """The shift of domestic maps, some hundred metres, in degrees."""
    x, y = lon - 105.0, lat - 35.0
    waves = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north_m += (waves + _waves(y, 20.0, 40.0, 1.0, 3.0) + _waves(y, 160.0, 320.0, 12.0, 30.0)) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east_m += (waves + _waves(x, 20.0, 40.0, 1.0, 3.0) + _waves(x, 150.0, 300.0, 12.0, 30.0)) * 2.0 / 3.0
    radians = np.radians(lat)
    flattening = 1.0 - _ECCENTRICITY_2 * np.sin(radians) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY_2) / flattening**1.5
    parallel_m = _AXIS_M / np.sqrt(flattening) * np.cos(radians)
    return lat + np.degrees(north_m / meridian_m), lon + np.degrees(east_m / parallel_m)


def _waves(degrees: Floats, first: float, second: float, slow: float, slower: float) -> Floats:
    return np.asarray(first * np.sin(np.pi / slow * degrees) + second * np.sin(np.pi / slower * degrees))


def gcj02_to_bd09(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """Baidu's further shift, about a kilometre, in degrees."""
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * _BD_PI)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * _BD_PI)
    return radius * np.sin(angle) + 0.006, radius * np.cos(angle) + 0.0065


def _inverse(shift: Shift, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    wanted_lat, wanted_lon = lat, lon
    for _ in range(_MOST_STEPS):
        shifted_lat, shifted_lon = shift(lat, lon)
        lat_off, lon_off = shifted_lat - wanted_lat, shifted_lon - wanted_lon
        lat, lon = lat - lat_off, lon - lon_off
        if not (np.abs(lat_off) > _PRECISION_DEG).any() and not (np.abs(lon_off) > _PRECISION_DEG).any():
            break
    return lat, lon


def from_wgs84(lat: Floats, lon: Floats, datum: str) -> tuple[Floats, Floats]:
    """Positions in another datum, one of ``tables.DATUMS``."""
    if datum == "wgs84":
        return lat, lon
    gcj02 = wgs84_to_gcj02(lat, lon)
    return gcj02 if datum == "gcj02" else gcj02_to_bd09(*gcj02)
