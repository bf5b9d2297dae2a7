"""``basemap.geojson`` checked like every table: its form, and what each feature is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from matcher.geography.basemap import CLASSES, FILE_NAME, MOST_VERTICES, ground_of
from matcher.intake.problems import Finding


def check_basemap(folder: Path) -> Iterator[Finding]:
    """Problems of the basemap; the number of the feature stands for the row.

    Parameters
    ----------
    folder : Path
    """
    path = folder / FILE_NAME
    if not path.exists():
        return
    params = {"classes": ", ".join(CLASSES), "most": f"{MOST_VERTICES:,}"}
    try:
        features = list(ground_of(path.read_bytes()))
    except (ValueError, OSError):
        yield Finding("basemap_form", FILE_NAME, params=params)
        return
    for code in ("basemap_class", "basemap_bad"):
        wrong = [one for one in features if one.trouble == code]
        if wrong:
            yield Finding(
                code, FILE_NAME, "class", [one.number for one in wrong], [one.detail for one in wrong], params
            )
