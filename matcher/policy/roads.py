"""How fast a car goes on which class of road; read by `travel --osm` alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from matcher.policy.rules import Reading
from matcher.policy.schema import Reader, number, record

#: Classes of road that cars use, as OpenStreetMap names them (``highway=…``); all others are no road for a car.
ROAD_CLASSES = (
    *("motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary"),
    *("secondary_link", "tertiary", "tertiary_link", "unclassified", "residential", "living_street"),
    *("service", "road", "track"),
)
#: Nobody goes faster over a whole journey.
FASTEST_KMH = 130.0


@dataclass(frozen=True)
class RoadSpeeds:
    """Kilometres an hour on each class of road, stops included; 0: no car goes there.

    Parameters
    ----------
    off_road : float
        On foot, between a door and the nearest road.
    """

    motorway: float
    motorway_link: float
    trunk: float
    trunk_link: float
    primary: float
    primary_link: float
    secondary: float
    secondary_link: float
    tertiary: float
    tertiary_link: float
    unclassified: float
    residential: float
    living_street: float
    service: float
    road: float
    track: float
    off_road: float
    id: str = "roads"
    source: str = ""
    standing: str = "default"
    reading: Reading = field(default_factory=dict)

    @property
    def kmh(self) -> dict[str, float]:
        """Speed by class of road, of those that a car goes on."""
        speeds = {name: float(getattr(self, name)) for name in ROAD_CLASSES}
        return {name: speed for name, speed in speeds.items() if speed > 0}


def roads_reader(shared: Mapping[str, Reader[Any]]) -> Reader[RoadSpeeds]:
    """Reader of ``[roads]``; `shared` reads what all rules have."""
    speeds = dict.fromkeys(ROAD_CLASSES, number(least=0, most=FASTEST_KMH))
    return record(RoadSpeeds, dict(shared) | speeds | {"off_road": number(most=20)})
