"""``outlines.geojson`` checked like every table: its form, its codes, its axes, its datum."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from matcher.geography.outlines import CODE_KEYS, FILE_NAME, Feature, features_of, place_of
from matcher.inputs import Dataset
from matcher.intake.problems import Finding
from matcher.readers import Unreadable

#: A property of DataV's outlines, which are in GCJ-02 always.
_DATAV_KEY = "adcode"


def check_outlines(folder: Path, codes: set[str], dataset: Dataset | None) -> Iterator[Finding]:
    """Problems of the outlines; the number of the feature stands for the row.

    Parameters
    ----------
    folder : Path
    codes : set of str
        Of the table places.
    dataset : Dataset or None
    """
    path = folder / FILE_NAME
    if not path.exists():
        return
    try:
        features = list(features_of(path.read_bytes()))
    except Unreadable as error:
        params = {"reason": error.code, "detail": error.detail}
        yield Finding("unreadable_setting", FILE_NAME, rows=(error.line,), params=params)
        return
    except (ValueError, OSError):
        yield Finding("outlines_form", FILE_NAME, params={"keys": ", ".join(CODE_KEYS)})
        return
    for code in ("outline_no_code", "outline_bad", "outline_swapped", "outline_empty"):
        yield from _told(code, [feature for feature in features if feature.trouble == code])
    drawn = [feature for feature in features if not feature.trouble]
    yield from _told("outline_unknown", [one for one in drawn if place_of(one.code, codes) is None])
    datum = dataset.datum.get("outlines", "wgs84") if dataset else "wgs84"
    if datum != "gcj02" and any(feature.key == _DATAV_KEY for feature in drawn):
        yield Finding("outline_datum", FILE_NAME, _DATAV_KEY, values=(datum,))


def _told(code: str, features: list[Feature]) -> Iterator[Finding]:
    if features:
        rows = [feature.number for feature in features]
        values = [feature.detail or feature.code for feature in features]
        column = next((feature.key for feature in features if feature.key), "")
        yield Finding(code, FILE_NAME, column, rows, values, {"keys": ", ".join(CODE_KEYS)})
