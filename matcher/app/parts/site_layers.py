"""Sites on the map with the provider that serves them, by what becomes of their agreements."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from matcher.app.parts import palette
from matcher.app.parts.legends import Legend, legend
from matcher.app.parts.shapes import Layer, layer, located
from matcher.app.parts.tables import rows_of
from matcher.app.parts.words import count, language, t
from matcher.care.agreed_tables import STATES

#: What a site may be on the map, the most important first.
SHOWN = ("unserved", "new", "kept")
_WIDTHS = {"kept": 2.0, "new": 2.0, "dropped": 1.0}
#: Strokes, for who does not tell the colours apart.
_DASHES = {"kept": "", "new": "6 5", "dropped": "1 4"}


def tie_layers(ties: pd.DataFrame, version: str) -> list[Layer]:
    """Lines from sites to providers, a layer for each state; dropped ones are hidden at first.

    Parameters
    ----------
    ties : DataFrame[site, provider, state, lat, lon, provider_lat, provider_lon, residents]
        Names for reading; without a position no line is drawn.
    version : str
    """
    known = ties.dropna(subset=["lat", "lon", "provider_lat", "provider_lon"])
    layers = []
    for state in reversed(STATES):
        lines = [
            {
                "from": [tie.lat, tie.lon],
                "to": [tie.provider_lat, tie.provider_lon],
                "width": _WIDTHS[state],
                "dash": _DASHES[state],
                "colour": palette.AGREEMENT_COLOURS[state],
                "tip": [f"{tie.site} → {tie.provider}", _state(state, tie)],
            }
            for tie in rows_of(known[known["state"] == state])
        ]
        title = t(f"app.agreements.{state}")
        id_ = f"agreements_{state}"
        layers.append(
            layer(id_, f"{version}/{language()}", title=title, shown=state != "dropped", lines=lines)
        )
    return layers


def party_layer(sites: pd.DataFrame, version: str) -> Layer:
    """Sites as points, larger where more people are.

    Parameters
    ----------
    sites : DataFrame[site, lat, lon, residents, shown, lines]
        ``shown`` is one of `SHOWN`, ``lines`` what is told.
    version : str
    """
    points = [
        {
            "at": [site.lat, site.lon],
            "radius": round(min(11.0, 4.0 + math.sqrt(site.residents) / 2), 1),
            "colour": palette.AGREEMENT_COLOURS[site.shown],
            "tip": [site.site, *site.lines],
        }
        for site in located(sites, "residents")
    ]
    return layer("agreed_sites", f"{version}/{language()}", title=t("app.agreements.sites"), points=points)


def agreement_legend() -> Legend:
    """Legend of sites and lines."""
    names = (*SHOWN[::-1], "dropped")
    colours = [palette.AGREEMENT_COLOURS[name] for name in names]
    texts = [t(f"app.agreements.{name}") for name in names]
    return legend(t("app.agreements.legend"), colours, texts, of=["agreed_sites"], rounded=True)


def _state(state: str, tie: Any) -> str:
    told = t(f"app.agreements.{state}")
    return (
        told if state == "dropped" else f"{told} · {t('app.agreements.people', people=count(tie.residents))}"
    )
