"""Rules on listed journeys: a way is no shorter than the great circle, no faster than a car, and of use to somebody."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.arrays import numbered
from matcher.geography.sphere import great_circle_km, unit_vectors
from matcher.inputs import Inputs
from matcher.intake.problems import Reporter
from matcher.tables import PLACE_LEVELS

Floats = npt.NDArray[np.float64]

#: What a journey may fall short of the great circle: servers start at their nearest road, rasters at a cell's centre.
SLACK_KM, SLACK_SHARE = 0.5, 0.02
#: Nobody goes faster over a whole journey, nor slower, on foot through mountains, for longer than an hour.
FASTEST_KMH, SLOWEST_KMH = 130.0, 1.0
#: A way so many times longer than the great circle, and longer than the kilometres, is rather a slip.
FARTHEST_RATIO, FAR_KM = 20.0, 20.0
#: Ways to places nearer than this say nothing about units.
_NEAR_KM = 0.5
#: Middle ratio of listed kilometres to the great circle above and below which the unit is another one.
_UNIT_RATIO = (0.7, 50.0)
#: Below this spread (90th to 10th percentile) a ratio is taken to be one factor for the whole table.
_SPREAD = 4.0
#: Middle speed, in km/h, below which minutes are rather seconds, and above which they are rather hours.
_UNIT_KMH = (1.5, 200.0)
#: Minutes are often rounded.
_ROUNDED_MIN = 0.5


@dataclass(frozen=True)
class _Ways:
    """Listed journeys beside the straight line, NaN where one of both is not known.

    Parameters
    ----------
    line_km : great circle, only where both ends stand at coordinates of their own
    km, minutes : as listed
    """

    line_km: Floats
    km: Floats
    minutes: Floats


def check_journeys(inputs: Inputs, report: Reporter) -> None:
    """Warn of journeys that cannot be, of a wrong unit, and of rows that no one's journey depends on.

    Parameters
    ----------
    inputs : Inputs
        Located.
    report : Reporter
        Of the travel table.
    """
    ways = _ways(inputs)
    if _wrong_unit_km(ways, report):
        ways = replace(ways, km=np.full(len(ways.km), np.nan))
    _check_km(ways, report)
    if not _wrong_unit_minutes(ways, report):
        _check_speed(ways, report)
    _check_columns(inputs.travel, report)
    _check_use(inputs, report)


def _ways(inputs: Inputs) -> _Ways:
    travel = inputs.travel
    places, people = inputs.places, inputs.residents
    by_place = _ends(travel["from_code"], places, "place_code", places["precision"] == places["level"])
    by_person = _ends(
        travel["from_code"], people, "resident_id", people["precision"].isin(["own", "site", "address"])
    )
    columns = ["provider_id", "lat", "lon", "precision"]
    providers = pd.concat([inputs.providers[columns], inputs.candidates[columns]], ignore_index=True)
    known = providers["precision"].isin(["own", "site", "address"])
    start = np.where(np.isnan(by_person), by_place, by_person)
    line = great_circle_km(start, _ends(travel["provider_id"], providers, "provider_id", known))
    return _Ways(line, travel["km"].to_numpy(np.float64), travel["minutes"].to_numpy(np.float64))


def _ends(ids: pd.Series, table: pd.DataFrame, key: str, known: pd.Series) -> Floats:
    """Where the rows that `ids` name stand, as unit vectors; NaN where that is not `known`."""
    points = unit_vectors(table["lat"].to_numpy(np.float64), table["lon"].to_numpy(np.float64))
    points[~known.to_numpy(bool)] = np.nan
    return np.vstack((points, np.full(3, np.nan)))[numbered(ids, pd.Index(table[key]))]


def _wrong_unit_km(ways: _Ways, report: Reporter) -> bool:
    """Tell a factor that lies between all kilometres and the great circle."""
    asked = (ways.line_km > _NEAR_KM) & (ways.km > 0)
    if not asked.any():
        return False
    ratio = ways.km[asked] / ways.line_km[asked]
    low, middle, high = np.quantile(ratio, (0.1, 0.5, 0.9))
    one_factor = len(ratio) > 2 and high < _SPREAD * low
    if not (middle > _UNIT_RATIO[1] or (middle < _UNIT_RATIO[0] and one_factor)):
        return False
    report.whole("travel_unit_km", "km", f"× {middle:.3g}", rows=int(asked.sum()))
    return True


def _wrong_unit_minutes(ways: _Ways, report: Reporter) -> bool:
    """Tell a middle speed at which no table of journeys by road is driven or walked."""
    plausible = (ways.km >= ways.line_km * _UNIT_RATIO[0]) & (ways.km <= ways.line_km * FARTHEST_RATIO)
    km = np.where(plausible, ways.km, ways.line_km)
    asked = (km > _NEAR_KM) & (ways.minutes > 0)
    if asked.sum() < 3:
        return False
    middle = float(np.median(km[asked] / ways.minutes[asked] * 60))
    if _UNIT_KMH[0] <= middle <= _UNIT_KMH[1]:
        return False
    report.whole("travel_unit_minutes", "minutes", f"{middle:.3g} km/h", rows=int(asked.sum()))
    return True


def _check_km(ways: _Ways, report: Reporter) -> None:
    below = ways.km < ways.line_km * (1 - SLACK_SHARE) - SLACK_KM
    around = (ways.km > ways.line_km * FARTHEST_RATIO) & (ways.km > FAR_KM)
    for code, where in (("travel_below_line", below), ("travel_far_around", around)):
        values = [
            f"{km:.3f} / {line:.1f}" for km, line in zip(ways.km[where], ways.line_km[where], strict=True)
        ]
        report(code, "km", where, values)


def _check_speed(ways: _Ways, report: Reporter) -> None:
    line = ways.line_km * (1 - SLACK_SHARE) - SLACK_KM
    km = np.where(np.isnan(ways.km), line, ways.km)
    fast = km / (ways.minutes + _ROUNDED_MIN) * 60 > FASTEST_KMH
    slow = (ways.minutes > 60) & (km / np.maximum(ways.minutes, 1) * 60 < SLOWEST_KMH)
    for code, where in (("travel_too_fast", fast), ("travel_too_slow", slow & ~np.isnan(km))):
        values = [f"{m:g} min / {far:.1f} km" for m, far in zip(ways.minutes[where], km[where], strict=True)]
        report(code, "minutes", where, values)


def _check_columns(travel: pd.DataFrame, report: Reporter) -> None:
    """Minutes alone say nothing where kilometres are counted, and kilometres alone nothing where time is."""
    for alone, other in (("minutes", "km"), ("km", "minutes")):
        if travel[alone].notna().any() and travel[other].isna().all():
            report.whole(f"travel_{alone}_alone", alone, str(int(travel[alone].notna().sum())))


def _check_use(inputs: Inputs, report: Reporter) -> None:
    """Rows from places where nobody stands, or to providers that are closed, change nothing."""
    code = inputs.travel["from_code"]
    lived_in = code.isin(inputs.residents["place_code"]) | code.isin(inputs.residents["resident_id"])
    level = code.map(inputs.places.set_index("place_code")["level"])
    above = level.isin(PLACE_LEVELS[1:]).to_numpy(bool)
    nobody = ~lived_in.to_numpy(bool)
    report("travel_from_above", "from_code", nobody & above)
    report("travel_from_nowhere", "from_code", nobody & ~above)
    closed = inputs.providers.loc[inputs.providers["status"] == "closed", "provider_id"]
    report("travel_to_closed", "provider_id", inputs.travel["provider_id"].isin(closed).to_numpy(bool))
