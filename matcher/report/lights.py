"""Traffic lights: planned shares of the modes against the actual ones."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from matcher.plan.coverage import actual_shares

if TYPE_CHECKING:
    from matcher.plan.plan import Plan

#: Percentage points between the planned and the actual share up to which the light is green, and up to which amber.
#: No document says how far off is far; these are ours, and the page that shows a light says so.
GREEN_POINTS, AMBER_POINTS = 1, 3


@dataclass(frozen=True)
class Light:
    """One target.

    Parameters
    ----------
    mode : str
        One of ``tables.MODES``.
    target, actual : float or None
        Shares of local residents; `actual` is None where nobody is local.
    colour : {"green", "amber", "red", "unknown"}
    """

    mode: str
    target: float
    actual: float | None
    colour: str


def lights(plan: Plan) -> list[Light]:
    """The targets that the plan's policy has, in the order of ``tables.MODES``; none where it has none."""
    rows = actual_shares(plan.people, plan.policy).to_dict("records")
    found = []
    for row in rows:
        actual = None if row["actual_share"] != row["actual_share"] else float(row["actual_share"])
        target = float(row["target_share"])
        found.append(Light(str(row["mode"]), target, actual, _colour(target, actual)))
    return found


def _colour(target: float, actual: float | None) -> str:
    """By the figures as they are shown, with one digit after the point: what reads as one point off is green."""
    if actual is None:
        return "unknown"
    off = abs(Decimal(f"{100 * actual:.1f}") - Decimal(f"{100 * target:.1f}"))
    return "green" if off <= GREEN_POINTS else "amber" if off <= AMBER_POINTS else "red"
