"""The whole matching of home mode in plain loops, written from the design and not from the engine.

Distances come from geopy, ages and needs are taken as the rows state them, and every plan is tried.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product

from geopy.distance import great_circle

Row = Mapping[str, object]

LIMIT_M = 10_000
DETOUR = 1.4
ADMITTED = {
    "community_health_centre",
    "community_health_station",
    "township_health_centre",
    "village_clinic",
}


def cost_m(resident: Row, provider: Row) -> int:
    """Metres, rounded half up."""
    a, b = (resident["lat"], resident["lon"]), (provider["lat"], provider["lon"])
    return math.floor(1000 * great_circle(a, b).km * DETOUR + 0.5)


def eligible(resident: Row, provider: Row) -> bool:
    """Open, admitted for home mode, with every service needed, within the limit."""
    return (
        provider.get("status", "open") == "open"
        and provider.get("capacity_home") is not None
        and (provider["kind"] in ADMITTED or provider.get("ownership") == "private")
        and set(resident.get("needs", ())) <= set(provider.get("services", ()))
        and cost_m(resident, provider) <= LIMIT_M
    )


def tier(resident: Row) -> int:
    """1 destitute, 2 living alone, 3 all others: enough to have three tiers."""
    return 1 if "destitute" in resident.get("groups", ()) else 2 if resident.get("lives_alone") else 3


def _open_to(resident: Row, providers: Sequence[Row], passed_over: int | None) -> list[int]:
    able = [j for j, provider in enumerate(providers) if eligible(resident, provider)]
    far = {j: cost_m(resident, providers[j]) for j in able}
    return [
        j for j in able if passed_over is None or sum(far[other] < far[j] for other in able) <= passed_over
    ]


def best_value(
    residents: Sequence[Row],
    providers: Sequence[Row],
    passed_over: int | None = None,
    decided: Mapping[int, int] | None = None,
) -> tuple[int, ...]:
    """(−served of tiers 1, 2, 3, total metres) of the best plan, by trying all.

    Nobody is sent past more providers than `passed_over`; whoever is `decided` on goes there and nowhere else.
    """
    options = [[None, *_open_to(resident, providers, passed_over)] for resident in residents]
    for person, place in (decided or {}).items():
        options[person] = [place]
    best = None
    for plan in product(*options):
        if any(
            plan.count(j) > provider["capacity_home"] for j, provider in enumerate(providers) if j in plan
        ):
            continue
        served = [0, 0, 0]
        metres = 0
        for resident, j in zip(residents, plan, strict=True):
            if j is not None:
                served[tier(resident) - 1] -= 1
                metres += cost_m(resident, providers[j])
        value = (*served, metres)
        best = value if best is None else min(best, value)
    assert best is not None
    return best
