"""Rules on coordinates: both or neither, in China, the right way round, of a declared datum."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.geography.datum import CHINA_LAT, CHINA_LON, in_china, within
from matcher.inputs import Dataset
from matcher.intake.dataset import FILE as DATASET_FILE
from matcher.intake.problems import Finding, Mask, Reporter
from matcher.tables import DATUMS

Floats = npt.NDArray[np.float64]


def check_positions(frame: pd.DataFrame, report: Reporter) -> None:
    """Report coordinates that stand alone, are zero, exchanged, or outside China; both empty is valid."""
    no_lat, no_lon = report.empty("lat"), report.empty("lon")
    report("half_position", "lat", no_lat & ~no_lon)
    report("half_position", "lon", no_lon & ~no_lat)
    lat, lon = frame["lat"].to_numpy(), frame["lon"].to_numpy()
    wrong = ~np.isnan(lat) & ~np.isnan(lon) & ~in_china(lat, lon)
    zero = wrong & (lat == 0) & (lon == 0)
    swapped = wrong & in_china(lon, lat)
    outside = wrong & ~zero & ~swapped
    lat_is_wrong = ~within(lat, CHINA_LAT)
    for code, column, where in (
        ("zero_position", "lat", zero),
        ("swapped_position", "lat", swapped),
        ("outside_china", "lat", outside & lat_is_wrong),
        ("outside_china", "lon", outside & ~lat_is_wrong),
    ):
        _report_pair(code, column, where, lat, lon, report)


def _report_pair(code: str, column: str, where: Mask, lat: Floats, lon: Floats, report: Reporter) -> None:
    # Two decimals show what is wrong and not in which house somebody lives.
    digits = 2 if report.table == "residents" else 6
    pairs = zip(lat[where], lon[where], strict=True)
    values = [f"{round(float(y), digits)}, {round(float(x), digits)}" for y, x in pairs]
    report(code, column, where, values, lat=_span(CHINA_LAT), lon=_span(CHINA_LON))


def _span(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]:g}–{bounds[1]:g}"


def check_datums(frames: Mapping[str, pd.DataFrame], dataset: Dataset | None, found: list[Finding]) -> None:
    """A file with coordinates has a datum, where ``dataset.toml`` names datums file by file."""
    if dataset is None or not dataset.datum:
        return
    for table, frame in frames.items():
        if "lat" in frame and frame["lat"].notna().any() and table not in dataset.datum:
            params = {"datums": ", ".join(DATUMS)}
            found.append(Finding("missing_datum", DATASET_FILE, f"datum.{table}", params=params))


def check_providers(providers: pd.DataFrame, report: Reporter) -> None:
    """Warn of providers that no distance can be measured to, and of units inside a site that name none."""
    nowhere = [report.empty(column) for column in ("lat", "lon", "place_code", "site_id", "address")]
    report("no_location", "lat", np.logical_and.reduce(nowhere))
    inside = (providers["kind"] == "care_site_clinic").to_numpy(dtype=bool)
    report("clinic_without_site", "site_id", inside & report.empty("site_id"))
