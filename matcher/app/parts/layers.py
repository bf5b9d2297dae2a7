"""What the maps show: areas, points and legends as plain values that the map component draws."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd
from shapely.geometry import mapping

from matcher.app.parts import palette, state
from matcher.app.parts.legends import quarters, radius
from matcher.app.parts.shapes import Layer, collection, drawn_once, feature, layer, located, rounded
from matcher.app.parts.tables import rows_of
from matcher.app.parts.words import count, km, label, language, percent, t
from matcher.geography.areas import township_areas
from matcher.inputs import Inputs
from matcher.plan.figures import ALL
from matcher.plan.plan import Plan
from matcher.results.difference import signed
from matcher.results.overview import place_shares, provider_loads
from matcher.scenario.changes import CHANGES
from matcher.scenario.edits import AddProvider, ChangeCapacity, CloseProvider, Edit, MoveProvider, OpenPlanned

_VERBS = {CloseProvider: "close", MoveProvider: "move", OpenPlanned: "open", ChangeCapacity: "change"}
#: What stands for an edit on the map, beside its colour.
_SIGNS = {"add": "＋", "open": "＋", "close": "✕", "change": "▲", "move": "↔"}


def county_layer() -> Layer:
    """Outlines of counties as the ground of everything else."""
    outlines = state.outlines()
    features = [
        feature(rounded(mapping(polygon)), colour="#ffffff", line="#aebfc5")
        for outline in outlines.values()
        for polygon in outline.geoms
    ]
    return layer("counties", repr(sorted(outlines)), title="", areas=collection(features))


@drawn_once
def township_layer(plan: Plan, mode: str = ALL, *, base: bool = False, opacity: float = 0.88) -> Layer:
    """Townships coloured by the share of their residents who are served.

    Those with more people come first: their labels stay where labels would cover each other.
    """
    places = place_shares(plan, "township", mode).sort_values("residents", ascending=False, kind="stable")
    colours = [
        palette.colour(share, palette.SHARE_BOUNDS, palette.SHARE_COLOURS) for share in places["share"]
    ]
    return measured_layer(plan, mode, places.assign(colour=colours), "share", base=base, opacity=opacity)


def measured_layer(
    plan: Plan, mode: str, table: pd.DataFrame, measure: str, *, base: bool = True, opacity: float = 0.88
) -> Layer:
    """Townships in colours that were chosen elsewhere.

    Parameters
    ----------
    plan : Plan
    mode : str
    table : DataFrame
        From `overview.place_shares`, with ``colour``.
    measure : str
        What the colours show; another one is another version.
    base, opacity
        Whether it is one of several grounds, and how much shows through.
    """
    tips = {place.place_code: _place_tip(place) for place in rows_of(table)}
    version = f"{_version(plan, mode)}/{measure}"
    return coloured_townships(plan.inputs.places, table, tips, version, base=base, opacity=opacity)


def share_layer(all_places: pd.DataFrame, table: pd.DataFrame, version: str) -> Layer:
    """Townships coloured by a share that was counted elsewhere.

    Parameters
    ----------
    all_places : DataFrame
        The input table.
    table : DataFrame[place_code, name, lat, lon, residents, served, share]
        Of townships.
    version : str
    """
    colours = [palette.colour(share, palette.SHARE_BOUNDS, palette.SHARE_COLOURS) for share in table["share"]]
    tips = {
        row.place_code: [
            str(row.name),
            t("app.map.served", served=count(row.served), residents=count(row.residents)),
        ]
        for row in rows_of(table)
    }
    return coloured_townships(
        all_places, table.assign(colour=colours), tips, f"{version}/{language()}", title=""
    )


def difference_layer(all_places: pd.DataFrame, table: pd.DataFrame, version: str) -> Layer:
    """Townships coloured by how much more or less of their people are served in A than in B.

    Parameters
    ----------
    all_places : DataFrame
        The input table.
    table : DataFrame
        From ``scenario.places.place_differences``, of townships.
    version : str
    """
    colours = [palette.difference_colour(share) for share in table["share_more"]]
    tips = {
        row.place_code: [
            str(row.name),
            t("app.saved.tip", a=percent(row.share_a), b=percent(row.share_b)),
            t("app.saved.tip_people", people=signed(row.served_b, row.served_a)),
        ]
        for row in rows_of(table)
    }
    version = f"{version}/{language()}"
    return coloured_townships(
        all_places, table.assign(colour=colours), tips, version, id_="difference", title=""
    )


def coloured_townships(
    all_places: pd.DataFrame,
    table: pd.DataFrame,
    tips: dict[str, list[str]],
    version: str,
    *,
    id_: str = "townships",
    opacity: float = 0.88,
    **more: Any,
) -> Layer:
    """Areas of townships in the ``colour`` of their row.

    Parameters
    ----------
    all_places : DataFrame
        The input table.
    table : DataFrame[place_code, name, lat, lon, colour, …]
        Those first whose labels stay where labels would cover each other.
    tips : dict of str to list of str
        Lines about each place.
    version : str
    id_ : str
    opacity : float
    **more
        Of `layer`.
    """
    areas = township_areas(all_places, state.outlines())
    shapes = {feature["properties"]["place_code"]: feature["geometry"] for feature in areas["features"]}
    features = [
        feature(
            rounded(shapes[place.place_code]),
            colour=place.colour,
            opacity=opacity,
            label=place.name,
            at=[place.lat, place.lon],
            tip=tips[place.place_code],
            place=place.place_code,
        )
        for place in rows_of(table)
        if shapes[place.place_code]
    ]
    return layer(id_, version, areas=collection(features), **more)


@drawn_once
def village_layer(plan: Plan, mode: str = ALL) -> Layer:
    """Villages as points coloured by share, larger where more people live."""
    points = [
        {
            "at": [place.lat, place.lon],
            "radius": round(min(10.0, 3.0 + math.sqrt(place.residents) / 2), 1),
            "colour": palette.colour(place.share, palette.SHARE_BOUNDS, palette.SHARE_COLOURS),
            "line": "#7d9299",
            "tip": _place_tip(place),
            "place": place.place_code,
        }
        for place in located(place_shares(plan, "village", mode), "residents")
    ]
    return layer("villages", _version(plan, mode), base=True, shown=False, points=points)


def _place_tip(place: Any) -> list[str]:
    served = t("app.map.served", served=count(place.served), residents=count(place.residents))
    lines = [str(place.name), f"{served} · {percent(place.share)}"]
    if pd.notna(place.median_km):
        lines.append(t("app.map.distances", median=km(place.median_km), p90=km(place.p90_km)))
    return lines


@drawn_once
def provider_layer(plan: Plan, mode: str = ALL, *, shown: bool = True) -> Layer:
    """Providers coloured by load, larger where more people can be served."""
    points = [
        {
            "id": provider.provider_id,
            "at": [provider.lat, provider.lon],
            "radius": radius(provider.capacity),
            "colour": palette.colour(provider.load, palette.LOAD_BOUNDS, palette.LOAD_COLOURS),
            "tip": [
                str(provider.name),
                label("provider_kind", provider.kind),
                t("app.map.load", assigned=count(provider.assigned), capacity=count(provider.capacity))
                + f" · {percent(provider.load)}",
            ],
        }
        for provider in located(provider_loads(plan, mode), "capacity")
    ]
    return layer("providers", _version(plan, mode), shown=shown, points=points, cluster=True)


def flow_layer(at: tuple[float, float], ends: pd.DataFrame) -> Layer:
    """Lines from a place to the providers of its people, or from a provider to where its people live.

    Parameters
    ----------
    at : (lat, lon)
    ends : DataFrame[name, persons, lat, lon, …]
        From ``results.inside``.
    """
    known = ends[ends["lat"].notna()]
    most = max(known["persons"], default=1)
    lines = [
        {
            "from": list(at),
            "to": [end.lat, end.lon],
            "width": round(1 + 5 * end.persons / most, 1),
            "colour": palette.FLOW,
            "tip": [str(end.name), t("app.inside.persons", persons=count(end.persons))],
        }
        for end in rows_of(known)
    ]
    return layer("flows", repr((at, lines)), lines=lines)


def access_layer(plan: Plan, table: pd.DataFrame, mode: str) -> Layer:
    """Places as points coloured by their access score, larger where more people live.

    Parameters
    ----------
    plan : Plan
    table : DataFrame[name, lat, lon, residents, share, score]
        Scores are places of care per person.
    mode : str
    """
    bounds = quarters(table)
    points = [
        {
            "at": [place.lat, place.lon],
            "radius": round(min(10.0, 3.0 + math.sqrt(place.residents) / 2), 1),
            "colour": palette.colour(place.score, bounds, palette.ACCESS_COLOURS),
            "line": "#7d6a5a",
            "tip": [
                str(place.name),
                t("app.access.tip", score=f"{place.score:.3f}", residents=count(place.residents)),
                t("app.map.served", served=count(place.served), residents=count(place.residents)),
            ],
        }
        for place in located(table, "residents")
    ]
    return layer("access", _version(plan, mode), points=points)


def edit_layer(inputs: Inputs, edits: Iterable[Edit]) -> Layer:
    """Providers that edits touch; `inputs` have the edits applied."""
    told = {}
    for edit in edits:
        if isinstance(edit, AddProvider):
            told[str(edit.values["provider_id"])] = "add"
        elif isinstance(edit, CloseProvider | MoveProvider | OpenPlanned | ChangeCapacity):
            told[edit.provider_id] = _VERBS[type(edit)]
    touched = inputs.providers[inputs.providers["provider_id"].isin(list(told))]
    points = [
        {
            "id": provider.provider_id,
            "at": [provider.lat, provider.lon],
            "sign": _SIGNS[told[provider.provider_id]],
            "tip": [str(provider.name), t(f"app.what_if.{told[provider.provider_id]}")],
        }
        for provider in located(touched, "provider_id")
    ]
    return layer("edits", repr(points), points=points)


def site_layer(edits: Iterable[object]) -> Layer:
    """New providers that an answer would open."""
    points = [
        {
            "at": [edit.values["lat"], edit.values["lon"]],
            "sign": _SIGNS["add"],
            "tip": [str(edit.values.get("name") or edit.values["provider_id"])],
        }
        for edit in edits
        if isinstance(edit, AddProvider) and "lat" in edit.values
    ]
    return layer("sites", repr(points), points=points)


def change_layers(places: pd.DataFrame, after: Plan) -> list[Layer]:
    """People who changed, by the place where they live; `places` from ``scenario.changed_places``.

    Circles grow with the number of people; the best news lies on top.
    """
    layers = []
    for change in reversed(CHANGES):
        changed = places[places[change] > 0].sort_values(change, ascending=False)
        points = [
            {
                "at": [place["lat"], place["lon"]],
                "radius": round(min(18.0, 3.0 + math.sqrt(place[change]) * 1.3), 1),
                "colour": palette.CHANGE_COLOURS[change],
                "tip": [
                    str(place["name"]),
                    *(f"{label('change', other)} {count(place[other])}" for other in CHANGES if place[other]),
                ],
            }
            for place in changed.to_dict("records")
        ]
        layers.append(layer(change, _version(after), title=label("change", change), points=points))
    return layers


def _version(plan: Plan, mode: str = ALL) -> str:
    return f"{plan.outcome.fingerprint}/{mode}/{language()}"
