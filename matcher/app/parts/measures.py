"""What the townships of the overview are coloured by: share served, unserved people, or how far care is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from matcher.app.parts import palette
from matcher.app.parts.choices import pick
from matcher.app.parts.layers import measured_layer
from matcher.app.parts.legends import Legend, legend, quarter_texts, quarters
from matcher.app.parts.shapes import Layer, drawn_once
from matcher.app.parts.words import count, km, percent, t
from matcher.plan.plan import Plan
from matcher.results.access import township_scores
from matcher.results.overview import place_shares

#: Median kilometres: lower bounds of the classes, and colours; the farther, the darker and warmer.
_KM_BOUNDS = (0.0, 1.0, 2.0, 5.0, 10.0)
_HEAVY = tuple(reversed(palette.SHARE_COLOURS))


@dataclass(frozen=True)
class Measure:
    """One way to colour townships.

    Parameters
    ----------
    name : str
        Of its words, ``app.measure.<name>``.
    column : str
        Of `overview.place_shares`.
    bounds : callable
        Lower bounds of the classes from the table.
    colours : tuple of str
    told : callable
        A bound or a value in words.
    """

    name: str
    column: str
    bounds: Callable[[pd.DataFrame], tuple[float, ...]]
    colours: tuple[str, ...]
    told: Callable[[Any], str]


def _people_bounds(table: pd.DataFrame) -> tuple[float, ...]:
    """Nobody, and quarters of the places where somebody is unserved; fewer classes where these fall together."""
    waiting = table.loc[table["unserved"] > 0, "unserved"]
    quarters = [int(waiting.quantile(q)) for q in (0.25, 0.5, 0.75)] if len(waiting) else []
    return tuple(sorted({0.0, 1.0, *(float(one) for one in quarters if one > 1)}))


def _score_bounds(table: pd.DataFrame) -> tuple[float, ...]:
    """Quarters of the townships; fewer classes where these fall together."""
    return tuple(sorted(set(quarters(table))))


MEASURES = {
    one.name: one
    for one in (
        Measure("share", "share", lambda _: palette.SHARE_BOUNDS, palette.SHARE_COLOURS, percent),
        Measure("unserved", "unserved", _people_bounds, _HEAVY, lambda value: count(int(value))),
        Measure("distance", "median_km", lambda _: _KM_BOUNDS, _HEAVY, km),
        Measure("access", "score", _score_bounds, palette.ACCESS_COLOURS, "{:.3f}".format),
    )
}


def choose_measure() -> Measure:
    """The choice; share served at first."""
    names = {name: t(f"app.measure.{name}") for name in MEASURES}
    return MEASURES[pick(t("app.measure.title"), names, "overview_measure")]


@drawn_once
def measured_townships(plan: Plan, mode: str, measure: Measure, whole: Plan) -> tuple[Layer, Legend]:
    """The townships in the colours of a measure, and what the colours mean.

    Access is that of everybody in the `whole` plan: whoever else may come has a part of each provider's places.
    """
    table = place_shares(plan, "township", mode).sort_values("residents", ascending=False, kind="stable")
    if measure.name == "access":
        table = table.merge(township_scores(whole, mode), on="place_code", how="left")
    bounds = measure.bounds(table)
    colours = measure.colours[: len(bounds)]
    shown = table.assign(colour=[palette.colour(value, bounds, colours) for value in table[measure.column]])
    return measured_layer(plan, mode, shown, measure.name), _legend(measure, bounds, colours)


def _legend(measure: Measure, bounds: tuple[float, ...], colours: tuple[str, ...]) -> Legend:
    if measure.name == "access":
        texts = quarter_texts(bounds)
    elif measure.name == "share":
        texts = palette.class_texts(bounds, "<{high}%", "{low}–{high}%", "≥{low}%")
    elif measure.name == "unserved":
        texts = [_range(low, high) for low, high in zip(bounds, (*bounds[1:], None), strict=True)]
    else:
        ends = zip(bounds, (*bounds[1:], None), strict=True)
        texts = [f"≥{low:g}" if high is None else f"{low:g}–{high:g}" for low, high in ends]
    nothing = t("app.measure.nobody_served" if measure.name == "distance" else "app.map.nobody")
    return legend(
        t(f"app.measure.legend_{measure.name}"),
        [*colours, palette.NOTHING],
        [*texts, nothing],
        of=["townships", "villages"] if measure.name == "share" else ["townships"],
    )


def _range(low: float, high: float | None) -> str:
    """Whole numbers from one bound to before the next."""
    if high is None:
        return f"≥{low:,.0f}"
    return f"{low:,.0f}" if high - low <= 1 else f"{low:,.0f}–{high - 1:,.0f}"
