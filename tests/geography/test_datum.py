"""Datums: known shifts, exact inverses."""

from __future__ import annotations

import numpy as np
import pytest
from geopy.distance import geodesic
from hypothesis import given
from hypothesis import strategies as st

from matcher.geography.datum import gcj02_to_bd09, in_china, to_wgs84, wgs84_to_gcj02

# WGS-84, GCJ-02 and BD-09 of four towns, from the independent package coord-convert 0.2.1.
TOWNS = {
    "Chengdu": [(30.6571, 104.0650), (30.654677075, 104.067505965), (30.660719284, 104.073999267)],
    "Guangzhou": [(23.1291, 113.2644), (23.126423340, 113.269729592), (23.132711257, 113.276150752)],
    "Panzhihua": [(26.5875, 101.7185), (26.583931266, 101.720074476), (26.589778684, 101.726610127)],
    "Xuanhan": [(31.3557, 107.7271), (31.353513841, 107.731658014), (31.359547358, 107.738168738)],
}


def arrays(*points: tuple[float, float]):
    """Latitudes and longitudes of points."""
    lat, lon = np.array(points, dtype=float).T
    return lat, lon


@pytest.mark.parametrize("town", TOWNS)
def test_shifts_equal_those_of_an_independent_package(town):
    """Both forward shifts agree to a ten-millionth of a degree (a centimetre)."""
    wgs84, gcj02, bd09 = TOWNS[town]
    np.testing.assert_allclose(wgs84_to_gcj02(*arrays(wgs84)), arrays(gcj02), atol=1e-7)
    np.testing.assert_allclose(gcj02_to_bd09(*arrays(gcj02)), arrays(bd09), atol=1e-7)


@pytest.mark.parametrize("town", TOWNS)
@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_every_datum_leads_back_to_wgs84(town, datum):
    """The same town in each datum becomes the same WGS-84 position."""
    point = dict(zip(["wgs84", "gcj02", "bd09"], TOWNS[town], strict=True))[datum]
    np.testing.assert_allclose(to_wgs84(*arrays(point), datum), arrays(TOWNS[town][0]), atol=1e-7)


def test_the_shift_is_361_m_in_chengdu_and_622_m_in_guangzhou():
    """The lengths of the shift are those measured by others."""
    for town, metres in (("Chengdu", 361), ("Guangzhou", 622)):
        here = TOWNS[town][0]
        lat, lon = wgs84_to_gcj02(*arrays(here))
        assert geodesic(here, (lat[0], lon[0])).m == pytest.approx(metres, abs=2)


@given(st.lists(st.tuples(st.floats(3, 54), st.floats(73, 136)), min_size=1, max_size=20))
def test_there_and_back_is_the_same_place_all_over_china(points):
    """Forward and inverse cancel within 1e-9 degrees, for both datums and many points at once."""
    lat, lon = arrays(*points)
    gcj02 = wgs84_to_gcj02(lat, lon)
    np.testing.assert_allclose(to_wgs84(*gcj02, "gcj02"), (lat, lon), rtol=0, atol=1e-9)
    np.testing.assert_allclose(to_wgs84(*gcj02_to_bd09(*gcj02), "bd09"), (lat, lon), rtol=0, atol=1e-9)


def test_missing_positions_stay_missing():
    """A row without coordinates neither gets some nor spoils its neighbours."""
    lat, lon = to_wgs84(*arrays((np.nan, np.nan), TOWNS["Chengdu"][1]), "gcj02")
    assert np.isnan(lat[0])
    assert np.isnan(lon[0])
    assert lat[1] == pytest.approx(30.6571, abs=1e-7)


def test_an_unknown_datum_is_refused():
    """A datum is declared, never guessed."""
    with pytest.raises(KeyError, match="wgs72"):
        to_wgs84(*arrays((30, 104)), "wgs72")


def test_the_rectangle_of_china_has_inclusive_edges():
    """The bounds are latitude 3 to 54 and longitude 73 to 136; missing lies outside."""
    lat, lon = arrays((3, 73), (54, 136), (2.99, 100), (30, 136.1), (np.nan, 100))
    assert list(in_china(lat, lon)) == [True, True, False, False, False]
