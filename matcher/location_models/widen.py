"""With capacities: a core of what the prices leave open, wider and wider until it proves its plan.

A plan that uses anything outside the core costs more than the prices' floor plus the core's width. So a plan
that costs no more than that, and is best of the core, is best of all.
"""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from matcher.location_models.incumbent import Incumbent
from matcher.location_models.prices import SCALE, PricedSites, Relaxed, first_prices, pair_regrets
from matcher.location_models.program import Core, solve_core
from matcher.location_models.sites import NEVER

Ints = npt.NDArray[np.int64]
#: Share of the time for the prices; the cores get the rest.
PRICING = 0.3
#: The first core holds what may be used within this share above the floor; one without a plan makes the next so many
#: times as wide.
FIRST_WIDTH, WIDEN = 1 / 400, 4


def widen(incumbent: Incumbent, begun: float, limit_s: float) -> None:
    """Improve the best plan so far until it is proven or the time is up.

    Parameters
    ----------
    incumbent : Incumbent
        Of a location with capacities.
    begun : float
        By ``time.monotonic``.
    limit_s : float
    """
    location = incumbent.location
    problem, priced = first_prices(location, begun + PRICING * limit_s)
    incumbent.lift(Fraction(priced.floor, SCALE))
    # A split customer may have a small share at any open site.
    shape = location.cost.shape
    pairs = np.broadcast_to(priced.opened, shape) if location.split else pair_regrets(problem, priced)
    regrets = np.concatenate((priced.opened, priced.closed, pairs.ravel()))
    widest = int(regrets[regrets < NEVER].max(initial=0))
    width = max(SCALE, int(FIRST_WIDTH * priced.floor))
    while not incumbent.proven and (left := begun + limit_s - time.monotonic()) > 0:
        core = _core(problem, priced, pairs, width)
        found = solve_core(location, core, left)
        if found.sites is not None:
            incumbent.offer(found.sites, found.served_by)
        bounds = [] if width >= widest else [Fraction(priced.floor + width + 1, SCALE)]
        if not found.infeasible:
            bounds.append(Fraction(0) if found.bound is None else incumbent.meant(found.bound))
        if bounds:
            incumbent.lift(min(bounds))
        elif incumbent.plan is None:
            incumbent.infeasible = True
        else:
            incumbent.lift(incumbent.plan.cost)
        if incumbent.plan is None:
            width *= WIDEN
        elif width >= incumbent.enough - priced.floor:
            return  # outside this core there was nothing better: it has told all it can
        else:
            width = incumbent.enough - priced.floor


def _core(problem: Relaxed, priced: PricedSites, pairs: Ints, width: int) -> Core:
    """What a plan may use that costs at most ``floor + width``."""
    sites = np.flatnonzero(priced.opened <= width)
    wanted = problem.cost[sites] < priced.price
    return Core(sites, priced.closed[sites] > width, pairs[:, sites] <= min(width, NEVER - 1), wanted.T)
