"""Maps without internet: Leaflet from its pip package, inside a Streamlit component.

``layers.py`` decides what is drawn and in which colour; ``leafmap.js`` only draws. Every map stands beside a table
of the same facts, since shapes on a canvas cannot take the keyboard's focus.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from matcher.app.map_script import LEAFLET, loader
from matcher.app.parts.charts import show_title
from matcher.app.parts.words import t
from matcher.app.shapes_route import by_name
from matcher.app.tiles import tiles

HERE = Path(__file__).parent
#: What a map shows at first when there is nothing on it: China.
CHINA = [[22.0, 98.0], [42.0, 118.0]]
_MARGIN = 0.02
#: ``id`` and ``bounds`` of what the map shall show.
Focus = dict[str, Any]


@dataclass(frozen=True)
class Clicks:
    """What clicks on a map do, and what they have done.

    Parameters
    ----------
    placing : bool
        Whether a click sets a pin.
    pin : (lat, lon), optional
        Where the pin stands.
    selected : str, optional
        Id of the provider that stands out.
    on_placed, on_picked, on_entered : callable, optional
        Run before the page is drawn again.
    """

    placing: bool = False
    pin: tuple[float, float] | None = None
    selected: str | None = None
    on_placed: Callable[[], None] | None = None
    on_picked: Callable[[], None] | None = None
    on_entered: Callable[[], None] | None = None


_TO_BE_LOOKED_AT = Clicks()


@cache
def style() -> str:
    """Leaflet's style and ours; its images are put inside, since their relative address would ask the server."""

    def inline(found: re.Match[str]) -> str:
        image = base64.b64encode((LEAFLET / found[1]).read_bytes()).decode()
        return f"url(data:image/png;base64,{image})"

    leaflet = (
        (LEAFLET / "leaflet.css").read_text(encoding="utf-8").replace("behavior: url(#default#VML);", "")
    )
    leaflet = re.sub(r"url\((images/[\w-]+\.png)\)", inline, leaflet)
    return leaflet + (HERE / "leafmap.css").read_text(encoding="utf-8")


_component = st.components.v2.component(
    "care_map", html='<div class="lm-map" role="application"></div>', css=style(), js=loader()
)


def show_map(
    key: str,
    view: str,
    layers: list[dict[str, Any]],
    legends: list[dict[str, Any]],
    *,
    height: int = 540,
    focus: Focus | None = None,
    clicks: Clicks = _TO_BE_LOOKED_AT,
) -> None:
    """Draw a map.

    Parameters
    ----------
    key : str
        Of the component; its session state holds ``placed`` ({lat, lon}), ``picked`` (a provider id) and ``entered``
        (a place code).
    view : str
        What the remembered section of the map belongs to.
    layers, legends : list of dict
        From ``layers.py``, the lowest layer first.
    height : int
        Pixels.
    focus : {id, bounds}, optional
        Where the map goes when ``id`` is another than before.
    clicks : Clicks
    """

    def nothing() -> None:
        """Streamlit knows of a trigger by its callback."""

    _component(
        key=key,
        data={
            "view": view,
            "height": height,
            "bounds": bounds(layers),
            "tiles": _tiles(bounds(layers)),
            "layers": [by_name(layer) for layer in layers],
            "legends": legends,
            "placing": clicks.placing,
            "pin": clicks.pin,
            "selected": clicks.selected,
            "focus": focus,
            "caption": t("app.map.caption", view=view[:12]),
            "file": f"{key}-{view[:12]}.png",
            "words": {
                name: t(f"app.map.{name}") for name in ("zoom_in", "zoom_out", "whole", "picture", "together")
            },
        },
        on_placed_change=clicks.on_placed or nothing,
        on_picked_change=clicks.on_picked or nothing,
        on_entered_change=clicks.on_entered or nothing,
    )


def show_map_panel(
    page: str, view: str, layers: list[dict[str, Any]], legends: list[dict[str, Any]]
) -> DeltaGenerator:
    """A map to be looked at, in a panel of its own; what stands beside it goes into the column that is given back.

    Parameters
    ----------
    page : str
        Its words are ``app.<page>.map`` and ``map_line``.
    view, layers, legends
        As of `show_map`.
    """
    with st.container(key="split"):
        left, right = st.columns([1.7, 1])
    with left, st.container(key="card_map", height="stretch"):
        show_title(t(f"app.{page}.map"), t(f"app.{page}.map_line"))
        show_map(f"{page}_map", view, layers, legends)
    return right


def _tiles(where: list[list[float]]) -> dict[str, Any] | None:
    """Template and shift of an office's own pictures, where it has some."""
    own = tiles()
    if own is None:
        return None
    return {"template": own.template, "bounds": where, "shifts": own.shifts(where)}


def focus_on(id: str, at: tuple[float, float], ends: pd.DataFrame) -> Focus:
    """Where the map shows a point together with most of what it is connected to.

    Parameters
    ----------
    id : str
        Of what is chosen.
    at : (lat, lon)
    ends : DataFrame[lat, lon, …]
        The most important first; far ones beyond the first ten do not count.
    """
    near = ends[ends["lat"].notna()].head(10)
    lats, lons = [at[0], *near["lat"]], [at[1], *near["lon"]]
    corners = [[min(lats) - _MARGIN, min(lons) - _MARGIN], [max(lats) + _MARGIN, max(lons) + _MARGIN]]
    return {"id": id, "bounds": corners}


def bounds(layers: list[dict[str, Any]]) -> list[list[float]]:
    """South-west and north-east corner (lat, lon) of all points and areas but the basemap's, with a margin."""
    layers = [layer for layer in layers if layer.get("id") != "ground"]
    positions = [point["at"] for layer in layers for point in layer.get("points", ())]
    for layer in layers:
        for feature in layer.get("areas", {"features": ()})["features"]:
            positions += [(lat, lon) for lon, lat in _vertices(feature["geometry"]["coordinates"])]
    if not positions:
        return CHINA
    lats, lons = zip(*positions, strict=True)
    return [[min(lats) - _MARGIN, min(lons) - _MARGIN], [max(lats) + _MARGIN, max(lons) + _MARGIN]]


def _vertices(coordinates: list[Any]) -> Iterable[tuple[float, float]]:
    if isinstance(coordinates[0], int | float):
        yield coordinates[0], coordinates[1]
    else:
        for part in coordinates:
            yield from _vertices(part)
