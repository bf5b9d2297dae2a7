"""The plain values that layers of the maps are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import pandas as pd
import streamlit as st

from matcher.app.parts.tables import rows_of
from matcher.app.parts.words import language, t
from matcher.plan.plan import Plan

P = ParamSpec("P")
T = TypeVar("T")

#: ``id``, ``title`` (none: cannot be switched off), ``version`` (redrawn when it changes), ``base`` (one of several
#: grounds), ``shown`` (at first), and ``areas`` (GeoJSON), ``lines``, ``paths`` or ``points``.
Layer = dict[str, Any]


def located(table: pd.DataFrame, size: str) -> Iterable[Any]:
    """Rows with a position, the large ones first so that the small ones lie on top and can be pointed at."""
    known = table[table["lat"].notna() & table["lon"].notna()]
    return rows_of(known.sort_values(size, ascending=False, kind="stable"))


def layer(
    id_: str, version: str, *, title: str | None = None, base: bool = False, shown: bool = True, **shapes: Any
) -> Layer:
    """A layer; its title is ``app.map.<id_>`` unless one is given."""
    words = t(f"app.map.{id_}") if title is None else title
    return {"id": id_, "title": words, "version": version, "base": base, "shown": shown} | shapes


def drawn_once(make: Callable[Concatenate[Plan, P], T]) -> Callable[Concatenate[Plan, P], T]:
    """What is drawn of a plan is made once for all sessions: by its fingerprint, the language and all else."""

    @st.cache_resource(show_spinner=False, max_entries=40)
    def kept(name: str, fingerprint: str, lang: str, asked: str, _call: Callable[[], T]) -> T:
        return _call()

    @wraps(make)
    def drawn(plan: Plan, /, *args: P.args, **kwargs: P.kwargs) -> T:
        """See `make`."""
        asked = repr((args, sorted(kwargs.items())))
        return kept(
            make.__qualname__,
            plan.outcome.fingerprint,
            language(),
            asked,
            lambda: make(plan, *args, **kwargs),
        )

    return drawn


def collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    """Areas as GeoJSON."""
    return {"type": "FeatureCollection", "features": features}


def feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """One area with what the map reads of it: ``colour``, ``label``, ``at``, ``tip``, ``place`` …"""
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def rounded(geometry: dict[str, Any]) -> dict[str, Any]:
    """About a metre is enough to draw, and a third of the text."""

    def shorten(part: Any) -> Any:
        return round(part, 5) if isinstance(part, float) else [shorten(inner) for inner in part]

    return geometry | {"coordinates": shorten(geometry["coordinates"])}
