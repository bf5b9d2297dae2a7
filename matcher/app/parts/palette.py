"""Colours and the classes they stand for: chosen so that colour-blind people tell neighbours apart."""

from __future__ import annotations

from bisect import bisect_right

import pandas as pd

from matcher.report.shades import NOTHING, SHARE_BOUNDS, SHARE_COLOURS, class_texts, colour

__all__ = ["NOTHING", "SHARE_BOUNDS", "SHARE_COLOURS", "class_texts", "colour"]

#: Access scores, from the least quarter of the places to the best.
ACCESS_COLOURS = ("#8f2d0a", "#d2601a", "#f8cd92", "#e3efee")
#: Minutes to the green channel, by band from near to far.
MINUTES_COLOURS = ("#9fd3cd", "#f8cd92", "#d2601a", "#8f2d0a")
#: Bars that count people in need.
WARM = "#d2601a"
#: Places of a provider that are taken, from empty to full.
LOAD_BOUNDS = (0.0, 0.5, 0.9, 1.0)
LOAD_COLOURS = ("#ffffff", "#cdbfe8", "#9471cc", "#4a1d8c")
#: What a scenario does to people.
CHANGE_COLOURS = {"newly_served": "#0b7a75", "moved": "#86aef0", "newly_unserved": "#c2410c"}
#: What becomes of agreements, and sites without a provider.
AGREEMENT_COLOURS = {"kept": "#0b7a75", "new": "#1f5fbf", "dropped": "#8a9aa1", "unserved": "#c2410c"}
#: A provider that an edit touches, and the pin.
EDIT = "#c2255c"
#: Lines between homes and providers.
FLOW = "#1f5fbf"
BAR = "#0b7a75"
REST = "#dbe4e7"
#: More or less of the people served: classes in percentage points, the middle one holding 0, from worse to better.
DIFFERENCE_BOUNDS = (-0.05, -0.01, -0.0005, 0.0005, 0.01, 0.05)
DIFFERENCE_COLOURS = ("#8f2d0a", "#d2601a", "#f8cd92", "#f3f5f5", "#9fd3cd", "#3a9a93", "#075752")


def difference_colour(share: float) -> str:
    """Colour of a difference of shares; `NOTHING` where it is not known."""
    return NOTHING if pd.isna(share) else DIFFERENCE_COLOURS[bisect_right(DIFFERENCE_BOUNDS, share)]


def difference_texts() -> list[str]:
    """Words of the classes in percentage points."""
    return ["< −5", "−5…−1", "−1…0", "0", "0…+1", "+1…+5", "≥ +5"]
