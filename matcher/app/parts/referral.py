"""What the map of green channels shows: places by their minutes, and the hospitals where people are sent."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from matcher.app.parts import palette
from matcher.app.parts.layers import coloured_townships
from matcher.app.parts.legends import Legend, legend
from matcher.app.parts.shapes import Layer, layer, located
from matcher.app.parts.tables import rows_of
from matcher.app.parts.words import count, label, language, percent, t
from matcher.care.green_channel import BANDS, NOT_MEASURED

#: From near to far, then not measured.
_COLOURS = dict(zip((*BANDS, NOT_MEASURED), (*palette.MINUTES_COLOURS, palette.NOTHING), strict=True))


def minutes_text(time: float, band: str) -> str:
    """``45 min``; in words where nobody measured it, or there is no way."""
    if pd.isna(time):
        return t(f"app.referral.band_{NOT_MEASURED}" if band == NOT_MEASURED else "app.referral.no_way")
    return t("app.minutes", minutes=f"{time:.0f}")


def township_minutes(all_places: pd.DataFrame, table: pd.DataFrame, version: str) -> Layer:
    """Townships in the colour of their median minutes.

    Parameters
    ----------
    all_places : DataFrame
        The input table.
    table : DataFrame
        From ``green_channel.place_minutes``.
    version : str
    """
    told = table.sort_values("residents", ascending=False, kind="stable")
    tips = {place.place_code: _tip(place) for place in rows_of(told)}
    coloured = told.assign(colour=told["band"].map(_COLOURS))
    return coloured_townships(all_places, coloured, tips, f"{version}/{language()}", base=True)


def village_minutes(table: pd.DataFrame, version: str) -> Layer:
    """Villages as points in the colour of their median minutes, larger where more people live."""
    points = [
        {
            "at": [place.lat, place.lon],
            "radius": round(min(10.0, 3.0 + math.sqrt(place.residents) / 2), 1),
            "colour": _COLOURS[place.band],
            "line": "#7d6a5a",
            "tip": _tip(place),
        }
        for place in located(table, "residents")
    ]
    return layer("villages", f"{version}/{language()}", base=True, shown=False, points=points)


def hospital_layer(hospitals: pd.DataFrame, version: str) -> Layer:
    """The providers where people are sent, larger where more are.

    Parameters
    ----------
    hospitals : DataFrame[provider_id, name, kind, lat, lon, people]
    version : str
    """
    most = max(hospitals["people"], default=1)
    points = [
        {
            "id": hospital.provider_id,
            "at": [hospital.lat, hospital.lon],
            "radius": round(4 + 7 * math.sqrt(hospital.people / most), 1),
            "colour": palette.FLOW,
            "tip": [
                str(hospital.name),
                label("provider_kind", hospital.kind),
                t("app.referral.sent", people=count(hospital.people)),
            ],
        }
        for hospital in located(hospitals, "people")
    ]
    title = t("app.referral.hospitals")
    return layer("referral_hospitals", f"{version}/{language()}", title=title, points=points)


def minutes_legends() -> list[Legend]:
    """The bands, and the hospitals."""
    texts = [t(f"app.referral.band_{band}") for band in _COLOURS]
    return [
        legend(t("app.referral.median"), list(_COLOURS.values()), texts, of=["townships", "villages"]),
        legend(
            t("app.referral.hospitals"),
            [palette.FLOW],
            [t("app.referral.by_people")],
            of=["referral_hospitals"],
            rounded=True,
        ),
    ]


def _tip(place: Any) -> list[str]:
    lines = [
        str(place.name),
        f"{t('app.referral.median')} {minutes_text(place.minutes, place.band)}",
        t("app.referral.within", share=percent(place.share60), people=count(place.residents)),
    ]
    return [*lines, t("app.referral.unknown", people=count(place.unknown))] if place.unknown else lines
