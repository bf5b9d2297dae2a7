"""Maps without internet: Leaflet from its pip package, inside a Streamlit component.

Here it is decided what is drawn and in which colour; ``leafmap.js`` only draws. Every map stands beside a table
of the same facts, since shapes on a canvas cannot take the keyboard's focus.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Iterable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from app_parts import palette
from app_parts.words import count, km, label, percent, t
from matcher.inputs import Inputs
from matcher.scenario import CHANGES, AddProvider, CloseProvider, Edit

LEAFLET = resources.files("js_lib_leaflet") / "static" / "js_lib_leaflet"
HERE = Path(__file__).parent
Layer = dict[str, Any]


@cache
def _style() -> str:
    """Leaflet's style with its images inside, since a relative address would ask the app's server, and ours."""

    def inline(found: re.Match[str]) -> str:
        image = base64.b64encode((LEAFLET / found[1]).read_bytes()).decode()
        return f"url(data:image/png;base64,{image})"

    style = (LEAFLET / "leaflet.css").read_text(encoding="utf-8").replace("behavior: url(#default#VML);", "")
    return re.sub(r"url\((images/[\w-]+\.png)\)", inline, style) + (HERE / "leafmap.css").read_text("utf-8")


@cache
def _script() -> str:
    """Leaflet, taking an ``exports`` of its own so that no global name is left behind, and our script."""
    library = (LEAFLET / "leaflet.js").read_text(encoding="utf-8")
    library = re.sub(r"//# sourceMappingURL=.*", "", library)
    own = (HERE / "leafmap.js").read_text(encoding="utf-8")
    wrapped = f"const exports = {{}}, module = {{ exports }};\n{library}\nreturn exports.noConflict();"
    return f"const leaflet = (() => {{\n{wrapped}\n}})();\n{own}"


_component = st.components.v2.component(
    "care_map", html='<div class="lm-map" role="application"></div>', css=_style(), js=_script()
)


def show_map(
    key: str,
    view: str,
    layers: list[Layer],
    legends: list[dict[str, Any]],
    *,
    height: int = 540,
    placing: bool = False,
    pin: tuple[float, float] | None = None,
    selected: str | None = None,
    on_placed: Callable[[], None] | None = None,
    on_picked: Callable[[], None] | None = None,
) -> None:
    """Draw a map.

    Parameters
    ----------
    key : str
        Of the component; its session state holds ``placed`` ({lat, lon}) and ``picked`` (a provider id).
    view : str
        What the remembered section of the map belongs to.
    layers : list of dict
        From the ``*_layer`` functions, lowest first.
    legends : list of dict
        From `share_legend` and its like.
    placing : bool
        Whether a click sets a pin.
    """
    nothing = lambda: None  # noqa: E731 - Streamlit knows a trigger by its callback
    _component(
        key=key,
        data={
            "view": view,
            "height": height,
            "bounds": _bounds(layers),
            "layers": layers,
            "legends": legends,
            "placing": placing,
            "pin": pin,
            "selected": selected,
            "words": {name: t(f"app.map.{name}") for name in ("zoom_in", "zoom_out", "whole")},
        },
        on_placed_change=on_placed or nothing,
        on_picked_change=on_picked or nothing,
    )


def _bounds(layers: list[Layer]) -> list[list[float]]:
    """South-west and north-east corner of all points and areas; the middle of China where there is none."""
    positions = [point["at"] for layer in layers for point in layer.get("points", ())]
    for layer in layers:
        for feature in layer.get("areas", {"features": ()})["features"]:
            positions += [(lat, lon) for lon, lat in _vertices(feature["geometry"]["coordinates"])]
    if not positions:
        return [[22.0, 98.0], [42.0, 118.0]]
    lats, lons = zip(*positions, strict=True)
    margin = 0.02
    return [[min(lats) - margin, min(lons) - margin], [max(lats) + margin, max(lons) + margin]]


def _vertices(coordinates: list[Any]) -> Iterable[tuple[float, float]]:
    if isinstance(coordinates[0], int | float):
        yield coordinates[0], coordinates[1]
    else:
        for part in coordinates:
            yield from _vertices(part)


def area_layer(
    areas: dict[str, Any], places: pd.DataFrame, version: str, *, base: bool = False, faint: bool = False
) -> Layer:
    """Townships coloured by share; `places` from ``overview.place_shares``, `areas` from ``township_areas``.

    Labels of townships with more people come first: they stay where labels would cover each other.
    """
    shapes = {feature["properties"]["place_code"]: feature["geometry"] for feature in areas["features"]}
    features = [
        {
            "type": "Feature",
            "geometry": shapes[place.place_code],
            "properties": {
                "colour": palette.colour(place.share, palette.SHARE_BOUNDS, palette.SHARE_COLOURS),
                "opacity": 0.35 if faint else 0.88,
                "label": place.name,
                "at": [place.lat, place.lon],
                "tip": _place_tip(place),
            },
        }
        for place in places.sort_values("residents", ascending=False, kind="stable").itertuples(index=False)
        if shapes.get(place.place_code)
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return _layer("townships", version, base=base, areas=collection)


def village_layer(places: pd.DataFrame, version: str) -> Layer:
    """Villages as points coloured by share, larger where more people live."""
    points = [
        {
            "at": [place.lat, place.lon],
            "radius": round(min(9.0, 2.5 + math.sqrt(place.residents) / 2), 1),
            "colour": palette.colour(place.share, palette.SHARE_BOUNDS, palette.SHARE_COLOURS),
            "tip": _place_tip(place),
        }
        for place in _located(places, "residents")
    ]
    return _layer("villages", version, base=True, shown=False, points=points)


def _place_tip(place: Any) -> list[str]:
    served = t("app.map.served", served=count(place.served), residents=count(place.residents))
    lines = [str(place.name), f"{served} · {percent(place.share)}"]
    if place.served:
        lines.append(t("app.map.distances", median=km(place.median_km), p90=km(place.p90_km)))
    return lines


def provider_layer(loads: pd.DataFrame, version: str) -> Layer:
    """Providers coloured by load, larger where more people can be served; `loads` from ``provider_loads``."""
    points = [
        {
            "id": provider.provider_id,
            "at": [provider.lat, provider.lon],
            "radius": round(min(11.0, 3.0 + math.sqrt(provider.capacity) / 5), 1),
            "colour": palette.colour(provider.load, palette.LOAD_BOUNDS, palette.LOAD_COLOURS),
            "tip": [
                str(provider.name),
                label("provider_kind", provider.kind),
                t("app.map.load", assigned=count(provider.assigned), capacity=count(provider.capacity))
                + f" · {percent(provider.load)}",
            ],
        }
        for provider in _located(loads, "capacity")
    ]
    return _layer("providers", version, points=points)


def change_layers(places: pd.DataFrame, version: str) -> list[Layer]:
    """People who changed, by the place where they live; `places` from ``scenario.changed_places``.

    Circles grow with the number of people; the layers lie in the order of ``scenario.CHANGES`` reversed.
    """
    layers = []
    for change in reversed(CHANGES):
        points = [
            {
                "at": [place["lat"], place["lon"]],
                "radius": round(min(16.0, 2.5 + math.sqrt(place[change]) * 1.2), 1),
                "colour": palette.CHANGE_COLOURS[change],
                "tip": [
                    str(place["name"]),
                    *(f"{label('change', other)} {count(place[other])}" for other in CHANGES if place[other]),
                ],
            }
            for place in places[places[change] > 0].sort_values(change, ascending=False).to_dict("records")
        ]
        layers.append(_layer(change, version, title=label("change", change), points=points))
    return layers


def _located(table: pd.DataFrame, size: str) -> Iterable[Any]:
    """Rows with a position, the large ones first so that the small ones lie on top and can be pointed at."""
    located = table[table["lat"].notna() & table["lon"].notna()]
    return located.sort_values(size, ascending=False, kind="stable").itertuples(index=False)


def _layer(
    id_: str, version: str, *, title: str = "", base: bool = False, shown: bool = True, **shapes: Any
) -> Layer:
    words = title or t(f"app.map.{id_}")
    return {"id": id_, "title": words, "version": version, "base": base, "shown": shown} | shapes


def share_legend() -> dict[str, Any]:
    """Legend of the areas and villages."""
    texts = palette.class_texts(palette.SHARE_BOUNDS, "<{high}%", "{low}–{high}%", "≥{low}%")
    colours = [*palette.SHARE_COLOURS, palette.NOTHING]
    return _legend("share", colours, [*texts, t("app.map.nobody")], of=["townships", "villages"])


def load_legend() -> dict[str, Any]:
    """Legend of the providers."""
    texts = palette.class_texts(palette.LOAD_BOUNDS, "<{high}%", "{low}–{high}%", t("app.map.full"))
    return _legend("loads", list(palette.LOAD_COLOURS), texts, of=["providers"], round_=True)


def change_legend() -> dict[str, Any]:
    """Legend of the people who changed."""
    texts = [label("change", change) for change in CHANGES]
    colours = [palette.CHANGE_COLOURS[change] for change in CHANGES]
    return _legend("changes", colours, texts, of=list(CHANGES), round_=True)


def _legend(
    name: str, colours: list[str], texts: list[str], *, of: list[str], round_: bool = False
) -> dict[str, Any]:
    items = [{"colour": colour, "text": text} for colour, text in zip(colours, texts, strict=True)]
    return {"title": t(f"app.map.legend_{name}"), "items": items, "of": of, "round": round_}


def edit_layer(inputs: Inputs, edits: Iterable[Edit]) -> Layer:
    """Providers that edits add or close; `inputs` have the edits applied."""
    names = {}
    for edit in edits:
        if isinstance(edit, AddProvider):
            names[str(edit.values["provider_id"])] = t("app.what_if.add")
        else:
            names[edit.provider_id] = t(
                "app.what_if.close" if isinstance(edit, CloseProvider) else "app.what_if.change"
            )
    touched = inputs.providers[inputs.providers["provider_id"].isin(list(names))]
    points = [
        {
            "id": provider.provider_id,
            "at": [provider.lat, provider.lon],
            "radius": 8,
            "colour": palette.EDIT,
            "tip": [str(provider.name), names[provider.provider_id]],
        }
        for provider in _located(touched, "provider_id")
    ]
    return _layer("edits", repr(points), points=points)
