"""Colours of a share of people served: the same on the pages, on paper and in drawings."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise

import pandas as pd

#: Lower bounds of the classes, from the least to the best. Need draws the eye: the fewer are served, the darker and
#: warmer. Chosen so that colour-blind people tell neighbours apart.
SHARE_BOUNDS = (0.0, 0.5, 0.7, 0.85, 0.95)
SHARE_COLOURS = ("#8f2d0a", "#d2601a", "#f2a65a", "#f8cd92", "#e3efee")
#: Nobody lives there, or no place to give.
NOTHING = "#c9d3d7"


def colour(value: float, bounds: tuple[float, ...], colours: tuple[str, ...]) -> str:
    """Colour of the class that holds `value`; `NOTHING` for a missing one."""
    return NOTHING if pd.isna(value) else colours[bisect_right(bounds, value) - 1]


def class_texts(bounds: tuple[float, ...], below: str, between: str, above: str) -> list[str]:
    """Words of the classes in percent, such as ``<50%``, ``50–70%``, ``≥95%``."""
    percent = [round(100 * bound) for bound in bounds]
    middle = [between.format(low=a, high=b) for a, b in pairwise(percent[1:])]
    return [below.format(high=percent[1]), *middle, above.format(low=percent[-1])]
