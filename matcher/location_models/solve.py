"""Solve a location model to proven optimality, or tell the best plan found with its bound."""

from __future__ import annotations

import time

from matcher.errors import BadInput
from matcher.location_models.answer import Answer
from matcher.location_models.branch import branch
from matcher.location_models.incumbent import Incumbent
from matcher.location_models.location import Location
from matcher.location_models.widen import widen

#: Wall seconds.
TIME_LIMIT_S = 60.0


def solve(location: Location, time_limit_s: float = TIME_LIMIT_S) -> Answer:
    """Solve a location model.

    Parameters
    ----------
    location : Location
    time_limit_s : float
        Wall seconds, above 0.

    Raises
    ------
    BadInput
        For a time limit that is not above 0.
    SolverError
        When a solver breaks its promise.
    """
    if not time_limit_s > 0:
        raise BadInput("not_positive", what="time_limit_s", found=time_limit_s)
    begun = time.monotonic()
    incumbent = Incumbent(location)
    if not incumbent.infeasible:
        (branch if location.capacity is None else widen)(incumbent, begun, time_limit_s)
    return incumbent.answer(time.monotonic() - begun)
