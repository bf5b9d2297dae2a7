"""The legends of the maps: a title, colours and their words, and the layers that they belong to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from matcher.app.parts import palette
from matcher.app.parts.words import count, label, t
from matcher.scenario.changes import CHANGES

Legend = dict[str, Any]
#: Places of the providers that the legend draws.
_SIZES = (50, 500)


def difference_legend() -> Legend:
    """Legend of the differences: points of share served."""
    return _legend(
        "difference", list(palette.DIFFERENCE_COLOURS), palette.difference_texts(), of=["difference"]
    )


def access_legend(table: pd.DataFrame) -> Legend:
    """Legend of the access scores: quarters of the places."""
    texts = quarter_texts(quarters(table))
    return _legend("access", list(palette.ACCESS_COLOURS), texts, of=["access"], rounded=True)


def quarter_texts(bounds: Sequence[float]) -> list[str]:
    """Words of the quarters of the scores."""
    if len(bounds) == 1:
        return [f"≥{bounds[0]:.3f}"]
    between = (f"{a:.3f}–{b:.3f}" for a, b in pairwise(bounds[1:]))
    return [f"<{bounds[1]:.3f}", *between, f"≥{bounds[-1]:.3f}"]


def quarters(table: pd.DataFrame) -> tuple[float, ...]:
    """Where each quarter of the places begins, rounded as they are told."""
    known = table["score"].dropna()
    return (0.0, *(round(float(known.quantile(q)), 3) if len(known) else q for q in (0.25, 0.5, 0.75)))


def share_legend() -> Legend:
    """Legend of the areas and villages."""
    texts = palette.class_texts(palette.SHARE_BOUNDS, "<{high}%", "{low}–{high}%", "≥{low}%")
    colours = [*palette.SHARE_COLOURS, palette.NOTHING]
    return _legend("share", colours, [*texts, t("app.map.nobody")], of=["townships", "villages"])


def load_legend() -> Legend:
    """Legend of the providers: colours of their load, and how large how many places are drawn."""
    texts = palette.class_texts(palette.LOAD_BOUNDS, "<{high}%", "{low}–{high}%", t("app.map.full"))
    told = _legend("loads", list(palette.LOAD_COLOURS), texts, of=["providers"], rounded=True)
    sizes = [
        {"colour": "#ffffff", "text": t("app.map.places", places=count(places)), "radius": radius(places)}
        for places in _SIZES
    ]
    return told | {"items": told["items"] + sizes}


def radius(places: int) -> float:
    """Pixels of a provider with so many places, before the map is enlarged."""
    return round(min(11.0, 3.0 + math.sqrt(places) / 5), 1)


def change_legend() -> Legend:
    """Legend of the people who changed."""
    texts = [label("change", change) for change in CHANGES]
    colours = [palette.CHANGE_COLOURS[change] for change in CHANGES]
    return _legend("changes", colours, texts, of=list(CHANGES), rounded=True)


def _legend(
    name: str, colours: list[str], texts: list[str], *, of: list[str], rounded: bool = False
) -> Legend:
    return legend(t(f"app.map.legend_{name}"), colours, texts, of=of, rounded=rounded)


def legend(
    title: str, colours: Sequence[str], texts: Sequence[str], *, of: Sequence[str], rounded: bool = False
) -> Legend:
    """A legend.

    Parameters
    ----------
    title : str
    colours, texts : sequence of str
        Of the same length.
    of : sequence of str
        Layers; it is shown while one of them is.
    rounded : bool
        Whether the colours are those of circles.
    """
    items = [{"colour": colour, "text": text} for colour, text in zip(colours, texts, strict=True)]
    return {"title": title, "items": items, "of": list(of), "round": rounded}
